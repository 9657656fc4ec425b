"""Multipart bodies (RFC 2046 section 5.1): several parts, each with its own header fields."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.body.mime import (
    TEXT_PLAIN,
    Headers,
    decode_text,
    decode_transfer,
    media_type,
    parse_content_type,
    parse_headers,
    split_head,
    write_headers,
)
from conformance.wire.limits import MAX_NESTING, MAX_PARTS
from conformance.wire.malformed import Malformed


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body: its header fields, and its octets as they were sent.

    A body that is no multipart counts as one part with its Content-Type as only field.
    """

    headers: Headers
    body: bytes

    @property
    def content_type_value(self) -> str:
        """The whole Content-Type value, with parameters; `text/plain` where none is given."""
        return self.headers.get("Content-Type") or TEXT_PLAIN

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" if the field names none."""
        return media_type(self.content_type_value)

    @property
    def disposition(self) -> str:
        """The Content-Disposition in lower case, without parameters; "" if absent."""
        return (self.headers.get("Content-Disposition") or "").partition(";")[0].strip().lower()

    @property
    def content(self) -> bytes:
        """The body with its transfer encoding undone; as sent, where `fault` says it is broken."""
        decoded = self._decoded()
        return self.body if isinstance(decoded, Malformed) else decoded

    @property
    def text(self) -> str:
        """The content as text in the charset of its Content-Type, UTF-8 without one."""
        value = parse_content_type(self.content_type_value)
        charset = None if isinstance(value, Malformed) else value.parameter("charset")
        return decode_text(self.content, charset)

    @property
    def fault(self) -> Malformed | None:
        """What is wrong with the transfer encoding, if anything."""
        decoded = self._decoded()
        return decoded if isinstance(decoded, Malformed) else None

    def _decoded(self) -> bytes | Malformed:
        return decode_transfer(self.headers.get("Content-Transfer-Encoding") or "", self.body)


@dataclass(frozen=True, slots=True)
class Multipart:
    """A multipart body; `closed` is False where its closing delimiter is missing."""

    boundary: str
    parts: tuple[Part, ...]
    preamble: bytes = b""
    epilogue: bytes = b""
    closed: bool = True


def parse(octets: bytes, content_type: str) -> Multipart | Malformed:
    """Read the body of a multipart whose Content-Type value is given (RFC 2046 section 5.1.1).

    The boundary alone says where a part ends: a Content-Length inside a part is not trusted.
    """
    value = parse_content_type(content_type)
    if isinstance(value, Malformed):
        return value
    boundary = value.parameter("boundary")
    if not value.media_type.startswith("multipart/") or not boundary:
        return _malformed(octets, 0, "RFC 2046 section 5.1: no multipart with a boundary")
    spans = _spans(octets, boundary.encode("utf-8", "surrogateescape"))
    if isinstance(spans, Malformed):
        return spans
    parts = []
    for start, end in spans.parts:
        part = _part(octets, start, end)
        if isinstance(part, Malformed):
            return part
        parts.append(part)
    return Multipart(
        boundary, tuple(parts), octets[: spans.preamble], octets[spans.epilogue :], spans.closed
    )


def write(multipart: Multipart) -> bytes:
    """Write a multipart body; ValueError where it would not be read back as it is."""
    delimiter = b"--" + multipart.boundary.encode("utf-8", "surrogateescape")
    out = [multipart.preamble + b"\r\n"] if multipart.preamble else []
    for part in multipart.parts:
        out += [delimiter, b"\r\n", write_headers(part.headers.fields), b"\r\n", part.body]
        out.append(b"\r\n")
    if multipart.closed:
        out += [delimiter, b"--"]
        out += [b"\r\n", multipart.epilogue] if multipart.epilogue else []
    else:
        out.pop()
    octets = b"".join(out)
    if parse(octets, f'multipart/mixed;boundary="{multipart.boundary}"') != multipart:
        raise ValueError(f"boundary {multipart.boundary!r} does not delimit these parts")
    return octets


def walk(content_type: str, body: bytes) -> Iterator[Part]:
    """The parts of a body in order, nested multiparts opened; without one, the body itself.

    `content_type` is the Content-Type value of the message. A multipart that cannot be opened,
    or lies deeper than MAX_NESTING, comes as a part of type multipart; `faults` says why.
    """
    return walk_part(_whole(content_type, body))


def walk_part(part: Part) -> Iterator[Part]:
    """The parts of a part like `walk`; the part itself where it is no multipart."""
    return (inner for inner, _ in _opened(part, 0))


def faults(content_type: str, body: bytes) -> tuple[Malformed, ...]:
    """What kept parts of a body closed: broken multiparts, nesting, broken transfer encodings."""
    return tuple(fault for _, fault in _opened(_whole(content_type, body), 0) if fault)


def find(content_type: str, body: bytes, wanted: str) -> Part | None:
    """The first part of the media type `wanted` (lower case), at any depth."""
    return next((part for part in walk(content_type, body) if part.content_type == wanted), None)


def _whole(content_type: str, body: bytes) -> Part:
    return Part(Headers((("Content-Type", content_type),)) if content_type else Headers(), body)


def _opened(part: Part, depth: int) -> Iterator[tuple[Part, Malformed | None]]:
    if not part.content_type.startswith("multipart/"):
        yield part, part.fault
        return
    if depth == MAX_NESTING:
        yield part, _malformed(part.body, 0, f"limit MAX_NESTING: deeper than {depth} multiparts")
        return
    multipart = parse(part.content, part.content_type_value)
    if isinstance(multipart, Malformed):
        yield part, multipart
        return
    for inner in multipart.parts:
        yield from _opened(inner, depth + 1)


@dataclass(slots=True)
class _Spans:
    """Where the parts of a multipart lie; `epilogue` is where what follows them begins."""

    preamble: int
    parts: list[tuple[int, int]]
    epilogue: int
    closed: bool


def _spans(octets: bytes, boundary: bytes) -> _Spans | Malformed:
    parts: list[tuple[int, int]] = []
    preamble = begun = -1
    for start, end, closing in _delimiters(octets, boundary):
        if begun < 0:
            preamble = start
        else:
            parts.append((begun, max(start, begun)))
        if len(parts) > MAX_PARTS:
            return _malformed(octets, start, f"limit MAX_PARTS: more than {MAX_PARTS} parts")
        begun = end
        if closing:
            return _Spans(preamble, parts, end, True)
    if begun < 0:
        return _malformed(octets, 0, "RFC 2046 section 5.1.1: the boundary does not occur")
    parts.append((begun, len(octets)))
    return _Spans(preamble, parts, len(octets), False)


def _delimiters(octets: bytes, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield start (with the line end before), end (behind the line end), whether it closes."""
    dashed = b"--" + boundary
    position = octets.find(dashed)
    while position >= 0:
        after = position + len(dashed)
        closing = octets.startswith(b"--", after)
        end = _line_end(octets, after + 2 if closing else after)
        if end >= 0 and (position == 0 or octets[position - 1] == 0x0A):
            yield _before_line_end(octets, position), end, closing
        position = octets.find(dashed, after)


def _line_end(octets: bytes, position: int) -> int:
    """Behind the line end after optional padding; -1 if something else stands there."""
    while octets.startswith((b" ", b"\t"), position):
        position += 1
    if octets.startswith(b"\r\n", position):
        return position + 2
    if octets.startswith(b"\n", position):
        return position + 1
    return position if position >= len(octets) else -1


def _before_line_end(octets: bytes, position: int) -> int:
    if position == 0:
        return 0
    position -= 1
    return position - 1 if position and octets[position - 1] == 0x0D else position


def _part(octets: bytes, start: int, end: int) -> Part | Malformed:
    octets_of_part = octets[start:end]
    head_end, body_start = split_head(octets_of_part)
    headers = parse_headers(octets_of_part, 0, head_end)
    if isinstance(headers, Malformed):
        return _malformed(octets, start + headers.offset, headers.rule)
    return Part(headers, octets_of_part[body_start:])


def _malformed(octets: bytes, offset: int, rule: str) -> Malformed:
    return Malformed("multipart", octets, offset, rule)
