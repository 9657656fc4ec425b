"""A little TCP (RFC 9293): what makes a stream of packets that may be lost, doubled or late.

It opens and closes, numbers and acknowledges octets, puts them in order and sends them again.
There is no window but a limit on what is under way, and no congestion.
"""

from typing import NamedTuple

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import (
    Accepted,
    Closed,
    Connection,
    Event,
    Octets,
    Opened,
)
from conformance.reference.engine.timer import MILLISECOND, SECOND

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
"""Control bits (RFC 9293 section 3.1)."""

MIN_TIMEOUT = 200 * MILLISECOND
FIRST_TIMEOUT = SECOND
MAX_TIMEOUT = 60 * SECOND
MAX_TRIES = 15
MAX_OPEN_TRIES = 6
"""How long, doubling, and how often something is sent that nobody acknowledges."""

_MODULUS = 1 << 32
_HALF = 1 << 31
_MSS = {False: 1_400, True: 1_380}
# Below the window of 65 535 octets that every segment announces.
_UNDER_WAY = 45
_DUPLICATES = 3


class Segment(NamedTuple):
    """One TCP segment; numbers modulo 2^32."""

    source: Endpoint
    destination: Endpoint
    sequence: int
    acknowledgement: int
    flags: int
    octets: bytes = b""


def refusal(segment: Segment) -> Segment:
    """The reset that answers a segment for which there is no connection (section 3.10.7.1)."""
    length = len(segment.octets) + bool(segment.flags & SYN) + bool(segment.flags & FIN)
    ends = segment.destination, segment.source
    if segment.flags & ACK:
        return Segment(*ends, segment.acknowledgement, 0, RST)
    return Segment(*ends, 0, (segment.sequence + length) % _MODULUS, RST | ACK)


class TcpEnd:
    """One end of a connection: takes segments and times, gives `segments` and `events`.

    Whoever runs it calls `flush` behind every other call, takes what is in the two lists, and
    calls `wake` at `deadline` (ns). Positions count from the SYN, which is 0, and do not wrap.
    """

    def __init__(self, connection: Connection, first: int) -> None:
        self.connection = connection
        self.segments: list[Segment] = []
        self.events: list[Event] = []
        self.deadline: int | None = None
        self.is_open = False
        self.is_over = False
        self.gave_up = False
        self._dead = False
        self._passive = False
        self._told = False
        self._mss = _MSS[":" in connection.remote.host]
        # What is sent: the first position not acknowledged, the next one, and octets from there.
        self._first = first
        self._unacknowledged = 0
        self._next = 0
        self._waiting = bytearray()
        self._end = 1
        self._finish: int | None = None
        # What is received.
        self._peer_first: int | None = None
        self._expected = 0
        self._ahead: dict[int, bytes] = {}
        self._peer_finish: int | None = None
        self._owes = False
        # When to send again.
        self._timeout = FIRST_TIMEOUT
        self._base = FIRST_TIMEOUT
        self._tries = 0
        self._duplicates = 0
        self._recovered = 0
        self._sent_at = 0

    # What the owner wants.

    def open(self, now: int) -> None:
        """Ask the peer for a connection."""
        self._sent_at = now
        self._put(SYN, 0)
        self._next = 1
        self.deadline = now + self._timeout

    def write(self, octets: bytes) -> None:
        """Send octets as soon as that may be."""
        if self._finish is None and not self.is_over:
            self._waiting += octets
            self._end += len(octets)

    def close(self) -> None:
        """Close once what was written has left; nothing more is told of it."""
        self._told = True
        self._shut()

    def abort(self, why: str) -> None:
        """End without another segment."""
        self._over(why)

    # What the network and the clock bring.

    def receive(self, now: int, segment: Segment) -> None:
        """Take a segment that arrived."""
        if self._dead:
            if not segment.flags & RST:
                self.segments.append(refusal(segment))
        elif segment.flags & RST:
            self._reset(segment)
        elif self._peer_first is None:
            self._meet(now, segment)
        else:
            self._owes = self._owes or bool(segment.flags & (SYN | FIN) or segment.octets)
            if segment.flags & ACK:
                self._acknowledged(now, segment)
            self._take(segment)
        self._conclude()

    def flush(self, now: int) -> None:
        """Send what may be sent, and the acknowledgement that is owed."""
        if self.is_open and not self._dead:
            self._send(now)
        if self._owes and self._peer_first is not None and not self._dead:
            self._put(ACK if self.is_open or not self._passive else SYN | ACK, self._next_number())
        self._owes = False

    def wake(self, now: int) -> None:
        """Send again what is overdue, or give up."""
        if self.deadline is None or now < self.deadline:
            return
        self._tries += 1
        if self._tries > (MAX_TRIES if self.is_open else MAX_OPEN_TRIES):
            self._give_up()
            return
        self._timeout = min(2 * self._timeout, MAX_TIMEOUT)
        self.deadline = now + self._timeout
        self._resend()

    # The handshake.

    def _meet(self, now: int, segment: Segment) -> None:
        if not segment.flags & SYN:
            return
        if self._next and not segment.flags & ACK:
            # Both asked at the same time: no role does that.
            self._over("both sides asked for the connection at once")
            return
        self._peer_first, self._expected = segment.sequence, 1
        if segment.flags & ACK:
            self._owes = True
            self._established(now)
            return
        self._passive, self._sent_at = True, now
        self._put(SYN | ACK, 0)
        self._next = 1
        self.deadline = now + self._timeout

    def _established(self, now: int) -> None:
        """The SYN is acknowledged: how long that took tells how long to wait for others."""
        self.is_open = True
        if not self._tries:
            self._base = max(MIN_TIMEOUT, 2 * (now - self._sent_at))
        else:
            self._base = MIN_TIMEOUT
        self._unacknowledged = 1
        self._rest()
        kind = Accepted if self._passive else Opened
        self._tell(kind(self.connection))

    # Sending.

    def _shut(self) -> None:
        if self._finish is None:
            self._finish = self._end

    def _send(self, now: int) -> None:
        limit = self._unacknowledged + _UNDER_WAY * self._mss
        sent = False
        while self._next < min(self._end, limit):
            size = self._put_data(self._next)
            self._next += size
            sent = True
        if self._finish == self._next:
            self._put(FIN | ACK, self._next)
            self._next += 1
            sent = True
        if sent and self.deadline is None:
            self.deadline = now + self._timeout

    def _put_data(self, position: int) -> int:
        begin = position - max(self._unacknowledged, 1)
        octets = bytes(self._waiting[begin : begin + self._mss])
        push = PSH if begin + len(octets) == len(self._waiting) else 0
        self._put(ACK | push, position, octets)
        return len(octets)

    def _put(self, flags: int, position: int, octets: bytes = b"") -> None:
        ends = self.connection.local, self.connection.remote
        acknowledgement = 0
        if flags & ACK and self._peer_first is not None:
            acknowledgement = (self._peer_first + self._expected) % _MODULUS
            self._owes = False
        sequence = (self._first + position) % _MODULUS
        self.segments.append(Segment(*ends, sequence, acknowledgement, flags, octets))

    def _next_number(self) -> int:
        return self._next if self.is_open else 0

    def _resend(self) -> None:
        self._recovered = self._next
        if not self.is_open:
            self._put(SYN | ACK if self._passive else SYN, 0)
        elif self._unacknowledged < self._end:
            self._put_data(self._unacknowledged)
        elif self._unacknowledged == self._finish:
            self._put(FIN | ACK, self._unacknowledged)

    def _give_up(self) -> None:
        if self.is_open:
            self._put(RST | ACK, self._next)
        what = "the peer acknowledges nothing" if self.is_open else "the peer does not answer"
        self.gave_up = True
        self._over(f"{what}: given up after {self._tries} tries")

    # Acknowledgements.

    def _acknowledged(self, now: int, segment: Segment) -> None:
        position = self._unwrap(segment.acknowledgement, self._first, self._unacknowledged)
        if self._unacknowledged < position <= self._next:
            if not self.is_open:
                self._established(now)
            del self._waiting[: min(position, self._end) - max(self._unacknowledged, 1)]
            self._unacknowledged = position
            self._rest()
            if position < self._next:
                self.deadline = now + self._timeout
            if position < self._recovered:
                # What was resent filled one hole; here is the next one (RFC 6582).
                self._resend()
        elif position == self._unacknowledged < self._next and not self._carries(segment):
            self._duplicates += 1
            if self._duplicates == _DUPLICATES and self.is_open:
                self._resend()

    def _carries(self, segment: Segment) -> bool:
        return bool(segment.octets or segment.flags & (SYN | FIN))

    def _rest(self) -> None:
        """Something was acknowledged: patience begins anew."""
        self.deadline = None
        self._timeout = self._base
        self._tries = self._duplicates = 0

    # Receiving.

    def _unwrap(self, number: int, first: int, near: int) -> int:
        """The position of a sequence number: of all that share it, the one nearest to hand."""
        ahead = (number - first - near) % _MODULUS
        return near + (ahead if ahead < _HALF else ahead - _MODULUS)

    def _take(self, segment: Segment) -> None:
        first = self._peer_first or 0
        position = self._unwrap(segment.sequence, first, self._expected)
        octets = segment.octets
        if segment.flags & FIN and not self.is_over:
            self._peer_finish = position + len(octets)
        if position + len(octets) > self._expected and not self.is_over:
            if len(octets) > len(self._ahead.get(position, b"")):
                self._ahead[position] = octets
            self._put_in_order()
        if self._peer_finish == self._expected:
            self._expected += 1
            self._tell(Closed(self.connection))
            self._told = True
            self._shut()

    def _put_in_order(self) -> None:
        while ready := [position for position in self._ahead if position <= self._expected]:
            position = min(ready)
            octets = self._ahead.pop(position)[self._expected - position :]
            if octets:
                self._expected += len(octets)
                self._tell(Octets(self.connection, octets))

    # The end.

    def _reset(self, segment: Segment) -> None:
        if self._peer_first is None:
            if segment.flags & ACK:
                self._over("the connection was refused")
            return
        position = self._unwrap(segment.sequence, self._peer_first, self._expected)
        if 0 <= position - self._expected < _UNDER_WAY * self._mss:
            self._over("the peer has reset the connection")

    def _conclude(self) -> None:
        """Both directions are closed: only the peer's last segments may come again."""
        finished = self._finish is not None and self._unacknowledged > self._finish
        if finished and self._peer_finish is not None and self._expected > self._peer_finish:
            self.is_over = True
            self.deadline = None

    def _over(self, why: str) -> None:
        if self.is_over:
            return
        self.is_over = self._dead = True
        self.deadline = None
        self._waiting.clear()
        if self.is_open or not self._passive:
            self._tell(Closed(self.connection, why))
        self._told = True

    def _tell(self, event: Event) -> None:
        if not self._told:
            self.events.append(event)
