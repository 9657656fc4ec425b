"""One direction of a TCP connection: its octets in order, whatever the order of its segments."""

from heapq import heappop, heappush
from typing import NamedTuple

from conformance.capture.framing import Framed, Framer, Mode
from conformance.capture.hep_stream import HepFramer, begins_copy
from conformance.capture.websocket import WebSocketFramer, begins_frame, may_upgrade
from conformance.observation.packet import Endpoint
from conformance.observation.trace import GapReason, Message
from conformance.wire.limits import MAX_STREAM_HOLD

_MODULUS = 1 << 32
_HALF = 1 << 31
# No window in use is larger; a jump beyond it is another connection on the same ports.
_MAX_JUMP = 1 << 26
_SEGMENT_SIZE = 300
# How a WebSocket frame of text or of octets begins, and how the handshake before the first does.
_DATA_FRAMES = frozenset((0x01, 0x02, 0x81, 0x82, 0xC1, 0xC2))
_HTTP = frozenset(b"GH")
_ACKNOWLEDGED_WAIT = 100_000_000
_WAIT = 30_000_000_000


AnyFramer = Framer | WebSocketFramer | HepFramer


class Segment:
    """One TCP segment: `octets` is its payload as far as captured, `cut` if there was more.

    `frames` carried it, more than one where it came in IP fragments; `time` is the last one's.
    """

    __slots__ = ("acknowledgement", "cut", "flags", "frames", "octets", "sequence", "time")

    def __init__(
        self,
        sequence: int,
        acknowledgement: int,
        flags: int,
        octets: bytes,
        frames: tuple[int, ...],
        time: int,
        cut: bool = False,
    ) -> None:
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.octets = octets
        self.frames = frames
        self.time = time
        self.cut = cut


class Hole(NamedTuple):
    """Octets that were never captured, and the last frame before them."""

    size: int
    after: int
    time: int
    reason: GapReason


def reaches(first: int, second: int) -> bool:
    """Whether two sequence numbers may belong to one connection at one time."""
    distance = (second - first) % _MODULUS
    return min(distance, _MODULUS - distance) <= _MAX_JUMP


class Direction:
    """Puts segments in order and their octets through a framer.

    Positions count octets from the first one expected; they do not wrap. `hole_since` is the
    time at which a hole was met that is still open, None without one; `held` is what `grown`
    counted last; `answered` tells that messages came back, so that its octets are messages too.
    """

    __slots__ = (
        "_first",
        "_heap",
        "_pending",
        "_pending_size",
        "acknowledged",
        "answered",
        "cut",
        "ends",
        "finish",
        "first_frame",
        "framer",
        "held",
        "hole_since",
        "last_frame",
        "last_time",
        "position",
    )

    def __init__(self, ends: tuple[Endpoint, Endpoint], first: int, mode: Mode) -> None:
        self.ends = ends
        self.framer: AnyFramer = Framer(mode)
        self.position = 0
        self.held = 0
        self.hole_since: int | None = None
        self.acknowledged = False
        self.answered = False
        self.cut = False
        self.finish: int | None = None
        self.first_frame = 0
        self.last_frame = 0
        self.last_time = 0
        self._first = first
        self._pending: dict[int, Segment] = {}
        self._heap: list[int] = []
        self._pending_size = 0

    def grown(self) -> int:
        """By how many octets what is held grew: segments behind a hole, a message begun."""
        before = self.held
        self.held = self._pending_size + self.framer.held
        return self.held - before

    def sequence(self, position: int) -> int:
        """The sequence number of the octet at `position`."""
        return (self._first + position) % _MODULUS

    def place(self, sequence: int) -> int:
        """The position of a sequence number: of all that share it, the one nearest to hand."""
        ahead = (sequence - self._first - self.position) % _MODULUS
        return self.position + (ahead if ahead < _HALF else ahead - _MODULUS)

    def is_far(self, position: int) -> bool:
        """Whether no window reaches from what was read last to `position`."""
        return abs(position - self.position) > _MAX_JUMP

    def whole(self, sequence: int, octets: bytes, frame: int, time: int) -> Message | None:
        """The message that a segment is, where it is one and comes when it is awaited.

        So are most segments. Of any other one nothing is taken: it is for `feed`.
        """
        framer = self.framer
        if (
            self._heap
            or (self._first + self.position) % _MODULUS != sequence
            or not isinstance(framer, Framer)
            or not framer.idle
        ):
            return None
        message = framer.whole(octets)
        if message is not None:
            self.position += len(octets)
            self.last_frame, self.last_time = frame, time
        return message

    def feed(self, position: int, segment: Segment) -> list[Framed]:
        """Take one segment; the messages that it completes, in order."""
        behind = self.position - position
        if behind == 0 and not self._heap:
            return self._deliver(segment.octets, segment)
        if behind >= len(segment.octets):
            return []
        if behind < 0:
            self._hold(position, segment)
            return []
        return self._deliver(segment.octets[behind:], segment) + self._drain()

    def acknowledge(self, sequence: int) -> None:
        """Take note that the peer has received all octets before `sequence`."""
        if self._heap and self.place(sequence) >= self._heap[0]:
            self.acknowledged = True

    @property
    def is_known(self) -> bool:
        """Whether its octets are SIP or MSRP, by themselves or by what answers them."""
        return self.answered or self.framer.established

    def lacks(self, sequence: int) -> bool:
        """Whether octets before `sequence` are not here; one number more may be a FIN's."""
        return 1 < (sequence - self._first - self.position) % _MODULUS <= _MAX_JUMP

    def promise(self, sequence: int, segment: Segment) -> None:
        """Wait for the octets before `sequence`: `segment`, which carries none, tells of them."""
        if self._heap:
            return
        end = self.place(sequence)
        if self.finish is not None:
            end = min(end, self.finish)
        if end > self.position:
            self._hold(end, Segment(sequence, 0, 0, b"", segment.frames, segment.time))

    @property
    def overfull(self) -> bool:
        """Whether more is held behind a hole than is borne."""
        return self._pending_size > MAX_STREAM_HOLD

    def gives_up(self, time: int) -> bool:
        """Whether what is missing will not come any more."""
        if self.hole_since is None:
            return False
        waited = time - self.hole_since
        return (
            self.cut
            or self.overfull
            or waited > _WAIT
            or (self.acknowledged and waited > _ACKNOWLEDGED_WAIT)
        )

    def skip_hole(self) -> tuple[Hole, list[Framed]]:
        """Go on behind the first hole."""
        size = self._heap[0] - self.position
        reason = GapReason.SNAPLEN if self.cut else GapReason.TCP_HOLE
        hole = Hole(size, self.last_frame, self.last_time, reason)
        self.framer.lose(size)
        self.position += size
        return hole, self._drain()

    def _deliver(self, octets: bytes, segment: Segment) -> list[Framed]:
        frames = segment.frames
        self.position += len(octets)
        self.last_frame, self.last_time = frames[-1], segment.time
        if not self.first_frame:
            self.first_frame = frames[0]
        framer = self.framer
        if not framer.established and octets:
            framer = self._chosen(framer, octets)
        found = framer.feed(octets, frames, segment.time)
        if isinstance(framer, WebSocketFramer) and framer.refused:
            self.framer = plain = Framer(Mode.ALIGNED)
            for one in framer.taken():
                found += plain.feed(*one)
        return found

    def _chosen(self, framer: AnyFramer, octets: bytes) -> AnyFramer:
        """The framer for a stream of which no message is known, by how its octets begin."""
        if begins_copy(octets) and (framer.mode is Mode.BLIND or not framer.held):
            start = self.position - len(octets)
            self.framer = HepFramer(start, framer.skipped + start - framer.position)
        elif framer.mode is Mode.BLIND:
            if octets[0] in _DATA_FRAMES and begins_frame(octets):
                start = self.position - len(octets)
                skipped = framer.skipped + start - framer.position
                self.framer = WebSocketFramer(start, upgraded=True, skipped=skipped)
        elif (
            framer.position == 0 and not framer.held and octets[0] in _HTTP and may_upgrade(octets)
        ):
            self.framer = WebSocketFramer(0)
        return self.framer

    def _hold(self, position: int, segment: Segment) -> None:
        known = self._pending.get(position)
        if known is None:
            heappush(self._heap, position)
            self._pending_size += _SEGMENT_SIZE
        elif len(known.octets) >= len(segment.octets):
            return
        else:
            self._pending_size -= len(known.octets)
        self._pending[position] = segment
        self._pending_size += len(segment.octets)
        if self.hole_since is None:
            self.hole_since = segment.time

    def _is_promise(self, position: int) -> bool:
        """Whether no octets wait there: the number before it may have been a FIN's."""
        return not self._pending[position].octets

    def _drain(self) -> list[Framed]:
        """Deliver the segments that are in order now."""
        found = []
        moved = False
        while self._heap and self._heap[0] <= self.position + self._is_promise(self._heap[0]):
            position = heappop(self._heap)
            segment = self._pending.pop(position)
            self._pending_size -= _SEGMENT_SIZE + len(segment.octets)
            rest = segment.octets[self.position - position :]
            moved = True
            if rest:
                found += self._deliver(rest, segment)
        if not self._heap:
            self.hole_since, self.acknowledged = None, False
        elif moved:
            self.hole_since, self.acknowledged = self.last_time, False
        return found
