"""Where one SIP message ends and the next begins, in a datagram's octets or in a stream's.

On a stream Content-Length frames the body (RFC 3261 section 18.3), and CRLFs between messages
are keep-alives (RFC 3261 section 7.5, RFC 5626 section 4.4.1).
"""

import re
from typing import NamedTuple

from conformance.sip import head
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import START_LINE, length_rule, parse, start_line_rule
from conformance.wire.limits import MAX_HEAD
from conformance.wire.malformed import Malformed

# What claims to be a start line, broken or not: white space and version are for `parse` to judge.
_START = re.compile(
    rb"(?:SIP/\d++\.\d++[ \t]++\d{3}|"
    rb"[\w.!%*+`'~-]++[ \t][^\r\n]*[ \t]SIP/\d++\.\d++[ \t]*+(?=\r?\n|\r?\Z))",
    re.IGNORECASE | re.ASCII,
)
_NEXT_START = re.compile(rb"\n(?=" + START_LINE.pattern + rb")", re.IGNORECASE | re.ASCII)
_PART_OF_START = re.compile(
    rb"(?:SIP/[\d. ]*+[^\r\n]*+\r?|[\w.!%*+`'~-]++(?: [^ \t\r\n]*+(?: [SIP/2.0]{0,7}\r?)?)?)\Z",
    re.IGNORECASE | re.ASCII,
)


class Incomplete(NamedTuple):
    """A message that has not ended yet; hand it back once there are more octets.

    Offsets count from the message's first octet: before `searched` its head does not end; `end`
    is where the message ends, None until its head is whole. `started`: its start line is right.
    """

    searched: int = 0
    end: int | None = None
    started: bool = False


def looks_like_sip(octets: bytes | bytearray | memoryview, start: int = 0) -> bool:
    """Whether a SIP start line begins at `start`: any method, any status code.

    A line that claims to be one and breaks its grammar counts, so that `parse` can say so.
    """
    return _START.match(octets, start) is not None


def may_become_sip(octets: bytes | bytearray | memoryview, start: int = 0) -> bool:
    """Whether the octets from `start` to the end are the beginning of a SIP start line."""
    return _PART_OF_START.match(octets, start) is not None


def next_start(buffer: bytes | bytearray, start: int = 0) -> int | None:
    """The next offset past `start` where a whole start line follows a line end."""
    found = _NEXT_START.search(buffer, start)
    return found.end() if found else None


def next_frame(
    buffer: bytes | bytearray, start: int, hint: Incomplete | None = None
) -> int | Incomplete | Malformed:
    """The offset in `buffer` where the message ends that begins at `start`.

    `Incomplete` asks for more octets, and given back as `hint` saves the work done, so that any
    number of calls costs time linear in the octets. `Malformed` holds the octets by which no end
    can be known: a line that starts no message, a head beyond limits, a broken Content-Length.
    """
    hint = hint or Incomplete()
    if hint.end is not None:
        return start + hint.end if start + hint.end <= len(buffer) else hint
    if not hint.started and (refused := _refuse_start(buffer, start, hint.searched)):
        return refused
    regular_end = 0 if hint.searched else head.regular_end(buffer, start)
    if regular_end:
        head_end, body_start = regular_end, regular_end + 2
    else:
        head_end, body_start = head.find_end(buffer, start, start + hint.searched)
    if head_end < 0 or head_end - start > MAX_HEAD:
        if len(buffer) - start > MAX_HEAD:
            too_long = f"limit: start line and header fields exceed {MAX_HEAD} octets"
            return Malformed("SIP", bytes(buffer[start : start + MAX_HEAD]), MAX_HEAD, too_long)
        return Incomplete(max(len(buffer) - start - 2, 0), started=True)
    lower = bytes(buffer[start:head_end]).lower()
    length = head.content_length(lower, regular_end > 0)
    rule = length_rule(length, None)
    if rule is not None:
        return Malformed("SIP", bytes(buffer[start:body_start]), head_end - start, rule)
    end = body_start + (length if isinstance(length, int) else 0)
    return end if end <= len(buffer) else Incomplete(head_end - start, end - start, started=True)


def _refuse_start(
    buffer: bytes | bytearray, start: int, searched: int
) -> Incomplete | Malformed | None:
    """None where a start line begins; else why not, once its line is whole."""
    line_end = buffer.find(b"\n", start + searched, start + MAX_HEAD)
    if line_end < 0 and len(buffer) - start < MAX_HEAD:
        return Incomplete(len(buffer) - start)
    if line_end >= 0 and START_LINE.match(buffer, start):
        return None
    line = bytes(buffer[start : line_end + 1 if line_end >= 0 else start + MAX_HEAD])
    return Malformed("SIP", line, 0, start_line_rule(line))


class SipStream:
    """One direction of a stream: octets in any pieces give the same messages.

    After octets that frame no message, reading goes on at the next start line.
    """

    __slots__ = ("_buffer", "_hint", "_lost", "_scanned")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._hint: Incomplete | None = None
        self._lost = False
        self._scanned = 0

    @property
    def pending(self) -> int:
        """Octets held that are no whole message yet."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[SipRequest | SipResponse | Malformed]:
        """Take the next octets of the stream and give what they complete, in order."""
        self._buffer += octets
        found: list[SipRequest | SipResponse | Malformed] = []
        at, more = 0, True
        while more:
            at, more = self._regain(at) if self._lost else self._advance(at, found)
        del self._buffer[:at]
        return found

    def _advance(
        self, at: int, found: list[SipRequest | SipResponse | Malformed]
    ) -> tuple[int, bool]:
        """Read what begins at `at`; where to go on, and whether there is more to read."""
        buffer = self._buffer
        while at < len(buffer) and buffer[at] in b"\r\n":
            at += 1
        if at == len(buffer):
            return at, False
        end = next_frame(buffer, at, self._hint)
        if isinstance(end, Incomplete):
            self._hint = end
            return at, False
        self._hint = None
        if isinstance(end, Malformed):
            found.append(end)
            self._lost, self._scanned = True, 0
            return at + len(end.octets) - 1, True
        found.append(parse(bytes(buffer[at:end])))
        return end, True

    def _regain(self, at: int) -> tuple[int, bool]:
        """Look for the next start line; only whole lines count, so that pieces do not matter."""
        buffer = self._buffer
        last = buffer.rfind(b"\n", max(at, self._scanned))
        start = next_start(buffer, at) if last >= 0 else None
        while start is not None and buffer.find(b"\n", start, start + MAX_HEAD) < 0:
            start = next_start(buffer, start)
        if start is not None:
            self._lost = False
            return start, True
        if last < 0:
            last = len(buffer) if len(buffer) - at > MAX_HEAD else at
        self._scanned = len(buffer) - last
        return last, False
