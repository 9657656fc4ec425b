"""Invitations to a client: sessions in which messages are pushed, deferred chat, ordinary chat."""

from dataclasses import replace

from conformance.body import iscomposing
from conformance.body.mime import media_type
from conformance.reference.client.base import described, direction_of
from conformance.reference.client.messages import MAX_KEPT, ClientMessages
from conformance.reference.client.session import ClientSession
from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CpmMessage, read, service_of
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipMessage, SipRequest
from conformance.wire.malformed import Malformed


class Reception(ClientSession):
    """A session in which messages come to a client, from the participating function."""

    direction = "sendonly"

    def __init__(self, client: "ClientInbound", request: SipRequest | None = None) -> None:
        super().__init__(client)
        self.inbound = client
        self.request = request
        self.service = service_of(request) or self.service
        self.count = 0

    @property
    def answers(self) -> tuple[int, ...]:
        """What the invitation may be answered with, the user's preference first."""
        return self.client.settings.session_answers

    def received(
        self, session: MsrpSession, message_id: str, content_type: str, body: bytes
    ) -> None:
        """A message has come whole."""
        if media_type(content_type) == iscomposing.MEDIA_TYPE:
            return
        found = read(content_type, body, self.fields, now=self.client.station.now)
        if isinstance(found, Malformed):
            self.client.note("malformed", protocol=found.protocol, rule=found.rule)
            return
        self.count += 1
        self.inbound.keep(self.completed(found), self)
        self.delivered(found.message_id)
        settings = self.client.settings
        if self.count == settings.leaves_after:
            self.client.station.after(settings.leaves_delay, self.hang_up)

    def completed(self, message: CpmMessage) -> CpmMessage:
        """A message with what it has from its session where it does not say so itself."""
        return message if message.service else replace(message, service=self.service)

    @property
    def fields(self) -> SipMessage | None:
        """The SIP message whose fields hold for the messages of the session."""
        return self.request

    def delivered(self, message_id: str) -> None:
        """One of its messages is here."""

    def finished(self, why: str) -> None:
        """The session is over."""
        self.client.note("session-ended", why=why, received=str(self.count))


class DeferredChat(Reception):
    """Chat messages that were deferred, in a session that is there to receive (clause 7.3.12)."""

    @property
    def answers(self) -> tuple[int, ...]:
        """200 to accept; 480 where the user does not wish to receive now (item 3)."""
        return self.client.settings.chat_answers


class ClientInbound(ClientMessages):
    """What a client does with invitations."""

    push_class: type[Reception] = Reception
    deferred_chat_class: type[DeferredChat] = DeferredChat

    def prepare(self) -> None:
        """Make ready for invitations."""
        super().prepare()
        self.conversations: dict[str, str] = {}
        self.agent.on_invite = self.invited

    def invited(self, session: Session) -> None:
        """Take an invitation; it is answered once the user has decided."""
        request = session.request
        if not isinstance(request, SipRequest):
            return
        offered = described(request)
        reception = self.reception_of(request, offered)
        if not reception.take(session, offered):
            self.note("not-acceptable", service=reception.service)
            reception.refuse(488)
            return
        if self.settings.rings:
            session.ring([self.contact(reception.service)])
        if self.settings.answer_after:
            self.station.after(self.settings.answer_after, lambda: self.decide(reception))
        else:
            self.decide(reception)

    def reception_of(self, request: SipRequest, offered: bytes) -> Reception:
        """What an invitation is for, by its service and the direction of its offer."""
        is_chat = service_of(request).split(".")[0] == "session"
        if not is_chat:
            return self.push_class(self, request)
        if direction_of(offered) == "sendonly":
            self.recognize(request)
            return self.deferred_chat_class(self, request)
        return self.chat_of(request)

    def chat_of(self, request: SipRequest) -> Reception:
        """An ordinary chat that this user is invited to."""
        self.recognize(request)
        return Reception(self, request)

    def recognize(self, request: SipRequest) -> bool:
        """Whether the conversation is known here, by its Conversation-ID (clause 7.3.12 3)."""
        conversation = request.header("Conversation-ID") or ""
        is_known = conversation in self.conversations
        self.note("conversation", id=conversation, known="yes" if is_known else "no")
        self.remember(conversation, "")
        return is_known

    def remember(self, conversation: str, peer: str) -> None:
        """Know a conversation, and whom it is with, from now on."""
        if not conversation:
            return
        self.conversations[conversation] = peer or self.conversations.get(conversation, "")
        if len(self.conversations) > MAX_KEPT:
            del self.conversations[next(iter(self.conversations))]

    def decide(self, reception: Reception) -> None:
        """Answer an invitation as the user wishes, unless it is gone."""
        if reception.is_over:
            return
        status = self.answer_session(reception)
        if status == 200:
            reception.accept()
        else:
            self.note("declined", status=str(status), service=reception.service)
            reception.refuse(status)

    def answer_session(self, reception: Reception) -> int:
        """The status for an invitation."""
        return self.choose(Point.SESSION_ANSWER, reception.answers, reception.about)
