"""How long a binding lasts that a REGISTER asked for and its 200 granted (RFC 3261 section 10)."""

from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.message import SipMessage, SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri, unescape
from conformance.wire.malformed import Malformed

_DEFAULT = 3600
_SIP_PORT = 5060


def seconds(request: SipRequest, response: SipResponse, host: str) -> int | None:
    """Seconds of the binding of the client at `host`; 0: it is gone, None: nothing was said of it.

    The answer lists every binding of the user; those that the request named count. A REGISTER
    may as well name none (a query), or end others than the client's own (section 10.2.2).
    """
    asked = _number(request.header("Expires"))
    named = request.headers("Contact")
    if not named:
        return None
    contacts = [(one, _lifetime(one, asked)) for one in _addresses(request)]
    kept = [(one, lifetime) for one, lifetime in contacts if lifetime != 0]
    if not kept and (contacts or asked == 0):
        return 0 if "*" in named else _left(response, host)
    granted = _number(response.header("Expires"))
    return max((_granted(one, lifetime, response, granted) for one, lifetime in kept), default=0)


def _granted(one: NameAddr, asked: int | None, response: SipResponse, granted: int | None) -> int:
    """What the answer grants a binding that was asked for."""
    for listed in _addresses(response):
        if listed.uri == one.uri or _end(listed) == _end(one):
            own = _number(listed.param("expires"))
            if own is not None:
                return own
    return next((value for value in (granted, asked) if value is not None), _DEFAULT)


def _left(response: SipResponse, host: str) -> int | None:
    """What is left of a client's own binding when others were ended; 0 if it is not listed."""
    own = [one for one in _addresses(response) if _end(one)[1] == host.lower()]
    return max((_lifetime(one, None) or _DEFAULT for one in own), default=0)


def _lifetime(contact: NameAddr, expires: int | None) -> int | None:
    own = _number(contact.param("expires"))
    return expires if own is None else own


def _addresses(message: SipMessage) -> list[NameAddr]:
    found = [parse_name_addr(value) for value in message.headers("Contact") if value != "*"]
    return [one for one in found if not isinstance(one, Malformed)]


def _end(contact: NameAddr) -> tuple[str, str, int]:
    """User, host and port of a contact: what a registrar leaves as it is."""
    uri = parse_uri(contact.uri)
    if not isinstance(uri, Uri):
        return contact.uri, "", 0
    return unescape(uri.user), uri.host.strip("[]"), uri.port or _SIP_PORT


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 11 else None
