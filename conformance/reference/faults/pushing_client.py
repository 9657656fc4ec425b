"""Planted faults of pushing that are the client's."""

from conformance.msrp.message import MsrpRequest
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.client.inbound import ClientInbound, Reception
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import answer, change, drop, in_turn
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipRequest

DEPARTURES = (400, 405, 415, 420, 481, 500, 501, 513)
"""Answers to a well-formed request that no figure has room for."""


def from_the_second(reception: type[Reception]) -> type[CpmClient]:
    """A client that takes the first pushed session as it should: it shows that MSRP is seen."""

    class Faulty(CpmClient):
        def reception_of(self, request: SipRequest, offered: bytes) -> Reception:
            found = super().reception_of(request, offered)
            self.push_class = reception
            return found

    return Faulty


def client(reception: type[Reception]) -> type[CpmClient]:
    """A client that takes pushed sessions in another way."""

    class Faulty(CpmClient):
        push_class = reception

    return Faulty


class TalksBack(Reception):
    """Sends content in a session that is there to receive."""

    def opened(self, session: MsrpSession) -> None:
        """Say something."""
        session.send(b"Who is there?", "text/plain")


class AnswersBothWays(Reception):
    """Answers sendonly with sendrecv."""

    def answering_direction(self, offered: str | None) -> str:
        """Whatever was offered."""
        return "sendrecv"


class ConnectsEarly(Reception):
    """Connects before the ACK has come."""

    def accept(self) -> None:
        """Answer 200, and connect at once."""
        super().accept()
        self.connect()


class NeverConnects(Reception):
    """Does not connect, though its answer says that it will."""

    def connect(self) -> None:
        """Do nothing."""


class ConnectsLate(Reception):
    """Takes its time to connect, as long as the other side still waits."""

    def connect(self) -> None:
        """Wait, then connect."""
        self.client.station.after(40 * SECOND, super().connect)


class LeavesAtOnce(Reception):
    """Hangs up when it has just accepted."""

    def established(self, session: Session) -> None:
        """Hang up."""
        session.bye()


class RefusingSession(MsrpSession):
    """An MSRP session that refuses all content."""

    def refusal(self, request: MsrpRequest) -> int:
        """Want no more of it (RFC 4975 section 10.5)."""
        return 413


class SilentSession(MsrpSession):
    """An MSRP session that answers nothing."""

    def write(self, octets: bytes) -> None:
        """Send what is no answer."""
        if b" SEND\r\n" in octets[:64]:
            super().write(octets)


class RefusesContent(Reception):
    """Accepts the session, and takes nothing that comes over it."""

    def __init__(self, client: ClientInbound, request: SipRequest | None = None) -> None:
        super().__init__(client, request)
        self.msrp.close()
        self.msrp = RefusingSession(client.station, user=self, link=client.link)


class NeverAnswersContent(Reception):
    """Accepts the session, and answers nothing that comes over it."""

    def __init__(self, client: ClientInbound, request: SipRequest | None = None) -> None:
        super().__init__(client, request)
        self.msrp.close()
        self.msrp = SilentSession(client.station, user=self, link=client.link)


def refusing(status: int) -> type[CpmClient]:
    """A client that answers everything pushed with one status."""

    class Refusing(CpmClient):
        def answer_message(self, request: SipRequest, message: CpmMessage) -> int:
            return status

        def answer_session(self, reception: Reception) -> int:
            return status

    return Refusing


def _emptied(draft: Draft) -> None:
    """Leave the body out."""
    draft.remove("Content-Type")
    draft.body = b""


FAULTS: tuple[Fault, ...] = (
    *(Fault(f"client-answers-push-{status}", "client", refusing(status)) for status in DEPARTURES),
    Fault("client-answers-message-202", "client", refusing(202)),
    Fault(
        "client-never-answers-push",
        "client",
        tamper=in_turn(drop(answer("MESSAGE")), drop(answer("INVITE"))),
    ),
    Fault("client-answers-without-sdp", "client", tamper=change(answer("INVITE", 200), _emptied)),
    Fault("client-talks-back", "client", client(TalksBack)),
    Fault("client-answers-both-ways", "client", client(AnswersBothWays)),
    Fault("client-connects-early", "client", client(ConnectsEarly)),
    Fault("client-never-connects-to-push", "client", from_the_second(NeverConnects)),
    Fault("client-connects-late", "client", client(ConnectsLate)),
    Fault("client-leaves-at-once", "client", client(LeavesAtOnce)),
    Fault("client-refuses-content", "client", client(RefusesContent)),
    Fault("client-never-answers-content", "client", client(NeverAnswersContent)),
    Fault("client-never-answers-bye", "client", tamper=drop(answer("BYE"))),
)
