"""Octets that lie in a file as well: they are let go, and read again when somebody asks."""

from collections import deque
from collections.abc import Callable

Reread = Callable[[int], bytes]
"""Reads octets again by where they lie."""

_MOST = 128
"""Messages read again that are held: who asks for one mostly asks for it several times."""


class Spooled:
    """What holds octets exactly as seen, in `octets`; where they lie elsewhere it may let them go.

    What is open in a large capture is held by the ten thousand, and mostly nobody asks again.
    """

    __slots__ = ("_lies_at", "_reread", "octets")

    octets: bytes
    _reread: Reread | None
    _lies_at: int

    def lies(self, reread: Reread, place: int) -> None:
        """Tell that the octets can be had again."""
        self._reread = reread
        self._lies_at = place

    def forget_octets(self) -> None:
        """Let the octets go, if they can be had again."""
        if self._reread is not None:
            # They may be gone by now.
            try:  # noqa: SIM105 - asked of every message
                del self.octets
            except AttributeError:
                pass

    def slim(self) -> None:
        """Let go of what can be made again."""
        self.forget_octets()

    def is_done_with(self) -> None:
        """Nobody needs the octets for long any more: who asks reads them each time."""
        if self._reread is not None and self._lies_at >= 0:
            self._lies_at = ~self._lies_at

    @property
    def is_held(self) -> bool:
        """Whether octets that are read again are held from then on."""
        return self._reread is None or self._lies_at >= 0

    def octets_again(self) -> bytes:
        """The octets that were let go; mostly they are held again from now on."""
        if self._reread is None:
            raise AttributeError("octets")
        if self._lies_at < 0:
            return self._reread(~self._lies_at)
        octets = self.octets = self._reread(self._lies_at)
        _held.append(self)
        if len(_held) > _MOST:
            _held.popleft().slim()
        return octets


_held: deque[Spooled] = deque()
