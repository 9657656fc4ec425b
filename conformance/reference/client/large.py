"""A large message on its way: an MSRP session of its own (large message mode)."""

from conformance.reference.client.base import ClientBase
from conformance.reference.client.session import ClientSession
from conformance.reference.messaging.content import CPIM_TYPE, CpmMessage
from conformance.reference.messaging.msrp_session import MsrpSession
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipResponse


class LargeMessage(ClientSession):
    """A message on its way in a session of its own: it ends once the message has arrived."""

    service = "largemsg"
    direction = "sendonly"

    def __init__(self, client: ClientBase, message: CpmMessage) -> None:
        super().__init__(client)
        self.message = message
        self.has_arrived = False

    def connect(self) -> None:
        """Have the message ready before the connection is, so that it binds the session."""
        self.msrp.send(self.message.cpim(), CPIM_TYPE)
        super().connect()

    def sent(self, session: MsrpSession, message_id: str) -> None:
        """The message has arrived."""
        self.has_arrived = True
        self.client.note("sent", message=self.message.message_id, service=self.service)
        self.hang_up()

    def failed(self, session: MsrpSession, message_id: str, status: int) -> None:
        """The message has not arrived: there is nothing more to do here."""
        self.client.note("failed", message=self.message.message_id, status=str(status))
        self.hang_up()

    def refused(self, session: Session, response: SipResponse | Failure) -> None:
        """Nobody takes the message."""
        status = str(response.status) if isinstance(response, SipResponse) else str(response)
        self.client.note("failed", message=self.message.message_id, status=status)
        super().refused(session, response)
