"""CPM Messages to other services (System Description Y.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from conformance.body.iscomposing import MEDIA_TYPE as IS_COMPOSING
from conformance.body.mime import media_type
from conformance.reference.engine.decision import Point
from conformance.reference.interworking.gateway import Gateway, Remembered, said
from conformance.reference.interworking.settings import (
    asserted,
    number_uri,
    outgoing,
    reported_on,
    subject_of,
)
from conformance.reference.legs.leg import SIP_STATUS, Cause, Outcome
from conformance.reference.legs.service_forms import services_of
from conformance.reference.messaging.content import CpmMessage, read
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Incoming
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

_NOT_NOW = frozenset({Cause.CONGESTED, Cause.UNSUPPORTED, Cause.FAILED})


@dataclass(slots=True)
class Outward:
    """A CPM Message on its way to another service.

    `respond` answers the CPM side with a status; `services` are still to be tried.
    """

    request: SipRequest
    respond: Callable[[int], None]
    message: CpmMessage
    source: str
    destination: str
    identity: str
    services: tuple[str, ...] = ()


class OutwardInterworking(Gateway):
    """The way out: steps 4 to 7, and the reports that come back later."""

    awaiting: Remembered[CpmMessage]

    def take_message(self, incoming: Incoming) -> None:
        """A CPM Message came from the core (step 4)."""
        request = incoming.request
        content_type = request.header("Content-Type") or ""
        message = read(content_type, request.body, request, now=self.station.now)
        if isinstance(message, Malformed):
            self.station.note("malformed", rule=message.rule)
            incoming.respond(400)
            return
        self.interwork(request, message, incoming.respond)

    def interwork(
        self, request: SipRequest, message: CpmMessage, respond: Callable[[int], None]
    ) -> None:
        """Find a service for a message of a MESSAGE, or of the session of an INVITE."""
        status = self.refusal(request, message)
        if status:
            respond(status)
            return
        destination = number_uri(request.uri)
        reported = reported_on(message, asserted(request), destination)
        source = "" if message.anonymous else number_uri(reported.sender) or reported.sender
        identity = self.station.chance.token(16)
        self.choose_service(Outward(request, respond, reported, source, destination, identity))

    def refusal(self, request: SipRequest, message: CpmMessage) -> int:
        """The status with which a message is refused, or swallowed; 0 if it goes on."""
        if not services_of(request):
            return 488
        if not number_uri(request.uri):
            return 404
        kind = media_type(message.content_type)
        if kind == IS_COMPOSING:
            # No service here has a sign for it, and its sender can do nothing about that.
            return 200
        if kind != "text/plain":
            return 415
        expired = message.expires_at is not None and message.expires_at <= self.station.now
        return 480 if expired else 0

    def choose_service(self, out: Outward) -> None:
        """Let the interworking selection find the services that may be tried (5.4)."""
        user = subject_of(out.request, self.settings)
        about = out.message.message_id or out.identity

        def then(services: tuple[str, ...]) -> None:
            out.services = services
            self.hand_over(out)

        self.selection.select(user, self.available_services(), about, then)

    def hand_over(self, out: Outward) -> None:
        """Hand a message to the next service (step 5)."""
        if not out.services:
            self.answer(out, Outcome(Cause.ABSENT, detail="no service can be used"), "")
            return
        service, *others = out.services
        out.services = tuple(others)
        leg = self.legs[service]
        sent = outgoing(out.identity, out.message, (out.source, out.destination), self.station.now)
        leg.submit(sent, partial(self.acknowledged, out, service))

    def acknowledged(self, out: Outward, service: str, outcome: Outcome) -> None:
        """The service has acknowledged a message, or not (step 6)."""
        if outcome.cause in _NOT_NOW and out.services and self.settings.falls_back:
            self.station.note("passed on", service=service, why=str(outcome.cause))
            self.hand_over(out)
            return
        self.answer(out, outcome, service)

    def answer(self, out: Outward, outcome: Outcome, service: str) -> None:
        """Answer the CPM side by what became of its message (step 7)."""
        identity = out.message.message_id
        if outcome.cause is not None:
            why = outcome.detail or str(outcome.cause)
            self.station.note("not interworked", message=identity, service=service, why=why)
            out.respond(SIP_STATUS[outcome.cause])
            return
        status = self.decisions.choose(Point.FINAL_ANSWER, self.settings.answers, identity)
        out.respond(status)
        self.station.note("interworked", message=identity, service=service)
        self.follow(out, outcome)

    def follow(self, out: Outward, outcome: Outcome) -> None:
        """Report the delivery, if it is one, or wait for the service's own report."""
        if not self.wants_any(out.message):
            return
        if outcome.is_delivered:
            self.tell_sender(out.message, delivered=True)
        else:
            self.awaiting.put(out.identity, out.message)

    def reported(self, identity: str, *, delivered: bool) -> None:
        """The service reports on a message that it took."""
        message = self.awaiting.pop(identity)
        if message is not None:
            self.tell_sender(message, delivered=delivered)

    def tell_sender(self, message: CpmMessage, *, delivered: bool) -> None:
        """Tell the CPM side what became of its message, if that was asked for (RFC 5438)."""
        wanted = "positive-delivery" if delivered else "negative-delivery"
        if wanted not in message.wants:
            return
        status = "delivered" if delivered else "failed"
        self.notify(message, status, partial(self.notified, message, status))

    def notified(self, message: CpmMessage, status: str, answer: SipResponse | Failure) -> None:
        """The notification was answered; nothing more is done about it."""
        self.station.note(
            "notified", message=message.message_id, status=status, answer=said(answer)
        )

    def wants_any(self, message: CpmMessage) -> bool:
        """Whether the sender can be told and asked for it."""
        asked = {"positive-delivery", "negative-delivery"}
        return bool(message.message_id and asked.intersection(message.wants))
