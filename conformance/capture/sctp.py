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
_MAX_HELD = 33_554_432
_LIMIT = f"limit: more than {MAX_FRAGMENTS} parts or {_MAX_HELD} octets are held"
_Key = tuple[bytes, int]


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


class Lost(NamedTuple):
    """A message that never became whole: addresses with ports, the first part's frame and time.

    `limit` names the limit by which it was given up.
    """

    key: bytes
    frame: int
    time: int
    limit: str = ""


class Associations:
    """The DATA chunks of all associations; parts of messages wait in a bounded table."""

    def __init__(self) -> None:
        # By addresses, ports and verification tag, then transmission sequence number.
        self._parts: dict[_Key, _Part] = {}
        self._seen: dict[_Key, None] = {}
        # Of parts that lie together, the first one leads to the last one and back.
        self._far: dict[_Key, _Key] = {}
        self._held = 0
        self._lost: list[Lost] = []
        self._untold = 0

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

    def _data(self, key: _Key, part: _Part) -> list[UserMessage]:
        # A chunk sent again, or shown twice, says nothing new.
        if key in self._seen or key in self._parts:
            return []
        if part.flags & _FIRST and not looks_like_sip(part.octets):
            return []
        if part.flags & _FIRST and part.flags & _LAST:
            self._remember(key)
            return [UserMessage(part.octets, part.frames, part.time)]
        self._parts[key] = part
        self._held += len(part.octets)
        begin, end = self._join(key)
        if not self._parts[begin].flags & _FIRST or not self._parts[end].flags & _LAST:
            self._bound()
            return []
        parts = self._taken(begin, end)
        frames = tuple(sorted({frame for part in parts for frame in part.frames}))
        octets = b"".join(part.octets for part in parts)
        return [UserMessage(octets, frames, max(part.time for part in parts))]

    def _join(self, key: _Key) -> tuple[_Key, _Key]:
        """Put a part to those beside it; the first and the last one of what lies together now."""
        begin = end = key
        before, after = _beside(key, -1), _beside(key, 1)
        known = self._parts.get(before)
        if known is not None and not known.flags & _LAST and not self._parts[key].flags & _FIRST:
            begin = self._far.pop(before)
        known = self._parts.get(after)
        if known is not None and not known.flags & _FIRST and not self._parts[key].flags & _LAST:
            end = self._far.pop(after)
        # Only the two ends of what lies together know of one another.
        self._far[begin], self._far[end] = end, begin
        return begin, end

    def _taken(self, begin: _Key, end: _Key) -> list[_Part]:
        """The parts that lie together from one to another; they are held no more."""
        del self._far[begin]
        self._far.pop(end, None)
        parts, key = [], begin
        while True:
            part = self._parts.pop(key)
            self._held -= len(part.octets)
            self._remember(key)
            parts.append(part)
            if key == end:
                return parts
            key = _beside(key, 1)

    def _bound(self) -> None:
        """Give up what came first, as a whole, while more is held than may be."""
        while len(self._parts) > MAX_FRAGMENTS or self._held > _MAX_HELD:
            begin = end = next(iter(self._far))
            other = self._far[begin]
            if self._is_first(begin, other):
                end = other
            else:
                begin = other
            first = self._parts[begin]
            self._taken(begin, end)
            if not first.flags & _FIRST:
                continue
            if len(self._lost) < MAX_FRAGMENTS:
                self._lost.append(Lost(begin[0][:-4], first.frames[-1], first.time, _LIMIT))
            else:
                self._untold += 1

    @staticmethod
    def _is_first(one: _Key, other: _Key) -> bool:
        return (other[1] - one[1]) % _MODULUS < _MODULUS // 2

    def _remember(self, key: _Key) -> None:
        self._seen[key] = None
        if len(self._seen) > MAX_FRAGMENTS:
            del self._seen[next(iter(self._seen))]

    def finish(self) -> list[Lost]:
        """Messages that began and never became whole, those that a limit cost first."""
        found = list(self._lost)
        if self._untold:
            last = found[-1]
            found.append(last._replace(limit=f"{last.limit}, and {self._untold} more were let go"))
        return found + [
            Lost(key[0][:-4], part.frames[-1], part.time)
            for key, part in self._parts.items()
            if part.flags & _FIRST
        ]


def _beside(key: _Key, step: int) -> _Key:
    return key[0], (key[1] + step) % _MODULUS
