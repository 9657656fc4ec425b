"""Large messages through the gateway: sessions to and from the CPM side (TS 29.311)."""

from dataclasses import replace
from functools import partial

from conformance.reference.engine.timer import SECOND
from conformance.reference.interworking.gateway import Answered
from conformance.reference.interworking.inward import InwardInterworking
from conformance.reference.interworking.outward import OutwardInterworking
from conformance.reference.interworking.settings import number_uri
from conformance.reference.messaging.content import CpmMessage, feature, read, service_of
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.remote_session import RemoteSession
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipMessage, SipRequest, SipResponse
from conformance.wire.malformed import Malformed

LARGE = "largemsg"
MAX_SESSIONS = 256
"""Sessions that the gateway has at once; a further one is answered 486."""

SESSION_TIME = 120 * SECOND
"""How long a session that came in may take."""


class LargeInterworking(OutwardInterworking, InwardInterworking):
    """Messages of the large message mode; chats are not interworked."""

    link: MsrpLink
    sessions: dict[RemoteSession, Answered | None]

    # Out.

    def take_session(self, session: Session) -> None:
        """An invitation came: taken if it brings a large message for a number."""
        request = session.request
        status = self.session_refusal(request)
        if status:
            session.refuse(status)
            return
        taken = RemoteSession(self.station, self.link, self)
        self.sessions[taken] = None
        if taken.take(session, [self.contact()]):
            self.station.after(SESSION_TIME, taken.end)

    def session_refusal(self, request: object) -> int:
        """The status with which an invitation is refused; 0 if it is taken."""
        if not isinstance(request, SipMessage) or service_of(request) != LARGE:
            return 488
        if not isinstance(request, SipRequest) or not number_uri(request.uri):
            return 404
        if len(self.sessions) >= MAX_SESSIONS:
            return 486
        return 0 if self.available_services() else 480

    def content(self, session: RemoteSession, content_type: str, body: bytes) -> None:
        """The message of a session came."""
        request = session.request
        message = read(content_type, body, request, now=self.station.now)
        if isinstance(message, Malformed) or not isinstance(request, SipRequest):
            self.station.note("malformed", rule="message of a session")
            return
        self.interwork(request, message, partial(self.large_answered, message))

    def large_answered(self, message: CpmMessage, status: int) -> None:
        """What became of it: MSRP has answered already, so a failure is told by notification."""
        if status >= 300 and message.message_id and message.sender:
            self.tell_sender(replace(message, envelope=b"", anonymous=False), delivered=False)

    # In.

    def large_to_core(self, message: CpmMessage, answered: Answered) -> None:
        """Send a message that is too large for the pager mode in a session of its own."""
        if len(self.sessions) >= MAX_SESSIONS:
            answered(Failure.TRANSPORT)
            return
        session = RemoteSession(self.station, self.link, self)
        self.sessions[session] = answered
        headers = [
            *self.asserted_fields(message.sender, LARGE),
            *self.conversation_fields(message),
            self.contact(),
        ]
        session.call(
            self.agent,
            message.recipient,
            headers,
            direction="sendonly",
            setup="actpass",
            sender=message.sender,
            routes=self.routes,
        )
        session.send(message.message_id, message.cpim())

    def contact(self) -> tuple[str, str]:
        """The Contact of the gateway's sessions."""
        own = self.agent.identity.contact or f"sip:{self.agent.transactions.transport.address}"
        return "Contact", f"<{own}>;{feature(LARGE)}"

    def carried(self, session: RemoteSession, identity: str, status: int) -> None:
        """Our large message has arrived (200), or was refused, over MSRP or before."""
        answered, self.sessions[session] = self.sessions.get(session), None
        if answered is None:
            return
        answer = session.answer
        refused = isinstance(answer, SipResponse) and answer.status >= 300
        if answer is not None and (status == 200 or refused):
            answered(answer)
        else:
            answered(Failure.TRANSPORT)

    def emptied(self, session: RemoteSession) -> None:
        """Our large message is sent: its session ends."""
        session.end()

    def over(self, session: RemoteSession, why: str) -> None:
        """A session is no more."""
        self.sessions.pop(session, None)
