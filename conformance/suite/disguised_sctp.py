"""SIP over SCTP in disguise: user messages put together from their chunks, and written back."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from conformance.sip.frames import looks_like_sip
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from conformance.suite.disguised import Disguised
from conformance.suite.repackage import Span
from conformance.wire.malformed import Malformed

_CHUNK = Struct(">BBH").unpack_from
_HEADER, _CHUNK_HEADER, _DATA_HEADER = 12, 4, 16
_DATA, _SACK = 0, 3
_LAST, _FIRST = 1, 2
_MODULUS = 1 << 32
_POLYNOMIAL = 0x82F63B78


@dataclass(frozen=True, slots=True)
class _Part:
    """A DATA chunk's payload; sent again, it lies in several places."""

    flags: int
    spans: list[Span]

    def octets(self, original: bytes) -> bytes:
        return original[self.spans[0].start : self.spans[0].stop]


class Associations:
    """The DATA chunks of a whole file, by association and transmission sequence number."""

    def __init__(self) -> None:
        self._parts: dict[bytes, dict[int, _Part]] = {}

    def take(
        self, addresses: bytes, original: bytes, changed: bytearray, start: int, stop: int
    ) -> None:
        """Take a packet whose SCTP header begins at `start`; all but its numbers is emptied."""
        changed[start + _HEADER : stop] = bytes(stop - start - _HEADER)
        parts = self._parts.setdefault(addresses + original[start : start + 8], {})
        at = start + _HEADER
        while at + _CHUNK_HEADER <= stop:
            kind, flags, size = _CHUNK(original, at)
            if size < _CHUNK_HEADER or at + size > stop:
                break
            kept = {_DATA: _DATA_HEADER, _SACK: size}.get(kind, _CHUNK_HEADER)
            end = at + min(kept, size)
            changed[at:end] = original[at:end]
            if kind == _DATA and size > _DATA_HEADER:
                number = int.from_bytes(original[at + 4 : at + 8])
                span = Span(at + _DATA_HEADER, at + size)
                parts.setdefault(number, _Part(flags, [])).spans.append(span)
            at += size + -size % 4

    def messages(self, original: bytes) -> Iterator["UserMessage"]:
        """Every message of SIP, also where its end is missing."""
        for parts in self._parts.values():
            for number, part in parts.items():
                if part.flags & _FIRST and looks_like_sip(part.octets(original)):
                    yield UserMessage(list(_following(parts, number)), original)


class UserMessage:
    """A user message of SIP in the places of its chunks."""

    def __init__(self, parts: list[_Part], original: bytes) -> None:
        self._parts = parts
        self._original = original
        self._octets = b"".join(part.octets(original) for part in parts)

    @property
    def message(self) -> SipRequest | SipResponse | Malformed:
        """The message."""
        return parse(self._octets)

    def write(self, changed: bytearray, disguised: Disguised) -> None:
        """Write it into every place where it lies."""
        found, at = disguised.sip(self._octets), 0
        for part in self._parts:
            size = part.spans[0].size
            for start, stop in part.spans:
                octets = found[at : at + min(size, stop - start)]
                changed[start : start + len(octets)] = octets
            at += size


def _following(parts: dict[int, _Part], number: int) -> Iterator[_Part]:
    """The parts from one to the last of its message, as far as they follow one another."""
    part: _Part | None = parts[number]
    while part is not None:
        yield part
        if part.flags & _LAST:
            return
        number = (number + 1) % _MODULUS
        part = parts.get(number)
        if part is not None and part.flags & _FIRST:
            return


def _table() -> tuple[int, ...]:
    found = []
    for octet in range(256):
        for _ in range(8):
            octet = octet >> 1 ^ (_POLYNOMIAL if octet & 1 else 0)
        found.append(octet)
    return tuple(found)


_TABLE = _table()


def crc32c(octets: bytes) -> int:
    """The checksum of a packet in which its own place is 0 (RFC 9260 appendix A)."""
    value = 0xFFFFFFFF
    for octet in octets:
        value = value >> 8 ^ _TABLE[(value ^ octet) & 255]
    return value ^ 0xFFFFFFFF
