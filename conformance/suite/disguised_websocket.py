"""One direction of a WebSocket connection in disguise: its frames stay, what they carry does not.

A compressed message cannot be written anew in as many octets: it is emptied, and stays whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.capture.messages import begins_message
from conformance.capture.websocket import (
    BINARY,
    COMPRESSED,
    CONTINUATION,
    CONTROL,
    FINAL,
    RESERVED,
    Head,
    begins_frame,
    may_upgrade,
    parsed,
    read_head,
    unmask,
)
from conformance.observation.trace import Message
from conformance.suite.disguised import Disguised
from conformance.suite.redact import Pieces
from conformance.wire.limits import MAX_WEBSOCKET

_CLOSE = 8
_REASON = 2
_PROBE = 512
_BLANK = 0x78
# What a reader goes by, and lines of HTTP; every other octet of a handshake is blotted out.
_HANDSHAKE = re.compile(
    rb"\A(?:GET |HTTP/1\.1 101)| HTTP/1\.1\r\n"
    rb"|(?<=\n)(?:upgrade|connection|sec-websocket-(?:protocol|version|extensions)):[^\r\n]*+"
    rb"|^[!-9;-~]++:[ \t]*+|[\r\n]++",
    re.IGNORECASE | re.MULTILINE,
)
_STORED = 65_535


class _Piece(NamedTuple):
    """The payload of a frame, or what is there of it."""

    start: int
    stop: int
    mask: bytes


@dataclass(slots=True)
class _Carried:
    """What the frames of one WebSocket message carry; `message` where that is one of ours."""

    flags: int
    pieces: list[_Piece] = field(default_factory=list)
    octets: bytes = b""
    is_whole: bool = False
    message: Message | None = None


class WebSocketRun:
    """Octets of one direction without a hole, in which frames begin at `start`.

    Before that lies a handshake, whole or cut, or octets that make no sense without a beginning.
    """

    def __init__(self, octets: bytes, start: int, places: Sequence[int]) -> None:
        self._octets = octets
        self._start = start
        self._places = places
        self._heads: list[tuple[int, int]] = []
        self._control: list[tuple[_Piece, int]] = []
        self._carried: list[_Carried] = []
        self._read(start)
        for one in self._carried:
            self._put_together(one)

    @property
    def messages(self) -> list[Message]:
        """The messages in it."""
        return [one.message for one in self._carried if one.message is not None]

    @property
    def emptied(self) -> int:
        """How many messages were compressed."""
        return sum(bool(one.flags & COMPRESSED) for one in self._carried)

    def disguised(self, disguised: Disguised, pieces: Pieces) -> bytes:
        """As many octets in disguise; what belongs to no frame is blotted out."""
        found = bytearray([_BLANK]) * len(self._octets)
        if may_upgrade(self._octets):
            found[: self._start] = _handshake(self._octets[: self._start])
        for start, stop in self._heads:
            found[start:stop] = self._octets[start:stop]
        for piece, kept in self._control:
            payload = self._payload(piece)
            _put(found, piece, payload[:kept] + _blank(len(payload) - kept))
        for one in self._carried:
            octets, at = _changed(one, disguised, pieces), 0
            for piece in one.pieces:
                size = piece.stop - piece.start
                _put(found, piece, octets[at : at + size])
                at += size
        return bytes(found)

    def _read(self, at: int) -> None:
        """Find the frames from `at` on."""
        begun: _Carried | None = None
        while (head := read_head(self._octets, at)) is not None:
            if _is_strange(head):
                begun = None
                at = self._next_start(at)
                continue
            start = at + head.size
            self._heads.append((at, start))
            end = start + head.length
            piece = _Piece(start, min(end, len(self._octets)), head.mask)
            begun = self._frame(head, piece, begun, is_whole=end <= len(self._octets))
            at = end

    def _frame(
        self, head: Head, piece: _Piece, begun: _Carried | None, *, is_whole: bool
    ) -> _Carried | None:
        """Take a frame; the message that goes on behind it."""
        if head.opcode >= CONTROL or (head.opcode == CONTINUATION and begun is None):
            kept = _REASON if head.opcode == _CLOSE else 0
            self._control.append((piece, min(kept, piece.stop - piece.start)))
            return begun
        if begun is None or head.opcode != CONTINUATION:
            begun = _Carried(head.flags)
            self._carried.append(begun)
        begun.pieces.append(piece)
        begun.is_whole = bool(head.flags & FINAL) and is_whole
        return None if head.flags & FINAL else begun

    def _next_start(self, at: int) -> int:
        """The next segment that begins with a frame."""
        starts = (
            place
            for place in self._places
            if place > at and begins_frame(self._octets[place : place + _PROBE])
        )
        return next(starts, len(self._octets))

    def _put_together(self, one: _Carried) -> None:
        one.octets = b"".join(map(self._payload, one.pieces))
        if one.is_whole and not one.flags & COMPRESSED:
            one.message = parsed(one.octets)

    def _payload(self, piece: _Piece) -> bytes:
        return unmask(self._octets[piece.start : piece.stop], piece.mask)


def _is_strange(head: Head) -> bool:
    """Whether no frame of ours begins like this, so that a reader looks for the next one."""
    return bool(head.flags & RESERVED or head.opcode & 7 > BINARY or head.length > MAX_WEBSOCKET)


def _put(found: bytearray, piece: _Piece, payload: bytes) -> None:
    found[piece.start : piece.stop] = unmask(payload, piece.mask)


def _changed(one: _Carried, disguised: Disguised, pieces: Pieces) -> bytes:
    """What stands for the payload of a message, also of one that was cut short."""
    size = len(one.octets)
    if one.flags & COMPRESSED:
        return _blank_deflated(size) if one.is_whole else _blank(size)
    message = one.octets.lstrip(b"\r\n")
    before = one.octets[: size - len(message)]
    if one.message is not None:
        found = disguised.message(one.message, pieces.body_of(one.message)).octets
    elif begins_message(message) and not one.is_whole:
        found = (disguised.msrp if message.startswith(b"MSRP ") else disguised.sip)(message)
    else:
        found = bytes(octet if octet in b"\r\n" else _BLANK for octet in message)
    return before + found + _blank(len(message) - len(found))


def _blank(size: int) -> bytes:
    return bytes([_BLANK]) * size


def _blank_deflated(size: int) -> bytes:
    """So many octets that RFC 7692 section 7.2.2 decompresses to blanks."""
    found, left = b"", size - 1
    while left >= 5:
        length = min(left - 5, _STORED)
        if 0 < left - 5 - length < 5:
            length -= 5
        found += b"\0" + length.to_bytes(2, "little") + (length ^ _STORED).to_bytes(2, "little")
        found += _blank(length)
        left -= 5 + length
    return found + bytes(size - len(found))


def _handshake(octets: bytes) -> bytes:
    """An HTTP head of which only what opens the connection is left."""
    found = bytearray([_BLANK]) * len(octets)
    for match in _HANDSHAKE.finditer(octets):
        found[match.start() : match.end()] = match[0]
    return bytes(found)
