"""Octets to an MSRP message, or to the rule that they break (RFC 4975 section 9)."""

import re

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.wire.limits import MAX_BODY, MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed

# req-start = "MSRP" SP transact-id SP method CRLF; method = 1*UPALPHA
# resp-start = "MSRP" SP transact-id SP status-code [SP comment] CRLF
# transact-id = ALPHANUM 3*31ident-char; ident-char = ALPHANUM / "." / "-" / "+" / "%" / "="
START_LINE = re.compile(
    rb"MSRP ([A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}) (?:[A-Z]++|(\d{3})(?: [^\r\n]*+)?)\r\n"
)
_BAD_LINE = re.compile(rb"\r\n(?!\Z|[^\s:]++:)")
_PATHS = re.compile(rb"\r\nto-path:[ \t]*+[^ \t\r\n][^\r\n]*+\r\nfrom-path:[ \t]*+[^ \t\r\n]")


def parse(octets: bytes, *, framed: bool = False) -> MsrpRequest | MsrpResponse | Malformed:
    """Read one message, from its start line to the CRLF of its end-line.

    With `framed`, the octets are known to end with the first end-line of their transaction.
    """
    start = START_LINE.match(octets)
    if start is None:
        rule = "RFC 4975 section 9: start line is not MSRP SP transact-id SP method or status"
        return Malformed("MSRP", octets, 0, rule)
    # The first end-line with the message's own transaction identifier ends it.
    mark = b"\r\n-------" + start[1]
    if not framed and find_end(octets, mark, start.end() - 2) != len(octets):
        rule = "RFC 4975 section 7.1: octets do not end with the end-line of their transaction"
        return Malformed("MSRP", octets, len(octets), rule)
    message = MsrpResponse(octets) if start[2] else MsrpRequest(octets)
    fault = _fault(message, start.end())
    return message if fault is None else Malformed("MSRP", octets, *fault)


def find_end(octets: bytes | bytearray, mark: bytes, begin: int) -> int:
    """The offset past the end-line that begins with `mark`; -1 if there is none yet."""
    at = octets.find(mark, begin)
    while at >= 0:
        end = at + len(mark) + 3
        if octets[at + len(mark) : end] in (b"$\r\n", b"+\r\n", b"#\r\n"):
            return end
        at = octets.find(mark, at + 2)
    return -1


def _fault(message: MsrpRequest | MsrpResponse, fields_start: int) -> tuple[int, str] | None:
    lower = message.lower_head
    if len(lower) > MAX_HEAD:
        return MAX_HEAD, f"limit: start line and header fields exceed {MAX_HEAD} octets"
    if lower.count(b"\n") > MAX_HEADER_FIELDS:
        return len(lower), f"limit: more than {MAX_HEADER_FIELDS} header lines"
    if message.body_end - message.body_start > MAX_BODY:
        return message.body_start + MAX_BODY, f"limit: body exceeds {MAX_BODY} octets"
    if bad := _BAD_LINE.search(lower, fields_start - 2):
        return bad.end(), "RFC 4975 section 9: header field without a name and a colon"
    if not _PATHS.match(lower, fields_start - 2):
        return fields_start, "RFC 4975 section 7.1: To-Path and From-Path do not come first"
    return None
