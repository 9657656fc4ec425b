"""All TCP connections of a capture: which of them carry SIP or MSRP, and what is missing."""

from conformance.capture.decode import Decoder
from conformance.capture.framing import Framed, Mode, begins_message
from conformance.capture.ip import endpoints, reverse
from conformance.capture.tcp import Direction, Hole, Segment, reaches
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason
from conformance.wire.limits import MAX_STREAM_HOLD, MAX_STREAMS
from conformance.wire.malformed import Malformed

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

TEXT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~\r\n")
"""What SIP and MSRP may begin with: characters of a token, and line ends."""

_MAX_UNDECIDED = 1_024
_MAX_OPENING = 16_384
_SCAN = 65_536
_MAX_HELD = 33_554_432
_TLS_RECORDS = (b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")
_CLOSED_INSIDE = "RFC 3261 section 18.3: the connection was closed inside a message"
_MSRP_CLOSED_INSIDE = "RFC 4975 section 7.1: the connection was closed inside a message"


class Connections:
    """State for those directions only in which a message was seen or may still be.

    A direction is known by its key: addresses and ports as the headers have them.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._directions: dict[bytes, Direction] = {}
        self._undecided: dict[bytes, None] = {}
        # Set aside: no message in them (-1), or closed at that sequence number.
        self._aside: dict[bytes, int] = {}
        self._opening: dict[bytes, Segment] = {}
        self._holes: dict[bytes, Direction] = {}
        # By the key of the peer's segments, which acknowledge what these directions carry.
        self._answered: dict[bytes, Direction] = {}
        # In which no message was seen yet, and the first hole before that, if there is one.
        self._mid_stream: dict[bytes, Hole | None] = {}
        self._held = 0

    @property
    def waiting(self) -> bool:
        """Whether some direction has a hole, so that acknowledgements matter."""
        return bool(self._holes)

    def concerns(self, key: bytes, first_octet: int) -> bool:
        """Whether a segment with payload must be taken; cheap, since most must not."""
        return key not in self._aside or first_octet in TEXT

    def tells(self, key: bytes, sequence: int, acknowledgement: int) -> bool:
        """Whether a segment without payload tells of octets that were not captured."""
        other = self._answered.get(key)
        if other is not None and other.lacks(acknowledgement):
            return True
        direction = self._directions.get(key)
        return direction is not None and direction.is_known and direction.lacks(sequence)

    def take_whole(
        self,
        key: bytes,
        sequence: int,
        acknowledgement: int,
        octets: bytes,
        frame: int,
        time: int,
    ) -> bool:
        """Take a segment without SYN, FIN and RST if it is one whole message, next in order."""
        direction = self._directions.get(key)
        if direction is None or self._holes or direction.finish is not None:
            return False
        other = self._answered.get(key)
        if other is not None and other.lacks(acknowledgement):
            return False
        message = direction.whole(sequence, octets, frame, time)
        if message is None:
            return False
        self._decoder.message(message, Transport.TCP, direction.ends, (frame,), time, sequence)
        return True

    def take(self, key: bytes, segment: Segment) -> None:
        """Take one segment."""
        if self._holes and segment.flags & ACK:
            self._acknowledge(key, segment)
        if segment.flags & SYN:
            self._open(key, segment)
        if segment.octets:
            self._data(key, segment)
        if segment.flags & (SYN | RST | ACK) == ACK:
            self._look_back(key, segment)
        if segment.flags & (FIN | RST):
            self.closes(key, segment)
            self._close(key, segment)

    def closes(self, key: bytes, segment: Segment) -> None:
        """Tell who closed a connection in which a message was seen, whichever way it went."""
        direction = self._directions.get(key)
        if key in self._answered or (direction is not None and direction.framer.established):
            reset = bool(segment.flags & RST)
            self._decoder.closing(endpoints(key), segment.frames[-1], segment.time, reset=reset)

    def finish(self) -> None:
        """Report what is still open at the capture's end."""
        for key, direction in list(self._directions.items()):
            self._settle(key, direction)
            self._tail(direction)
            if direction.framer.established and direction.framer.inside:
                where = "the capture ends inside a message from {} to {}"
                self._gap(GapReason.CUT_FILE, where, direction)
        self._directions.clear()
        self._answered.clear()
        self._holes.clear()

    def _open(self, key: bytes, segment: Segment) -> None:
        first = (segment.sequence + 1) % (1 << 32)
        direction = self._directions.get(key)
        if direction is not None:
            if direction.sequence(0) == first:
                return
            self._abandon(key, direction, "a new connection began inside a message from {} to {}")
        self._aside.pop(key, None)
        segment.sequence = first
        self._opening[key] = segment
        if len(self._opening) > _MAX_OPENING:
            del self._opening[next(iter(self._opening))]

    def _data(self, key: bytes, segment: Segment) -> None:
        direction = self._directions.get(key)
        position = 0
        if direction is not None:
            position = direction.place(segment.sequence)
            if direction.is_far(position):
                self._abandon(key, direction, "sequence numbers jump in the stream from {} to {}")
                direction = None
        if direction is None:
            direction = self._admit(key, segment)
            if direction is None:
                return
            position = direction.place(segment.sequence)
        direction.cut |= segment.cut
        found = direction.feed(position, segment)
        if found or key in self._mid_stream:
            self._emit(key, direction, found)
        if direction.hole_since is not None:
            self._watch(key, direction, segment.time)
        elif self._holes:
            self._holes.pop(key, None)
        self._after(key, direction, segment)

    def _after(self, key: bytes, direction: Direction, segment: Segment) -> None:
        """Decide, bound and close as the last segment asks for."""
        if direction.framer.is_over:
            self.closes(key, segment)
        self._held += direction.grown()
        if key in self._undecided:
            self._decide(key, direction)
        if self._held > _MAX_HELD:
            self._bound()
        if direction.finish is not None and direction.position >= direction.finish:
            self._end(key, direction)

    def _admit(self, key: bytes, segment: Segment) -> Direction | None:
        """A direction for a segment of which none is known, unless it is not worth one."""
        opening = self._opening.pop(key, None)
        if opening is not None and not reaches(opening.sequence, segment.sequence):
            opening = None
        first = opening.sequence if opening else None
        aside = self._aside.get(key)
        begins = begins_message(segment.octets)
        if aside is not None and first is None and (not begins or self._is_old(aside, segment)):
            return None
        if not begins and segment.octets[:2] in _TLS_RECORDS and first in (None, segment.sequence):
            self._decoder.sealed(endpoints(key), "TLS")
            self._set_aside(key, -1)
            return None
        self._aside.pop(key, None)
        if opening is not None:
            return self._begin(key, opening)
        self._mid_stream[key] = None
        return self._add(key, Direction(endpoints(key), segment.sequence, Mode.BLIND))

    def _begin(self, key: bytes, opening: Segment) -> Direction:
        """A direction from its SYN on."""
        direction = Direction(endpoints(key), opening.sequence, Mode.ALIGNED)
        direction.last_frame, direction.last_time = opening.frames[-1], opening.time
        return self._add(key, direction)

    def _add(self, key: bytes, direction: Direction) -> Direction:
        self._directions[key] = direction
        self._undecided[key] = None
        if len(self._undecided) > _MAX_UNDECIDED:
            self._drop_undecided()
        return direction

    @staticmethod
    def _is_old(closed_at: int, segment: Segment) -> bool:
        return closed_at >= 0 and (segment.sequence - closed_at) % (1 << 32) >= 1 << 31

    def _decide(self, key: bytes, direction: Direction) -> None:
        """Keep a direction in which a message began; let go one scanned long enough."""
        if direction.framer.established:
            del self._undecided[key]
            self._pair(key, direction)
            if len(self._directions) > MAX_STREAMS + _MAX_UNDECIDED:
                self._drop_oldest()
        elif direction.framer.skipped > _SCAN:
            self._forget(key, direction)
            self._set_aside(key, -1)

    def _pair(self, key: bytes, direction: Direction) -> None:
        """Where messages go one way, so they do the other way, as far as it was seen to begin."""
        back = reverse(key)
        self._answered[back] = direction
        other = self._directions.get(back)
        opening = self._opening.pop(back, None) if other is None else None
        if opening is not None:
            other = self._begin(back, opening)
        if other is not None:
            other.answered = True
            self._answered[key] = other
            if self._mid_stream.get(back) is not None:
                self._tell_first_hole(back, other)

    def _emit(self, key: bytes, direction: Direction, found: list[Framed]) -> None:
        framer = direction.framer
        if key in self._mid_stream and framer.established:
            self._tell_first_hole(key, direction)
        for message, position, frames, time, carrier in found:
            mirror = direction.sequence(position)
            transport, ends = carrier or (framer.transport, direction.ends)
            is_copy = carrier is not None
            self._decoder.message(message, transport, ends, frames, time, mirror, copied=is_copy)

    def _tell_first_hole(self, key: bytes, direction: Direction) -> None:
        """Tell of what is missing before the first message of a stream that proved to be ours."""
        hole = self._mid_stream.pop(key)
        if hole is not None:
            where = "octets before the first message are missing in the stream from {} to {}"
            self._gap(hole.reason, where, direction, after=hole.after, time=hole.time)
        elif direction.framer.skipped:
            where = "the capture begins inside a message from {} to {}"
            after = max(direction.first_frame - 1, 0)
            self._gap(GapReason.MID_STREAM, where, direction, after=after)

    def _watch(self, key: bytes, direction: Direction, time: int) -> None:
        self._holes[key] = direction
        while direction.gives_up(time):
            self._skip_hole(key, direction)
        if direction.hole_since is None:
            self._holes.pop(key, None)

    def _skip_hole(self, key: bytes, direction: Direction) -> None:
        told = direction.framer.mode is Mode.BLIND
        known = direction.framer.established
        # Where its beginning is not known either, that is told with its first message.
        known = known or (direction.answered and key not in self._mid_stream)
        limit = f"limit: more than {MAX_STREAM_HOLD} octets wait: " if direction.overfull else ""
        hole, found = direction.skip_hole()
        if known and not told:
            where = f"{limit}{hole.size} octets are missing in the stream from {{}} to {{}}"
            self._gap(hole.reason, where, direction, after=hole.after, time=hole.time)
        elif not known:
            self._mid_stream[key] = self._mid_stream.get(key) or hole
        self._emit(key, direction, found)

    def _acknowledge(self, key: bytes, segment: Segment) -> None:
        """What the peer has received will not be sent again."""
        other = reverse(key)
        waiting = self._holes.get(other)
        if waiting is not None:
            waiting.acknowledge(segment.acknowledgement)
            self._look_again(other, waiting, segment.time)
        oldest = next(iter(self._holes), None)
        if oldest is not None and oldest != other:
            self._look_again(oldest, self._holes[oldest], segment.time)

    def _look_back(self, key: bytes, segment: Segment) -> None:
        """Wait for octets that were not captured: its sender went on, or its receiver has them."""
        other = self._answered.get(key)
        if other is not None and other.lacks(segment.acknowledgement):
            other.promise(segment.acknowledgement, segment)
            other.acknowledge(segment.acknowledgement)
            self._look_again(reverse(key), other, segment.time)
        direction = None if segment.octets else self._directions.get(key)
        if direction is not None and direction.is_known and direction.lacks(segment.sequence):
            direction.promise(segment.sequence, segment)
            self._look_again(key, direction, segment.time)

    def _look_again(self, key: bytes, direction: Direction, time: int) -> None:
        self._watch(key, direction, time)
        self._held += direction.grown()
        if direction.finish is not None and direction.position >= direction.finish:
            self._end(key, direction)

    def _settle(self, key: bytes, direction: Direction) -> None:
        """Go on behind all holes, since nothing more will come."""
        while direction.hole_since is not None:
            self._skip_hole(key, direction)
        self._held += direction.grown()
        self._holes.pop(key, None)

    def _close(self, key: bytes, segment: Segment) -> None:
        direction = self._directions.get(key)
        if direction is None:
            self._opening.pop(key, None)
        elif segment.flags & RST:
            self._abandon(
                key, direction, "the connection was reset inside a message from {} to {}"
            )
            self._set_aside(key, direction.sequence(direction.position))
        else:
            direction.finish = direction.place(segment.sequence) + len(segment.octets)
            if direction.position >= direction.finish:
                self._end(key, direction)

    def _end(self, key: bytes, direction: Direction) -> None:
        """The sender closed its direction and all its octets were seen."""
        remains = direction.framer.remains() if direction.framer.established else b""
        if remains:
            protocol, rule = "SIP", _CLOSED_INSIDE
            if remains.startswith(b"MSRP "):
                protocol, rule = "MSRP", _MSRP_CLOSED_INSIDE
            message = Malformed(protocol, remains, len(remains), rule)
            start = direction.position - len(remains)
            found = Framed(message, start, (direction.last_frame,), direction.last_time)
            self._emit(key, direction, [found])
        self._forget(key, direction)
        self._set_aside(key, direction.sequence(direction.position))

    def _abandon(self, key: bytes, direction: Direction, where: str) -> None:
        """Let a direction go whose end was not seen."""
        self._settle(key, direction)
        self._tail(direction)
        if direction.framer.established and direction.framer.inside:
            self._gap(GapReason.TCP_HOLE, where, direction)
        self._forget(key, direction)

    def _tail(self, direction: Direction) -> None:
        """The sender's FIN stands behind octets that were never seen."""
        if direction.finish is None or not direction.is_known:
            return
        if direction.position < direction.finish:
            size = direction.finish - direction.position
            where = f"the last {size} octets are missing in the stream from {{}} to {{}}"
            self._gap(GapReason.TCP_HOLE, where, direction)

    def _drop_undecided(self) -> None:
        key = next(iter(self._undecided))
        self._forget(key, self._directions[key])
        self._set_aside(key, -1)

    def _drop_oldest(self) -> None:
        key = next(iter(self._directions))
        direction = self._directions[key]
        if direction.held and direction.framer.established:
            where = "too many streams are open: a message from {} to {} was let go"
            self._gap(GapReason.LIMIT, where, direction)
        self._forget(key, direction)

    def _bound(self) -> None:
        while self._held > _MAX_HELD and self._directions:
            self._drop_oldest()

    def _forget(self, key: bytes, direction: Direction) -> None:
        self._held -= direction.held
        self._directions.pop(key, None)
        self._undecided.pop(key, None)
        self._holes.pop(key, None)
        self._mid_stream.pop(key, None)
        self._answered.pop(reverse(key), None)

    def _set_aside(self, key: bytes, closed_at: int) -> None:
        if len(self._aside) >= MAX_STREAMS:
            del self._aside[next(iter(self._aside))]
        self._aside[key] = closed_at

    def _gap(
        self,
        reason: GapReason,
        where: str,
        direction: Direction,
        *,
        after: int | None = None,
        time: int | None = None,
    ) -> None:
        self._decoder.gap(
            reason,
            where.format(*direction.ends),
            direction.ends,
            after=direction.last_frame if after is None else after,
            time=direction.last_time if time is None else time,
        )
