"""TCP streams of a whole file put in order, each octet with every place where it lies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.capture.framing import Framed, Framer, Mode, begins_message
from conformance.suite.disguised import Disguised
from conformance.suite.redact import Pieces

_MODULUS, _HALF = 1 << 32, 1 << 31
_MAX_JUMP = 1 << 26
_SYN = 0x02
_TLS = (b"\x14\x03", b"\x15\x03", b"\x16\x03", b"\x17\x03")
_TLS_KEPT = 3


class Span(NamedTuple):
    """Octets of a file."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many octets."""
        return self.stop - self.start


@dataclass(slots=True)
class Run:
    """Octets of one direction without a hole; `spans` tells where each piece lies in the file."""

    octets: bytearray
    framed: list[Framed] = field(default_factory=list)
    spans: list[tuple[int, Span]] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether there is a message in it, or the beginning of one."""
        return bool(self.framed) or begins_message(bytes(self.octets))

    def disguised(self, disguised: Disguised, pieces: Pieces) -> bytes:
        """The octets in disguise; what belongs to no message is blotted out."""
        if not self.is_known:
            return self._unknown()
        found = bytearray()
        for framed in self.framed:
            found += self._between(disguised, len(found), framed.position)
            body = pieces.body_of(framed.message)
            found += disguised.message(framed.message, body).octets
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
            ordered = sorted(connection.pieces)
            run, begin = Run(bytearray()), 0
            for position, span in ordered:
                if run.spans and position > begin + len(run.octets):
                    yield _read(run, aligned=connection.aligned and begin == 0)
                    run = Run(bytearray())
                if not run.spans:
                    begin = position
                place = position - begin
                known = len(run.octets) - place
                run.octets += octets[span.start + known : span.stop] if known < span.size else b""
                run.spans.append((place, span))
            if run.spans:
                yield _read(run, aligned=connection.aligned and begin == 0)


def _read(run: Run, *, aligned: bool) -> Run:
    framer = Framer(Mode.ALIGNED if aligned else Mode.BLIND)
    run.framed = framer.feed(bytes(run.octets), (0,), 0)
    return run
