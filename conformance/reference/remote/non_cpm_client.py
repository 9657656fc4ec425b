"""A Non-CPM Client with its service: telephone or message centre, the far end of the legs."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from conformance.cpm.identity import same_user
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.legs.leg import DELIVERED, Arrival, Cause, Leg, NonCpmMessage, Outcome
from conformance.reference.legs.service_forms import taker_of
from conformance.reference.user_agents.incoming import Incoming
from conformance.reference.user_agents.user_agent import UserAgent

MAX_RECEIVED = 1_024
"""Messages that a client keeps; the oldest give way."""


@dataclass(frozen=True, slots=True)
class NonCpmSettings:
    """How the other service behaves; times in ns.

    `number` is the client's own. `knows`: the numbers that exist, () for every one. `refusal`:
    why it takes no message; `is_silent`: it acknowledges none. `delivers`: what it reports where
    a report is asked for, None for nothing.
    """

    number: str = "tel:+15550177"
    knows: tuple[str, ...] = ()
    answer_delay: int = 80 * MILLISECOND
    refusal: Cause | None = None
    is_silent: bool = False
    delivers: bool | None = True
    report_delay: int = 900 * MILLISECOND


class NonCpmClient:
    """Takes messages, acknowledges them, reports on them, and sends its own."""

    def __init__(
        self,
        station: Station,
        legs: Mapping[str, Leg],
        settings: NonCpmSettings | None = None,
        *,
        agent: UserAgent | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        self.station = station
        self.legs = dict(legs)
        self.settings = settings or NonCpmSettings()
        self.decisions = decisions or Settled()
        self.received: deque[NonCpmMessage] = deque(maxlen=MAX_RECEIVED)
        if agent is not None:
            agent.handlers["MESSAGE"] = self.take
        for leg in self.legs.values():
            leg.user = self

    # Commands.

    def start(self) -> None:
        """Connect, where a service needs a connection."""
        for leg in self.legs.values():
            leg.start()

    def send(
        self,
        to: str,
        text: str,
        *,
        service: str = "",
        wants_report: bool = False,
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """Send a message to a number, by the first service where none is named.

        `then` is told how it was acknowledged. ValueError for a service that is not there.
        """
        name = service or next(iter(self.legs), "")
        if name not in self.legs:
            raise ValueError(f"no service {name!r}")
        identity = self.station.chance.token(16)
        message = NonCpmMessage(identity, self.settings.number, to, text, wants_report)
        self.station.note("sent", message=identity, service=name, to=to)
        self.legs[name].submit(message, partial(self.acknowledged, identity, then))

    # What the legs tell.

    def acknowledged(
        self, identity: str, then: Callable[[Outcome], None] | None, outcome: Outcome
    ) -> None:
        """A message of ours was taken or refused."""
        if outcome.is_taken:
            self.station.note("acknowledged", message=identity)
        else:
            why = outcome.detail or str(outcome.cause)
            self.station.note("refused", message=identity, cause=str(outcome.cause), why=why)
        if then is not None:
            then(outcome)

    def reported(self, identity: str, *, delivered: bool) -> None:
        """A message of ours was delivered, or will not be."""
        self.station.note("reported", message=identity, delivered=str(delivered).lower())

    def admits(self, destination: str) -> int:
        """The SIP status for a message to a number."""
        known = self.settings.knows
        return 200 if not known or any(same_user(destination, one) for one in known) else 404

    def arrived(self, arrival: Arrival) -> None:
        """A message came: acknowledge it when its time has come."""
        message = arrival.message
        self.received.append(message)
        self.station.note(
            "received", source=message.source, to=message.destination, text=message.text
        )
        if not self.settings.is_silent:
            self.station.after(self.settings.answer_delay, partial(self.answer, arrival))

    def answer(self, arrival: Arrival) -> None:
        """Acknowledge a message or refuse it, and report on it later where that is asked for."""
        about = arrival.message.identity
        outcome = self.decisions.choose(Point.MESSAGE_ANSWER, (self.outcome(),), about)
        arrival.answer(outcome)
        if outcome.is_taken and arrival.message.wants_report:
            self.station.after(self.settings.report_delay, partial(self.report, arrival))

    def outcome(self) -> Outcome:
        """How messages are answered."""
        refusal = self.settings.refusal
        return DELIVERED if refusal is None else Outcome(refusal)

    def report(self, arrival: Arrival) -> None:
        """Report what became of a message."""
        if self.settings.delivers is not None:
            arrival.report(delivered=self.settings.delivers)

    def take(self, incoming: Incoming) -> None:
        """A MESSAGE came by SIP; one in a form that no service here has is answered 415."""
        taker = taker_of(incoming.request, self.legs.values())
        if taker is None:
            incoming.respond(415)
        else:
            taker(incoming)
