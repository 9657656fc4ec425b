"""CPM Messages in their CPIM envelope, and notifications about them (RFC 3862, RFC 5438)."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from conformance.body import cpim as cpim_body
from conformance.body import imdn as imdn_body
from conformance.body import multipart
from conformance.body.mime import Headers, decode_text, parse_content_type
from conformance.cpm.identity import is_anonymous, uri_of
from conformance.cpm.service import cpm_services, feature_tag, urn
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.timer import SECOND
from conformance.sip.message import SipMessage
from conformance.wire.malformed import Malformed

CPIM_TYPE = "message/cpim"
ANONYMOUS = "sip:anonymous@anonymous.invalid"
"""Who sends where that is not to be seen (RFC 3323 section 4.1.1.3)."""

PAGER_SIZE = 1300
"""Octets of content up to which a CPM Message goes in one SIP MESSAGE (RFC 3428 section 8)."""

WANTS = ("positive-delivery", "negative-delivery", "display")
"""What a sender may ask to be told (RFC 5438 section 6.2)."""

_SERVICE_FIELDS = ("P-Asserted-Service", "P-Preferred-Service", "Accept-Contact")
_PREFIX = "oma.cpm."
_LINE_BREAKS = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f]+")
_MAX_SECONDS = 10**9


@dataclass(frozen=True, slots=True)
class CpmMessage:
    """A CPM Message or a notification; times in ns UTC, `expires_at` None where never.

    `service` is the last part of its service identifier: `msg`, `largemsg`, `session`. `envelope`
    is the CPIM as it came, which goes on unchanged.
    """

    message_id: str
    sender: str
    recipient: str
    body: bytes
    content_type: str = "text/plain;charset=UTF-8"
    sent_at: int = 0
    wants: tuple[str, ...] = ()
    conversation_id: str = ""
    contribution_id: str = ""
    service: str = "msg"
    expires_at: int | None = None
    subject: str = ""
    anonymous: bool = False
    envelope: bytes = field(default=b"", compare=False, repr=False)

    @property
    def text(self) -> str:
        """The content as text."""
        value = parse_content_type(self.content_type)
        charset = None if isinstance(value, Malformed) else value.parameter("charset")
        return decode_text(self.body, charset)

    @property
    def is_notification(self) -> bool:
        """Whether it tells what became of another message."""
        return self.notification is not None

    @property
    def notification(self) -> imdn_body.Imdn | None:
        """What it tells of another message, if it does."""
        part = multipart.find(self.content_type, self.body, imdn_body.MEDIA_TYPE)
        if part is None:
            return None
        found = imdn_body.parse(part.content)
        return None if isinstance(found, Malformed) else found

    @property
    def is_pager(self) -> bool:
        """Whether it is small enough for a SIP MESSAGE."""
        return len(self.cpim()) <= PAGER_SIZE

    def cpim(self) -> bytes:
        """The message in its envelope; as it came, if it came in one.

        ValueError for a content type that is not one line.
        """
        if self.envelope:
            return self.envelope
        shown = ANONYMOUS if self.anonymous else self.sender
        fields = [("From", f"<{shown}>"), ("To", f"<{self.recipient}>")]
        fields += [("DateTime", stamp(self.sent_at))]
        fields += [("Subject", self.subject)] if one_line(self.subject) else []
        fields += [("NS", f"imdn <{cpim_body.IMDN}>"), ("imdn.Message-ID", self.message_id)]
        fields += [("imdn.Disposition-Notification", ", ".join(self.wants))] if self.wants else []
        return _envelope(fields, self.content_type, self.body)


def read(
    content_type: str, body: bytes, headers: SipMessage | None = None, *, now: int = 0
) -> CpmMessage | Malformed:
    """The CPM Message in a body of a SIP message, or of an MSRP message in its session.

    `headers` are the fields of the MESSAGE, or of the INVITE of the session; `now` is when it
    came, which its Expires counts from. Malformed where its envelope cannot be read.
    """
    part = multipart.find(content_type, body, CPIM_TYPE)
    if part is None:
        return _bare(content_type, body, headers, now)
    envelope = cpim_body.parse(part.content)
    if isinstance(envelope, Malformed):
        return envelope
    shown = one_line(uri_of(envelope.from_ or ""))
    hidden = not shown or is_anonymous(shown)
    recipient = next(iter(envelope.to), "")
    return CpmMessage(
        message_id=one_line(envelope.message_id or ""),
        sender=_sender(headers) or shown if hidden else shown,
        recipient=one_line(uri_of(recipient or _field(headers, "To"))),
        body=envelope.content,
        content_type=one_line(envelope.payload.content_type_value),
        sent_at=read_stamp(envelope.datetime or "", now),
        wants=tuple([word for word in WANTS if word in envelope.disposition_notification]),
        conversation_id=_field(headers, "Conversation-ID"),
        contribution_id=_field(headers, "Contribution-ID"),
        service=service_of(headers),
        expires_at=expiry(headers, now),
        subject=one_line(envelope.subject or ""),
        anonymous=bool(shown) and hidden,
        envelope=part.content,
    )


def imdn(message: CpmMessage, status: str, kind: str, chance: Chance, now: int) -> bytes:
    """A notification in an envelope of its own: what became of a message (RFC 5438 section 7).

    `kind` is delivery, processing or display; `status` one of its statuses. It never asks for a
    notification itself (section 7.1.1.1). ValueError where no notification can name the message.
    """
    told = imdn_body.Imdn(
        message.message_id, kind, status, stamp(message.sent_at), message.recipient or None
    )
    fields = [
        ("From", f"<{message.recipient}>"),
        ("To", f"<{ANONYMOUS if message.anonymous else message.sender}>"),
        ("DateTime", stamp(now)),
        ("NS", f"imdn <{cpim_body.IMDN}>"),
        ("imdn.Message-ID", chance.token(16)),
    ]
    octets = imdn_body.write(told)
    return _envelope(fields, imdn_body.MEDIA_TYPE, octets, disposition="notification")


def service_of(headers: SipMessage | None) -> str:
    """The CPM service that a SIP message names, such as `msg`; "" if none."""
    if headers is None:
        return ""
    for name in _SERVICE_FIELDS:
        found = sorted(cpm_services(headers.headers(name)))
        if found and found[0].startswith(_PREFIX):
            return found[0].removeprefix(_PREFIX)
    return ""


def feature(*services: str) -> str:
    """The feature tag that names CPM services, such as `msg`."""
    return feature_tag(*[_PREFIX + service for service in services])


def icsi(service: str) -> str:
    """The service identifier of a CPM service as P-Asserted-Service writes it."""
    return urn(_PREFIX + service)


def expiry(headers: SipMessage | None, now: int) -> int | None:
    """When a message is no longer worth delivering (RFC 3428 section 5); None if never."""
    value = _field(headers, "Expires").strip()
    if not value.isascii() or not value.isdecimal():
        return None
    return now + min(int(value[:10]), _MAX_SECONDS) * SECOND


def stamp(ns: int) -> str:
    """A time in ns UTC as RFC 3339 writes it, to the second."""
    return datetime.fromtimestamp(max(ns, 0) // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_stamp(text: str, default: int = 0) -> int:
    """The time in ns UTC that a text of RFC 3339 tells; the default where it tells none."""
    try:
        found = datetime.fromisoformat(text.strip().upper())
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return int((found - datetime.fromtimestamp(0, UTC)).total_seconds()) * SECOND
    except (ValueError, OverflowError):
        return default


def one_line(text: str) -> str:
    """A text without line ends, control characters or lone surrogates, fit for a header."""
    plain = _LINE_BREAKS.sub(" ", text).strip()
    try:
        plain.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return plain.encode("utf-8", "replace").decode()
    return plain


def _envelope(
    fields: list[tuple[str, str]], content_type: str, body: bytes, *, disposition: str = ""
) -> bytes:
    inner = [("Content-Type", content_type)]
    inner += [("Content-Disposition", disposition)] if disposition else []
    inner.append(("Content-Length", str(len(body))))
    payload = multipart.Part(Headers(tuple(inner)), body)
    shown = tuple([(name, one_line(value)) for name, value in fields])
    return cpim_body.write(cpim_body.Cpim(shown, payload))


def _bare(
    content_type: str, body: bytes, headers: SipMessage | None, now: int
) -> CpmMessage | Malformed:
    """A message without an envelope: what its SIP message tells must do."""
    if not content_type:
        return Malformed("CPIM", body, 0, "RFC 3428 section 4: content without a Content-Type")
    return CpmMessage(
        message_id="",
        sender=_sender(headers),
        recipient=uri_of(_field(headers, "To")),
        body=body,
        content_type=content_type,
        sent_at=now,
        conversation_id=_field(headers, "Conversation-ID"),
        contribution_id=_field(headers, "Contribution-ID"),
        service=service_of(headers),
        expires_at=expiry(headers, now),
        anonymous=is_anonymous(_field(headers, "From")),
    )


def _sender(headers: SipMessage | None) -> str:
    """Who sends a SIP message: the originator it was referred by, the asserted one, or From."""
    for name in ("Referred-By", "P-Asserted-Identity", "From"):
        if value := _field(headers, name):
            return uri_of(value)
    return ""


def _field(headers: SipMessage | None, name: str) -> str:
    return one_line(headers.header(name) or "") if headers is not None else ""
