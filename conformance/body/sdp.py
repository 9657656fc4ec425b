"""Session descriptions (RFC 4566) with what MSRP adds to them (RFC 4975 section 8)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from conformance.wire.limits import MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
"""The direction attributes (RFC 4566 section 6); none given means sendrecv (RFC 3264)."""

MSRP_PROTOCOLS = ("TCP/MSRP", "TCP/TLS/MSRP")
"""Transports of MSRP in a media line (RFC 4975 section 8.1)."""

Line = tuple[str, str]
"""One line: its type letter and its value."""


@dataclass(frozen=True)
class Media:
    """One media description: the fields of its `m=` line, and the lines below it in order.

    `session` holds the lines above all media, of which some count for each media; it takes no
    part in comparison. What the judge asks of every description is read once.
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    port_count: int | None = None
    session: tuple[Line, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def is_msrp(self) -> bool:
        """Whether this is a stream of MSRP messages."""
        return self.kind == "message" and self.protocol.upper() in MSRP_PROTOCOLS

    @property
    def attributes(self) -> tuple[tuple[str, str | None], ...]:
        """The attributes of this media in order; the value is None for a mere property."""
        return tuple(_attributes(self.lines))

    def attribute(self, name: str) -> str | None:
        """The first value of an attribute of this media; "" for a property, None if absent."""
        return _first(self.lines, name)

    def inherited(self, name: str) -> str | None:
        """Like `attribute`, but an attribute of the session counts where the media has none."""
        own = _first(self.lines, name)
        return _first(self.session, name) if own is None else own

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The MSRP URIs of `a=path`, relays first (RFC 4975 section 8.2)."""
        return _words(self.attribute("path"))

    @cached_property
    def direction(self) -> str | None:
        """The direction given explicitly, for this media or else the session; None if absent."""
        for lines in (self.lines, self.session):
            for name, _ in _attributes(lines):
                if name in DIRECTIONS:
                    return name
        return None

    @cached_property
    def setup(self) -> str | None:
        """`active`, `passive`, `actpass` or `holdconn` (RFC 4145 section 4); None if absent."""
        value = self.inherited("setup")
        return None if value is None else value.strip().lower()

    @property
    def accept_types(self) -> tuple[str, ...]:
        """Media types of `a=accept-types`, `*` among them (RFC 4975 section 8.6)."""
        return _words(self.attribute("accept-types"))

    @property
    def accept_wrapped_types(self) -> tuple[str, ...]:
        """Media types of `a=accept-wrapped-types` (RFC 4975 section 8.6)."""
        return _words(self.attribute("accept-wrapped-types"))

    @property
    def max_size(self) -> int | None:
        """Octets of the largest message wished for (RFC 4975 section 8.6); None if not given."""
        return _number((self.attribute("max-size") or "").strip())

    @property
    def msrp_cema(self) -> bool:
        """Whether connections may follow the `c=` and `m=` lines (RFC 6714)."""
        return self.inherited("msrp-cema") is not None

    @property
    def fingerprint(self) -> str | None:
        """The certificate's hash (RFC 4572 section 5): function lower case, octets upper."""
        value = self.inherited("fingerprint")
        if value is None:
            return None
        function, _, octets = value.strip().partition(" ")
        return f"{function.lower()} {octets.strip().upper()}"

    @cached_property
    def address(self) -> str | None:
        """The connection address of this media or else the session, without TTL; None if none."""
        value = _value(self.lines, "c")
        words = _words(_value(self.session, "c") if value is None else value)
        return words[2].partition("/")[0] if len(words) > 2 else None


@dataclass(frozen=True, slots=True)
class Session:
    """A session description: the lines above all media in order, and the media."""

    lines: tuple[Line, ...]
    media: tuple[Media, ...] = ()

    @property
    def origin(self) -> str | None:
        """The value of `o=`, whose session id and version tell descriptions apart."""
        return _value(self.lines, "o")

    @property
    def attributes(self) -> tuple[tuple[str, str | None], ...]:
        """The attributes of the session in order; the value is None for a mere property."""
        return tuple(_attributes(self.lines))

    @property
    def direction(self) -> str | None:
        """The direction given for the whole session; None if absent."""
        return next((name for name, _ in _attributes(self.lines) if name in DIRECTIONS), None)


def parse(octets: bytes) -> Session | Malformed:
    """Read a session description (RFC 4566 section 5); bare LF and empty lines are tolerated."""
    session: list[Line] = []
    media: list[tuple[int, str, list[Line]]] = []
    current, offset, count = session, 0, 0
    for raw in octets.split(b"\n"):
        text = raw.decode("utf-8", "surrogateescape").strip(" \t\r")
        if text:
            count += 1
            if rule := _line_rule(text, count):
                return Malformed("SDP", octets, offset, rule)
            if text[0] == "m":
                current = []
                media.append((offset, text[2:].strip(" \t"), current))
            else:
                current.append((text[0], text[2:].strip(" \t")))
        offset += len(raw) + 1
    if not session:
        return Malformed("SDP", octets, 0, "RFC 4566 section 5: no v= line")
    return _assembled(octets, tuple(session), media)


def write(sdp: Session) -> bytes:
    """Write a session description; ValueError where it would not be read back as it is."""
    lines = list(sdp.lines)
    for media in sdp.media:
        port = str(media.port) if media.port_count is None else f"{media.port}/{media.port_count}"
        lines.append(("m", " ".join((media.kind, port, media.protocol, *media.formats))))
        lines += media.lines
    octets = b"".join(
        f"{kind}={value}\r\n".encode("utf-8", "surrogateescape") for kind, value in lines
    )
    if parse(octets) != sdp:
        raise ValueError(f"no session description can say {sdp!r}")
    return octets


def message_media(sdp: Session) -> Media | None:
    """The first MSRP media, one that is not refused (port 0) before others; None if none."""
    streams = [media for media in sdp.media if media.is_msrp]
    return next((media for media in streams if media.port), streams[0] if streams else None)


def _assembled(
    octets: bytes, session: tuple[Line, ...], media: Iterable[tuple[int, str, list[Line]]]
) -> Session | Malformed:
    assembled = []
    for offset, value, lines in media:
        one = _media(value, tuple(lines), session)
        if one is None:
            rule = "RFC 4566 section 5.14: no media, port, transport and format in m= line"
            return Malformed("SDP", octets, offset, rule)
        assembled.append(one)
    return Session(session, tuple(assembled))


def _media(value: str, lines: tuple[Line, ...], session: tuple[Line, ...]) -> Media | None:
    words = _words(value)
    if len(words) < 3:
        return None
    port, slash, count = words[1].partition("/")
    number, port_count = _number(port), _number(count)
    if number is None or number > 65_535 or (slash and port_count is None):
        return None
    return Media(words[0], number, words[2], words[3:], lines, port_count, session)


def _line_rule(text: str, count: int) -> str:
    """The rule that the line breaks as line number `count`; "" if none."""
    if count > MAX_HEADER_FIELDS:
        return f"limit MAX_HEADER_FIELDS: more than {MAX_HEADER_FIELDS} lines"
    if text[1:2] != "=" or not ("a" <= text[0] <= "z"):
        return "RFC 4566 section 5: line without a type letter and ="
    if count == 1 and text[0] != "v":
        return "RFC 4566 section 5: the first line is not v="
    return ""


def _attributes(lines: Iterable[Line]) -> Iterator[tuple[str, str | None]]:
    for kind, text in lines:
        if kind == "a":
            name, colon, value = text.partition(":")
            yield name.strip(), value if colon else None


def _first(lines: Iterable[Line], wanted: str) -> str | None:
    return next((value or "" for name, value in _attributes(lines) if name == wanted), None)


def _value(lines: Iterable[Line], wanted: str) -> str | None:
    return next((value for kind, value in lines if kind == wanted), None)


def _words(value: str | None) -> tuple[str, ...]:
    return tuple((value or "").split())


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
