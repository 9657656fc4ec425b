"""Instant message disposition notifications (message/imdn+xml, RFC 5438 section 11)."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from conformance.body.xml_document import check_root, child, document, escape, local_name, text_of
from conformance.wire.malformed import Malformed

MEDIA_TYPE = "message/imdn+xml"
"""The media type of a notification (RFC 5438 section 11)."""

NAMESPACE = "urn:ietf:params:xml:ns:imdn"

STATUSES = {
    "delivery": frozenset({"delivered", "failed", "forbidden", "error"}),
    "processing": frozenset({"processed", "stored", "forbidden", "error"}),
    "display": frozenset({"displayed", "forbidden", "error"}),
}
"""The statuses of each kind of notification (RFC 5438 section 11)."""


@dataclass(frozen=True, slots=True)
class Imdn:
    """A disposition notification.

    `message_id` is the imdn.Message-ID of the message reported on; `kind` is `delivery`,
    `processing` or `display`; `status` is the name of the status element. Optional elements are
    None where absent.
    """

    message_id: str
    kind: str
    status: str
    datetime: str | None = None
    recipient_uri: str | None = None
    original_recipient_uri: str | None = None
    subject: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether RFC 5438 knows this status for this kind."""
        return self.status in STATUSES.get(self.kind, frozenset())

    @property
    def is_negative(self) -> bool:
        """Whether the message was not delivered, processed or displayed."""
        return self.status in ("failed", "forbidden", "error")


def is_imdn(media_type: str) -> bool:
    """Whether a media type, in lower case, means a notification; the old `message/imdn`, too."""
    return media_type in (MEDIA_TYPE, "message/imdn")


def parse(octets: bytes) -> Imdn | Malformed:
    """Read a notification; elements of other namespaces are ignored."""
    root = check_root(octets, "IMDN", "imdn", NAMESPACE, "RFC 5438 section 11.1")
    if isinstance(root, Malformed):
        return root
    message_id = text_of(child(root, "message-id", NAMESPACE))
    if not message_id:
        return Malformed("IMDN", octets, 0, "RFC 5438 section 11.1: no message-id")
    for kind in STATUSES:
        notification = child(root, f"{kind}-notification", NAMESPACE)
        if notification is not None:
            status = _status(notification)
            if status is None:
                break
            return Imdn(
                message_id,
                kind,
                status,
                _optional(root, "datetime"),
                _optional(root, "recipient-uri"),
                _optional(root, "original-recipient-uri"),
                _optional(root, "subject"),
            )
    return Malformed("IMDN", octets, 0, "RFC 5438 section 11.1: no notification with a status")


def write(imdn: Imdn) -> bytes:
    """Write a notification; ValueError where it would not be read back as it is."""
    elements = (
        ("message-id", imdn.message_id),
        ("datetime", imdn.datetime),
        ("recipient-uri", imdn.recipient_uri),
        ("original-recipient-uri", imdn.original_recipient_uri),
        ("subject", imdn.subject),
    )
    written = "".join(
        f"<{name}>{escape(text)}</{name}>" for name, text in elements if text is not None
    )
    notification = f"{imdn.kind}-notification"
    octets = document(
        f'<imdn xmlns="{NAMESPACE}">{written}'
        f"<{notification}><status><{imdn.status}/></status></{notification}></imdn>"
    )
    if parse(octets) != imdn:
        raise ValueError(f"no notification can say {imdn!r}")
    return octets


def _status(notification: Element) -> str | None:
    status = child(notification, "status", NAMESPACE)
    for element in () if status is None else status:
        if element.tag.startswith(f"{{{NAMESPACE}}}") or "}" not in element.tag:
            return local_name(element.tag)
    return None


def _optional(root: Element, name: str) -> str | None:
    element = child(root, name, NAMESPACE)
    return None if element is None else text_of(element)
