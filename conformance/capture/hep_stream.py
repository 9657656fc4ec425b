"""HEP over TCP: the copies that a probe sends to a collector, one after another in a stream."""

from bisect import bisect_right

from conformance.capture import hep
from conformance.capture.messages import Framed, Mode, Part, framed
from conformance.observation.packet import Transport

_HEAD = 6
_PART_SIZE = 200


def _end(part: Part) -> int:
    return part.end


def begins_copy(octets: bytes) -> bool:
    """Whether a HEP packet of version 3 begins here."""
    return octets.startswith(hep.MAGIC)


class HepFramer:
    """Takes the octets of one direction in order and gives the messages copied in them.

    It does for HEP what `framing.Framer` does for plain streams, with the same attributes. After
    octets that begin no packet, and behind a hole, reading goes on at the next one.
    """

    transport = Transport.TCP
    is_over = False

    def __init__(self, position: int, skipped: int = 0) -> None:
        self.mode = Mode.ALIGNED
        self.position = position
        self.established = True
        self.skipped = skipped
        self._buffer = bytearray()
        self._parts: list[Part] = []

    @property
    def held(self) -> int:
        """Octets of a packet that is not whole yet, with what is known of its parts."""
        return len(self._buffer) + _PART_SIZE * len(self._parts)

    @property
    def inside(self) -> bool:
        """Whether a packet has begun and not ended."""
        return self.mode is Mode.ALIGNED and bool(self._buffer)

    def remains(self) -> bytes:
        """Nothing: a copy that was cut says nothing of the message's own connection."""
        return b""

    def lose(self, size: int) -> None:
        """Go on behind `size` octets that were never seen."""
        self.position += len(self._buffer) + size
        self._buffer.clear()
        self._parts.clear()
        self.mode = Mode.BLIND

    def feed(self, octets: bytes, frames: tuple[int, ...], time: int) -> list[Framed]:
        """Take the next octets of the stream; they came by `frames`, the last one at `time`."""
        self._buffer += octets
        self._parts.append(Part(self.position + len(self._buffer), frames, time))
        found: list[Framed] = []
        at = 0
        while (size := self._size(at)) > 0:
            if self.mode is Mode.ALIGNED:
                self._packet(at, at + size, found)
            at += size
            self.mode = Mode.ALIGNED if self._buffer.startswith(hep.MAGIC, at) else self.mode
        if at:
            self.position += at
            del self._buffer[:at]
            # A packet in many segments: all of them are not looked at again with each.
            del self._parts[: bisect_right(self._parts, self.position, key=_end)]
        return found

    def _size(self, at: int) -> int:
        """Octets at `at` that can be done with; 0 while more are awaited."""
        buffer = self._buffer
        present = len(buffer) - at
        if present >= len(hep.MAGIC) and not buffer.startswith(hep.MAGIC, at):
            # Its first octets may be the last ones here.
            self.mode = Mode.ASTRAY
            following = buffer.find(hep.MAGIC, at)
            return present - len(hep.MAGIC) + 1 if following < 0 else following - at
        if present < _HEAD:
            return 0
        self.mode = Mode.ALIGNED
        size = max(_HEAD, int.from_bytes(buffer[at + 4 : at + 6]))
        return size if size <= present else 0

    def _packet(self, begin: int, end: int, found: list[Framed]) -> None:
        copy = hep.unwrap(bytes(self._buffer[begin:end]))
        message = None if copy is None else copy.message
        if copy is None or message is None:
            return
        start = self.position + begin
        one = framed(message, self._parts, start, self.position + end)
        found.append(one._replace(carrier=(copy.transport, copy.ends)))
