"""HTTP/1.1 as XCAP needs it: requests and responses in a stream of octets (RFC 9112)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.reference.xdm.http_chunks import BrokenChunksError, Chunks
from conformance.wire.limits import MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed

MAX_CONTENT = 262_144
"""Octets of one message's content."""

REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    415: "Unsupported Media Type",
    501: "Not Implemented",
    503: "Service Unavailable",
}
"""Reason phrases (RFC 9110 section 15) of what our server says."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST = re.compile(rf"({_TOKEN}) ([!-~]+) HTTP/1\.([01])\Z")
_STATUS = re.compile(r"HTTP/1\.([01]) ([1-5]\d\d)(?: (.*))?\Z", re.ASCII)
_FIELD = re.compile(rf"({_TOKEN}):[ \t]*(.*?)[ \t]*\Z", re.DOTALL)
_LENGTH = re.compile(r"\d{1,15}\Z", re.ASCII)
_NOT_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

Fields = tuple[tuple[str, str], ...]


def _field(fields: Fields, name: str) -> str:
    return ", ".join(value for key, value in fields if key.lower() == name)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; `minor` is the 1 of HTTP/1.1."""

    method: str
    target: str
    fields: Fields = ()
    content: bytes = b""
    minor: int = 1

    def field(self, name: str) -> str:
        """The values of a field, its name in lower case, joined by commas; "" if it is absent."""
        return _field(self.fields, name)

    @property
    def closes(self) -> bool:
        """Whether the connection ends after the answer."""
        return _closes(self.field("connection"), self.minor)

    def write(self) -> bytes:
        """The octets; ValueError for a line that would become two."""
        return _written(f"{self.method} {self.target} HTTP/1.1", self.fields, self.content)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response; `minor` is the 1 of HTTP/1.1."""

    status: int
    fields: Fields = ()
    content: bytes = b""
    reason: str = ""
    minor: int = 1

    def field(self, name: str) -> str:
        """The values of a field, its name in lower case, joined by commas; "" if it is absent."""
        return _field(self.fields, name)

    @property
    def closes(self) -> bool:
        """Whether the connection ends behind it."""
        return _closes(self.field("connection"), self.minor)

    def write(self) -> bytes:
        """The octets; ValueError for a line that would become two."""
        reason = self.reason or REASONS.get(self.status, "Other")
        line = f"HTTP/1.1 {self.status} {reason}"
        if self.status in (204, 304):
            return _head(line, self.fields)
        return _written(line, self.fields, self.content)


HttpMessage = HttpRequest | HttpResponse


class _BrokenMessageError(ValueError):
    """What makes octets no message."""


class HttpStream:
    """Messages in one direction of a connection, cut anywhere: requests, or responses.

    After a Malformed it gives nothing more: where the next message begins is not known.
    """

    def __init__(self, *, requests: bool) -> None:
        self._requests = requests
        self._held = bytearray()
        self._seen = 0
        self._message: HttpMessage | None = None
        self._content = bytearray()
        self._chunks: Chunks | None = None
        # Octets of content still to come; None where the end of the stream tells.
        self._left: int | None = 0
        self._is_broken = False

    def feed(self, octets: bytes) -> Iterator[HttpMessage | Malformed]:
        """Take octets and give each whole message."""
        if self._is_broken:
            return
        self._held += octets
        try:
            while (message := self._next()) is not None:
                yield message
        except (_BrokenMessageError, BrokenChunksError) as broken:
            self._is_broken = True
            held = bytes(self._held[:MAX_HEAD])
            self._held.clear()
            yield Malformed("HTTP", held, 0, str(broken))

    def end(self) -> HttpMessage | None:
        """The stream has ended: a response whose content lasts until then is whole."""
        lasts = self._message is not None and self._left is None and self._chunks is None
        return self._finish() if lasts and not self._is_broken else None

    def _next(self) -> HttpMessage | None:
        if self._message is None and not self._read_head():
            return None
        if self._chunks is None:
            return self._finish() if self._read_content() else None
        if not self._chunks.take(self._held):
            return None
        self._content = self._chunks.content
        return self._finish()

    def _finish(self) -> HttpMessage | None:
        message, content = self._message, bytes(self._content)
        self._message, self._content, self._chunks = None, bytearray(), None
        return None if message is None else replace(message, content=content)

    def _read_head(self) -> bool:
        while self._held[:2] == b"\r\n":
            # RFC 9112 section 2.2: an empty line before a request is passed over.
            del self._held[:2]
        end = self._held.find(b"\r\n\r\n", max(self._seen - 3, 0))
        self._seen = len(self._held)
        if max(end, self._seen if end < 0 else 0) > MAX_HEAD:
            raise _BrokenMessageError(f"limit MAX_HEAD: a head of more than {MAX_HEAD} octets")
        if end < 0:
            return False
        lines = self._held[:end].decode("latin-1").split("\r\n")
        del self._held[: end + 4]
        self._seen = 0
        self._message = self._start(lines[0], _fields(lines[1:]))
        self._expect(self._message)
        return True

    def _start(self, line: str, fields: Fields) -> HttpMessage:
        if self._requests:
            match = _REQUEST.match(line)
            if match is None:
                raise _BrokenMessageError("RFC 9112 section 3: no request line")
            return HttpRequest(match[1], match[2], fields, minor=int(match[3]))
        match = _STATUS.match(line)
        if match is None:
            raise _BrokenMessageError("RFC 9112 section 4: no status line")
        return HttpResponse(int(match[2]), fields, b"", match[3] or "", int(match[1]))

    def _expect(self, message: HttpMessage) -> None:
        """What content follows (RFC 9112 section 6.3)."""
        coding = message.field("transfer-encoding").strip().lower()
        length = message.field("content-length")
        self._chunks, self._left = None, 0
        if isinstance(message, HttpResponse) and (
            message.status < 200 or message.status in (204, 304)
        ):
            return
        if coding:
            if coding != "chunked" or length:
                raise _BrokenMessageError("RFC 9112 section 6.1: a transfer coding unknown to us")
            self._chunks = Chunks(MAX_CONTENT)
        elif length:
            self._left = _length(length)
        elif isinstance(message, HttpResponse):
            self._left = None

    def _read_content(self) -> bool:
        taken = len(self._held) if self._left is None else min(self._left, len(self._held))
        if len(self._content) + taken > MAX_CONTENT:
            raise _BrokenMessageError(f"limit MAX_CONTENT: more than {MAX_CONTENT} octets")
        self._content += self._held[:taken]
        del self._held[:taken]
        if self._left is None:
            return False
        self._left -= taken
        return self._left == 0


def _fields(lines: list[str]) -> Fields:
    if len(lines) > MAX_HEADER_FIELDS:
        raise _BrokenMessageError(f"limit MAX_HEADER_FIELDS: {len(lines)} fields")
    found = []
    for line in lines:
        match = _FIELD.match(line)
        if match is None or _NOT_VALUE.search(line):
            raise _BrokenMessageError("RFC 9112 section 5: no field line")
        found.append((match[1], match[2]))
    return tuple(found)


def _length(value: str) -> int:
    values = {part.strip() for part in value.split(",")}
    text = values.pop()
    if values or not _LENGTH.match(text):
        raise _BrokenMessageError("RFC 9112 section 6.3: no length of content")
    if int(text) > MAX_CONTENT:
        raise _BrokenMessageError(f"limit MAX_CONTENT: {int(text)} octets of content")
    return int(text)


def _closes(connection: str, minor: int) -> bool:
    options = {option.strip().lower() for option in connection.split(",")}
    return "close" in options or (minor == 0 and "keep-alive" not in options)


def _head(line: str, fields: Fields) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in fields)]
    if any(_NOT_VALUE.search(one) for one in lines):
        raise ValueError("a control character in the head of an HTTP message")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _written(line: str, fields: Fields, content: bytes) -> bytes:
    length = ("Content-Length", str(len(content)))
    return _head(line, (*fields, length)) + content
