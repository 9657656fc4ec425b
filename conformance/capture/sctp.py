"""SIP over SCTP (RFC 4168): one message is one user message, in one DATA chunk or in several."""

from struct import Struct
from typing import NamedTuple

from conformance.sip.frames import looks_like_sip
from conformance.wire.limits import MAX_FRAGMENTS

PROTOCOL = 132
"""SCTP as an IP protocol."""

_CHUNK = Struct(">BBH").unpack_from
_DATA, _LAST, _FIRST = 0, 1, 2
_HEADER, _DATA_HEADER = 12, 16
_MODULUS = 1 << 32
# A message of 64 KiB in the smallest parts that networks make; more are not put together.
_MAX_PARTS = 256


class _Part(NamedTuple):
    flags: int
    octets: bytes
    frames: tuple[int, ...]
    time: int


class UserMessage(NamedTuple):
    """A whole user message that begins like SIP, the frames it came by, the last one's time."""

    octets: bytes
    frames: tuple[int, ...]
    time: int


class Associations:
    """The DATA chunks of all associations; parts of messages wait in a bounded table."""

    def __init__(self) -> None:
        # By addresses, ports and verification tag, then transmission sequence number.
        self._parts: dict[tuple[bytes, int], _Part] = {}
        self._seen: dict[tuple[bytes, int], None] = {}

    def take(
        self, addresses: bytes, octets: bytes, frames: tuple[int, ...], time: int
    ) -> list[UserMessage]:
        """Take one packet, from the SCTP header on; the messages that it completes, in order."""
        if len(octets) < _HEADER:
            return []
        key = addresses + octets[:8]
        found = []
        at, end = _HEADER, len(octets)
        while at + 4 <= end:
            kind, flags, size = _CHUNK(octets, at)
            if size < 4 or at + size > end:
                break
            if kind == _DATA and size > _DATA_HEADER:
                number = int.from_bytes(octets[at + 4 : at + 8])
                part = _Part(flags, octets[at + _DATA_HEADER : at + size], frames, time)
                found += self._data((key, number), part)
            at += size + -size % 4
        return found

    def _data(self, key: tuple[bytes, int], part: _Part) -> list[UserMessage]:
        # A chunk sent again, or shown twice, says nothing new.
        if key in self._seen or key in self._parts:
            return []
        if part.flags & _FIRST and not looks_like_sip(part.octets):
            return []
        if part.flags & _FIRST and part.flags & _LAST:
            self._remember(key)
            return [UserMessage(part.octets, part.frames, part.time)]
        self._parts[key] = part
        if len(self._parts) > MAX_FRAGMENTS:
            del self._parts[next(iter(self._parts))]
        return self._assemble(key)

    def _assemble(self, key: tuple[bytes, int]) -> list[UserMessage]:
        """The message whose last missing part this one may be."""
        before = self._walk(key, -1, _FIRST)
        after = self._walk(key, 1, _LAST)
        if before is None or after is None:
            return []
        keys = [*reversed(before), key, *after]
        parts = [self._parts.pop(one) for one in keys]
        for one in keys:
            self._remember(one)
        frames = tuple(sorted({frame for part in parts for frame in part.frames}))
        octets = b"".join(part.octets for part in parts)
        return [UserMessage(octets, frames, max(part.time for part in parts))]

    def _walk(
        self, key: tuple[bytes, int], step: int, until: int
    ) -> list[tuple[bytes, int]] | None:
        """The parts beside one up to that with the flag `until`; None if they are not all here."""
        keys: list[tuple[bytes, int]] = []
        part, number = self._parts.get(key), key[1]
        while part is not None and not part.flags & until:
            number = (number + step) % _MODULUS
            keys.append((key[0], number))
            part = self._parts.get(keys[-1]) if len(keys) < _MAX_PARTS else None
        return None if part is None else keys

    def _remember(self, key: tuple[bytes, int]) -> None:
        self._seen[key] = None
        if len(self._seen) > MAX_FRAGMENTS:
            del self._seen[next(iter(self._seen))]

    def finish(self) -> list[tuple[bytes, int, int]]:
        """Messages that began and never became whole: addresses with ports, frame and time."""
        return [
            (key[0][:-4], part.frames[-1], part.time)
            for key, part in self._parts.items()
            if part.flags & _FIRST
        ]
