"""Octets to a SIP message, or to the rule that they break (RFC 3261 section 7).

Only what makes a message readable at all is checked here, since it is asked of every message;
the grammar of each field is in `check`.
"""

import re

from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.limits import MAX_BODY, MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed

# Request-Line = Method SP Request-URI SP SIP-Version CRLF; Method is a token.
# Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF; a missing SP is borne.
START_LINE = re.compile(
    rb"(?:(SIP/2\.0) \d{3}(?: [^\r\n]*+)?|[\w.!%*+`'~-]++ [^ \t\r\n]++ SIP/2\.0)\r?\n",
    re.IGNORECASE | re.ASCII,
)
_CLAIM = re.compile(rb"[^\r\n]*?\bSIP/(\d++\.\d++)[ \t]*+\r?\n", re.IGNORECASE)
_BAD_LINE = re.compile(rb"\n(?![^\s:]++[ \t]*+:|[ \t])")


def parse(octets: bytes, *, truncated: bool = False) -> SipRequest | SipResponse | Malformed:
    """Read one message; octets past its Content-Length are kept but belong to no body.

    With `truncated`, the capture is known to hold the beginning only, so that a body (or a head)
    that ends early is no fault of the sender.
    """
    start = START_LINE.match(octets)
    if start is None:
        return Malformed("SIP", octets, 0, start_line_rule(octets))
    return _read(octets, start, truncated)


def parse_started(octets: bytes) -> SipRequest | SipResponse | Malformed | None:
    """As `parse` does, but None where no start line begins the octets."""
    start = START_LINE.match(octets)
    return None if start is None else _read(octets, start, False)


def _read(
    octets: bytes, start: re.Match[bytes], truncated: bool
) -> SipRequest | SipResponse | Malformed:
    message = SipResponse(octets) if start[1] else SipRequest(octets)
    fault = _fault(message, start.end(), truncated)
    return message if fault is None else Malformed("SIP", octets, *fault)


def parse_exact(octets: bytes) -> SipRequest | SipResponse | None:
    """The one message that these octets of a stream are, no more and no less; else None.

    On a stream a message without Content-Length has no body (RFC 3261 section 18.3).
    """
    start = START_LINE.match(octets)
    if start is None:
        return None
    message = SipResponse(octets) if start[1] else SipRequest(octets)
    if _fields_fault(message, start.end(), False):
        return None
    length = message.content_length
    if isinstance(length, str) or message.body_start + (length or 0) != len(octets):
        return None
    return message


def start_line_rule(octets: bytes) -> str:
    """The rule that octets break which begin with no start line."""
    if octets.find(b"\n", 0, MAX_HEAD) < 0:
        return "RFC 3261 section 7: start line without an end"
    claim = _CLAIM.match(octets)
    if claim and claim[1] != b"2.0":
        return "RFC 3261 section 7.1: SIP-Version is not SIP/2.0"
    if octets[:4].upper() == b"SIP/":
        return "RFC 3261 section 7.2: status line is not SIP-Version SP 3DIGIT SP Reason-Phrase"
    return "RFC 3261 section 7.1: request line is not Method SP Request-URI SP SIP-Version"


def _fault(
    message: SipRequest | SipResponse, fields_start: int, truncated: bool
) -> tuple[int, str] | None:
    if fault := _fields_fault(message, fields_start, truncated):
        return fault
    present = len(message.octets) - message.body_start
    rule = length_rule(message.content_length, None if truncated else present)
    return None if rule is None else (len(message.lower_head), rule)


def _fields_fault(
    message: SipRequest | SipResponse, fields_start: int, truncated: bool
) -> tuple[int, str] | None:
    lower = message.lower_head
    if len(lower) > MAX_HEAD:
        return MAX_HEAD, f"limit: start line and header fields exceed {MAX_HEAD} octets"
    if len(lower) > MAX_HEADER_FIELDS and lower.count(b"\n") > MAX_HEADER_FIELDS:
        return len(lower), f"limit: more than {MAX_HEADER_FIELDS} header lines"
    return None if message.regular else _head_fault(message, fields_start, truncated)


def length_rule(length: int | str | None, present: int | None) -> str | None:
    """The rule that a Content-Length breaks; `present` counts the octets after the head."""
    if length is None or isinstance(length, str):
        return length
    if length > MAX_BODY:
        return f"limit: Content-Length exceeds {MAX_BODY} octets"
    if present is not None and length > present:
        return "RFC 3261 section 18.3: Content-Length is larger than the body"
    return None


def _head_fault(
    message: SipRequest | SipResponse, fields_start: int, truncated: bool
) -> tuple[int, str] | None:
    octets, end = message.octets, len(message.lower_head)
    if octets[end : message.body_start] not in (b"\r\n", b"\n") and not truncated:
        return end, "RFC 3261 section 7: no empty line ends the header fields"
    if octets[fields_start : fields_start + 1] in (b" ", b"\t"):
        return fields_start, "RFC 3261 section 7.3.1: continuation line before any header field"
    bad = _BAD_LINE.search(octets, fields_start - 1, end - 1)
    if bad is None or (truncated and octets.find(b"\n", bad.end()) < 0):
        return None
    return bad.end(), "RFC 3261 section 7.3.1: header field without a name and a colon"
