"""SIP messages to octets (RFC 3261 section 7)."""

from collections.abc import Iterable

from conformance.sip.grammar import is_token
from conformance.sip.message import SipMessage
from conformance.sip.names import long_name


def write(message: SipMessage) -> bytes:
    """The octets of a message, as they were seen."""
    return message.octets


def write_request(
    method: str, uri: str, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> bytes:
    """A request; Content-Length is added unless given. ValueError for what cannot be written."""
    if not is_token(method):
        raise ValueError(f"method {method!r} is not a token (RFC 3261 section 7.1)")
    if not uri or not uri.isprintable() or " " in uri:
        raise ValueError(
            f"Request-URI {uri!r} holds white space or nothing (RFC 3261 section 7.1)"
        )
    return _write(f"{method} {uri} SIP/2.0", headers, body)


def write_response(
    status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> bytes:
    """A response; Content-Length is added unless given. ValueError for what cannot be written."""
    if not 100 <= status <= 999:
        raise ValueError(f"status {status} is not three digits (RFC 3261 section 7.2)")
    if "\r" in reason or "\n" in reason:
        raise ValueError(f"reason phrase {reason!r} holds a line end (RFC 3261 section 7.2)")
    return _write(f"SIP/2.0 {status} {reason}", headers, body)


def _write(start_line: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    lines = [start_line]
    has_length = False
    for name, value in headers:
        if not is_token(name):
            raise ValueError(f"field name {name!r} is not a token (RFC 3261 section 7.3.1)")
        if "\r" in value or "\n" in value:
            raise ValueError(f"value of {name} holds a line end: {value!r}")
        has_length = has_length or long_name(name) == "content-length"
        lines.append(f"{name}: {value}")
    if not has_length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "\r\n"]).encode("utf-8", "surrogateescape") + body
