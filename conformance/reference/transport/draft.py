"""A SIP message while it is written: its fields in order, to be read and changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.sip.grammar import split_list
from conformance.sip.message import SipMessage, SipRequest, SipResponse
from conformance.sip.names import is_list, long_name
from conformance.sip.writer import write_request, write_response

REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    603: "Decline",
    606: "Not Acceptable",
}
"""Reason phrases (RFC 3261 section 21, RFC 6665, RFC 3428)."""


@dataclass(slots=True)
class Draft:
    """A request (`method`, `uri`) or a response (`status`, `reason`) with its fields in order."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def of(cls, message: SipRequest | SipResponse) -> "Draft":
        """A message as it was read, to be sent on; Content-Length is left to the writer."""
        fields = [
            (long_form(name), value)
            for name, value in message.fields()
            if long_name(name) != "content-length"
        ]
        if isinstance(message, SipRequest):
            return cls(message.method, message.uri, fields=fields, body=message.body)
        return cls("", "", message.status, message.reason, fields, message.body)

    @classmethod
    def response_to(cls, request: SipMessage, status: int, reason: str = "") -> "Draft":
        """An answer with what it takes over from its request (RFC 3261 section 8.2.6.2)."""
        fields = [("Via", value) for value in request.headers("Via")]
        names = ("From", "To", "Call-ID", "CSeq")
        fields.extend((name, request.header(name) or "") for name in names)
        return cls(status=status, reason=reason or REASONS.get(status, "Other"), fields=fields)

    @property
    def is_request(self) -> bool:
        """Whether it is a request."""
        return bool(self.method)

    def get(self, name: str) -> str | None:
        """The first value of a field, a list's first element."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every value of a field in order; those of a list apart."""
        wanted = long_name(name)
        found: list[str] = []
        for key, value in self.fields:
            if long_name(key) == wanted:
                found.extend(split_list(value) if is_list(name) else (value,))
        return found

    def put(self, name: str, value: str) -> "Draft":
        """Set a field to one value, at its first place, or behind the others."""
        wanted = long_name(name)
        at = next((i for i, (key, _) in enumerate(self.fields) if long_name(key) == wanted), None)
        self.remove(name)
        self.fields.insert(len(self.fields) if at is None else at, (name, value))
        return self

    def put_all(self, name: str, values: Iterable[str]) -> "Draft":
        """Set a field to these values, a line each, at its first place."""
        wanted = long_name(name)
        at = next((i for i, (key, _) in enumerate(self.fields) if long_name(key) == wanted), None)
        self.remove(name)
        at = len(self.fields) if at is None else at
        self.fields[at:at] = [(name, value) for value in values]
        return self

    def add(self, name: str, value: str) -> "Draft":
        """Append a field."""
        self.fields.append((name, value))
        return self

    def push(self, name: str, value: str) -> "Draft":
        """Put a field before all others of its name, or before everything: Via, Record-Route."""
        wanted = long_name(name)
        at = next((i for i, (key, _) in enumerate(self.fields) if long_name(key) == wanted), 0)
        self.fields.insert(at, (name, value))
        return self

    def remove(self, name: str) -> "Draft":
        """Leave a field out altogether."""
        wanted = long_name(name)
        self.fields = [(key, value) for key, value in self.fields if long_name(key) != wanted]
        return self

    def carry(self, content_type: str, body: bytes, disposition: str = "") -> "Draft":
        """Set the body, its type, and its disposition where given."""
        self.put("Content-Type", content_type)
        if disposition:
            self.put("Content-Disposition", disposition)
        self.body = body
        return self

    def copy(self) -> "Draft":
        """Another of the same content."""
        return Draft(self.method, self.uri, self.status, self.reason, list(self.fields), self.body)

    def octets(self) -> bytes:
        """As it goes on the wire; Content-Length last."""
        if self.is_request:
            return write_request(self.method, self.uri, self.fields, self.body)
        return write_response(self.status, self.reason, self.fields, self.body)


_LONG_FORMS = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}


def long_form(name: str) -> str:
    """A field's name in its long form, in the usual case where it was compact."""
    if len(name) > 1:
        return name
    long = long_name(name)
    return _LONG_FORMS.get(long, "-".join(part.capitalize() for part in long.split("-")))
