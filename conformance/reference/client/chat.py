"""Ordinary 1-1 chat of a client, and replies, which are sessions of their own (7.3.12, NOTE)."""

from dataclasses import replace

from conformance.cpm.identity import uri_of
from conformance.reference.client.base import reachable
from conformance.reference.client.inbound import ClientInbound, Reception
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipMessage, SipRequest, SipResponse


class Chat(Reception):
    """A chat in which both sides speak; what is said before it is there waits."""

    service = "session"
    direction = "sendrecv"

    def __init__(
        self,
        client: "ClientChat",
        request: SipRequest | None = None,
        *,
        peer: str = "",
        conversation: str = "",
    ) -> None:
        super().__init__(client, request)
        self.chatting = client
        self.peer = peer
        self.conversation = conversation
        self._answer: SipResponse | None = None

    @property
    def fields(self) -> SipMessage | None:
        """The peer's message that set the chat up."""
        return self.request or self._answer

    def say(self, text: str, *, wants: tuple[str, ...] = ()) -> CpmMessage:
        """Send a message to the other side."""
        message = self.client_message(text, wants)
        self.msrp.send(message.cpim(), CPIM_TYPE, message_id=message.message_id)
        return message

    def client_message(self, text: str, wants: tuple[str, ...]) -> CpmMessage:
        """A message of this chat."""
        return self.chatting.compose(
            self.peer, text, wants=wants, conversation=self.conversation, service="session"
        )

    def completed(self, message: CpmMessage) -> CpmMessage:
        """A message of this chat and its conversation."""
        found = super().completed(message)
        conversation = found.conversation_id or self.conversation
        return replace(found, service=self.service, conversation_id=conversation)

    def end(self) -> None:
        """End the chat."""
        self.hang_up()

    def answered(self, session: Session, response: SipResponse) -> Content | None:
        """The other side has accepted."""
        self._answer = response
        return super().answered(session, response)

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """What was said has arrived."""
        self.client.note("sent", message=message_id, service=self.service)

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """What was said has not arrived."""
        self.client.note("failed", message=message_id, status=str(status))

    def finished(self, why: str) -> None:
        """The chat is over."""
        self.chatting.chat_over(self)
        super().finished(why)


class ClientChat(ClientInbound):
    """What a client does in chats."""

    chat_class: type[Chat] = Chat

    def prepare(self) -> None:
        """Make ready for chats."""
        super().prepare()
        self.chats: list[Chat] = []

    def start_chat(
        self,
        to: str,
        text: str = "",
        *,
        conversation: str = "",
        in_reply_to: str = "",
        wants: tuple[str, ...] = (),
    ) -> Chat:
        """Invite to a chat, with a first message where there is one."""
        conversation = conversation or self.station.chance.token(32)
        chat = self.chat_class(self, peer=to, conversation=conversation)
        self.chats.append(chat)
        self.remember(conversation, to)
        headers = list(self.identities(conversation))
        if in_reply_to:
            headers.append(("InReplyTo-Contribution-ID", in_reply_to))
        if text:
            chat.say(text, wants=wants)
        chat.call(to, headers)
        return chat

    def reply(self, message: CpmMessage, text: str) -> None:
        """Answer a message: a chat message in a chat of its own, any other by a message.

        A deferred chat message never in the session that delivered it (7.3.12, NOTE).
        """
        if not reachable(message.sender):
            self.note("unreachable", message=message.message_id)
            return
        if message.service.split(".")[0] != "session":
            self.send_pager(message.sender, text, conversation=message.conversation_id)
            return
        chat = self.chat_with(message.conversation_id)
        if chat is not None:
            chat.say(text)
            return
        self.start_chat(
            message.sender,
            text,
            conversation=message.conversation_id,
            in_reply_to=message.contribution_id,
        )

    def chat_with(self, conversation: str) -> Chat | None:
        """The chat of a conversation that is there or on its way."""
        found = (chat for chat in self.chats if chat.conversation == conversation)
        return next(found, None) if conversation else None

    def chat_of(self, request: SipRequest) -> Reception:
        """An ordinary chat that this user is invited to."""
        self.recognize(request)
        conversation = request.header("Conversation-ID") or ""
        peer = Draft.of(request).get("P-Asserted-Identity") or request.header("From") or ""
        chat = self.chat_class(self, request, peer=uri_of(peer), conversation=conversation)
        self.chats.append(chat)
        return chat

    def chat_over(self, chat: Chat) -> None:
        """A chat has ended."""
        if chat in self.chats:
            self.chats.remove(chat)
