"""The messages in one direction of a stream, by its octets alone: SIP and MSRP, no ports.

The messages found do not depend on how the octets were cut into segments. Between messages
CRLFs (RFC 5626 section 3.5.1) and STUN (RFC 5389) are passed over.
"""

import re

from conformance.capture.messages import (
    Framed,
    Mode,
    Part,
    begins_message,
    framed,
    may_become_message,
)
from conformance.msrp import frames as msrp_frames
from conformance.msrp import parser as msrp_parser
from conformance.observation.packet import Transport
from conformance.observation.trace import Message
from conformance.sip import frames as sip_frames
from conformance.sip import parser as sip_parser
from conformance.wire.limits import MAX_HEAD
from conformance.wire.malformed import Malformed

# Where the place in the stream is not known, only registered methods count: the end of a body
# without a line end makes one word with the method behind it, which as a token could be any.
_SURE_START = (
    rb"(?:SIP/2\.0 \d{3}(?: [^\r\n]*+)?\r?\n"
    rb"|(?:ACK|BYE|CANCEL|INFO|INVITE|MESSAGE|NOTIFY|OPTIONS|PRACK|PUBLISH|REFER|REGISTER"
    rb"|SUBSCRIBE|UPDATE) [^ \t\r\n]++ SIP/2\.0\r?\n"
    rb"|" + msrp_parser.START_LINE.pattern + rb")"
)
_AT_SURE_START = re.compile(_SURE_START)
_NEXT_START = re.compile(rb"\n(?=" + _SURE_START + rb")")
_MSRP = b"MSRP "
_MSRP_ENDS = (b"$\r\n", b"+\r\n", b"#\r\n")
_STUN_COOKIE = b"\x21\x12\xa4\x42"
_STUN_HEADER = 20
_LINE_ENDS = b"\r\n"
_PART_SIZE = 200

__all__ = ["Framed", "Framer", "Mode", "begins_message", "may_become_message"]

Hint = sip_frames.Incomplete | msrp_frames.Incomplete


class Framer:
    """Takes the octets of one direction in order and gives the messages that they complete.

    `established` once a start line was seen; `skipped` counts octets that belong to no message.
    """

    transport = Transport.TCP
    is_over = False

    __slots__ = (
        "_buffer",
        "_hint",
        "_parts",
        "_scanned",
        "_skip",
        "established",
        "mode",
        "position",
        "skipped",
    )

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.position = 0
        self.established = False
        self.skipped = 0
        self._buffer = bytearray()
        self._parts: list[Part] = []
        self._hint: Hint | None = None
        self._scanned = 0
        self._skip = 0

    @property
    def held(self) -> int:
        """Octets that a message takes which is not whole yet, with what is known of its parts."""
        return len(self._buffer) + _PART_SIZE * len(self._parts)

    @property
    def idle(self) -> bool:
        """Whether the next octets begin a message, in a stream where messages were seen."""
        return (
            self.established and self.mode is Mode.ALIGNED and not self._buffer and not self._skip
        )

    @property
    def inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return self.mode is Mode.ALIGNED and (len(self._buffer) > 0 or self._skip > 0)

    def feed(self, octets: bytes, frames: tuple[int, ...], time: int) -> list[Framed]:
        """Take the next octets of the stream; they came by `frames`, the last one at `time`."""
        if self._skip:
            octets = self._skip_known(octets)
        if not octets:
            return []
        if self.mode is Mode.ALIGNED and not self._buffer:
            whole = self._whole(octets, frames, time)
            if whole is not None:
                return [whole]
        if self.mode is Mode.BLIND and _AT_SURE_START.match(octets):
            self._align(len(self._buffer))
        end = self.position + len(self._buffer) + len(octets)
        self._parts.append(Part(end, frames, time))
        buffer: bytes | bytearray = octets
        if self._buffer:
            self._buffer += octets
            buffer = self._buffer
        found: list[Framed] = []
        at, more = 0, True
        while more:
            step = self._advance if self.mode is Mode.ALIGNED else self._regain
            at, more = step(buffer, at, found)
        self._let_go(buffer, at)
        return found

    def _whole(self, octets: bytes, frames: tuple[int, ...], time: int) -> Framed | None:
        """The one message that these octets are, as most segments are; None if they are not."""
        message = self.whole(octets)
        if message is None:
            return None
        return Framed(message, self.position - len(octets), frames, time)

    def whole(self, octets: bytes) -> Message | None:
        """The one message that these octets are, where one is awaited; else None, and no trace."""
        message: Message | None
        if octets[-3:] in _MSRP_ENDS and octets.startswith(_MSRP):
            # A message read without a fault ends where the octets end, and not before.
            message = msrp_parser.parse(octets)
            if isinstance(message, Malformed):
                return None
        elif octets[0] in _LINE_ENDS or octets.startswith(_MSRP):
            return None
        else:
            message = sip_parser.parse_exact(octets)
            if message is None:
                return None
        self.position += len(octets)
        self.established = True
        return message

    def lose(self, size: int) -> None:
        """Go on behind `size` octets that were never seen."""
        rest = self._expected()
        self.position += len(self._buffer) + size
        self._buffer.clear()
        self._parts.clear()
        self._hint = None
        self._scanned = 0
        if rest is not None and rest >= size:
            self._skip = rest - size
        else:
            self._skip = 0
            self.mode = Mode.BLIND

    def remains(self) -> bytes:
        """The octets of the message that has begun and not ended."""
        return bytes(self._buffer) if self.mode is Mode.ALIGNED else b""

    def _expected(self) -> int | None:
        """Octets until the current message ends, where its head told."""
        if self._skip:
            return self._skip
        hint = self._hint
        if isinstance(hint, sip_frames.Incomplete) and hint.end is not None:
            return hint.end - len(self._buffer)
        return None

    def _skip_known(self, octets: bytes) -> bytes:
        """Pass over the rest of a message of which the beginning or middle is missing."""
        size = min(self._skip, len(octets))
        self._skip -= size
        self.position += size
        self.skipped += size
        return octets[size:]

    def _align(self, at: int) -> None:
        self.skipped += at
        self.position += at
        self._buffer.clear()
        self._parts.clear()
        self._scanned = 0
        self.mode = Mode.ALIGNED

    def _let_go(self, buffer: bytes | bytearray, at: int) -> None:
        """Keep what is not used up yet."""
        if buffer is self._buffer:
            del self._buffer[:at]
        elif at < len(buffer):
            self._buffer += buffer[at:]
        self.position += at
        if not self._buffer:
            self._parts.clear()
        elif self._parts[0].end <= self.position:
            self._parts = [part for part in self._parts if part.end > self.position]

    def _advance(
        self, buffer: bytes | bytearray, at: int, found: list[Framed]
    ) -> tuple[int, bool]:
        """Read what begins at `at`; where to go on, and whether there is more to read."""
        if self._hint is None:
            at = self._between(buffer, at)
            if at >= len(buffer):
                self._skip += at - len(buffer)
                return len(buffer), False
        msrp = self._is_msrp(buffer, at)
        if msrp is None:
            return at, False
        end = self._frame_end(buffer, at, msrp)
        if isinstance(end, Hint):
            return self._wait(buffer, at, end)
        self._hint = None
        if isinstance(end, Malformed):
            return self._stray(end, at, found)
        self.established = True
        octets = bytes(buffer[at:end])
        message = msrp_parser.parse(octets, framed=True) if msrp else sip_parser.parse(octets)
        found.append(self._framed(message, at, end))
        return end, True

    def _wait(self, buffer: bytes | bytearray, at: int, hint: Hint) -> tuple[int, bool]:
        """Wait for more octets, unless no start line can come of those at hand."""
        first_look = self._hint is None
        started = bool(hint.mark) if isinstance(hint, msrp_frames.Incomplete) else hint.started
        self.established |= started
        if first_look and not self.established and not may_become_message(buffer[at:]):
            self.mode = Mode.ASTRAY
            self._scanned = 0
            return at, True
        self._hint = hint
        return at, False

    def _frame_end(self, buffer: bytes | bytearray, at: int, msrp: bool) -> int | Hint | Malformed:
        hint = self._hint
        if msrp:
            known = hint if isinstance(hint, msrp_frames.Incomplete) else None
            return msrp_frames.next_frame(buffer, at, known)
        known_sip = hint if isinstance(hint, sip_frames.Incomplete) else None
        return sip_frames.next_frame(buffer, at, known_sip)

    def _between(self, buffer: bytes | bytearray, at: int) -> int:
        """Pass over keep-alives; the result may lie past the end, inside a STUN message."""
        end = len(buffer)
        while at < end:
            if buffer[at] in _LINE_ENDS:
                at += 1
            elif buffer[at] < 2 and buffer[at + 4 : at + 8] == _STUN_COOKIE:
                at += _STUN_HEADER + (buffer[at + 2] << 8 | buffer[at + 3])
            else:
                break
        return at

    def _is_msrp(self, buffer: bytes | bytearray, at: int) -> bool | None:
        """None where too few octets are there to tell MSRP from SIP, or STUN from neither."""
        if self._hint is not None:
            return isinstance(self._hint, msrp_frames.Incomplete)
        head = bytes(buffer[at : at + 8])
        if len(head) < 8 and (head[0] < 2 or _MSRP.startswith(head)):
            return None
        return head.startswith(_MSRP)

    def _stray(self, malformed: Malformed, at: int, found: list[Framed]) -> tuple[int, bool]:
        """Octets that frame no message: their sender's fault, once messages were seen here."""
        end = at + len(malformed.octets)
        if self.established or begins_message(malformed.octets):
            self.established = True
            found.append(self._framed(malformed, at, end))
        else:
            self.skipped += len(malformed.octets)
        self.mode = Mode.ASTRAY
        self._scanned = 0
        return end - 1, True

    def _regain(self, buffer: bytes | bytearray, at: int, found: list[Framed]) -> tuple[int, bool]:
        """Look for the next start line; only whole lines count, so that cuts do not matter."""
        last = buffer.rfind(b"\n", max(at, self._scanned))
        match = _NEXT_START.search(buffer, at) if last >= 0 else None
        if match:
            self.mode = Mode.ALIGNED
            self.skipped += match.end() - at
            return match.end(), True
        if last < 0:
            last = len(buffer) if len(buffer) - at > MAX_HEAD else at
        self.skipped += last - at
        self._scanned = len(buffer) - last
        return last, False

    def _framed(self, message: Message, at: int, end: int) -> Framed:
        return framed(message, self._parts, self.position + at, self.position + end)
