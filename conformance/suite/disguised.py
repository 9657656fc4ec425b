"""Messages in disguise: SIP, MSRP and their bodies, octet for octet as long as they were."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable

from conformance.body.mime import media_type, parse_content_type
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.sip import head
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.names import long_name
from conformance.suite.credentials import may_hold_secrets
from conformance.suite.disguise import Disguise, around, blotted
from conformance.suite.disguised_sms import disguised_sms
from conformance.suite.segmented import Segments
from conformance.wire.limits import MAX_NESTING
from conformance.wire.malformed import Malformed

Shown = SipRequest | SipResponse | MsrpRequest | MsrpResponse | Malformed

_PLAIN_FIELDS = """accept accept-contact accept-encoding accept-language allow allow-events
    byte-range content-encoding content-language content-length content-transfer-encoding cseq
    date datetime disposition-notification event expires failure-report max-expires max-forwards
    mime-version min-expires min-se ns p-asserted-service p-early-media p-preferred-service
    priority privacy proxy-require rack refer-sub reject-contact request-disposition require
    retry-after rseq security-client security-server security-verify server session-expires
    status subscription-state success-report supported timestamp unsupported user-agent"""
_ADDRESS_FIELDS = """cc contact diversion error-info from geolocation history-info
    imdn-record-route imdn-route original-to p-asserted-identity p-associated-uri
    p-called-party-id p-preferred-identity p-profile-key p-served-user path record-route refer-to
    referred-by replaces reply-to route service-route session-replaces to to-path from-path
    use-path via"""
_SECRET_FIELDS = """authentication-info authorization identity proxy-authenticate
    proxy-authentication-info proxy-authorization www-authenticate"""
_PLAIN = frozenset(_PLAIN_FIELDS.split())
_ADDRESSES = frozenset(_ADDRESS_FIELDS.split())
_SECRETS = frozenset(_SECRET_FIELDS.split())
_NAMED = frozenset({"content-disposition", "content-type"})
_QUOTED = frozenset({"reason", "warning"})

_LOGICAL_LINE = re.compile(r"[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)")
_FIELD = re.compile(r"([^\s:]++[ \t]*+:)(.*)", re.DOTALL)
_REQUEST = re.compile(r"([^\s:<>\"@]++[ \t]++)(.*?)((?:[ \t]++SIP/[\d.]++)?[ \t]*+\r?\n?)\Z")
_SCHEME = re.compile(r"\s*+[A-Za-z][\w-]*+[ \t]++(?=[^\s=])")
# Names of parameters, and values that are no secret; in Basic the padding is no parameter.
_SECRET_KEPT = re.compile(
    r"(?P<plain>\b(?:algorithm|qop|stale|nc)[ \t]*+=[ \t]*+(?:\"[^\"]*+\"|[^\s,;\"]*+)"
    r"|\b[\w-]{1,32}[ \t]*+=(?=[ \t]*+[^\s=,;]))",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"(name\*?[ \t]*+=[ \t]*+)(\"[^\"]*+\"|[^\s;]++)", re.IGNORECASE)
_IN_QUOTES = re.compile(r"\"[^\"]*+\"")
_UTF_8 = frozenset({"", "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "ascii"})
_SYMBOL = re.compile(rb"[A-Za-z0-9+/=]")
_EMPTY_LINE = re.compile(rb"(?:\A|\n)\r?\n")
_SECRET_LINE = re.compile(
    rb"^(?:((?:Proxy-)?Authorization[ \t]*+:)([^\n]*+(?:\n[ \t][^\n]*+)*+)"
    rb"|(a=(?:crypto|key-mgmt|ice-pwd):|k=)([^\n]*+))",
    re.IGNORECASE | re.MULTILINE,
)


class Disguised:
    """The messages of one run, all by the same pseudonyms."""

    def __init__(self, disguise: Disguise, segments: Segments | None = None) -> None:
        self.disguise = disguise
        self._segments = segments

    def message(self, message: Shown, body: bytes | None = None) -> Shown:
        """The message in disguise; `body` is what stands for an MSRP chunk's, where known."""
        if isinstance(message, Malformed):
            changed = self.msrp if message.protocol == "MSRP" else self.sip
            return Malformed(
                message.protocol, changed(message.octets), message.offset, message.rule
            )
        if isinstance(message, MsrpRequest | MsrpResponse):
            return type(message)(self.msrp(message.octets, body))
        return type(message)(self.sip(message.octets))

    def sip(self, octets: bytes) -> bytes:
        """The octets of a SIP message, whole or broken."""
        message = SipRequest(octets)
        length = head.content_length(message.lower_head, message.regular)
        start = message.body_start
        end = start + length if isinstance(length, int) else len(octets)
        coding = message.header("Content-Encoding")
        kind = "application/octet-stream" if coding else message.header("Content-Type") or ""
        return (
            self._head(octets[:start], self._start_line)
            + self.body(kind, octets[start:end])
            + self._text(octets[end:])
        )

    def msrp(self, octets: bytes, body: bytes | None = None) -> bytes:
        """The octets of an MSRP message; `body` stands for its body where given."""
        message = MsrpRequest(octets)
        start, end = message.body_start, message.body_end
        if body is None:
            body = self.body(message.header("Content-Type") or "", octets[start:end])
        # The transaction identifier is made by chance and must equal that of the end-line.
        return self._head(octets[:start], str) + body + octets[end:]

    def body(self, content_type: str, octets: bytes, depth: int = 0) -> bytes:
        """The octets of a body by its Content-Type value."""
        kind = media_type(content_type)
        if not octets or depth > MAX_NESTING:
            return self.disguise.pseudonyms.stream(octets)
        if kind.startswith("multipart/"):
            return self._multipart(content_type, octets, depth)
        if kind in ("message/sip", "message/sipfrag"):
            return self.sip(octets)
        if kind == "message/cpim":
            return self._cpim(octets, depth)
        if kind == "application/vnd.3gpp.sms":
            return disguised_sms(octets, self.disguise, self._segments)
        return self._leaf(content_type, kind, octets)

    def _leaf(self, content_type: str, kind: str, octets: bytes) -> bytes:
        """A body that wraps no other one: text, or octets that are replaced whole."""
        value = parse_content_type(content_type)
        charset = "" if isinstance(value, Malformed) else value.parameter("charset") or ""
        change: Callable[[str], str] = self.disguise.hide
        if kind == "application/sdp":
            change = self.disguise.sdp
        elif kind == "text/plain":
            change = self.disguise.prose
        elif kind.endswith(("+xml", "/xml", "/html")):
            change = self.disguise.xml
        elif kind and not kind.startswith("text/") and not kind.endswith("json"):
            return self.disguise.pseudonyms.stream(octets)
        if charset.lower() not in _UTF_8:
            return self.disguise.pseudonyms.stream(octets)
        return _changed(octets, change)

    def _text(self, octets: bytes) -> bytes:
        return _changed(octets, self.disguise.hide)

    def _head(self, octets: bytes, start_line: Callable[[str], str] | None) -> bytes:
        """A block of header fields, after a start line where there is one."""
        lines = _LOGICAL_LINE.findall(octets.decode("utf-8", "surrogateescape"))
        found = [self._field(line) for line in (lines[1:] if start_line else lines)]
        if start_line and lines:
            first, feed, folded = lines[0].partition("\n")
            found.insert(0, start_line(first + feed) + self.disguise.hide(folded))
        return "".join(found).encode("utf-8", "surrogateescape")

    def _start_line(self, line: str) -> str:
        if line[:4].upper() == "SIP/":
            return line
        match = _REQUEST.match(line)
        if match is None:
            return self.disguise.hide(line)
        return match[1] + self.disguise.address(match[2]) + match[3]

    def _field(self, line: str) -> str:
        match = _FIELD.match(line)
        if match is None:
            return self.disguise.hide(line)
        name = long_name(match[1].rstrip(": \t")).rpartition(".")[2].lower()
        return match[1] + self._value(name, match[2])

    def _value(self, name: str, value: str) -> str:
        if name in _PLAIN:
            return value
        if name in _SECRETS:
            return secret(value)
        if name in _NAMED:
            return _FILE_NAME.sub(lambda found: found[1] + self.disguise.hide(found[2]), value)
        if name in _QUOTED:
            return _IN_QUOTES.sub(lambda found: self.disguise.hide(found[0]), value)
        return self.disguise.address(value) if name in _ADDRESSES else self.disguise.hide(value)

    def _cpim(self, octets: bytes, depth: int) -> bytes:
        """Message headers, then a MIME entity (RFC 3862 section 2)."""
        end = _EMPTY_LINE.search(octets)
        if end is None:
            return self._head(octets, None)
        return self._head(octets[: end.end()], None) + self._entity(octets[end.end() :], depth)

    def _entity(self, octets: bytes, depth: int) -> bytes:
        end = _EMPTY_LINE.search(octets)
        if end is None:
            return self._head(octets, None)
        block, content = octets[: end.end()], octets[end.end() :]
        fields = SipRequest(b"\n" + block)
        kind = fields.header("Content-Type") or "text/plain"
        coding = (fields.header("Content-Transfer-Encoding") or "").strip().lower()
        if coding == "base64":
            return self._head(block, None) + self._base64(kind, content, depth)
        if coding == "quoted-printable":
            return self._head(block, None) + _changed(content, _quoted_printable(self.disguise))
        return self._head(block, None) + self.body(kind, content, depth + 1)

    def _base64(self, kind: str, octets: bytes, depth: int) -> bytes:
        """The decoded octets in disguise, coded again into the same places."""
        try:
            decoded = a2b_base64(b"".join(_SYMBOL.findall(octets)), strict_mode=True)
        except Base64Error:
            return _changed(octets, blotted)
        symbols = b2a_base64(self.body(kind, decoded, depth + 1), newline=False)
        places = iter(symbols)
        return _SYMBOL.sub(lambda _: bytes([next(places)]), octets)

    def _multipart(self, content_type: str, octets: bytes, depth: int) -> bytes:
        value = parse_content_type(content_type)
        boundary = "" if isinstance(value, Malformed) else value.parameter("boundary") or ""
        if not boundary:
            return self._text(octets)
        mark = re.escape(b"--" + boundary.encode("utf-8", "surrogateescape"))
        delimiter = re.compile(rb"(?:\A|\r?\n)" + mark + rb"(?:--)?[ \t]*+(?:\r?\n|\Z)")
        found, at = [], 0
        for match in delimiter.finditer(octets):
            part = octets[at : match.start()]
            found += [self._entity(part, depth) if at else self._text(part), match[0]]
            at = match.end()
        rest = octets[at:]
        return b"".join([*found, self._entity(rest, depth) if at else self._text(rest)])


def secret(value: str) -> str:
    """Credentials blotted out: the scheme and the names of parameters stay."""
    scheme = _SCHEME.match(value)
    start = scheme.end() if scheme else 0
    return value[:start] + around(_SECRET_KEPT, value[start:], blotted)


def without_secrets(octets: bytes) -> bytes:
    """A message whose credentials and keys are blotted out, all else as it was."""

    def blot(found: re.Match[bytes]) -> bytes:
        if found[1] is not None:
            return found[1] + _changed(found[2], secret)
        return found[3] + _changed(found[4], blotted)

    return _SECRET_LINE.sub(blot, octets) if may_hold_secrets(octets) else octets


def _quoted_printable(disguise: Disguise) -> Callable[[str], str]:
    def change(text: str) -> str:
        pieces = re.split(r"(=(?:[0-9A-Fa-f]{2}|\r?\n))", text)
        return "".join(
            piece if place % 2 else disguise.hide(piece) for place, piece in enumerate(pieces)
        )

    return change


def _changed(octets: bytes, change: Callable[[str], str]) -> bytes:
    text = octets.decode("utf-8", "surrogateescape")
    return change(text).encode("utf-8", "surrogateescape")
