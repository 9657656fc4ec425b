"""CPIM messages (message/cpim, RFC 3862): message headers, and a MIME payload."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from conformance.body.mime import Headers, parse_headers, split_head, write_headers
from conformance.body.multipart import Part, walk_part
from conformance.wire.malformed import Malformed

CORE = "urn:ietf:params:cpim-headers:"
"""Namespace of From, To, DateTime and the other headers of RFC 3862 section 4."""

IMDN = "urn:ietf:params:imdn"
"""Namespace of the headers of RFC 5438 section 6."""

CPM = "http://www.openmobilealliance.org/cpm/"
"""Namespace of the headers that CPM adds."""

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "r": "\r"}
_NS = re.compile(r"([^\s<>]*+)\s*+<([^<>]*+)>")


class Resolved(NamedTuple):
    """A message header with its prefix resolved; `namespace` is "" where no NS header binds it."""

    namespace: str
    name: str
    value: str


@dataclass(frozen=True)
class Cpim:
    """A CPIM message: message headers in order as written, and the payload with its own headers.

    Names of message headers are case-sensitive, unlike those of the payload. `bare_lf` notes
    that lines of the headers end in LF without CR.
    """

    headers: tuple[tuple[str, str], ...]
    payload: Part
    bare_lf: bool = False

    def resolved(self) -> Iterator[Resolved]:
        """Yield each header but NS with its namespace (RFC 3862 section 3.4).

        A prefix counts for the headers below its NS header. `imdn` and `cpm` without an NS
        header are taken for what everyone means by them.
        """
        bound = {"": CORE, "imdn": IMDN, "cpm": CPM}
        for written, value in self.headers:
            if written == "NS":
                prefix, uri = _binding(value)
                bound[prefix] = uri
                continue
            prefix, dot, name = written.partition(".")
            if not dot:
                prefix, name = "", written
            yield Resolved(bound.get(prefix, ""), name, value)

    def get_all(self, name: str, namespace: str = CORE) -> tuple[str, ...]:
        """Every value of a message header in order, by its namespace."""
        return self._by_name.get((namespace.lower(), name), ())

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The values of each header by namespace (in lower case) and name."""
        found: dict[tuple[str, str], list[str]] = {}
        for namespace, name, value in self.resolved():
            found.setdefault((namespace.lower(), name), []).append(value)
        return {key: tuple(group) for key, group in found.items()}

    def get(self, name: str, namespace: str = CORE) -> str | None:
        """The first value of a message header; None if absent."""
        values = self.get_all(name, namespace)
        return values[0] if values else None

    @property
    def from_(self) -> str | None:
        """The originator: a display name, and a URI in brackets."""
        return self.get("From")

    @property
    def to(self) -> tuple[str, ...]:
        """The recipients in order."""
        return self.get_all("To")

    @property
    def cc(self) -> tuple[str, ...]:
        """The recipients of copies in order."""
        return self.get_all("cc")

    @property
    def datetime(self) -> str | None:
        """When the message was sent, as written (RFC 3339)."""
        return self.get("DateTime")

    @property
    def subject(self) -> str | None:
        """The first subject, its escapes resolved, without its language parameter."""
        value = self.get("Subject")
        if value is None:
            return None
        if value.startswith(";"):
            value = value.partition(" ")[2]
        return _ESCAPE.sub(_character, value)

    @property
    def require(self) -> frozenset[str]:
        """Names of headers that must be understood (RFC 3862 section 4.7)."""
        return frozenset(_listed(self.get_all("Require")))

    @property
    def message_id(self) -> str | None:
        """The imdn.Message-ID, under whatever prefix (RFC 5438 section 6.3)."""
        return self.get("Message-ID", IMDN)

    @property
    def disposition_notification(self) -> frozenset[str]:
        """The notifications asked for, in lower case (RFC 5438 section 6.2)."""
        values = self.get_all("Disposition-Notification", IMDN)
        return frozenset(token.partition(";")[0].strip().lower() for token in _listed(values))

    @property
    def content_type(self) -> str:
        """The payload's media type in lower case."""
        return self.payload.content_type

    @property
    def content(self) -> bytes:
        """The payload's octets, transfer encoding undone."""
        return self.payload.content

    @property
    def parts(self) -> tuple[Part, ...]:
        """The payload, or its parts where it is a multipart (RFC 5438 section 8.3 makes some)."""
        return tuple(walk_part(self.payload))

    @property
    def text(self) -> str:
        """The payload as text in its charset."""
        return self.payload.text


def parse(octets: bytes) -> Cpim | Malformed:
    """Read a CPIM message; a wrong Content-Length of the payload is ignored.

    Bare LF line ends are accepted, and noted.
    """
    head_end, middle = split_head(octets)
    headers = parse_headers(octets, 0, head_end)
    if isinstance(headers, Malformed):
        return _malformed(octets, headers, "RFC 3862 section 2.2")
    if middle == head_end:
        rule = "RFC 3862 section 2: no empty line after the message headers"
        return Malformed("CPIM", octets, head_end, rule)
    content_end, start = split_head(octets, middle)
    content_headers = parse_headers(octets, middle, content_end)
    if isinstance(content_headers, Malformed):
        return _malformed(octets, content_headers, "RFC 3862 section 2.4")
    lines = octets.count(b"\n", 0, start)
    bare_lf = lines > octets.count(b"\r\n", 0, start)
    return Cpim(headers.fields, Part(content_headers, octets[start:]), bare_lf)


def write(cpim: Cpim) -> bytes:
    """Write a CPIM message; a header that cannot be read back gives a ValueError."""
    line_end = b"\n" if cpim.bare_lf else b"\r\n"
    return b"".join(
        (
            write_headers(cpim.headers, line_end),
            line_end,
            write_headers(cpim.payload.headers.fields, line_end),
            line_end,
            cpim.payload.body,
        )
    )


def message(headers: tuple[tuple[str, str], ...], content_type: str, content: bytes) -> Cpim:
    """Build a CPIM message from its message headers and a payload."""
    return Cpim(headers, Part(Headers((("Content-Type", content_type),)), content))


def _binding(value: str) -> tuple[str, str]:
    """Prefix and namespace URI of an NS value such as `imdn <urn:ietf:params:imdn>`."""
    match = _NS.match(value)
    if match is not None:
        return match.group(1), match.group(2).strip()
    prefix, _, uri = value.partition(" ")
    return prefix, uri.strip()


def _listed(values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        yield from (token for part in value.split(",") if (token := part.strip()))


def _character(match: re.Match[str]) -> str:
    escape = match.group(1)
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _ESCAPED.get(escape, escape)


def _malformed(octets: bytes, fault: Malformed, section: str) -> Malformed:
    rule = fault.rule if fault.rule.startswith("limit") else f"{section}: header without a colon"
    return Malformed("CPIM", octets, fault.offset, rule)
