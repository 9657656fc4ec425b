"""Other services' messages to CPM Users (System Description, the second Y.2)."""

from functools import partial

from conformance.cpm.identity import user_key
from conformance.reference.interworking.gateway import Answered, Gateway, Remembered, said
from conformance.reference.interworking.settings import incoming as made_incoming
from conformance.reference.interworking.settings import number_uri
from conformance.reference.legs.leg import TAKEN, Arrival, Cause, Outcome, cause_of_status
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Incoming
from conformance.sip.message import SipResponse


class InwardInterworking(Gateway):
    """The way in: steps 1, 2, 9 and 10, and the reports that the sender asked for."""

    conversations: Remembered[str]
    arrivals: Remembered[Arrival]

    def admits(self, destination: str) -> int:
        """The SIP status for a message to this number: whose it is, the core will tell."""
        return 200 if number_uri(destination) else 404

    def arrived(self, arrival: Arrival) -> None:
        """A message came from another service (step 1); it goes to the core (step 2)."""
        message = self.compose(arrival)
        if message.wants:
            self.arrivals.put(message.message_id, arrival)
        answered = partial(self.answered, arrival, message)
        if message.is_pager:
            self.to_core(message, answered)
        else:
            self.large_to_core(message, answered)

    def large_to_core(self, message: CpmMessage, answered: Answered) -> None:
        """Send a message that is too large for the pager mode; without sessions it is refused."""
        answered(Failure.TRANSPORT)

    def compose(self, arrival: Arrival) -> CpmMessage:
        """The CPM Message of another service's."""
        sent = arrival.message
        recipient = self.settings.user_uri(sent.destination)
        conversation = self.conversation(sent.source, recipient)
        chance, now = self.station.chance, self.station.now
        return made_incoming(sent, recipient, conversation, chance, now)

    def conversation(self, source: str, recipient: str) -> str:
        """The Conversation-ID of two parties, the same for all that they say."""
        key = f"{user_key(source)} {user_key(recipient)}"
        known = self.conversations.get(key) or self.station.chance.token(32)
        self.conversations.put(key, known)
        return known

    def answered(
        self, arrival: Arrival, message: CpmMessage, answer: SipResponse | Failure
    ) -> None:
        """The CPM side has answered (step 9); so is the other service (step 10)."""
        outcome = self.outcome_of(answer)
        what = "interworked" if outcome.is_taken else "not interworked"
        self.station.note(what, message=message.message_id, answer=said(answer))
        if not outcome.is_taken:
            self.arrivals.pop(message.message_id)
        self.acknowledge(arrival, outcome)

    def outcome_of(self, answer: SipResponse | Failure) -> Outcome:
        """What the CPM side's answer means for the other service."""
        if isinstance(answer, SipResponse):
            cause = cause_of_status(answer.status)
            return TAKEN if cause is None else Outcome(cause, detail=said(answer))
        cause = Cause.NO_ANSWER if answer is Failure.TIMEOUT else Cause.CONGESTED
        return Outcome(cause, detail=said(answer))

    def acknowledge(self, arrival: Arrival, outcome: Outcome) -> None:
        """Acknowledge a message to the service that brought it, or refuse it."""
        arrival.answer(outcome)

    def take_notification(self, incoming: Incoming, message: CpmMessage) -> None:
        """A notification came from the CPM side about a message that came in here."""
        incoming.respond(200)
        told = message.notification
        if told is None or told.kind != "delivery":
            return
        arrival = self.arrivals.pop(told.message_id)
        if arrival is None:
            self.station.note("unknown notification", message=told.message_id)
            return
        self.station.note("notified", message=told.message_id, status=told.status)
        arrival.report(delivered=told.status == "delivered")
