"""CPM Clients that take deferred chat messages wrongly (clause 7.3.12)."""

from conformance.body import multipart
from conformance.body.mime import Headers as PartHeaders
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.inbound import DeferredChat, Reception
from conformance.reference.client.notifications import DELIVERY, DISPLAY, KINDS
from conformance.reference.client.session import ClientSession
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.user_agents.incoming import Content
from conformance.reference.world.setting import BOB
from conformance.sip.message import SipRequest

# The client: how it answers.


def _answering(status: int) -> type[CpmClient]:
    """A client that answers every invitation with one status."""

    class Answering(CpmClient):
        def answer_session(self, reception: Reception) -> int:
            return status

    return Answering


class IgnoresConversations(CpmClient):
    """Knows no conversation, whatever Conversation-ID an invitation bears."""

    def recognize(self, request: SipRequest) -> bool:
        """Whether the conversation is known: never."""
        return False


def _receiving(kind: type[DeferredChat], says: str) -> type[CpmClient]:
    """A client that takes deferred chat messages in its own way."""

    class Receiving(CpmClient):
        __doc__ = says
        deferred_chat_class = kind

    return Receiving


class _SendsAndReceives(DeferredChat):
    def answering_direction(self, offered: str | None) -> str:
        """Both ways, whatever was offered."""
        return "sendrecv"


class _Sends(DeferredChat):
    def answering_direction(self, offered: str | None) -> str:
        """The other way, whatever was offered."""
        return "sendonly"


class _Hasty(DeferredChat):
    def accept(self) -> None:
        """Connect before there can be an ACK."""
        super().accept()
        self.connect()


class _ConnectingOnce(DeferredChat):
    def connect(self) -> None:
        """Connect the first time, and wait for ever from then on."""
        if isinstance(self.client, ConnectsOnce) and self.client.may_connect:
            self.client.may_connect = False
            super().connect()


class ConnectsOnce(CpmClient):
    """Connects for the first session, and for none that follows."""

    deferred_chat_class = _ConnectingOnce
    may_connect = True


# The client: what it sends in the session.


class _Talking(DeferredChat):
    def connect(self) -> None:
        """Have something to say at once."""
        _say(self, "Who is there?")
        super().connect()


class _Replying(DeferredChat):
    def delivered(self, message_id: str) -> None:
        """Reply where the message came."""
        if self.count == 1:
            _say(self, "I am back.")


def _say(session: ClientSession, text: str) -> None:
    client = session.client
    if isinstance(client, CpmClient):
        message = client.compose(BOB, text, service="session")
        session.msrp.send(message.cpim(), CPIM_TYPE, message_id=message.message_id)


class NotifiesOverMsrp(CpmClient):
    """Notifies in the session in which the message came, while it is there."""

    def notify(
        self, message: CpmMessage, status: str, kind: str, session: ClientSession | None = None
    ) -> None:
        """Send a notification where the message came from."""
        if session is None or session.is_over:
            super().notify(message, status, kind, session)
        else:
            session.msrp.send(self.compose_notification(message, status, kind), CPIM_TYPE)


# The client: its notifications.


class NotifiesTwiceInOne(CpmClient):
    """Puts the notifications of delivery and of display into one MESSAGE."""

    def notify(
        self, message: CpmMessage, status: str, kind: str, session: ClientSession | None = None
    ) -> None:
        """Send both notifications, or none."""
        if KINDS[DELIVERY] != (status, kind):
            return
        both = [self.compose_notification(message, *KINDS[one]) for one in (DELIVERY, DISPLAY)]
        fields = PartHeaders((("Content-Type", CPIM_TYPE),))
        parts = tuple([multipart.Part(fields, octets) for octets in both])
        body = multipart.write(multipart.Multipart("two-in-one", parts))
        self.agent.request(
            "MESSAGE",
            message.sender,
            headers=self.service_headers(self.notifying_service(message)),
            content=Content('multipart/mixed;boundary="two-in-one"', body),
            answered=lambda result: self.notify_answered(message, result),
        )


class NotifiesUnasked(CpmClient):
    """Notifies of what nobody asked about."""

    def may_notify(self, message: CpmMessage, wanted: str) -> bool:
        """Whether to notify: always."""
        return True


class NeverNotifies(CpmClient):
    """Never notifies, whatever is asked for."""

    def may_notify(self, message: CpmMessage, wanted: str) -> bool:
        """Whether to notify: never."""
        return False


class RepliesByMessage(CpmClient):
    """Replies to a chat message by a SIP MESSAGE."""

    def reply(self, message: CpmMessage, text: str) -> None:
        """Answer a message, in no session at all."""
        self.send_pager(message.sender, text, conversation=message.conversation_id)


# How deferred chat messages are taken.

Declines603 = _answering(603)
Declines486 = _answering(486)
Fails = _answering(500)
AnswersSendrecv = _receiving(_SendsAndReceives, "Answers sendonly with sendrecv.")
AnswersSendonly = _receiving(_Sends, "Answers sendonly with sendonly.")
ConnectsEarly = _receiving(_Hasty, "Connects before the ACK has come.")
TalksFirst = _receiving(_Talking, "Says something before anything was delivered.")
RepliesInSession = _receiving(_Replying, "Replies in the session.")
