"""Short messages over SMPP 3.4 as a leg: the gateway's end, and the message centre's."""

from abc import abstractmethod
from functools import partial
from typing import Literal

from conformance.body.sms_user_data import UserData
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import TAKEN, Arrival, Cause, NonCpmMessage, Outcome
from conformance.reference.legs.segmented_leg import PATIENCE, SegmentDone, SegmentedLeg
from conformance.reference.legs.smpp_segments import cause_of, status_of, user_data_of, written
from conformance.reference.smpp.pdu import Pdu, ShortMessage, Status
from conformance.reference.smpp.session import Answer, Respond, SmppSession, SmppTimers
from conformance.reference.smpp.text import MessageState, Receipt, SmppAddress

REBIND_AFTER = 10 * SECOND
"""How long after a session's end the gateway binds again."""

RECEIPT_WANTED = 1
"""In registered_delivery: a receipt of success or failure (SMPP 3.4 section 5.2.17)."""


class SmppLeg(SegmentedLeg):
    """One end of an SMPP session; `system_id` and `password` are the gateway's names there."""

    side: Literal["esme", "smsc"]

    def __init__(
        self,
        station: Station,
        endpoint: Endpoint,
        *,
        system_id: str = "IWF",
        password: str = "",
        timers: SmppTimers | None = None,
    ) -> None:
        super().__init__(station)
        self.system_id = system_id
        self.password = password
        waits = timers or SmppTimers(response=PATIENCE)
        self.session = SmppSession(station, self, self.side, endpoint, timers=waits)

    @property
    def is_up(self) -> bool:
        """Whether there is a session."""
        return self.session.is_bound

    @abstractmethod
    def arrival(
        self, message: NonCpmMessage, respond: Respond, identities: tuple[str, ...]
    ) -> Arrival:
        """A whole message as it waits for its acknowledgement."""

    def outcome_of(self, answer: Answer) -> Outcome:
        """What a response says."""
        cause = cause_of(answer.status)
        if cause is None:
            return TAKEN
        status = "no response" if answer.status is None else f"0x{answer.status:08x}"
        return Outcome(cause, detail=status)

    def accept(self, message: Pdu, respond: Respond, identity: str) -> None:
        """Take a submit_sm or deliver_sm; `identity` is our name for it."""
        body = message.body
        if self.user is None or not isinstance(body, ShortMessage):
            respond(Status.RSYSERR, "")
            return
        ends = self.ends(body)
        if self.user.admits(ends[1]) >= 300:
            respond(Status.RINVDSTADR, "")
            return
        wants = bool(body.registered_delivery & 3)
        whole, asked = self.gather(ends, user_data_of(message), identity if wants else "")
        if whole is None:
            respond(Status.ROK, identity)
            return
        if whole.text is None:
            respond(status_of(Cause.UNSUPPORTED), "")
            return
        name = identity or self.station.chance.token(10)
        arrived = NonCpmMessage(name, *ends, whole.text, bool(asked))
        self.user.arrived(self.arrival(arrived, respond, asked))

    def ends(self, body: ShortMessage) -> tuple[str, str]:
        """Who sent a message, and to whom."""
        source = SmppAddress(body.source_addr_ton, body.source_addr_npi, body.source_addr)
        to = SmppAddress(body.dest_addr_ton, body.dest_addr_npi, body.destination_addr)
        return _uri(source), _uri(to)

    # As the user of the session.

    def admits(self, session: SmppSession, system_id: str, password: str) -> int:
        """Whether a gateway may bind."""
        if system_id != self.system_id:
            return Status.RINVSYSID
        return Status.ROK if password == self.password else Status.RINVPASWD

    def bound(self, session: SmppSession, system_id: str) -> None:
        """There is a session."""
        self.station.note("bound", peer=system_id)

    def submitted(self, session: SmppSession, message: Pdu, respond: Respond) -> None:
        """A submit_sm came."""
        self.accept(message, respond, self.station.chance.token(10))

    def delivered(self, session: SmppSession, message: Pdu, respond: Respond) -> None:
        """A deliver_sm came."""
        self.accept(message, respond, "")

    def receipted(self, session: SmppSession, receipt: Receipt, message: Pdu) -> None:
        """A delivery receipt came; one of a state that is not final tells nothing."""
        if receipt.state in (MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.UNKNOWN):
            return
        delivered = receipt.state is MessageState.DELIVERED
        if not self.take_report(receipt.message_id, delivered=delivered):
            self.station.note("unknown report", reference=receipt.message_id)

    def closed(self, session: SmppSession, why: str) -> None:
        """There is no session any more."""
        self.station.note("unbound", why=why)


class EsmeLeg(SmppLeg):
    """The gateway's end: it binds, submits messages, and takes what the centre delivers."""

    side = "esme"

    def start(self) -> None:
        """Bind to the centre."""
        self.session.bind(self.system_id, self.password)

    def closed(self, session: SmppSession, why: str) -> None:
        """Bind again after a while."""
        super().closed(session, why)
        self.station.after(REBIND_AFTER, self.start)

    def send_segment(
        self, message: NonCpmMessage, data: UserData, *, more: bool, done: SegmentDone
    ) -> None:
        """Submit one segment."""
        esm_class, coding, octets = written(data)

        def answered(answer: Answer) -> None:
            done(self.outcome_of(answer), answer.message_id)

        self.session.submit(
            message.source or self.system_id,
            message.destination,
            octets,
            answered,
            registered_delivery=RECEIPT_WANTED if message.wants_report else 0,
            esm_class=esm_class,
            data_coding=coding,
            lifetime=message.lifetime,
        )

    def arrival(
        self, message: NonCpmMessage, respond: Respond, identities: tuple[str, ...]
    ) -> Arrival:
        """What the centre delivered: it wants the status of the response, and no report."""
        return Arrival(message, lambda outcome: respond(status_of(outcome.cause), ""))


class CentreLeg(SmppLeg):
    """The message centre's end: it takes what is submitted, reports on it, and delivers."""

    side = "smsc"

    def send_segment(
        self, message: NonCpmMessage, data: UserData, *, more: bool, done: SegmentDone
    ) -> None:
        """Deliver one segment."""
        esm_class, coding, octets = written(data)

        def answered(answer: Answer) -> None:
            done(self.outcome_of(answer), "")

        self.session.deliver(
            message.source,
            message.destination,
            octets,
            answered,
            esm_class=esm_class,
            data_coding=coding,
        )

    def arrival(
        self, message: NonCpmMessage, respond: Respond, identities: tuple[str, ...]
    ) -> Arrival:
        """What the gateway submitted: the response names it, and a receipt may follow."""

        def acknowledge(outcome: Outcome) -> None:
            taken = message.identity if outcome.is_taken else ""
            respond(status_of(outcome.cause), taken)

        report = partial(self.send_receipts, message, identities, self.station.now)
        return Arrival(message, acknowledge, report)

    def send_receipts(
        self,
        message: NonCpmMessage,
        identities: tuple[str, ...],
        submitted_at: int,
        delivered: bool,
    ) -> None:
        """Tell what became of a message, once for each segment that asked."""
        state = MessageState.DELIVERED if delivered else MessageState.UNDELIVERABLE
        for identity in identities:
            self.session.receipt(
                message.destination,
                message.source,
                identity,
                state,
                self.receipt_answered,
                submitted_at=submitted_at,
            )

    def receipt_answered(self, answer: Answer) -> None:
        """A receipt was taken or not; nothing depends on it."""
        if not answer.is_taken:
            self.station.note("unreported", why=self.outcome_of(answer).detail)


def _uri(address: SmppAddress) -> str:
    text = str(address)
    return f"tel:{text}" if address.digits.isdecimal() else text
