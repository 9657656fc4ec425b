"""A message taken apart for people: its header fields, and its bodies read as what they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum

from conformance.body import cpim, imdn, iscomposing, resource_lists, sdp, sms
from conformance.body.multipart import Part, walk, walk_part
from conformance.msrp import parser as msrp_parser
from conformance.msrp.frames import looks_like_msrp
from conformance.sip import parser as sip_parser
from conformance.wire.malformed import Malformed

LIMIT = 262_144
"""Octets of a message beyond which its body is not read for the page."""

SECTIONS = 40
"""Sections that one message may have on the page."""

_DEPTH = 6

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A head or a body: its title, its fields, and its text where it is one for people."""

    title: str
    fields: Fields = ()
    text: str = ""


def dissect(octets: bytes) -> tuple[Section, ...]:
    """The sections of one message, its head first; what cannot be read says why."""
    found: list[Section] = []
    for section in _message(octets):
        if len(found) == SECTIONS:
            found.append(Section("More parts", (("limit", f"{SECTIONS} sections are shown"),)))
            break
        found.append(section)
    return tuple(found)


def _message(octets: bytes) -> Iterator[Section]:
    parse = msrp_parser.parse if looks_like_msrp(octets) else sip_parser.parse
    message = parse(octets)
    if isinstance(message, Malformed):
        yield _fault(message)
        return
    yield Section(message.start_line, message.fields())
    if not message.body:
        return
    if len(octets) > LIMIT:
        yield Section("Body", (("octets", f"{len(message.body)}, too long to be read here"),))
        return
    content_type = message.header("Content-Type") or ""
    for part in walk(content_type, message.body):
        yield from _part(part, 0)


def _part(part: Part, depth: int) -> Iterator[Section]:
    if part.fault is not None:
        yield _fault(part.fault)
        return
    kind, content = part.content_type, part.content
    if kind == "message/cpim":
        yield from _cpim(content, depth)
        return
    reader = _READERS.get(kind)
    if reader is not None:
        yield reader(content)
    elif kind.startswith("text/") or kind.endswith(("+xml", "/xml", "+json", "/json")):
        yield Section(kind, (), part.text)
    else:
        yield Section(kind or "Body without a type", (("octets", str(len(content))),))


def _cpim(octets: bytes, depth: int) -> Iterator[Section]:
    read = cpim.parse(octets)
    if isinstance(read, Malformed):
        yield _fault(read)
        return
    yield Section("CPIM", read.headers)
    if depth < _DEPTH:
        for part in walk_part(read.payload):
            yield from _part(part, depth + 1)


def _fault(fault: Malformed) -> Section:
    place = (("rule", fault.rule), ("at octet", str(fault.offset)))
    return Section(f"{fault.protocol.upper()}, malformed", place)


def _read(title: str, parse: Callable[[bytes], object]) -> Callable[[bytes], Section]:
    def reader(octets: bytes) -> Section:
        value = parse(octets)
        return _fault(value) if isinstance(value, Malformed) else Section(title, _members(value))

    return reader


def _members(value: object) -> Fields:
    """The fields of a data class, its own data classes opened, empty ones left out."""
    found: list[tuple[str, str]] = []
    if not is_dataclass(value):
        return ()
    for member in fields(value):
        inner = getattr(value, member.name)
        name = member.name.replace("_", " ").strip()
        if is_dataclass(inner):
            found.extend((f"{name}, {below}", text) for below, text in _members(inner))
        elif isinstance(inner, tuple) and inner and is_dataclass(inner[0]):
            for number, one in enumerate(inner, 1):
                found.extend((f"{name} {number}, {below}", text) for below, text in _members(one))
        elif inner not in (None, (), b"", ""):
            found.append((name, _plain(inner)))
    return tuple(found)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex(" ")
    if isinstance(value, tuple):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


def _sdp(octets: bytes) -> Section:
    read = sdp.parse(octets)
    if isinstance(read, Malformed):
        return _fault(read)
    found = [("origin", read.origin or ""), ("session direction", read.direction or "")]
    for number, media in enumerate(read.media, 1):
        head = f"media {number}"
        formats = " ".join(media.formats)
        found.append((head, f"{media.kind} {media.port} {media.protocol} {formats}"))
        found.append((f"{head}, connection", media.address or ""))
        for name, value in media.attributes:
            found.append((f"{head}, a={name}", "(set)" if value is None else value))
    return Section("SDP", tuple((name, value) for name, value in found if value))


def _sms(octets: bytes) -> Section:
    read = sms.parse(octets)
    if isinstance(read, Malformed):
        return _fault(read)
    tpdu = None if isinstance(read, sms.RpSmma) else read.tpdu
    if tpdu is None:
        return Section(f"SMS {read.type}", _members(read))
    if isinstance(tpdu, Malformed):
        return _fault(tpdu)
    # The user data of the relay layer is the TPDU, shown by its own fields.
    relay = tuple((name, text) for name, text in _members(read) if name != "user data")
    data = getattr(tpdu, "data", None)
    text = getattr(data, "text", None)
    return Section(f"SMS {read.type}, {type(tpdu).__name__}", relay + _members(tpdu), text or "")


_READERS: dict[str, Callable[[bytes], Section]] = {
    "application/sdp": _sdp,
    "application/vnd.3gpp.sms": _sms,
    "application/im-iscomposing+xml": _read("is-composing", iscomposing.parse),
    "application/resource-lists+xml": _read("Resource list", resource_lists.parse),
    "message/imdn+xml": _read("IMDN", imdn.parse),
}
