"""A message that has come for a user: read, and fit to be kept and sent on."""

from dataclasses import dataclass, replace

from conformance.reference.messaging import content
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.request import asked_by
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.sip.message import SipRequest
from conformance.sip.uri import Uri, parse_uri


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that has come for a user and waits for its answer."""

    transaction: ServerTransaction
    user: str
    message: CpmMessage


def read_message(request: SipRequest, now: int) -> CpmMessage | None:
    """The CPM Message in a MESSAGE; None where it cannot be read or kept."""
    kind = request.header("Content-Type") or ""
    found = content.read(kind, request.body, request, now=now)
    return sound(found, request) if isinstance(found, CpmMessage) else None


def sound(message: CpmMessage, request: SipRequest) -> CpmMessage | None:
    """The message without what no header and no store can hold; None if that is its Message-ID.

    A sender that is no address gives way to who is asserted in the request.
    """
    if not is_text(message.message_id):
        return None
    sender = next((s for s in (message.sender, asked_by(request)) if is_address(s)), "")
    kept = replace(
        message,
        sender=sender,
        subject="".join(c for c in message.subject if c.isprintable()),
        recipient=message.recipient if is_text(message.recipient) else "",
        conversation_id=message.conversation_id if is_text(message.conversation_id) else "",
        contribution_id=message.contribution_id if is_text(message.contribution_id) else "",
    )
    return kept if is_writable(kept) else None


def is_writable(message: CpmMessage) -> bool:
    """Whether an envelope can hold the message."""
    try:
        message.cpim()
    except ValueError:
        return False
    return True


def is_text(value: str) -> bool:
    """Whether every character can be shown; octets that are no UTF-8 cannot."""
    return value.isprintable()


def is_address(value: str) -> bool:
    """Whether a value is a URI that a request can be sent to or can name."""
    return is_text(value) and isinstance(parse_uri(value), Uri)
