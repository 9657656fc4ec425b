"""Short messages over IP as a leg: texts in SMS-DELIVER or SMS-SUBMIT and back (TS 23.040)."""

from functools import partial

from conformance.body import tpdu
from conformance.body.sms_user_data import UserData
from conformance.cpm.identity import uri_of, user_key
from conformance.reference.engine.component import Station
from conformance.reference.legs.leg import (
    SIP_STATUS,
    TAKEN,
    Arrival,
    Cause,
    NonCpmMessage,
    Outcome,
)
from conformance.reference.legs.relay_link import Received, RelayLink
from conformance.reference.legs.relay_units import RelayEnd
from conformance.reference.legs.segmented_leg import SegmentDone, SegmentedLeg
from conformance.wire.malformed import Malformed

ACCEPTED = 202
"""The answer to a MESSAGE whose short message is acknowledged later."""


class SmsOverIp(SegmentedLeg):
    """One end of the short message service, the network's or the telephone's, over a link.

    With `holds_answers` the MESSAGE that brought a short message is answered when it is known
    what became of that, and tells it; else it is answered 202 at once.
    """

    def __init__(
        self, station: Station, link: RelayLink, end: RelayEnd, *, holds_answers: bool = False
    ) -> None:
        super().__init__(station)
        self.link = link
        self.end = end
        self.holds_answers = holds_answers
        link.user = self

    # Out.

    def send_segment(
        self, message: NonCpmMessage, data: UserData, *, more: bool, done: SegmentDone
    ) -> None:
        """Send one segment in an RP-DATA."""
        reference = self.link.free_reference()
        if reference is None:
            done(Outcome(Cause.CONGESTED, detail="every RP-Message-Reference is in use"), "")
            return
        try:
            unit = self.end.transfer(message, data, reference, self.station.now, more=more)
            relayed = self.end.data(reference, unit)
        except ValueError as error:
            done(Outcome(Cause.UNKNOWN, detail=str(error)), "")
            return
        # A telephone's acknowledgement is the delivery itself; a centre reports on that later.
        token = "" if self.end.is_network else _token(reference, message.destination)
        uri = message.destination if self.end.is_network else self.link.peer
        self.link.send(relayed, uri, lambda outcome: done(outcome, token))

    def send_report(
        self,
        arrival: NonCpmMessage,
        references: tuple[str, ...],
        submitted: int,
        *,
        delivered: bool,
    ) -> None:
        """Tell the sender of a message what became of it: one report a segment that asked."""
        for asked in references:
            reference = self.link.free_reference()
            if reference is None:
                return
            unit = self.end.status_report(
                arrival.destination, int(asked), submitted, self.station.now, delivered=delivered
            )
            relayed = self.end.data(reference, unit)
            self.link.send(relayed, arrival.source, self.report_taken)

    def report_taken(self, outcome: Outcome) -> None:
        """A status report was acknowledged or not; nothing depends on it."""
        if not outcome.is_taken:
            self.station.note("unreported", why=outcome.detail or str(outcome.cause))

    # In.

    def data(self, received: Received) -> None:
        """Take an RP-DATA by the unit that it carries."""
        unit = received.data.tpdu
        match unit:
            case tpdu.Submit() if self.end.is_network:
                ends = (uri_of(received.sender), self.end.uri(unit.destination))
                asked = str(unit.reference) if unit.status_report else ""
                self._take(received, ends, unit.data, asked)
            case tpdu.Deliver():
                ends = (self.end.uri(unit.originator), self._own(received))
                self._take(received, ends, unit.data, "")
            case tpdu.StatusReport():
                self._finish(received, TAKEN, status=ACCEPTED)
                self._take_status(unit)
            case _:
                rule = unit.rule if isinstance(unit, Malformed) else "no message for us"
                self.station.note("malformed", rule=rule)
                self._finish(received, Outcome(Cause.UNSUPPORTED, detail=rule), status=ACCEPTED)

    def _take(self, received: Received, ends: tuple[str, str], data: UserData, asked: str) -> None:
        source, destination = ends
        status = 200 if self.user is None else self.user.admits(destination)
        if status >= 300:
            received.incoming.respond(status)
            return
        whole, references = self.gather(ends, data, asked)
        if whole is None:
            self._finish(received, TAKEN, status=ACCEPTED)
            return
        text = whole.text
        if text is None or self.user is None:
            self._finish(received, Outcome(Cause.UNSUPPORTED), status=ACCEPTED)
            return
        identity = received.incoming.request.call_id
        message = NonCpmMessage(identity, source, destination, text, bool(references))
        self.user.arrived(self._arrival(received, message, references))

    def _arrival(
        self, received: Received, message: NonCpmMessage, references: tuple[str, ...]
    ) -> Arrival:
        came = self.station.now
        if not self.holds_answers:
            received.incoming.respond(ACCEPTED)

        def report(delivered: bool) -> None:
            self.send_report(message, references, came, delivered=delivered)

        acknowledge = partial(self.acknowledge, received)
        return Arrival(message, acknowledge, report if self.end.is_network else None)

    def acknowledge(self, received: Received, outcome: Outcome) -> None:
        """Say what became of a short message: by the MESSAGE's answer if it waits, and by RP."""
        status = 0
        if self.holds_answers:
            status = 200 if outcome.cause is None else SIP_STATUS[outcome.cause]
        self._finish(received, outcome, status=status)

    def _finish(self, received: Received, outcome: Outcome, *, status: int) -> None:
        if status:
            received.incoming.respond(status)
        reference = received.data.reference
        if outcome.cause is None:
            answer = self.end.acknowledgement(reference, self.station.now)
            self.link.acknowledge(received, answer)
        else:
            self.link.acknowledge(received, self.end.refusal(reference, outcome.cause))

    def _take_status(self, unit: tpdu.StatusReport) -> None:
        """A report on a segment of ours; one that promises further attempts is not final."""
        if not unit.is_delivered and not unit.is_failed:
            return
        token = _token(unit.reference, self.end.uri(unit.recipient))
        if not self.take_report(token, delivered=unit.is_delivered):
            self.station.note("unknown report", reference=str(unit.reference))

    def _own(self, received: Received) -> str:
        """The number that a message was delivered to, as its MESSAGE names it."""
        request = received.incoming.request
        return uri_of(request.header("To") or request.uri)


def _token(reference: int, number: str) -> str:
    return f"{reference} {user_key(number)}"
