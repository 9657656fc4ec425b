"""Messages of a client: those it sends, and those that it takes one by one."""

from collections import deque
from functools import partial

from conformance.reference.client.large import LargeMessage
from conformance.reference.client.notifications import ClientNotifications
from conformance.reference.client.session import ClientSession
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage, read
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.agent import Answered
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

MAX_KEPT = 10_000
"""Messages that a client remembers."""


class ClientMessages(ClientNotifications):
    """What a client does with messages."""

    large_message_class: type[LargeMessage] = LargeMessage

    @property
    def received(self) -> "deque[CpmMessage]":
        """The messages that came, the latest last; notifications are not among them."""
        return self._inbox

    def prepare(self) -> None:
        """Make ready for messages."""
        super().prepare()
        self._inbox: deque[CpmMessage] = deque(maxlen=MAX_KEPT)
        self._known: dict[str, None] = {}
        self.agent.handlers["MESSAGE"] = self.take_sip_message

    # Out.

    def compose(
        self,
        to: str,
        text: str | bytes,
        *,
        content_type: str = "text/plain;charset=UTF-8",
        wants: tuple[str, ...] = (),
        conversation: str = "",
        subject: str = "",
        service: str = "msg",
    ) -> CpmMessage:
        """A message of this user's, with fresh identities."""
        chance = self.station.chance
        return CpmMessage(
            message_id=chance.token(16),
            sender=self.identity.aor,
            recipient=to,
            body=text.encode() if isinstance(text, str) else text,
            content_type=content_type,
            sent_at=self.station.now,
            wants=wants,
            conversation_id=conversation or chance.token(32),
            contribution_id=chance.token(32),
            service=service,
            subject=subject,
        )

    def send_pager(
        self, to: str, text: str | bytes, *, wants: tuple[str, ...] = (), conversation: str = ""
    ) -> CpmMessage:
        """Send a message in one SIP MESSAGE (pager mode)."""
        message = self.compose(to, text, wants=wants, conversation=conversation)
        self.send_message(message, partial(self.pager_answered, message))
        return message

    def send_large(
        self,
        to: str,
        content: str | bytes,
        *,
        content_type: str = "text/plain;charset=UTF-8",
        wants: tuple[str, ...] = (),
        conversation: str = "",
    ) -> LargeMessage:
        """Send a message in an MSRP session of its own (large message mode)."""
        message = self.compose(
            to,
            content,
            content_type=content_type,
            wants=wants,
            conversation=conversation,
            service="largemsg",
        )
        sending = self.large_message_class(self, message)
        sending.call(to, self.identities(message.conversation_id, message.contribution_id))
        return sending

    def send_message(self, message: CpmMessage, answered: Answered) -> None:
        """Send a message in a SIP MESSAGE."""
        self.agent.request(
            "MESSAGE",
            message.recipient,
            headers=[
                *self.service_headers(message.service),
                *self.identities(message.conversation_id, message.contribution_id),
            ],
            content=Content(CPIM_TYPE, message.cpim()),
            answered=answered,
        )

    def pager_answered(self, message: CpmMessage, answer: SipResponse | Failure) -> None:
        """Take the answer to a message of ours."""
        status = str(answer.status) if isinstance(answer, SipResponse) else str(answer)
        is_sent = isinstance(answer, SipResponse) and answer.status < 300
        self.note("sent" if is_sent else "failed", message=message.message_id, status=status)

    # In.

    def take_sip_message(self, incoming: Incoming) -> None:
        """Take a MESSAGE: answer it, and keep what it holds."""
        request = incoming.request
        content_type = request.header("Content-Type") or ""
        found = read(content_type, request.body, request, now=self.station.now)
        if isinstance(found, Malformed):
            self.note("malformed", protocol=found.protocol, rule=found.rule)
            incoming.respond(400)
            return
        status = self.answer_message(request, found)
        incoming.respond(status)
        if status < 300:
            self.keep(found)

    def answer_message(self, request: SipRequest, message: CpmMessage) -> int:
        """The status for a MESSAGE; a notification is never refused."""
        if message.is_notification:
            return 200
        about = message.message_id or request.call_id
        if not self.choose(Point.CONTENT, self.settings.accepts, about):
            return 415
        return self.choose(Point.MESSAGE_ANSWER, self.settings.message_answers, about)

    def keep(self, message: CpmMessage, session: ClientSession | None = None) -> None:
        """A message has come to this user, alone or in a session."""
        told = message.notification
        if told is not None:
            self.note("notified", message=told.message_id, status=told.status)
            return
        is_new = message.message_id not in self._known
        self.note(
            "received" if is_new else "received-again",
            message=message.message_id,
            sender=message.sender,
            service=message.service,
        )
        if not is_new:
            return
        if message.message_id:
            self._known[message.message_id] = None
            if len(self._known) > MAX_KEPT:
                del self._known[next(iter(self._known))]
        self._inbox.append(message)
        self.dispose(message, session)
