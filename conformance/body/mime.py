"""Media types, MIME header blocks and transfer codings, as multipart and CPIM use them."""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.wire.limits import MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed

TEXT_PLAIN = "text/plain"
"""The media type of what names none (RFC 2045 section 5.2)."""

_CHARACTER_SETS = ("utf-8", "utf-16", "utf-32", "ascii", "iso8859", "cp125", "gb", "big5")
_TOKEN = re.compile(r"[^\x00-\x20\x7f-\uffff()<>@,;:\\\"/\[\]?=]+\Z")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_PARAMETER = re.compile(
    r';[\s;]*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^;"\s]*+))\s*+', re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class ContentType:
    """A Content-Type value (RFC 2045 section 5.1): lower-case `media_type`, parameters in order.

    Parameter names are in lower case, values as written, without quotes.
    """

    media_type: str
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str | None:
        """The first value of the parameter `name`, which is given in lower case."""
        return next((value for key, value in self.parameters if key == name), None)


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order, names as written, values unfolded and stripped."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The first value of a field, its name in any case."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of a field in order, its name in any case."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)


def media_type(value: str) -> str:
    """`type/subtype` of a Content-Type value, in lower case, whatever follows; "" if none."""
    essence = value.partition(";")[0].strip().lower()
    return essence if "/" in essence else ""


def parse_content_type(value: str) -> ContentType | Malformed:
    """Read a Content-Type value with its parameters (RFC 2045 section 5.1)."""
    essence, _, _ = value.partition(";")
    main, _, sub = essence.strip().partition("/")
    if not (_TOKEN.match(main) and _TOKEN.match(sub)):
        return _malformed(value, 0, "RFC 2045 section 5.1: no type/subtype")
    parameters: list[tuple[str, str]] = []
    position, end = len(essence), len(value)
    while position < end:
        match = _PARAMETER.match(value, position)
        if match is None:
            if value[position:].strip(" \t\r\n;"):
                return _malformed(value, position, "RFC 2045 section 5.1: not a parameter")
            break
        name, quoted, plain = match.groups()
        parameters.append((name.lower(), plain if quoted is None else _unescape(quoted)))
        position = match.end()
    return ContentType(f"{main}/{sub}".lower(), tuple(parameters))


def write_content_type(content_type: ContentType) -> str:
    """Write a Content-Type value; parameters that are no tokens are quoted.

    A name or media type that is no token, or a value with a line end, gives a ValueError.
    """
    main, _, sub = content_type.media_type.partition("/")
    if not (_TOKEN.match(main) and _TOKEN.match(sub)):
        raise ValueError(f"no media type: {content_type.media_type!r}")
    written = [content_type.media_type]
    for name, value in content_type.parameters:
        if not _TOKEN.match(name) or "\r" in value or "\n" in value:
            raise ValueError(f"parameter cannot be written: {name!r}={value!r}")
        written.append(f"{name}={value if _TOKEN.match(value) else _quote(value)}")
    return ";".join(written)


def split_head(octets: bytes, start: int = 0) -> tuple[int, int]:
    """Where a header block that begins at `start` ends, and where what follows begins.

    The block ends before an empty line, or with the octets; bare LF ends a line, too.
    """
    if octets.startswith((b"\r\n", b"\n"), start):
        return start, start + (2 if octets[start] == 0x0D else 1)
    match = _EMPTY_LINE.search(octets, start)
    return (len(octets), len(octets)) if match is None else (match.start() + 1, match.end())


def parse_headers(octets: bytes, start: int = 0, end: int | None = None) -> Headers | Malformed:
    """Read the header block in `octets[start:end]` (RFC 2045 section 3, RFC 822 folding)."""
    block = octets[start:end]
    if len(block) > MAX_HEAD:
        return Malformed("MIME", octets, start, f"limit MAX_HEAD: {len(block)} octets of header")
    fields: list[tuple[str, list[str]]] = []
    offset = start
    for line in block.split(b"\n"):
        text = line.decode("utf-8", "surrogateescape").rstrip(" \t\r")
        if text[:1] in (" ", "\t") and fields:
            fields[-1][1].append(text.strip(" \t"))
        elif text:
            name, colon, value = text.partition(":")
            if not colon or not name.strip(" \t") or len(fields) == MAX_HEADER_FIELDS:
                return Malformed("MIME", octets, offset, _field_rule(len(fields)))
            fields.append((name.strip(" \t"), [value.strip(" \t")]))
        offset += len(line) + 1
    return Headers(tuple((name, " ".join(v).strip(" \t")) for name, v in fields))


def write_headers(fields: Iterable[tuple[str, str]], line_end: bytes = b"\r\n") -> bytes:
    """Write header fields, each with its line end, without the empty line.

    A name or value that would not be read back gives a ValueError.
    """
    lines = []
    for name, value in fields:
        if not name or name != name.strip(" \t") or ":" in name or value != value.strip(" \t"):
            raise ValueError(f"header field cannot be written: {name!r}: {value!r}")
        if any(mark in name or mark in value for mark in ("\r", "\n")):
            raise ValueError(f"line end in header field: {name!r}: {value!r}")
        lines.append(f"{name}: {value}".encode("utf-8", "surrogateescape") + line_end)
    return b"".join(lines)


def decode_transfer(coding: str, octets: bytes) -> bytes | Malformed:
    """Undo a Content-Transfer-Encoding (RFC 2045 section 6); an unknown one is Malformed."""
    match coding.strip().lower():
        case "" | "7bit" | "8bit" | "binary":
            return octets
        case "base64":
            return _from_base64(octets)
        case "quoted-printable":
            return quopri.decodestring(octets)
        case _:
            return Malformed(
                "MIME", octets, 0, f"RFC 2045 section 6.1: unknown transfer encoding {coding!r}"
            )


def decode_text(octets: bytes, charset: str | None) -> str:
    """The text of octets in a charset, however its name is spelled; never an error.

    Without a charset, or with one that is no plain character set, UTF-8 is taken; what cannot
    be decoded shows as replacement characters.
    """
    return octets.decode(_codec(charset or "utf-8"), "replace")


def encode_base64(octets: bytes) -> bytes:
    """Encode in base64, in lines of 76 characters with CRLF between them."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _from_base64(octets: bytes) -> bytes | Malformed:
    # RFC 2045 section 6.8: characters outside the alphabet are ignored.
    symbols = _NOT_BASE64.sub(b"", octets)
    unpadded = symbols.rstrip(b"=")
    if b"=" in unpadded or len(unpadded) % 4 == 1:
        return Malformed("MIME", octets, 0, "RFC 2045 section 6.8: broken base64")
    return binascii.a2b_base64(unpadded + b"=" * (-len(unpadded) % 4))


def _codec(charset: str) -> str:
    # Python has codecs for much that is no character set, some of them slow on hostile input.
    try:
        name = codecs.lookup(charset.strip(" '\"")).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if name.startswith(_CHARACTER_SETS) else "utf-8"


def _field_rule(count: int) -> str:
    if count == MAX_HEADER_FIELDS:
        return f"limit MAX_HEADER_FIELDS: more than {count} header fields"
    return "RFC 2045 section 3: header field without a name and a colon"


def _unescape(quoted: str) -> str:
    return _ESCAPED.sub(r"\1", quoted)


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _malformed(value: str, offset: int, rule: str) -> Malformed:
    octets = value.encode("utf-8", "surrogateescape")
    return Malformed("MIME", octets, len(value[:offset].encode("utf-8", "surrogateescape")), rule)
