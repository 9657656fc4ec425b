"""Where one MSRP message ends and the next begins, in a stream's octets.

The end-line frames a message: seven hyphens, the transaction identifier of its start line, a
continuation flag (RFC 4975 section 7.1). Other lines of hyphens belong to the body.
"""

import re
from typing import NamedTuple

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.parser import find_end, parse
from conformance.wire.limits import MAX_BODY, MAX_HEAD
from conformance.wire.malformed import Malformed

# Framing bears identifiers that the grammar does not: the message still has an end.
_FRAME_START = re.compile(rb"MSRP ([!-~]{1,128}) (?:[A-Za-z]++|\d{3}(?: [^\r\n]*+)?)\r\n")
_START = re.compile(rb"MSRP [!-~]{1,128} (?:[A-Za-z]++(?=\r\n|\r?\Z)|\d{3}(?=[ \r]|\Z))")
_NEXT_START = re.compile(rb"\n(?=" + _FRAME_START.pattern + rb")")
_PART_OF_START = re.compile(rb"MSRP [!-~]{0,128}(?: [^\r\n]*+\r?)?\Z")
_WORD = b"MSRP "
_MAX_LINE = 4_096
_MAX_FRAME = MAX_HEAD + MAX_BODY


class Incomplete(NamedTuple):
    """A message that has not ended yet; hand it back once there are more octets.

    `searched` counts octets from the message's first one: no end-line begins before it. `mark`
    is what the end-line begins with, b"" until the start line is whole.
    """

    searched: int = 0
    mark: bytes = b""


def looks_like_msrp(octets: bytes | bytearray | memoryview, start: int = 0) -> bool:
    """Whether an MSRP start line begins at `start`."""
    return _START.match(octets, start) is not None


def may_become_msrp(octets: bytes | bytearray | memoryview, start: int = 0) -> bool:
    """Whether the octets from `start` to the end are the beginning of an MSRP start line."""
    size = len(octets) - start
    if size <= len(_WORD):
        return size > 0 and bytes(octets[start:]) == _WORD[:size]
    return _PART_OF_START.match(octets, start) is not None


def next_start(buffer: bytes | bytearray, start: int = 0) -> int | None:
    """The next offset past `start` where a whole start line follows a line end."""
    found = _NEXT_START.search(buffer, start)
    return found.end() if found else None


def next_frame(
    buffer: bytes | bytearray, start: int, hint: Incomplete | None = None
) -> int | Incomplete | Malformed:
    """The offset in `buffer` past the end-line of the message that begins at `start`.

    `Incomplete` asks for more octets, and given back as `hint` saves the work done, so that any
    number of calls costs time linear in the octets. `Malformed` holds the octets by which no end
    can be known: a line that starts no message, or as many as a message may have at most.
    """
    hint = hint or Incomplete()
    mark, searched = hint.mark, hint.searched
    if not mark:
        line_end = buffer.find(b"\n", start + searched, start + _MAX_LINE)
        if line_end < 0 and len(buffer) - start < _MAX_LINE:
            return Incomplete(len(buffer) - start)
        line = bytes(buffer[start : line_end + 1 if line_end >= 0 else start + _MAX_LINE])
        match = _FRAME_START.fullmatch(line)
        if match is None:
            rule = "RFC 4975 section 9: start line is not MSRP SP transact-id SP method or status"
            return Malformed("MSRP", line, 0, rule)
        mark, searched = b"\r\n-------" + match[1], len(line) - 2
    end = find_end(buffer, mark, start + searched)
    if end >= 0:
        return end
    if len(buffer) - start > _MAX_FRAME:
        rule = f"limit: no end-line within {_MAX_FRAME} octets"
        return Malformed("MSRP", bytes(buffer[start : start + _MAX_FRAME]), _MAX_FRAME, rule)
    return Incomplete(max(len(buffer) - start - len(mark) - 3, searched), mark)


class MsrpStream:
    """One direction of a connection: octets in any pieces give the same messages.

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

    def feed(self, octets: bytes) -> list[MsrpRequest | MsrpResponse | Malformed]:
        """Take the next octets of the connection and give what they complete, in order."""
        self._buffer += octets
        found: list[MsrpRequest | MsrpResponse | Malformed] = []
        at, more = 0, True
        while more:
            at, more = self._regain(at) if self._lost else self._advance(at, found)
        del self._buffer[:at]
        return found

    def _advance(
        self, at: int, found: list[MsrpRequest | MsrpResponse | Malformed]
    ) -> tuple[int, bool]:
        """Read what begins at `at`; where to go on, and whether there is more to read."""
        buffer = self._buffer
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
        while start is not None and buffer.find(b"\n", start, start + _MAX_LINE) < 0:
            start = next_start(buffer, start)
        if start is not None:
            self._lost = False
            return start, True
        if last < 0:
            last = len(buffer) if len(buffer) - at > _MAX_LINE else at
        self._scanned = len(buffer) - last
        return last, False
