"""Telling a sender that a deferred message was not delivered (C.3.1.1.3, RFC 5438)."""

from collections.abc import Sequence

from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, imdn
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.request import MESSAGE
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse


class FailureNotices:
    """The delivery failure notifications of a participating function."""

    def __init__(self, host: PfHost) -> None:
        self.host = host

    def tell(self, message: CpmMessage, user: str, why: str) -> None:
        """Tell the sender, if the sender asked for it and policy allows it."""
        if self.host.choose(Point.FAILURE_NOTICE, self.options(message), message.message_id):
            self.inform(message, user, why)

    def inform(self, message: CpmMessage, user: str, why: str) -> None:
        """Compose the notification and send it."""
        try:
            body = self.compose(message)
        except ValueError as fault:
            # No notification can name such a message, as its Message-ID is no text for XML.
            self.host.note("unsendable", message, why=str(fault))
            return
        self.send(message, user, body)
        self.host.note("told", message, user=message.sender, why=why)

    def options(self, message: CpmMessage) -> Sequence[bool]:
        """Whether a notification may go, the operator's wish first."""
        if not self.is_asked_for(message):
            return (False,)
        # Step 7 leaves it to the service provider's policies.
        return (True, False) if self.host.settings.failure_notices else (False, True)

    def is_asked_for(self, message: CpmMessage) -> bool:
        """Whether the sender can be told and asked to be (RFC 5438 section 6.2)."""
        known = bool(message.sender and message.message_id)
        return known and "negative-delivery" in message.wants and not message.is_notification

    def compose(self, message: CpmMessage) -> bytes:
        """The notification in its envelope."""
        return imdn(message, "failed", "delivery", self.host.chance, self.host.now)

    def send(self, message: CpmMessage, user: str, body: bytes) -> None:
        """Send the notification by MESSAGE through the core."""
        self.host.agent.request(
            "MESSAGE",
            message.sender,
            sender=user,
            headers=self.host.identity_fields(user, MESSAGE),
            content=Content(CPIM_TYPE, body),
            answered=self.answered,
        )

    def answered(self, answer: SipResponse | Failure) -> None:
        """Nothing follows from the answer: a notification is sent once."""
