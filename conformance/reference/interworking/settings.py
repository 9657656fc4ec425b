"""How an Interworking Function is set up, and the messages that it makes of others."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.cpm.identity import uri_of, user_key
from conformance.reference.engine.chance import Chance
from conformance.reference.legs.leg import NonCpmMessage
from conformance.reference.messaging.content import CpmMessage
from conformance.sip.message import SipRequest
from conformance.sip.uri import Uri, parse_uri

ASKED = ("positive-delivery", "negative-delivery")
"""What is asked of the CPM side where the non-CPM side asked for a report."""


@dataclass(frozen=True, slots=True)
class IwfSettings:
    """The operator's settings.

    `home` is the domain of the CPM Users, `core` the SIP URI of the way to the SIP/IP Core.
    `services` are the non-CPM services in the network's own order of preference; `falls_back`:
    a service that cannot take a message now gives way to the next. `answers`: the final answers
    to a message that was taken, the preferred first.
    """

    home: str = "home-a.example"
    core: str = "sip:10.0.1.1:5060"
    services: tuple[str, ...] = ()
    falls_back: bool = True
    answers: tuple[int, ...] = (200, 202)

    def user_uri(self, number: str) -> str:
        """The SIP address of the CPM User who has a number, or whom a SIP URI names already."""
        key = user_key(number)
        if not key.startswith("tel:"):
            return uri_of(number)
        digits = key.removeprefix("tel:").partition(";")[0]
        return f"sip:{quote(digits, safe='+*')}@{self.home}"

    def is_home(self, uri: str) -> bool:
        """Whether a URI names a CPM User of the home network."""
        read = parse_uri(uri_of(uri))
        return isinstance(read, Uri) and read.host == self.home.lower()


def number_uri(value: str) -> str:
    """The tel URI of the number in a header value or URI; "" if there is none."""
    key = user_key(value)
    return key if key.startswith("tel:") else ""


def asserted(request: SipRequest) -> str:
    """The URI of who sends a request, the network's word before the sender's (RFC 3325)."""
    values = request.headers("P-Asserted-Identity")
    numbers = [value for value in values if number_uri(value)]
    for value in (*numbers, *values, request.header("From") or ""):
        if value:
            return uri_of(value)
    return ""


def subject_of(request: SipRequest, settings: IwfSettings) -> str:
    """The CPM User whose preferences count: the recipient if at home here, else the sender."""
    recipient = uri_of(request.header("To") or "")
    return recipient if settings.is_home(recipient) else asserted(request)


def outgoing(identity: str, message: CpmMessage, ends: tuple[str, str], now: int) -> NonCpmMessage:
    """A CPM Message for a non-CPM service; `ends` are the sender's and recipient's URIs."""
    lifetime = None if message.expires_at is None else max(message.expires_at - now, 0)
    wants = not set(ASKED).isdisjoint(message.wants)
    return NonCpmMessage(identity, *ends, message.text, wants, lifetime)


def incoming(
    message: NonCpmMessage, recipient: str, conversation: str, chance: Chance, now: int
) -> CpmMessage:
    """The CPM Message that a message of a non-CPM service becomes."""
    return CpmMessage(
        message_id=chance.token(16),
        sender=message.source,
        recipient=recipient,
        body=message.text.encode("utf-8", "replace"),
        sent_at=now,
        wants=ASKED if message.wants_report else (),
        conversation_id=conversation,
        contribution_id=chance.token(32),
        expires_at=None if message.lifetime is None else now + message.lifetime,
    )


def reported_on(message: CpmMessage, sender: str, recipient: str) -> CpmMessage:
    """A CPM Message as a notification about it names it, whatever its envelope hides."""
    return replace(message, sender=sender, recipient=recipient, anonymous=False, envelope=b"")
