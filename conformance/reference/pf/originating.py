"""Serving what a user of ours sends: it goes on towards its recipient (Y.3 steps 2, 3 and 9)."""

from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.arrival import read_message
from conformance.reference.pf.forwarding import Forwarding
from conformance.reference.pf.host import PfHost
from conformance.reference.pf.request import asked_by
from conformance.reference.preferences.profiles import Preferences, Stored
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.sip.message import SipResponse


class Originating:
    """The originating side."""

    def __init__(self, host: PfHost, forwarding: Forwarding) -> None:
        self.host = host
        self.forwarding = forwarding

    def take(self, transaction: ServerTransaction) -> None:
        """Take a request of a user of ours."""
        if transaction.request.method != "MESSAGE":
            self.send_on(transaction)
            return
        user = asked_by(transaction.request)
        self.host.preferences.fetch(user, lambda found: self.serve(transaction, user, found))

    def serve(
        self, transaction: ServerTransaction, user: str, preferences: Preferences | None
    ) -> None:
        """Send a message on, and keep a copy where the user wants one (5.4 E)."""
        message = read_message(transaction.request, self.host.now)
        wants = preferences is not None and preferences.stores(Stored.MESSAGE) is True
        if message is None or not wants or message.is_notification:
            self.send_on(transaction)
            return
        self.forwarding.forward(
            transaction, judge=lambda answer: self.keep_copy(user, message, answer)
        )

    def send_on(self, transaction: ServerTransaction) -> None:
        """Send a request on as it is."""
        self.forwarding.forward(transaction)

    def keep_copy(self, user: str, message: CpmMessage, answer: SipResponse) -> bool:
        """Store what was sent, once it has been accepted; the answer goes back all the same."""
        if 200 <= answer.status < 300:
            self.host.store.store(user, message, "sent", self.host.now)
            self.host.note("stored", message, user=user, why="sent")
        return False
