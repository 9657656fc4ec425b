"""SIP, SIPS and tel URIs (RFC 3261 section 19.1, RFC 3966), and when two name the same."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from conformance.sip.grammar import NameAddr, Params, parameter, parse_name_addr
from conformance.wire.malformed import Malformed

# SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]
# userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"; a user may hold ";" and "?",
# and "@" is escaped everywhere else, so that the one "@" parts userinfo from host.
_HOSTPORT = re.compile(r"(\[[0-9A-Fa-f:.]++\]|[\w.-]++)(?::(\d{1,5}))?", re.ASCII)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):", re.ASCII)
_BAD_CHARACTER = re.compile(r'[\s<>"{}|\\^]')
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# global-number-digits and local-number-digits with visual separators (RFC 3966 section 3).
_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#().-]++", re.ASCII)
_SEPARATORS = str.maketrans("", "", "-.()")
_DECISIVE = ("user", "ttl", "method", "maddr", "transport")


def unescape(text: str) -> str:
    """The text with its %HH escapes undone, as UTF-8."""
    if "%" not in text:
        return text
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI in its parts: scheme and host in lower case, the rest as written.

    The user of a tel URI is its number. For a scheme that is neither SIP, SIPS nor tel, `opaque`
    holds what follows the colon, and the other parts are empty.
    """

    scheme: str
    user: str = ""
    password: str | None = None
    host: str = ""
    port: int | None = None
    params: Params = ()
    headers: tuple[tuple[str, str], ...] = ()
    opaque: str = ""

    def param(self, name: str) -> str | None:
        """A parameter's value; "" without a value, None if absent."""
        return parameter(self.params, name)


@lru_cache(maxsize=4096)
def parse_uri(text: str) -> Uri | Malformed:
    """Read a URI, without <> around it."""
    octets = text.encode("utf-8", "surrogateescape")
    scheme = _SCHEME.match(text)
    if scheme is None:
        return Malformed("SIP", octets, 0, "RFC 3986 section 3.1: URI without a scheme")
    if bad := _BAD_CHARACTER.search(text):
        return Malformed("SIP", octets, bad.start(), "RFC 3986 section 2: character not in a URI")
    name = scheme[1].lower()
    rest = text[scheme.end() :]
    if name not in ("sip", "sips", "tel"):
        return Uri(name, opaque=rest)
    if bad := _BAD_ESCAPE.search(text):
        return Malformed("SIP", octets, bad.start(), "RFC 3986 section 2.1: escape is %HH")
    found = _tel(rest) if name == "tel" else _sip(name, rest)
    if found is None:
        rule = "RFC 3966 section 3: telephone-uri" if name == "tel" else "RFC 3261 section 19.1.1"
        return Malformed("SIP", octets, scheme.end(), f"{rule}: not a {name} URI")
    return found


def _params(text: str) -> Params:
    """The parameters of a text that is empty or begins with a semicolon."""
    found: list[tuple[str, str | None]] = []
    for part in text.split(";")[1:]:
        name, equals, value = part.partition("=")
        found.append((unescape(name).lower(), unescape(value) if equals else None))
    return tuple(found)


def _tel(rest: str) -> Uri | None:
    number, semicolon, params = rest.partition(";")
    if not _NUMBER.fullmatch(number):
        return None
    return Uri("tel", user=number, params=_params(semicolon + params))


def _sip(scheme: str, rest: str) -> Uri | None:
    userinfo, at, hostport = rest.partition("@") if "@" in rest else ("", "", rest)
    match = _HOSTPORT.match(hostport)
    if match is None or (at and not userinfo):
        return None
    tail, question, headers = hostport[match.end() :].partition("?")
    if "@" in hostport or (tail and tail[0] != ";"):
        return None
    host, port = match.groups()
    user, colon, password = userinfo.partition(":")
    pairs = (part.partition("=") for part in headers.split("&")) if question else ()
    return Uri(
        scheme,
        user,
        password if colon else None,
        host.lower(),
        int(port) if port else None,
        _params(tail),
        tuple([(unescape(name).lower(), unescape(value)) for name, _, value in pairs]),
    )


def equivalent(one: Uri, other: Uri) -> bool:
    """Whether two URIs are equal (RFC 3261 section 19.1.4, RFC 3966 section 5).

    The relation is not transitive: a parameter that only one URI has is mostly ignored.
    """
    if one.scheme != other.scheme or one.opaque != other.opaque:
        return False
    if one.scheme == "tel":
        return _tel_identity(one.user) == _tel_identity(other.user) and _fold(one) == _fold(other)
    return (
        unescape(one.user) == unescape(other.user)
        and (one.password and unescape(one.password))
        == (other.password and unescape(other.password))
        and (one.host, one.port) == (other.host, other.port)
        and _params_agree(_fold(one), _fold(other))
        and sorted(one.headers) == sorted(other.headers)
    )


def _fold(uri: Uri) -> dict[str, str]:
    return {name: (value or "").lower() for name, value in uri.params}


def _params_agree(one: dict[str, str], other: dict[str, str]) -> bool:
    if any(other[name] != value for name, value in one.items() if name in other):
        return False
    return not any((name in one) != (name in other) for name in _DECISIVE)


def _tel_identity(number: str) -> str:
    return number.translate(_SEPARATORS).lower()


@lru_cache(maxsize=4096)
def identity(text: str) -> str:
    """Whom a URI or an address names, in one form for comparing; "" if unreadable.

    A telephone number reads "tel:+34600000001" whether it came as tel URI or as user of a SIP
    URI; any other user "sip:user@host". Display name, <>, visual separators, escapes, ports and
    parameters make no difference; of a local number, its phone-context does.
    """
    address = parse_name_addr(text) if "<" in text else None
    uri = parse_uri(address.uri if isinstance(address, NameAddr) else text.strip())
    if isinstance(uri, Malformed):
        return ""
    if uri.opaque or not (uri.user or uri.host):
        return f"{uri.scheme}:{uri.opaque}"
    user, _, subscriber = unescape(uri.user).partition(";")
    params = uri.params if uri.scheme == "tel" else _params(";" + subscriber)
    is_phone = uri.scheme == "tel" or uri.param("user") == "phone" or user.startswith("+")
    if is_phone and _NUMBER.fullmatch(user):
        context = "" if user.startswith("+") else parameter(params, "phone-context") or uri.host
        return f"tel:{_tel_identity(user)}" + (f";phone-context={context}" if context else "")
    return f"sip:{unescape(uri.user)}@{uri.host}" if uri.user else f"sip:{uri.host}"


def same_user(one: str, other: str) -> bool:
    """Whether two URIs or addresses name the same user, in whatever form they are written."""
    name = identity(one)
    return name != "" and name == identity(other)
