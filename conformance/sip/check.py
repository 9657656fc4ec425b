"""What a message that could be read still breaks of RFC 3261: for findings of level `rfc`.

`parser` decides whether octets are a message at all; this reads each field by its grammar, and
so is asked only where a finding may come of it.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from conformance.sip import head
from conformance.sip.grammar import (
    has_brackets,
    is_token,
    parse_name_addr,
    parse_parameterized,
    parse_via,
    split_list,
)
from conformance.sip.identity import MAGIC_COOKIE
from conformance.sip.message import SipMessage, SipRequest, SipResponse
from conformance.sip.names import long_name
from conformance.sip.uri import parse_uri
from conformance.wire.malformed import Malformed


class Fault(NamedTuple):
    """A broken rule: `offset` counts octets from the start of the message; see Malformed.rule."""

    offset: int
    rule: str


class _Field(NamedTuple):
    name: str
    value: str
    offset: int


_ADDRESSES = frozenset(
    {
        "contact",
        "from",
        "p-asserted-identity",
        "p-preferred-identity",
        "path",
        "record-route",
        "refer-to",
        "referred-by",
        "reply-to",
        "route",
        "service-route",
        "to",
    }
)
_SINGLE = frozenset(
    {
        "call-id",
        "content-length",
        "content-type",
        "cseq",
        "date",
        "event",
        "expires",
        "from",
        "max-forwards",
        "mime-version",
        "min-expires",
        "organization",
        "priority",
        "refer-to",
        "replaces",
        "reply-to",
        "retry-after",
        "server",
        "session-expires",
        "subject",
        "subscription-state",
        "timestamp",
        "to",
        "user-agent",
    }
)
_MANDATORY = ("To", "From", "CSeq", "Call-ID", "Via")
_DIALOG_METHODS = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
_MAX_SECONDS = 2**32 - 1
_MAX_SEQUENCE = 2**31
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)
_RETRY_AFTER = re.compile(r"(\d{1,20})(?=[ \t;(]|\Z)", re.ASCII)
_WARNING = re.compile(r"\d{3} [^ ]+ \"", re.ASCII)
_CSEQ = re.compile(r"(\d{1,20})[ \t]++([\w.!%*+`'~-]++)", re.ASCII)
_CALL_ID = re.compile(r"[^\s@]++(?:@[^\s@]++)?")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT",
    re.ASCII,
)
# display-name = *(token LWS) / quoted-string
_DISPLAY = re.compile(r'[ \t]*+(?:"(?:[^"\\]|\\.)*+"|[\w.!%*+`\'~ \t-]*+)[ \t]*+<', re.ASCII)
_STATUS_LINE = re.compile(r"SIP/2\.0 [1-6]\d\d [^\r\n]*")


def faults(message: SipMessage) -> tuple[Fault, ...]:
    """Every rule that the message is seen to break, in the order of the octets."""
    fields = list(_fields(message))
    found = [*_start_line(message), *_line_ends(message), *_presence(message, fields)]
    for field in fields:
        found += _field_faults(field)
    found += [*_sequence(message, fields), *_tags(message, fields), *_vias(message, fields)]
    return tuple(sorted(found))


def _fields(message: SipMessage) -> Iterator[_Field]:
    octets, head_end = message.octets, len(message.lower_head)
    at = octets.find(b"\n", 0, head_end) + 1 or head_end
    while at < head_end:
        line, end = head.value_at(octets, at, head_end)
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        yield _Field(long_name(name.strip()), value.strip(), at)
        at = end + 1


def _start_line(message: SipMessage) -> Iterator[Fault]:
    line = message.start_line
    if isinstance(message, SipResponse):
        if not _STATUS_LINE.fullmatch(line):
            yield Fault(0, "RFC 3261 section 7.2: status line")
        return
    if not line.endswith(" SIP/2.0"):
        yield Fault(0, "RFC 3261 section 7.1: SIP-Version is sent in upper case")
    if isinstance(message, SipRequest):
        uri = parse_uri(message.uri)
        if isinstance(uri, Malformed):
            yield Fault(len(message.method) + 1 + uri.offset, uri.rule)
        elif uri.headers:
            rule = "RFC 3261 section 19.1.1: headers are not allowed in a Request-URI"
            yield Fault(len(message.method) + 1, rule)


def _line_ends(message: SipMessage) -> Iterator[Fault]:
    ends = message.octets[: message.body_start]
    if ends.count(b"\n") != ends.count(b"\r\n"):
        at = re.search(rb"(?<!\r)\n", ends)
        yield Fault(at.start() if at else 0, "RFC 3261 section 7: lines end with CRLF")


def _presence(message: SipMessage, fields: list[_Field]) -> Iterator[Fault]:
    counts: dict[str, int] = {}
    for field in fields:
        counts[field.name] = counts.get(field.name, 0) + 1
        if counts[field.name] == 2 and field.name in _SINGLE:
            yield Fault(field.offset, f"RFC 3261 section 7.3.1: {field.name} is repeated")
    end = len(message.lower_head)
    section = "8.1.1" if message.is_request else "8.2.6.2"
    mandatory = (*_MANDATORY, "Max-Forwards") if message.is_request else _MANDATORY
    for name in mandatory:
        if name.lower() not in counts:
            yield Fault(end, f"RFC 3261 section {section}: {name} is missing")
    starts_dialog = isinstance(message, SipRequest) and message.method in _DIALOG_METHODS
    if starts_dialog and len(message.headers("Contact")) != 1:
        yield Fault(end, "RFC 3261 section 8.1.1.8: exactly one Contact")
    if message.body and "content-type" not in counts:
        yield Fault(message.body_start, "RFC 3261 section 20.15: a body without Content-Type")


def _field_faults(field: _Field) -> Iterator[Fault]:
    if field.name in _ADDRESSES:
        yield from _addresses(field)
    elif field.name in _VALUE_RULES:
        is_right, rule = _VALUE_RULES[field.name]
        if not is_right(field.value):
            yield Fault(field.offset, f"RFC 3261 section {rule}")


def _in_range(text: str, highest: int) -> bool:
    return _NUMBER.fullmatch(text) is not None and int(text) <= highest


def _is_seconds(text: str) -> bool:
    return _in_range(text, _MAX_SECONDS)


def _is_hops(text: str) -> bool:
    return _in_range(text, 255)


def _begins_with_seconds(text: str) -> bool:
    match = _RETRY_AFTER.match(text)
    return match is not None and _is_seconds(match[1])


def _are_warnings(text: str) -> bool:
    return all(_WARNING.match(part) for part in split_list(text))


def _is_media_type(text: str) -> bool:
    media = parse_parameterized(text)
    if isinstance(media, Malformed):
        return False
    kind, slash, subtype = media.value.partition("/")
    return bool(slash) and is_token(kind.strip()) and is_token(subtype.strip())


_VALUE_RULES: dict[str, tuple[Callable[[str], object], str]] = {
    "call-id": (_CALL_ID.fullmatch, '20.8: callid = word [ "@" word ]'),
    "content-type": (_is_media_type, "20.15: media-type = m-type SLASH m-subtype"),
    "date": (_DATE.fullmatch, "20.17: Date is an RFC 1123 date in GMT"),
    "expires": (_is_seconds, "20.19: delta-seconds are 0 to 2**32-1"),
    "max-forwards": (_is_hops, "20.22: Max-Forwards is 0 to 255"),
    "min-expires": (_is_seconds, "20.23: delta-seconds are 0 to 2**32-1"),
    "retry-after": (_begins_with_seconds, "20.33: Retry-After begins with delta-seconds"),
    "warning": (_are_warnings, "20.43: warning-value begins with 3DIGIT"),
}


def _addresses(field: _Field) -> Iterator[Fault]:
    if field.value == "*" and field.name == "contact":
        return
    values = split_list(field.value) if field.name not in ("from", "to") else (field.value,)
    for value in values:
        address = parse_name_addr(value)
        if isinstance(address, Malformed):
            yield Fault(field.offset, f"{address.rule} ({field.name})")
            continue
        if has_brackets(value) and not _DISPLAY.match(value):
            rule = "RFC 3261 section 25.1: display-name = *(token LWS) / quoted-string"
            yield Fault(field.offset, f"{rule} ({field.name})")
        uri = parse_uri(address.uri)
        if isinstance(uri, Malformed):
            yield Fault(field.offset, f"{uri.rule} ({field.name})")
        expires = address.param("expires") if field.name == "contact" else None
        if expires is not None and not _in_range(expires, _MAX_SECONDS):
            yield Fault(field.offset, "RFC 3261 section 20.10: expires of Contact is 0 to 2**32-1")


def _sequence(message: SipMessage, fields: list[_Field]) -> Iterator[Fault]:
    for field in fields:
        if field.name != "cseq":
            continue
        match = _CSEQ.fullmatch(field.value)
        if match is None or int(match[1]) >= _MAX_SEQUENCE:
            yield Fault(field.offset, "RFC 3261 section 8.1.1.5: CSeq is a number below 2**31")
        elif isinstance(message, SipRequest) and match[2] != message.method:
            rule = "RFC 3261 section 8.1.1.5: the method of CSeq is not that of the request"
            yield Fault(field.offset, rule)


def _tags(message: SipMessage, fields: list[_Field]) -> Iterator[Fault]:
    """A request tags its From, a response but 100 its To."""
    name, tag, section = "from", message.from_tag, "8.1.1.3"
    if isinstance(message, SipResponse):
        name, tag, section = "to", message.to_tag, "8.2.6.2"
    if tag is not None or (isinstance(message, SipResponse) and message.status == 100):
        return
    at = next((field.offset for field in fields if field.name == name), -1)
    if at >= 0:
        yield Fault(at, f"RFC 3261 section {section}: {name} without a tag")


def _vias(message: SipMessage, fields: list[_Field]) -> Iterator[Fault]:
    lines = [field for field in fields if field.name == "via"]
    for field in lines:
        values = [parse_via(value) for value in split_list(field.value)] or [parse_via("")]
        for via in values:
            if isinstance(via, Malformed):
                yield Fault(field.offset, via.rule)
    branch = message.branch
    if lines and (not branch.startswith(MAGIC_COOKIE) or branch == MAGIC_COOKIE):
        yield Fault(lines[0].offset, "RFC 3261 section 8.1.1.7: branch begins with z9hG4bK")
