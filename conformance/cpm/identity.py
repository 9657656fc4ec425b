"""Identities of users: comparing SIP and tel URIs that name the same person."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

_CACHED_LENGTH = 512
_SEPARATORS = str.maketrans("", "", "-.() \t")
_GLOBAL_NUMBER = re.compile(r"\+[0-9]+\Z")
_LOCAL_NUMBER = re.compile(r"[*#]*+[0-9][0-9A-F*#]*\Z")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_USER_PARAMETERS = ("phone-context=", "isub=", "ext=", "postd=")
_USER_SAFE = "-_.!~*'()&=+$,;?/"
_STORE_AND_FORWARD = "rcse-standfw"


class _Address(NamedTuple):
    """The parts of a URI that tell users apart; `scheme` is "" for what is no URI."""

    scheme: str
    user: str
    host: str
    parameters: str


def user_key(value: str) -> str:
    """The canonical key of the user that a header value, URI or number names.

    A global number gives `tel:+15551234` from tel URI, SIP URI (`user=phone` or not) or bare
    number; a local number with its context gives `tel:1234;phone-context=...`; else
    `sip:user@host` (RFC 3261 section 19.1.4, RFC 3966 section 5). Display name, brackets, port,
    password and all other parameters play no part. What is no address gives its own text in
    lower case; never an error.
    """
    # Most values are a name-addr whose parameters differ by hop and dialog: its URI is what is
    # kept.
    start = value.find("<")
    if start >= 0 and '"' not in value:
        end = value.find(">", start)
        value = f"<{value[start + 1 : len(value) if end < 0 else end]}>"
    return _cached_key(value) if len(value) <= _CACHED_LENGTH else _key(value)


def same_user(first: str, second: str) -> bool:
    """Whether two values name the same user; anonymous values name nobody."""
    key = user_key(first)
    return key == user_key(second) and key != "" and not is_anonymous(first)


def is_anonymous(value: str) -> bool:
    """Whether the value hides its user (RFC 3323 section 4.1.1.3, TS 24.229)."""
    address = _address(value)
    if address.host == "invalid" or address.host.endswith(".invalid"):
        return True
    return address.user.lower() == "anonymous"


def is_store_and_forward(value: str) -> bool:
    """Whether the value is the identity of an RCS-e store-and-forward function."""
    return _address(value).user.lower().startswith(_STORE_AND_FORWARD)


def uri_of(value: str) -> str:
    """The URI in a name-addr or addr-spec, without header parameters (RFC 3261 section 20)."""
    start = _bracket(value)
    if start < 0:
        return _without_header_parameters(value.strip())
    end = value.find(">", start)
    return value[start + 1 : len(value) if end < 0 else end].strip()


@lru_cache(maxsize=4_096)
def _cached_key(value: str) -> str:
    return _key(value)


def _key(value: str) -> str:
    address = _address(value)
    if address.scheme == "tel":
        return _number_key(address.user, address.parameters) or f"tel:{address.user.lower()}"
    if address.scheme == "sip":
        return _sip_key(address)
    if address.scheme:
        return f"{address.scheme}:{address.user}"
    return _number_key(address.user, "") or address.user.lower()


def _sip_key(address: _Address) -> str:
    user, _, parameters = address.user.partition(";")
    if number := _number_key(user, parameters, local=bool(parameters)):
        return number
    if not address.user:
        return f"sip:{address.host}"
    return f"sip:{quote(address.user, _USER_SAFE, errors='surrogatepass')}@{address.host}"


def _number_key(number: str, parameters: str, *, local: bool = True) -> str:
    """The key of a telephone number; "" if it is none (or local and these are not asked for)."""
    digits = number.translate(_SEPARATORS).upper()
    if _GLOBAL_NUMBER.match(digits):
        return f"tel:{digits}"
    if not local or not _LOCAL_NUMBER.match(digits):
        return ""
    context = _phone_context(parameters)
    return f"tel:{digits};phone-context={context}" if context else f"tel:{digits}"


def _phone_context(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "phone-context":
            context = value.strip().lower()
            return context.translate(_SEPARATORS) if context.startswith("+") else context
    return ""


def _address(value: str) -> _Address:
    uri = uri_of(value)
    match = _SCHEME.match(uri)
    if match is None:
        return _Address("", unquote(uri), "", "")
    scheme, rest = match.group(1).lower(), uri[match.end() :]
    if scheme in ("sip", "sips"):
        return _sip_address(rest)
    if scheme == "tel":
        number, _, parameters = rest.partition(";")
        return _Address("tel", unquote(number).strip(), "", unquote(parameters))
    return _Address(scheme, rest.strip(), "", "")


def _sip_address(rest: str) -> _Address:
    userinfo, at, hostport = rest.partition("@")
    if not at:
        userinfo, hostport = "", rest
    host_and_port, _, parameters = hostport.partition("?")[0].partition(";")
    user = unquote(userinfo.partition(":")[0] if at else "")
    return _Address("sip", user, _host(host_and_port), parameters)


def _host(hostport: str) -> str:
    text = hostport.strip().lower()
    if text.startswith("["):
        return text.partition("]")[0] + "]"
    return text.partition(":")[0].removesuffix(".")


def _bracket(value: str) -> int:
    """Where the URI's `<` stands, outside a quoted display name; -1 if there is none."""
    start = value.find('"')
    bracket = value.find("<")
    if start < 0 or bracket < start:
        return bracket
    position = start + 1
    while position < len(value) and value[position] != '"':
        position += 2 if value[position] == "\\" else 1
    return value.find("<", position)


def _without_header_parameters(text: str) -> str:
    """Cut an addr-spec without brackets at its first `;`, which begins header parameters.

    A `;` inside the user part belongs to a telephone number, so it is kept there; those of a
    tel URI are its own, save a tag.
    """
    if text[:4].lower() == "tel:":
        return text
    semicolon = text.find(";")
    at = text.find("@")
    if 0 <= semicolon < at and text[semicolon + 1 :].lower().startswith(_USER_PARAMETERS):
        semicolon = text.find(";", at)
    return text if semicolon < 0 else text[:semicolon]
