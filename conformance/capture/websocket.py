"""SIP and MSRP over WebSocket (RFC 6455, RFC 7118, RFC 7977): one direction of a connection.

A WebSocket message carries one message. Compression by permessage-deflate (RFC 7692) is undone.
"""

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from conformance.capture.messages import Framed, Mode, Part, begins_message, framed
from conformance.msrp import parser as msrp_parser
from conformance.observation.packet import Transport
from conformance.observation.trace import Message
from conformance.sip import parser as sip_parser
from conformance.wire.limits import MAX_HEAD, MAX_WEBSOCKET
from conformance.wire.malformed import Malformed

_UPGRADE = re.compile(rb"(?:GET [^\r\n]* HTTP/1\.1|HTTP/1\.1 101[^\r\n]*)\r\n", re.ASCII)
_STARTS = (b"GET ", b"HTTP/1.1 101")
# RFC 7118 section 4.1 and RFC 7977 section 5.1: both sides name the subprotocol.
_IS_OURS = re.compile(
    rb"\nsec-websocket-protocol:(?:[^\r\n]*,)?[ \t]*(?:sip|msrp)[ \t]*[,\r]", re.IGNORECASE
)
_HEAD_END = b"\r\n\r\n"
_MSRP = b"MSRP "
FINAL, COMPRESSED, RESERVED = 0x80, 0x40, 0x30
CONTINUATION, TEXT, BINARY, CONTROL = 0, 1, 2, 8
CLOSE = CONTROL
_MASKED = 0x80
# RFC 7692 section 7.2.2: what a sender takes off the end of a compressed message.
_TAIL = b"\x00\x00\xff\xff"
_PART_SIZE = 200
_PROBE = 256


class Head(NamedTuple):
    """A frame's header: `size` octets before `length` octets of payload, hidden by `mask`."""

    flags: int
    opcode: int
    mask: bytes
    size: int
    length: int


def may_upgrade(octets: bytes | bytearray) -> bool:
    """Whether a stream that begins with these octets may become a WebSocket connection."""
    begin = bytes(octets[:_PROBE])
    if not any(begin.startswith(start[: len(begin)]) for start in _STARTS):
        return False
    return b"\n" not in begin or _UPGRADE.match(begin) is not None


def handshake_end(octets: bytes) -> int:
    """Where the HTTP head ends that opens a connection for SIP or MSRP; 0 where there is none."""
    end = octets.find(_HEAD_END)
    is_ours = end >= 0 and may_upgrade(octets) and _IS_OURS.search(octets, 0, end + 2)
    return end + len(_HEAD_END) if is_ours else 0


def begins_frame(octets: bytes) -> bool:
    """Whether a WebSocket frame begins here in which a SIP or MSRP message begins."""
    head = read_head(octets, 0)
    if head is None or head.opcode not in (TEXT, BINARY) or head.flags & 0x70:
        return False
    inside = octets[head.size : head.size + min(head.length, _PROBE)]
    return begins_message(unmask(inside, head.mask))


def read_head(buffer: bytes | bytearray, at: int) -> Head | None:
    """The header of the frame at `at`; None while octets of it are missing."""
    if len(buffer) - at < 2:
        return None
    flags, second = buffer[at], buffer[at + 1]
    length, size = second & 0x7F, 2
    if length >= 126:
        width = 2 if length == 126 else 8
        length, size = int.from_bytes(buffer[at + 2 : at + 2 + width]), 2 + width
    mask = b""
    if second & _MASKED:
        mask = bytes(buffer[at + size : at + size + 4])
        size += 4
    return Head(flags, flags & 15, mask, size, length) if len(buffer) - at >= size else None


def unmask(octets: bytes | bytearray, mask: bytes) -> bytes:
    """The payload behind a mask, or before it: RFC 6455 section 5.3, as on one number."""
    size = len(octets)
    if not mask or not size:
        return bytes(octets)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(octets) ^ int.from_bytes(key)).to_bytes(size)


class WebSocketFramer:
    """Takes the octets of one direction in order and gives the messages that they complete.

    It does for WebSocket what `framing.Framer` does for plain streams, with the same attributes.
    `refused` once the stream proved to be none; `taken` gives back what was fed. `is_over` once
    the sender has closed the connection, which it says before TCP does (RFC 6455 section 5.5.1).
    """

    transport = Transport.WS

    def __init__(self, position: int, *, upgraded: bool = False, skipped: int = 0) -> None:
        self.mode = Mode.ALIGNED
        self.position = position
        self.established = upgraded
        self.skipped = skipped
        self.refused = False
        self.is_over = False
        self._buffer = bytearray()
        self._parts: list[Part] = []
        self._upgraded = upgraded
        # Whether all was seen that the window of a compressed stream may refer to.
        self._from_start = not upgraded
        self._searched = 0
        self._inflate: zlib._Decompress | None = None
        self._message: list[bytes] = []
        self._size = 0
        self._flags = 0
        self._begin = 0
        self._skip = 0

    @property
    def held(self) -> int:
        """Octets that a message takes which is not whole yet, with what is known of its parts."""
        return len(self._buffer) + self._size + _PART_SIZE * len(self._parts)

    @property
    def inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer or self._message or self._skip) and self._upgraded

    def remains(self) -> bytes:
        """The octets of the message that has begun and not ended, as far as its frames did."""
        return b"" if self._flags & COMPRESSED else b"".join(self._message)

    def feed(self, octets: bytes, frames: tuple[int, ...], time: int) -> list[Framed]:
        """Take the next octets of the stream; they came by `frames`, the last one at `time`."""
        if self.mode is Mode.BLIND and not self._regain(octets):
            return []
        self._buffer += octets
        self._parts.append(Part(self.position + len(self._buffer), frames, time))
        at = 0 if self._upgraded else self._skip_handshake()
        found: list[Framed] = []
        while self._upgraded and at < len(self._buffer):
            end = self._frame(at, found)
            if end <= at:
                break
            at = end
        del self._buffer[: max(at, 0)]
        self.position += at
        oldest = self._begin if self._message else self.position
        if self._parts and self._parts[0].end <= oldest:
            del self._parts[: bisect_right(self._parts, oldest, key=_end)]
        return found

    def taken(self) -> Iterator[tuple[bytes, tuple[int, ...], int]]:
        """The octets of a stream that was refused, as they were fed."""
        at = self.position
        for end, frames, time in self._parts:
            yield bytes(self._buffer[at - self.position : end - self.position]), frames, time
            at = end

    def lose(self, size: int) -> None:
        """Go on behind `size` octets that were never seen."""
        self.position += len(self._buffer) + size
        self._buffer.clear()
        self._parts.clear()
        self._drop_message()
        self._upgraded, self._from_start = True, False
        if self._skip >= size:
            self._skip -= size
        else:
            self._skip = 0
            self.mode = Mode.BLIND

    def _regain(self, octets: bytes) -> bool:
        """After a loss only a segment that begins with a frame is understood again."""
        if begins_frame(octets):
            self.mode = Mode.ALIGNED
            # What was lost belongs to the window of a compressed stream.
            self._inflate = None
            return True
        self.skipped += len(octets)
        self.position += len(octets)
        return False

    def _skip_handshake(self) -> int:
        """Pass over the HTTP request or response that opens the connection."""
        end = self._buffer.find(_HEAD_END, self._searched)
        if end >= 0:
            self.refused = _IS_OURS.search(self._buffer, 0, end + 2) is None
            self._upgraded = self.established = not self.refused
            return end + len(_HEAD_END) if self._upgraded else 0
        self._searched = max(len(self._buffer) - 3, 0)
        self.refused = len(self._buffer) > MAX_HEAD or not may_upgrade(self._buffer)
        return 0

    def _give_up(self) -> int:
        """What follows cannot be read as frames: wait for a segment that can."""
        size = len(self._buffer)
        self.skipped += size
        self._drop_message()
        self.mode = Mode.BLIND
        self._upgraded = True
        return size

    def _frame(self, at: int, found: list[Framed]) -> int:
        """Read the frame at `at`; where the next one begins, `at` itself while it is not whole."""
        if self._skip:
            size = min(self._skip, len(self._buffer) - at)
            self._skip -= size
            return at + size
        head = read_head(self._buffer, at)
        if head is None:
            return at
        if head.flags & RESERVED or head.opcode & 7 > BINARY:
            return self._give_up()
        if head.length > MAX_WEBSOCKET:
            self._refuse(head, at, found)
            self._skip = head.size + head.length
            return self._frame(at, found)
        end = at + head.size + head.length
        if end > len(self._buffer):
            return at
        self.is_over |= head.opcode == CLOSE
        if head.opcode < CONTROL:
            octets = unmask(self._buffer[at + head.size : end], head.mask)
            self._data(head, octets, at, end, found)
        return end

    def _refuse(self, head: Head, at: int, found: list[Framed]) -> None:
        rule = f"limit: a WebSocket frame exceeds {MAX_WEBSOCKET} octets"
        begin = bytes(self._buffer[at : at + head.size])
        found.append(self._framed(Malformed("SIP", begin, 0, rule), at, len(self._buffer)))
        self._drop_message()

    def _data(self, head: Head, octets: bytes, at: int, end: int, found: list[Framed]) -> None:
        if head.opcode != CONTINUATION:
            self._drop_message()
            self._flags = head.flags
            self._begin = self.position + at
        elif not self._message:
            return
        self._message.append(octets)
        self._size += len(octets)
        if not head.flags & FINAL and self._size <= MAX_WEBSOCKET:
            return
        message = self._whole(b"".join(self._message))
        if message is not None:
            self.established = True
            found.append(self._framed(message, self._begin - self.position, end))
        self._drop_message()

    def _whole(self, octets: bytes) -> Message | None:
        """The message in a whole WebSocket message; None where it is none of ours."""
        if self._flags & COMPRESSED and len(octets) <= MAX_WEBSOCKET:
            found = self._inflated(octets)
            if found is None:
                # Where the beginning was not seen, nobody can blame the sender.
                rule = "RFC 7692 section 7.2.2: the message cannot be decompressed"
                return Malformed("SIP", octets, 0, rule) if self._from_start else None
            octets = found
        if len(octets) > MAX_WEBSOCKET:
            rule = f"limit: a WebSocket message exceeds {MAX_WEBSOCKET} octets"
            return Malformed("SIP", octets[:_PROBE], 0, rule)
        return parsed(octets)

    def _inflated(self, octets: bytes) -> bytes | None:
        if self._inflate is None:
            self._inflate = zlib.decompressobj(wbits=-15)
        try:
            found = self._inflate.decompress(octets + _TAIL, MAX_WEBSOCKET + 1)
        except zlib.error:
            self._inflate = None
            return None
        if len(found) > MAX_WEBSOCKET:
            # What is left inside would come with the next message.
            self._inflate, self._from_start = None, False
        return found

    def _drop_message(self) -> None:
        self._message = []
        self._size = 0

    def _framed(self, message: Message, at: int, end: int) -> Framed:
        return framed(message, self._parts, self.position + at, self.position + end)


def _end(part: Part) -> int:
    return part.end


def parsed(octets: bytes) -> Message | None:
    """The message in one WebSocket message; None for keep-alives and what is none of ours."""
    if octets.startswith(_MSRP):
        return msrp_parser.parse(octets)
    octets = octets.lstrip(b"\r\n")
    return sip_parser.parse(octets) if begins_message(octets) else None
