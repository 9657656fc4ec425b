"""Planted faults of interworking (System Description Y.3 and the second Y.2)."""

from dataclasses import replace

from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.faults.fault import Fault
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.outward import Outward
from conformance.reference.legs.leg import DELIVERED, TAKEN, Arrival, Outcome
from conformance.reference.messaging.content import CpmMessage
from conformance.reference.pf.arrival import Arrival as Incomer
from conformance.reference.pf.forwarding import Forwarding
from conformance.reference.pf.originating import Originating
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.terminating import Terminating
from conformance.reference.preferences.profiles import Device, Preferences
from conformance.reference.remote.non_cpm_client import NonCpmClient
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.incoming import Incoming
from conformance.sip.message import SipRequest, SipResponse


class Once:
    """What goes wrong once, and never again."""

    has_happened = False

    def happens(self) -> bool:
        """Whether it goes wrong now."""
        happened, self.has_happened = self.has_happened, True
        return not happened


# The gateway's, on the way out.


class AnswersAtOnce(InterworkingFunction):
    """Answers before the other service has acknowledged."""

    def hand_over(self, out: Outward) -> None:
        """Say that all is well, and then try."""
        respond = out.respond
        respond(200)
        out.respond = lambda status: None
        super().hand_over(out)


class NeverAnswers(InterworkingFunction, Once):
    """Has the message delivered, and says nothing."""

    def answer(self, out: Outward, outcome: Outcome, service: str) -> None:
        """Do nothing, once."""
        if not self.happens():
            super().answer(out, outcome, service)


class AnswersFailure(InterworkingFunction):
    """Has the message delivered, and answers 500."""

    def answer(self, out: Outward, outcome: Outcome, service: str) -> None:
        """Say that it failed."""
        out.respond(500)


class KeepsMessage(InterworkingFunction, Once):
    """Answers for a message that it keeps to itself."""

    def hand_over(self, out: Outward) -> None:
        """Take it, and leave it, once."""
        if self.happens():
            self.answer(out, DELIVERED, out.services[0])
        else:
            super().hand_over(out)


class SwallowsMessage(InterworkingFunction, Once):
    """Neither passes a message on nor answers for it."""

    def hand_over(self, out: Outward) -> None:
        """Do nothing, once."""
        if not self.happens():
            super().hand_over(out)


class HidesRefusal(InterworkingFunction):
    """Answers 200 for what the other service refused."""

    def answer(self, out: Outward, outcome: Outcome, service: str) -> None:
        """All is well."""
        super().answer(out, TAKEN, service)


class ChangesText(InterworkingFunction):
    """Passes on another text."""

    def hand_over(self, out: Outward) -> None:
        """With words of its own."""
        out.message = replace(out.message, body=b"Something else altogether.")
        super().hand_over(out)


class ReportsWithoutAsking(InterworkingFunction):
    """Sends a notification of delivery that nobody asked for."""

    def wants_any(self, message: CpmMessage) -> bool:
        """Whoever asked."""
        return bool(message.message_id)

    def tell_sender(self, message: CpmMessage, *, delivered: bool) -> None:
        """Tell."""
        wants = ("positive-delivery", "negative-delivery")
        super().tell_sender(replace(message, wants=wants), delivered=delivered)


# The gateway's, on the way in.


class AcknowledgesAtOnce(InterworkingFunction):
    """Acknowledges to the other service before the CPM side has answered."""

    def arrived(self, arrival: Arrival) -> None:
        """Acknowledge, and then pass on."""
        super().acknowledge(arrival, TAKEN)
        super().arrived(arrival)


class KeepsArrivals(InterworkingFunction, Once):
    """Acknowledges what it never passes on."""

    def arrived(self, arrival: Arrival) -> None:
        """Acknowledge alone, once."""
        if self.happens():
            super().acknowledge(arrival, TAKEN)
        else:
            super().arrived(arrival)


class SwallowsArrivals(InterworkingFunction, Once):
    """Neither passes a message on nor acknowledges it."""

    def arrived(self, arrival: Arrival) -> None:
        """Do nothing, once."""
        if not self.happens():
            super().arrived(arrival)


class NeverAcknowledges(InterworkingFunction, Once):
    """Never tells the other service what became of its message."""

    def acknowledge(self, arrival: Arrival, outcome: Outcome) -> None:
        """Do nothing, once."""
        if not self.happens():
            super().acknowledge(arrival, outcome)


# The participating function's.


def function(
    *,
    originating: type[Originating] = Originating,
    terminating: type[Terminating] = Terminating,
    forwarding: type[Forwarding] = Forwarding,
) -> type[ParticipatingFunction]:
    """A participating function of which some parts are others."""

    class Faulty(ParticipatingFunction):
        def make_forwarding(self) -> Forwarding:
            return forwarding(self.host)

        def make_originating(self) -> Originating:
            return originating(self.host, self.forwarding)

        def make_terminating(self) -> Terminating:
            return terminating(self.host, self.forwarding, self.disposals, self.handover)

    return Faulty


class KeepsOutgoing(Originating):
    """Answers for a message that never leaves."""

    def take(self, transaction: ServerTransaction) -> None:
        """Take it."""
        self.forwarding.refuse(transaction, 200)


class SwallowsOutgoing(Originating):
    """Neither passes a message on nor answers for it."""

    def take(self, transaction: ServerTransaction) -> None:
        """Do nothing."""


class KeepsAnswers(Originating, Once):
    """Never passes the answer to a message on."""

    def take(self, transaction: ServerTransaction) -> None:
        """Send it on, and forget who asked, once."""
        if self.happens():
            self.forwarding.forward(transaction, judge=lambda response: True)
        else:
            super().take(transaction)


class AnswersOutgoingAhead(Originating):
    """Answers before the message has got anywhere."""

    def take(self, transaction: ServerTransaction) -> None:
        """Answer, and then send on."""
        super().take(transaction)
        self.forwarding.refuse(transaction, 200)


class RefusesOutgoing(Originating):
    """Answers 500 to every message of its users."""

    def take(self, transaction: ServerTransaction) -> None:
        """Refuse it."""
        self.forwarding.refuse(transaction, 500)


class SwallowsIncoming(Terminating, Once):
    """Neither passes a message on nor answers for it."""

    def take(self, transaction: ServerTransaction) -> None:
        """Do nothing, once."""
        if not self.happens():
            super().take(transaction)


class KeepsIncoming(Terminating, Once):
    """Answers in the place of the client, which never sees the message."""

    def forward(
        self,
        arrival: Incomer,
        preferences: Preferences | None,
        device: Device,
        *,
        names_device: bool,
    ) -> None:
        """Take it, once."""
        if self.happens():
            self.answer(arrival, 200)
        else:
            super().forward(arrival, preferences, device, names_device=names_device)


class KeepsAnswersBack(Terminating, Once):
    """Never passes the client's answer on."""

    def after_answer(
        self, arrival: Incomer, preferences: Preferences | None, answer: SipResponse
    ) -> bool:
        """Keep it, once."""
        return self.happens() or super().after_answer(arrival, preferences, answer)


class AnswersIncomingAhead(Terminating):
    """Answers before the client has."""

    def forward(
        self,
        arrival: Incomer,
        preferences: Preferences | None,
        device: Device,
        *,
        names_device: bool,
    ) -> None:
        """Send it on, and say that it is there."""
        super().forward(arrival, preferences, device, names_device=names_device)
        self.answer(arrival, 200)


class ChangesRecipient(Forwarding):
    """Sends requests to somebody else."""

    def next_request(self, request: SipRequest, uri: str, left: int) -> Draft:
        """For a number that nobody asked for."""
        draft = super().next_request(request, uri, left)
        if request.method == "MESSAGE":
            draft.uri = "tel:+15550999"
        return draft


# The clients'.


class NeverAnswersMessages(CpmClient):
    """Never answers a message."""

    def take_sip_message(self, incoming: Incoming) -> None:
        """Leave it where it is."""


class KnowsNoMessages(CpmClient):
    """Answers every message with 405."""

    def answer_message(self, request: SipRequest, message: CpmMessage) -> int:
        """What is a MESSAGE?"""
        return 405


class FailsOnMessages(CpmClient):
    """Answers every message with 500."""

    def answer_message(self, request: SipRequest, message: CpmMessage) -> int:
        """Something is broken."""
        return 500


class NeverAcknowledgesMessages(NonCpmClient):
    """Never acknowledges a message."""

    def arrived(self, arrival: Arrival) -> None:
        """Leave it where it is."""


_MESSAGE_ID = b"imdn.Message-ID:"


def _without_message_id(octets: bytes, towards: object) -> bytes:
    """Take the Message-ID from an envelope, and keep the length of the body."""
    return octets.replace(_MESSAGE_ID, b"imdn.Massage-ID:")


FAULTS: tuple[Fault, ...] = (
    Fault("iwf-answers-at-once", "iwf", replaced=AnswersAtOnce),
    Fault("iwf-never-answers", "iwf", replaced=NeverAnswers),
    Fault("iwf-answers-500", "iwf", replaced=AnswersFailure),
    Fault("iwf-keeps-message", "iwf", replaced=KeepsMessage),
    Fault("iwf-swallows-message", "iwf", replaced=SwallowsMessage),
    Fault("iwf-hides-refusal", "iwf", replaced=HidesRefusal),
    Fault("iwf-changes-text", "iwf", replaced=ChangesText),
    Fault("iwf-reports-unasked", "iwf", replaced=ReportsWithoutAsking),
    Fault("iwf-acknowledges-at-once", "iwf", replaced=AcknowledgesAtOnce),
    Fault("iwf-keeps-arrivals", "iwf", replaced=KeepsArrivals),
    Fault("iwf-swallows-arrivals", "iwf", replaced=SwallowsArrivals),
    Fault("iwf-never-acknowledges", "iwf", replaced=NeverAcknowledges),
    Fault("pf-keeps-outgoing", "pf", replaced=function(originating=KeepsOutgoing)),
    Fault("pf-swallows-outgoing", "pf", replaced=function(originating=SwallowsOutgoing)),
    Fault("pf-answers-outgoing-ahead", "pf", replaced=function(originating=AnswersOutgoingAhead)),
    Fault("pf-refuses-outgoing", "pf", replaced=function(originating=RefusesOutgoing)),
    Fault("pf-swallows-incoming", "pf", replaced=function(terminating=SwallowsIncoming)),
    Fault("pf-keeps-incoming", "pf", replaced=function(terminating=KeepsIncoming)),
    Fault("pf-answers-incoming-ahead", "pf", replaced=function(terminating=AnswersIncomingAhead)),
    Fault("pf-changes-recipient", "pf", replaced=function(forwarding=ChangesRecipient)),
    Fault("pf-keeps-outgoing-answer", "pf", replaced=function(originating=KeepsAnswers)),
    Fault("pf-keeps-incoming-answer", "pf", replaced=function(terminating=KeepsAnswersBack)),
    Fault("client-never-answers-messages", "client", replaced=NeverAnswersMessages),
    Fault("client-knows-no-messages", "client", replaced=KnowsNoMessages),
    Fault("client-fails-on-messages", "client", replaced=FailsOnMessages),
    Fault("client-asks-without-id", "client", tamper=_without_message_id),
    Fault("noncpm-never-acknowledges", "noncpm", replaced=NeverAcknowledgesMessages),
)
