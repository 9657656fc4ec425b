"""What a client tells senders of their messages: disposition notifications (clause 7.3.12 2)."""

from collections.abc import Callable

from conformance.reference.client.base import reachable
from conformance.reference.client.registration import ClientRegistration
from conformance.reference.client.session import ClientSession
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, imdn
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse

DELIVERY, DISPLAY = "positive-delivery", "display"
KINDS = {
    DELIVERY: ("delivered", "delivery"),
    DISPLAY: ("displayed", "display"),
}
"""Status and kind of the notification for each thing that a sender may ask to be told."""


class ClientNotifications(ClientRegistration):
    """How a client notifies: each time by one SIP MESSAGE."""

    def dispose(self, message: CpmMessage, session: ClientSession | None = None) -> None:
        """Have the sender told what becomes of a message, as it asks and settings allow."""
        self._in(self.settings.notify_after, lambda: self.tell(message, DELIVERY, session))
        delay = self.settings.display_after
        if delay is not None:
            self._in(delay, lambda: self.tell(message, DISPLAY, session))

    def display(self, message: CpmMessage) -> None:
        """The user has read a message now; for a `display_after` of None."""
        self.tell(message, DISPLAY)

    def tell(self, message: CpmMessage, wanted: str, session: ClientSession | None = None) -> None:
        """Send the notification that the sender asks for, if it does and it may be sent."""
        if self.may_notify(message, wanted):
            self.notify(message, *KINDS[wanted], session)

    def may_notify(self, message: CpmMessage, wanted: str) -> bool:
        """Whether the sender asks for a notification, and one may be sent (clause 7.3.12 2)."""
        if wanted not in message.wants or wanted not in self.settings.notifies:
            return False
        if not message.message_id or not reachable(message.sender):
            return False
        about = f"{message.message_id} {wanted}"
        return self.choose(Point.NOTIFICATION, self.settings.notifying, about)

    def notify(
        self, message: CpmMessage, status: str, kind: str, session: ClientSession | None = None
    ) -> None:
        """Send one notification: one SIP MESSAGE, whatever session the message came in."""
        try:
            body = self.compose_notification(message, status, kind)
        except ValueError:
            # Its Message-ID is no text for XML: nothing can name such a message.
            self.note("notification-failed", message=message.message_id)
            return
        self.agent.request(
            "MESSAGE",
            message.sender,
            headers=[
                *self.service_headers(self.notifying_service(message)),
                *self.identities(message.conversation_id, message.contribution_id),
            ],
            content=Content(CPIM_TYPE, body),
            answered=lambda answer: self.notify_answered(message, answer),
        )

    def compose_notification(self, message: CpmMessage, status: str, kind: str) -> bytes:
        """One notification about one message, in an envelope of its own."""
        return imdn(message, status, kind, self.station.chance, self.station.now)

    def notifying_service(self, message: CpmMessage) -> str:
        """The CPM service under which a notification about a message travels."""
        return "msg"

    def notify_answered(self, message: CpmMessage, answer: SipResponse | Failure) -> None:
        """Take the answer to a notification; it is not sent again."""
        if isinstance(answer, Failure) or answer.status >= 300:
            self.note("notification-failed", message=message.message_id)

    def _in(self, delay: int, action: Callable[[], None]) -> None:
        if delay:
            self.station.after(delay, action)
        else:
            action()
