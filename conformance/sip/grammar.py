"""The grammar of header field values, each under its ABNF (RFC 3261 section 25.1).

Every function reads an unfolded value, in time linear in its length, and keeps what it read:
the same values come again and again.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from conformance.wire.malformed import Malformed

Params = tuple[tuple[str, str | None], ...]
"""Parameters in order, names in lower case, quoted values without their quotes."""

# token is 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~" ).
_TOKEN = r"[\w.!%*+`'~-]++"
# quoted-string = SWS DQUOTE *(qdtext / quoted-pair ) DQUOTE
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
# One that is left open reaches to the end.
_QUOTED_PART = re.compile(_QUOTED + "?", re.DOTALL)
# generic-param = token [ EQUAL gen-value ]; gen-value = token / host / quoted-string.
# A bare value may hold any character that ends no parameter: dialects put "/", ":" and "=" in it.
_PARAM = re.compile(
    rf'[ \t]*+;[ \t]*+({_TOKEN})(?:[ \t]*+=[ \t]*+(?:({_QUOTED})|([^\s;,"<>]++)))?[ \t]*+',
    re.ASCII | re.DOTALL,
)
# display-name = *(token LWS) / quoted-string; an unquoted one may hold what a token may not.
_NAME_ADDR = re.compile(rf'[ \t]*+({_QUOTED}|[^"<>]*+)[ \t]*+<([^<>\s"]++)>', re.DOTALL)
# addr-spec without brackets: comma, question mark and semicolon are not part of it
# (RFC 3261 section 20).
_ADDR_SPEC = re.compile(r'[^\s<>",;?]++')
# via-parm = sent-protocol LWS sent-by *( SEMI via-params )
# sent-protocol = protocol-name SLASH protocol-version SLASH transport
# sent-by = host [ COLON port ]
_VIA = re.compile(
    rf"({_TOKEN})[ \t]*+/[ \t]*+({_TOKEN})[ \t]*+/[ \t]*+({_TOKEN})[ \t]++"
    r"(\[[0-9A-Fa-f:.]++\]|[\w.-]++)(?:[ \t]*+:[ \t]*+(\d{1,5}))?",
    re.ASCII,
)
# challenge = auth-scheme LWS auth-param *(COMMA auth-param); credentials are alike.
_SCHEME = re.compile(rf"({_TOKEN})[ \t]++", re.ASCII)
_AUTH_PARAM = re.compile(
    rf'[ \t]*+({_TOKEN})[ \t]*+=[ \t]*+(?:({_QUOTED})|([^\s,"]++))[ \t]*+(?:,|\Z)',
    re.ASCII | re.DOTALL,
)
_TOKEN_ONLY = re.compile(_TOKEN, re.ASCII)
_LIST_MARK = re.compile(r'\\.|[",<>]', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _malformed(value: str, offset: int, rule: str) -> Malformed:
    """The value as malformed; `offset` counts octets of UTF-8."""
    octets = value.encode("utf-8", "surrogateescape")
    before = len(value[:offset].encode("utf-8", "surrogateescape"))
    return Malformed("SIP", octets, before, f"RFC 3261 section {rule}")


def is_token(text: str) -> bool:
    """Whether the whole text is a token."""
    return _TOKEN_ONLY.fullmatch(text) is not None


def unquote(text: str) -> str:
    """The text of a quoted string, its escapes undone; any other text as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def quote(text: str) -> str:
    """The text as a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=4096)
def split_list(value: str) -> tuple[str, ...]:
    """The elements of a comma-separated list; commas in quoted strings and <> do not part.

    Empty elements are left out; what follows an unclosed quote or bracket is one element.
    """
    if "," not in value:
        return (value,) if value else ()
    cuts = [-1]
    quoted = bracketed = False
    for mark in _LIST_MARK.finditer(value):
        char = mark[0]
        if char == '"' and not bracketed:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "<":
            bracketed = True
        elif char == ">":
            bracketed = False
        elif char == "," and not bracketed:
            cuts.append(mark.start())
    cuts.append(len(value))
    parts = (value[a + 1 : b].strip() for a, b in pairwise(cuts))
    return tuple([part for part in parts if part])


def parameter(params: Params, name: str) -> str | None:
    """The value of the first parameter of that name; "" without a value, None if absent."""
    lower = name.lower()
    for key, value in params:
        if key == lower:
            return value or ""
    return None


def _parameters(value: str, at: int) -> Params | Malformed:
    found: list[tuple[str, str | None]] = []
    while at < len(value):
        match = _PARAM.match(value, at)
        if match is None:
            return _malformed(value, at, "25.1: generic-param = token [ EQUAL gen-value ]")
        name, quoted, bare = match.groups()
        found.append((name.lower(), unquote(quoted) if quoted is not None else bare))
        at = match.end()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Parameterized:
    """A value with parameters, as of Event, Content-Type, Accept-Contact, Reason."""

    value: str
    params: Params

    def param(self, name: str) -> str | None:
        """A parameter's value; "" without a value, None if absent."""
        return parameter(self.params, name)


@lru_cache(maxsize=4096)
def parse_parameterized(value: str) -> Parameterized | Malformed:
    """Read "value *( SEMI generic-param )"; the value itself may be anything but ";"."""
    first, semicolon, _ = value.partition(";")
    params = _parameters(value, len(first)) if semicolon else ()
    return params if isinstance(params, Malformed) else Parameterized(first.strip(), params)


@dataclass(frozen=True, slots=True)
class NameAddr:
    """An address with its display name, as of From, To, Contact, Route, P-Asserted-Identity."""

    display: str
    uri: str
    params: Params

    def param(self, name: str) -> str | None:
        """A parameter's value; "" without a value, None if absent."""
        return parameter(self.params, name)


def has_brackets(value: str) -> bool:
    """Whether an address stands in <>; those within a quoted parameter are none of its own."""
    return "<" in value and "<" in _QUOTED_PART.sub("", value)


@lru_cache(maxsize=4096)
def parse_name_addr(value: str) -> NameAddr | Malformed:
    """Read "( name-addr / addr-spec ) *( SEMI generic-param )", or the "*" of a Contact."""
    if match := _NAME_ADDR.match(value):
        display, uri = unquote(match[1].strip()), match[2]
    elif has_brackets(value) or '"' in value.partition(";")[0]:
        return _malformed(value, 0, "25.1: name-addr = [ display-name ] LAQUOT addr-spec RAQUOT")
    elif match := _ADDR_SPEC.match(value):
        display, uri = "", match[0]
    else:
        return _malformed(value, 0, "25.1: addr-spec = SIP-URI / SIPS-URI / absoluteURI")
    if value.startswith("?", match.end()):
        return _malformed(value, match.end(), '20: a URI that holds "?" stands in <>')
    params = _parameters(value, match.end())
    return params if isinstance(params, Malformed) else NameAddr(display, uri, params)


@dataclass(frozen=True, slots=True)
class Via:
    """One Via value; `protocol` is "SIP/2.0", the transport in upper case."""

    protocol: str
    transport: str
    host: str
    port: int | None
    params: Params

    def param(self, name: str) -> str | None:
        """A parameter's value; "" without a value, None if absent."""
        return parameter(self.params, name)

    @property
    def branch(self) -> str:
        """The branch, "" if absent."""
        return self.param("branch") or ""

    @property
    def received(self) -> str | None:
        """The source address that the receiver added (RFC 3261 section 18.2.1)."""
        return self.param("received")

    @property
    def rport(self) -> int | None:
        """The source port that the receiver added (RFC 3581); None while asked for only."""
        value = self.param("rport") or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 5 else None


@lru_cache(maxsize=4096)
def parse_via(value: str) -> Via | Malformed:
    """Read one via-parm."""
    match = _VIA.match(value)
    if match is None:
        return _malformed(value, 0, "25.1: via-parm = sent-protocol LWS sent-by")
    name, version, transport, host, port = match.groups()
    params = _parameters(value, match.end())
    if isinstance(params, Malformed):
        return params
    protocol = f"{name}/{version}".upper()
    return Via(protocol, transport.upper(), host, int(port) if port else None, params)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge or credentials: WWW-Authenticate, Authorization and their proxy kin."""

    scheme: str
    params: Params

    def param(self, name: str) -> str | None:
        """A parameter's value without quotes; None if absent."""
        return parameter(self.params, name)


@lru_cache(maxsize=1024)
def parse_challenge(value: str) -> Challenge | Malformed:
    """Read "auth-scheme LWS auth-param *(COMMA auth-param)"."""
    scheme = _SCHEME.match(value)
    if scheme is None:
        return _malformed(value, 0, "25.1: challenge = auth-scheme LWS auth-param")
    found: list[tuple[str, str | None]] = []
    at = scheme.end()
    while at < len(value):
        match = _AUTH_PARAM.match(value, at)
        if match is None:
            return _malformed(
                value, at, "25.1: auth-param = token EQUAL ( token / quoted-string )"
            )
        name, quoted, bare = match.groups()
        found.append((name.lower(), unquote(quoted) if quoted is not None else bare))
        at = match.end()
    return Challenge(scheme[1], tuple(found))
