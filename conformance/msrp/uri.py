"""MSRP URIs (RFC 4975 section 6) and when two are the same."""

import re
from dataclasses import dataclass
from functools import lru_cache

from conformance.wire.malformed import Malformed

# MSRP-URI = msrp-scheme "://" authority ["/" session-id] ";" transport *( ";" URI-parameter)
_URI = re.compile(
    r"([Mm][Ss][Rr][Pp][Ss]?)://(?:([^@/;\s]*+)@)?(\[[0-9A-Fa-f:.]++\]|[\w.-]++)(?::(\d{1,5}))?"
    r"(?:/([\w.~=+/-]++))?;(\w++)((?:;[^;\s]++)*+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class MsrpUri:
    """An MSRP URI in its parts: scheme, host and transport in lower case.

    `params` holds the parameters after the transport, in order, names in lower case.
    """

    scheme: str
    userinfo: str | None
    host: str
    port: int | None
    session_id: str
    transport: str
    params: tuple[tuple[str, str | None], ...] = ()


@lru_cache(maxsize=4096)
def parse_uri(text: str) -> MsrpUri | Malformed:
    """Read one URI of a path."""
    match = _URI.fullmatch(text)
    if match is None:
        octets = text.encode("utf-8", "surrogateescape")
        rule = 'RFC 4975 section 9: MSRP-URI = msrp-scheme "://" authority ["/" session-id]'
        return Malformed("MSRP", octets, 0, f'{rule} ";" transport')
    scheme, userinfo, host, port, session, transport, rest = match.groups()
    pairs = (part.partition("=") for part in rest.split(";")[1:])
    return MsrpUri(
        scheme.lower(),
        userinfo,
        host.lower(),
        int(port) if port else None,
        session or "",
        transport.lower(),
        tuple([(name.lower(), value if equals else None) for name, equals, value in pairs]),
    )


@lru_cache(maxsize=8192)
def session_id(uri: str) -> str:
    """The session-id of a URI, "" if there is none: all that a border controller leaves alone."""
    slash = uri.find("/", uri.find("://") + 3)
    if slash < 0:
        return ""
    semicolon = uri.find(";")
    if 0 <= semicolon < slash:
        return ""
    return uri[slash + 1 : semicolon if semicolon >= 0 else None]


def equivalent(one: MsrpUri, other: MsrpUri) -> bool:
    """Whether two URIs are equal (RFC 4975 section 6.1).

    Scheme, host, port and transport must agree, and the session-id to the letter; a port given
    and none given differ. User information and other parameters do not count.
    """
    return (
        one.session_id == other.session_id
        and one.scheme == other.scheme
        and one.host == other.host
        and one.port == other.port
        and one.transport == other.transport
    )
