"""CPM System A, another network: its client and its core in one (C.3.1.1.3)."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.engine.timer import NETWORK, SECOND, Timers
from conformance.reference.messaging.content import (
    CPIM_TYPE,
    CpmMessage,
    feature,
    icsi,
    imdn,
    read,
)
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.msrp_outbox import CHUNK
from conformance.reference.messaging.offer import MSRP_PORT
from conformance.reference.messaging.remote_session import RemoteSession
from conformance.reference.transactions.transaction import Failure, Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Content, Headers, Identity, Incoming
from conformance.reference.user_agents.session import Session
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipMessage, SipResponse
from conformance.wire.malformed import Malformed

MAX_RECEIVED = 1_024
"""Messages that the system keeps; the oldest give way."""

MAX_SESSIONS = 256
"""Sessions that it has at once; a further one is refused with 486."""


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """How the other system behaves; times in ns.

    `wants`: the notifications that its user asks for. `expires`: how long its messages are worth
    delivering, None for no word on it. `message_answers` and `session_answers`: the first is
    what it answers, the others are what it might. `notifies`: it tells of deliveries where asked.
    `chunk`: octets of content in one MSRP request.
    """

    wants: tuple[str, ...] = ("negative-delivery",)
    expires: int | None = None
    message_answers: tuple[int, ...] = (200,)
    session_answers: tuple[int, ...] = (200,)
    notifies: bool = True
    setup: str = "actpass"
    chat_idle: int = 30 * SECOND
    chunk: int = CHUNK


class RemoteSystem:
    """Sends messages of its user's to users of the home network, and takes what comes back.

    Commands: `send_pager`, `send_large`, `start_chat`, `say`, `end_chat`. Notes: sent, failed,
    received, notified, malformed, session-ended.
    """

    def __init__(
        self,
        station: Station,
        identity: Identity,
        directory: Directory,
        *,
        core: str,
        settings: RemoteSettings | None = None,
        decisions: Decisions | None = None,
        sip: Endpoint | None = None,
        msrp: Endpoint | None = None,
        timers: Timers = NETWORK,
    ) -> None:
        self.station = station
        self.identity = identity
        self.settings = settings or RemoteSettings()
        self.decisions: Decisions = decisions or Settled()
        transport = SipTransport(station, sip or Endpoint(station.host, 5060), directory)
        self.agent = UserAgent(
            station,
            Transactions(transport, timers),
            identity,
            directory=directory,
            routes=[f"<{core};lr>"] if core else [],
        )
        self.link = MsrpLink(station, msrp or Endpoint(station.host, MSRP_PORT))
        self.received: deque[CpmMessage] = deque(maxlen=MAX_RECEIVED)
        self.notices: deque[CpmMessage] = deque(maxlen=MAX_RECEIVED)
        self.sessions: list[RemoteSession] = []
        self._calls: dict[RemoteSession, str] = {}
        self.agent.handlers["MESSAGE"] = self.take_message
        self.agent.on_invite = self.take_session

    # Commands.

    def compose(
        self,
        to: str,
        text: str,
        *,
        service: str = "msg",
        wants: Sequence[str] | None = None,
        conversation: str = "",
        content_type: str = "text/plain;charset=UTF-8",
    ) -> CpmMessage:
        """A message of this user's, with fresh identities."""
        chance, now, expires = self.station.chance, self.station.now, self.settings.expires
        return CpmMessage(
            message_id=chance.token(16),
            sender=self.identity.aor,
            recipient=to,
            body=text.encode("utf-8", "replace"),
            sent_at=now,
            wants=tuple(self.settings.wants if wants is None else wants),
            conversation_id=conversation or chance.token(32),
            contribution_id=chance.token(32),
            content_type=content_type,
            service=service,
            expires_at=None if expires is None else now + expires,
        )

    def send_pager(
        self,
        to: str,
        text: str,
        *,
        wants: Sequence[str] | None = None,
        conversation: str = "",
        content_type: str = "text/plain;charset=UTF-8",
    ) -> CpmMessage:
        """Send a message in one SIP MESSAGE (pager mode)."""
        message = self.compose(
            to, text, wants=wants, conversation=conversation, content_type=content_type
        )
        self.agent.request(
            "MESSAGE",
            to,
            headers=self.fields(message),
            content=Content(CPIM_TYPE, message.cpim()),
            answered=partial(self.answered, message),
        )
        return message

    def send_large(
        self, to: str, text: str, *, wants: Sequence[str] | None = None, conversation: str = ""
    ) -> CpmMessage:
        """Send a message in a session of its own (large message mode)."""
        message = self.compose(
            to, text, service="largemsg", wants=wants, conversation=conversation
        )
        session = self.call(message, direction="sendonly")
        session.send(message.message_id, message.cpim())
        return message

    def start_chat(
        self, to: str, *texts: str, wants: Sequence[str] | None = None
    ) -> RemoteSession:
        """Invite to a 1-1 chat, and say these things in it."""
        first = self.compose(to, "", service="session", wants=wants)
        session = self.call(first, direction="sendrecv")
        for text in texts:
            self.say(session, to, text, wants=wants, conversation=first.conversation_id)
        return session

    def say(
        self,
        session: RemoteSession,
        to: str,
        text: str,
        *,
        wants: Sequence[str] | None = None,
        conversation: str = "",
    ) -> CpmMessage:
        """Say something in a chat."""
        message = self.compose(to, text, service="session", wants=wants, conversation=conversation)
        session.send(message.message_id, message.cpim())
        return message

    def end_chat(self, session: RemoteSession) -> None:
        """End a chat."""
        session.end()

    def call(self, message: CpmMessage, *, direction: str) -> RemoteSession:
        """Invite to a session for a message, or for a chat of which it is the first."""
        session = RemoteSession(self.station, self.link, self, self.settings.chunk)
        self.sessions.append(session)
        self._calls[session] = message.service
        contact = ("Contact", f"<{self.identity.contact}>;{feature(message.service)}")
        headers = [*self.fields(message), contact]
        setup = self.settings.setup
        session.call(self.agent, message.recipient, headers, direction=direction, setup=setup)
        return session

    def fields(self, message: CpmMessage) -> list[tuple[str, str]]:
        """What a request says of a message: its own network vouches for the sender (RFC 3325)."""
        fields = [
            *self.service_fields(message.service),
            ("Conversation-ID", message.conversation_id),
            ("Contribution-ID", message.contribution_id),
        ]
        if message.expires_at is not None and message.service == "msg":
            left = max(message.expires_at - self.station.now, 0) // SECOND
            fields.append(("Expires", str(left)))
        return fields

    def service_fields(self, service: str) -> list[tuple[str, str]]:
        """Who sends, and by which service."""
        return [
            ("P-Asserted-Identity", f"<{self.identity.aor}>"),
            ("P-Asserted-Service", icsi(service)),
            ("Accept-Contact", f"*;{feature(service)}"),
        ]

    # What comes back.

    def answered(self, message: CpmMessage, answer: SipResponse | Failure) -> None:
        """A message in pager mode was taken (200, 202) or refused."""
        if isinstance(answer, SipResponse) and answer.status < 300:
            status = str(answer.status)
            self.station.note("sent", message=message.message_id, status=status)
        else:
            status = str(getattr(answer, "status", answer))
            self.station.note("failed", message=message.message_id, status=status)

    def take_message(self, incoming: Incoming) -> None:
        """A MESSAGE came: a message or a notification."""
        request = incoming.request
        found = read(
            request.header("Content-Type") or "", request.body, request, now=self.station.now
        )
        if isinstance(found, Malformed):
            self.station.note("malformed", rule=found.rule)
            incoming.respond(400)
            return
        status = self.answer_to(found)
        incoming.respond(status)
        if status < 300:
            self.take(found)

    def answer_to(self, message: CpmMessage) -> int:
        """How a MESSAGE is answered; a notification is always taken (C.3.1.1.3, step 9)."""
        if message.is_notification:
            return 200
        answers = self.settings.message_answers
        return self.decisions.choose(Point.MESSAGE_ANSWER, answers, message.message_id)

    def take(self, message: CpmMessage) -> None:
        """Keep a message or a notification, and tell of the delivery where that is asked for."""
        told = message.notification
        if told is not None:
            self.notices.append(message)
            self.station.note("notified", message=told.message_id, status=told.status)
            return
        self.received.append(message)
        self.station.note("received", message=message.message_id, text=message.text)
        if self.settings.notifies and "positive-delivery" in message.wants and message.message_id:
            self.tell_delivered(message)

    def tell_delivered(self, message: CpmMessage) -> None:
        """Tell a sender that the message was delivered (RFC 5438 section 7.2)."""
        octets = imdn(message, "delivered", "delivery", self.station.chance, self.station.now)
        self.agent.request(
            "MESSAGE",
            message.sender,
            headers=self.service_fields("msg"),
            content=Content(CPIM_TYPE, octets),
            answered=self.notification_answered,
        )

    def notification_answered(self, answer: SipResponse | Failure) -> None:
        """Nothing follows from the answer: a notification is sent once."""

    # Sessions.

    def take_session(self, session: Session) -> None:
        """An invitation came: a large message, or a chat such as a reply to ours."""
        about = session.request.call_id if isinstance(session.request, SipMessage) else ""
        answers = self.settings.session_answers
        status = self.decisions.choose(Point.SESSION_ANSWER, answers, about)
        if len(self.sessions) >= MAX_SESSIONS:
            status = 486
        if status >= 300:
            session.refuse(status)
            return
        taken = RemoteSession(self.station, self.link, self)
        self.sessions.append(taken)
        taken.take(session, self.session_contact(session))

    def session_contact(self, session: Session) -> Headers:
        """The Contact with which an invitation is accepted."""
        return [("Contact", f"<{self.identity.contact}>")]

    def content(self, session: RemoteSession, content_type: str, body: bytes) -> None:
        """A message came over a session."""
        found = read(content_type, body, session.request, now=self.station.now)
        if isinstance(found, Malformed):
            self.station.note("malformed", rule=found.rule)
            return
        self.take(found)

    def carried(self, session: RemoteSession, identity: str, status: int) -> None:
        """A message of ours has arrived over a session, or has not."""
        what = "sent" if status == 200 else "failed"
        self.station.note(what, message=identity, status=str(status))

    def emptied(self, session: RemoteSession) -> None:
        """All is sent: a large message's session ends, a chat's when nobody has said more."""
        if self._calls.get(session) == "largemsg":
            session.end()
        else:
            self.station.after(self.settings.chat_idle, session.end)

    def over(self, session: RemoteSession, why: str) -> None:
        """A session is no more."""
        self._calls.pop(session, None)
        if session in self.sessions:
            self.sessions.remove(session)
        self.station.note("session-ended", why=why)
