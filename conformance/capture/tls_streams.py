"""What TLS carried, as Wireshark decrypts it: octets in order, framed like those of plain streams.

So ports and dissectors do not matter: SIP, MSRP (MSRPS) and WebSocket are known by their octets. A
direction that was opened and then goes dark is told, since octets behind a loss stay encrypted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from conformance.capture.connections import ACK, FIN, RST, SYN, Connections
from conformance.capture.decode import Decoder
from conformance.capture.ip import endpoints, reverse
from conformance.capture.tcp import Segment
from conformance.observation.trace import GapReason
from conformance.wire.limits import MAX_STREAMS

_MODULUS, _HALF = 1 << 32, 1 << 31
# No window reaches so far: what is decrypted behind a loss is another beginning.
_JUMP = 1 << 27
_MAX_AHEAD = 4_096
_DATA = "23"


@dataclass(slots=True)
class _Direction:
    """One direction: `opened`, decrypted octets so far, None before the first.

    `expected` is the sequence number that comes next outside, `ahead` what came before its turn,
    `acknowledged` what the peer awaits; `begun` are the frames with octets of a record that has
    not ended.
    """

    opened: int | None = None
    expected: int | None = None
    ahead: dict[int, int] = field(default_factory=dict)
    acknowledged: int | None = None
    last: tuple[int, int] = (0, 0)
    begun: list[int] = field(default_factory=list)
    is_dark: bool = False

    def watch(self, segment: Segment) -> None:
        """Take note of a segment's place, whatever is in it."""
        if self.expected is None:
            self.expected = segment.sequence
        distance = (segment.sequence - self.expected) % _MODULUS
        if distance and distance < _HALF:
            if len(self.ahead) < _MAX_AHEAD:
                self.ahead[segment.sequence] = len(segment.octets)
            return
        self._reach(segment.sequence, len(segment.octets))
        self.last = segment.frames[-1], segment.time
        while self.ahead and self.expected in self.ahead:
            self._reach(self.expected, self.ahead.pop(self.expected))

    @property
    def lacks(self) -> bool:
        """Whether octets are known of that never came; one number more may be a FIN's."""
        if self.ahead or self.acknowledged is None or self.expected is None:
            return bool(self.ahead)
        return 1 < (self.acknowledged - self.expected) % _MODULUS < _JUMP

    def _reach(self, sequence: int, size: int) -> None:
        end = (sequence + size) % _MODULUS
        if self.expected is not None and (end - self.expected) % _MODULUS < _HALF:
            self.expected = end


def is_sealed(tree: object, found: bool) -> bool:
    """Whether a record of application data stayed encrypted, by the fields of Wireshark's layer.

    In TLS 1.3 it has an outer type only. Before, it has the same type either way: then what was
    `found` tells.
    """
    data = False
    for record in _records(tree):
        kind = record.get("tls.record.content_type")
        if record.get("tls.record.opaque_type") == _DATA and kind is None:
            return True
        data |= kind == _DATA
    return data and not found


def _records(tree: object) -> Iterator[dict[str, object]]:
    """The records of TLS among fields in fields."""
    if isinstance(tree, dict):
        if any(name.startswith("tls.record.") for name in tree):
            yield tree
        for value in tree.values():
            yield from _records(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _records(value)


class TlsStreams:
    """Every direction in which TLS was met."""

    def __init__(self, decoder: Decoder, inside: Callable[[bool], None]) -> None:
        self._decoder = decoder
        self._connections = Connections(decoder)
        # Tells the decoder that what comes was inside TLS.
        self._inside = inside
        self._directions: dict[bytes, _Direction] = {}

    def take(self, key: bytes, segment: Segment, found: Iterable[bytes], sealed: bool) -> None:
        """Take a segment and the octets decrypted with it; `sealed` if some were not."""
        self._acknowledge(key, segment)
        direction = self._direction(key, segment)
        direction.watch(segment)
        for octets in found:
            self._feed(key, direction, segment, octets)
        if sealed and direction.opened is not None and not direction.is_dark:
            self._darken(key, direction, *direction.last)
        if segment.flags & (FIN | RST):
            self._close(key, direction, segment)

    def pending(self, key: bytes, segment: Segment) -> None:
        """Take a segment in which no record of TLS ends, where the direction is known."""
        self._acknowledge(key, segment)
        direction = self._directions.get(key)
        if direction is None:
            return
        if segment.flags & SYN:
            del self._directions[key]
            return
        direction.watch(segment)
        if segment.octets:
            direction.begun += segment.frames
        if segment.flags & (FIN | RST):
            self._close(key, direction, segment)

    def finish(self) -> None:
        """Report what is still open at the capture's end."""
        for key, direction in self._directions.items():
            self._lost(key, direction)
        self._inside(True)
        self._connections.finish()
        self._inside(False)

    def _acknowledge(self, key: bytes, segment: Segment) -> None:
        """Take note of what the peer of a direction has received."""
        other = self._directions.get(reverse(key))
        if other is not None and segment.flags & (SYN | RST | ACK) == ACK:
            other.acknowledged = segment.acknowledgement

    def _direction(self, key: bytes, segment: Segment) -> _Direction:
        found = self._directions.get(key)
        if found is None:
            if len(self._directions) >= MAX_STREAMS:
                del self._directions[next(iter(self._directions))]
            found = self._directions[key] = _Direction()
        return found

    def _feed(self, key: bytes, direction: _Direction, segment: Segment, octets: bytes) -> None:
        frames = (*direction.begun, *segment.frames)
        self._inside(True)
        if direction.opened is None:
            self._connections.take(key, Segment(0, 0, SYN, b"", frames, segment.time))
            direction.opened = 1
        self._connections.take(
            key, Segment(direction.opened % _MODULUS, 0, ACK, octets, frames, segment.time)
        )
        self._inside(False)
        direction.opened += len(octets)
        direction.begun.clear()

    def _close(self, key: bytes, direction: _Direction, segment: Segment) -> None:
        self._lost(key, direction)
        if direction.opened is not None and not direction.is_dark:
            at = direction.opened % _MODULUS
            flags = segment.flags & (FIN | RST)
            self._inside(True)
            self._connections.take(key, Segment(at, 0, flags, b"", segment.frames, segment.time))
            self._inside(False)
        else:
            self._connections.closes(key, segment)
        del self._directions[key]

    def _lost(self, key: bytes, direction: _Direction) -> None:
        """Tell of an opened direction of which octets never came."""
        if direction.lacks and direction.opened is not None and not direction.is_dark:
            self._darken(key, direction, *direction.last)

    def _darken(self, key: bytes, direction: _Direction, frame: int, time: int) -> None:
        direction.is_dark = True
        direction.opened = (direction.opened or 0) + _JUMP
        ends = endpoints(key)
        where = (
            f"TLS from {ends[0]} to {ends[1]} cannot be decrypted any further: octets of it were "
            "not captured, or its keys are not in the key log"
        )
        self._decoder.gap(GapReason.UNDECRYPTABLE, where, ends, after=frame, time=time)
