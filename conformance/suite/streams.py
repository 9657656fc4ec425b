"""TCP streams of a whole file put in order, each octet with every place where it lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from conformance.capture.framing import Framed, Framer, Mode, begins_message
from conformance.capture.hep_stream import begins_copy
from conformance.capture.websocket import begins_frame, handshake_end, may_upgrade
from conformance.observation.trace import Message
from conformance.suite.disguised import Disguised
from conformance.suite.disguised_hep import HepRun
from conformance.suite.disguised_websocket import WebSocketRun
from conformance.suite.redact import Pieces
from conformance.suite.repackage import Span

_MODULUS, _HALF = 1 << 32, 1 << 31
_MAX_JUMP = 1 << 26
_SYN = 0x02
_TLS = (b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")
_TLS_KEPT = 3
_PROBE = 512


@dataclass(slots=True)
class Run:
    """Octets of one direction without a hole; `spans` tells where each piece lies in the file.

    `starts` are the places at which segments continue one another, `begun` how many octets at the
    end belong to a message that does not end here;
    `carried` reads them where messages lie in something else that the stream carries.
    """

    octets: bytearray
    framed: list[Framed] = field(default_factory=list)
    spans: list[tuple[int, Span]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    begun: int = 0
    carried: WebSocketRun | HepRun | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a message in it, or the beginning of one."""
        return bool(self.framed or self.begun) or begins_message(bytes(self.octets))

    @property
    def messages(self) -> list[Message]:
        """The whole messages in it."""
        return self.carried.messages if self.carried else [one.message for one in self.framed]

    @property
    def emptied(self) -> int:
        """How many frames of it, or messages in frames, are emptied."""
        if self.carried:
            return self.carried.emptied
        return 0 if self.is_known else len(self.spans)

    def disguised(self, disguised: Disguised, pieces: Pieces) -> bytes:
        """The octets in disguise; what belongs to no message is blotted out."""
        if self.carried:
            return self.carried.disguised(disguised, pieces)
        if not self.is_known:
            return self._unknown()
        found = bytearray()
        for framed in self.framed:
            found += self._between(disguised, len(found), framed.position)
            body = pieces.body_of(framed.message)
            found += disguised.message(framed.message, body).octets
        found += self._between(disguised, len(found), len(self.octets) - self.begun)
        return bytes(found + self._between(disguised, len(found), len(self.octets)))

    def _between(self, disguised: Disguised, start: int, stop: int) -> bytes:
        """Octets of no whole message: keep-alives stay, a message cut short is disguised."""
        octets = bytes(self.octets[start:stop])
        message = octets.lstrip(b"\r\n")
        before = octets[: len(octets) - len(message)]
        if not begins_message(message):
            return before + bytes(octet if octet in b"\r\n" else 0x78 for octet in message)
        changed = disguised.msrp if message.startswith(b"MSRP ") else disguised.sip
        return before + changed(message)

    def _unknown(self) -> bytes:
        """What a record of TLS is stays to be seen, so that a reader says what it cannot read."""
        found = bytearray(len(self.octets))
        for place, span in self.spans:
            if bytes(self.octets[place : place + 2]) in _TLS:
                end = min(place + _TLS_KEPT, place + span.size)
                found[place:end] = self.octets[place:end]
        return bytes(found)


class _Connection:
    """One direction from a SYN, or from its first segment, to the next."""

    def __init__(self, first: int, *, aligned: bool) -> None:
        self.first = first
        self.aligned = aligned
        self._nearest = 0
        self.pieces: list[tuple[int, Span]] = []

    def place(self, sequence: int) -> int:
        """The position of a sequence number: of all that share it, the one nearest to hand."""
        ahead = (sequence - self.first - self._nearest) % _MODULUS
        return self._nearest + (ahead if ahead < _HALF else ahead - _MODULUS)

    def is_far(self, position: int) -> bool:
        """Whether no window reaches this far."""
        return abs(position - self._nearest) > _MAX_JUMP

    def add(self, position: int, span: Span) -> None:
        """Take a segment."""
        self._nearest = max(self._nearest, position)
        self.pieces.append((position, span))


class Streams:
    """Every direction of every connection of a file."""

    def __init__(self) -> None:
        self._open: dict[bytes, _Connection] = {}
        self._all: list[_Connection] = []

    def take(self, key: bytes, octets: bytes, head: int, span: Span) -> None:
        """Take the segment whose TCP header begins at `head`, its payload being the span."""
        sequence = int.from_bytes(octets[head + 4 : head + 8])
        is_syn = bool(octets[head + 13] & _SYN)
        if is_syn:
            sequence = (sequence + 1) % _MODULUS
        found = self._open.get(key)
        again = found is not None and is_syn and found.first != sequence
        if found is None or again or found.is_far(found.place(sequence)):
            if not is_syn and not span.size:
                return
            found = self._open[key] = _Connection(sequence, aligned=is_syn)
            self._all.append(found)
        if span.size:
            found.add(found.place(sequence), span)

    def runs(self, octets: bytes) -> Iterator[Run]:
        """What lies together, in order, with the messages found in it."""
        for connection in self._all:
            reading = _Reading(aligned=connection.aligned)
            run, begin = Run(bytearray()), 0
            for position, span in sorted(connection.pieces):
                if run.spans and position > begin + len(run.octets):
                    yield reading.read(run, begin)
                    run = Run(bytearray())
                if not run.spans:
                    begin = position
                place = position - begin
                known = len(run.octets) - place
                if known < span.size:
                    run.starts.append(len(run.octets))
                    run.octets += octets[span.start + known : span.stop]
                run.spans.append((place, span))
            if run.spans:
                yield reading.read(run, begin)


class _Reading:
    """Finds the messages in the runs of one direction, as a reader does from one to the next."""

    def __init__(self, *, aligned: bool) -> None:
        self._framer = Framer(Mode.ALIGNED if aligned else Mode.BLIND)
        self._end: int | None = 0 if aligned else None
        self._is_hep = False

    def read(self, run: Run, begin: int) -> Run:
        """Find the messages in a run that begins at a position, perhaps behind a hole."""
        framer = self._framer
        if self._end is not None and begin > self._end:
            framer.lose(begin - self._end)
        self._end = begin + len(run.octets)
        octets = bytes(run.octets)
        if self._is_hep:
            run.carried = HepRun(octets, 0)
        elif not framer.established:
            run.carried = _carried(octets, run.starts, aligned=framer.mode is Mode.ALIGNED)
            self._is_hep = isinstance(run.carried, HepRun)
        if run.carried is None:
            base = framer.position
            for low, high in pairwise((*run.starts, len(octets))):
                run.framed += framer.feed(octets[low:high], (0,), 0)
            run.begun = len(framer.remains()) if framer.established else 0
            run.framed = [one._replace(position=one.position - base) for one in run.framed]
        return run


def _carried(
    octets: bytes, starts: Sequence[int], *, aligned: bool
) -> WebSocketRun | HepRun | None:
    """What a stream carries in which no message is known, by how its segments begin."""
    start = handshake_end(octets) if aligned else 0
    if aligned and not start and b"\r\n\r\n" not in octets and may_upgrade(octets):
        start = len(octets)
    if start:
        return WebSocketRun(octets, start, starts)
    for place in starts[:1] if aligned else starts:
        begin = octets[place : place + _PROBE]
        if begins_message(begin):
            return None
        if begins_copy(begin):
            return HepRun(octets, place)
        if not aligned and begins_frame(begin):
            return WebSocketRun(octets, place, starts)
    return None
