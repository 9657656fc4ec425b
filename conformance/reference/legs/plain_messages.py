"""Plain text in SIP MESSAGE as a leg: a service that is neither CPM nor SMS (RFC 3428)."""

from collections.abc import Callable
from functools import partial

from conformance.body.mime import decode_text, parse_content_type
from conformance.cpm.identity import uri_of
from conformance.reference.engine.component import Station
from conformance.reference.legs.leg import (
    DELIVERED,
    SIP_STATUS,
    Arrival,
    Cause,
    LegUser,
    NonCpmMessage,
    Outcome,
    cause_of_status,
)
from conformance.reference.legs.segmented_leg import PATIENCE
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.incoming import Content, Incoming
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

MEDIA_TYPE = "text/plain"
_WRITTEN = "text/plain;charset=UTF-8"


class PlainMessages:
    """Either end of such a service; the answer to the MESSAGE is the acknowledgement.

    `peer` is the SIP URI by which the other end is reached, `patience` in ns.
    """

    def __init__(
        self, station: Station, agent: UserAgent, peer: str, *, patience: int = PATIENCE
    ) -> None:
        self.station = station
        self.agent = agent
        self.peer = peer
        self.patience = patience
        self.user: LegUser | None = None

    @property
    def is_up(self) -> bool:
        """Whether the service can be reached by it now."""
        return True

    def start(self) -> None:
        """Nothing is to be done before the first message."""
        return

    def submit(self, message: NonCpmMessage, done: Callable[[Outcome], None]) -> None:
        """Send a text; `done` is told once how it was answered."""
        waiting = [done]
        finish = partial(_finish, waiting)
        late = self.station.after(self.patience, partial(finish, Outcome(Cause.NO_ANSWER)))

        def answered(answer: SipResponse | Failure) -> None:
            late.cancel()
            finish(outcome_of(answer))

        self.agent.request(
            "MESSAGE",
            message.destination,
            to=message.destination,
            sender=message.source or None,
            content=Content(_WRITTEN, message.text.encode("utf-8", "replace")),
            answered=answered,
            routes=(f"<{self.peer};lr>",),
        )

    def take(self, incoming: Incoming) -> None:
        """Take a MESSAGE of plain text."""
        request = incoming.request
        ends = _ends(request)
        if self.user is None:
            incoming.respond(404)
            return
        status = self.user.admits(ends[1])
        if status >= 300:
            incoming.respond(status)
            return
        message = NonCpmMessage(request.call_id, *ends, _text(request))
        self.user.arrived(Arrival(message, partial(self.acknowledge, incoming)))

    def acknowledge(self, incoming: Incoming, outcome: Outcome) -> None:
        """Answer the MESSAGE by what became of it."""
        incoming.respond(200 if outcome.cause is None else SIP_STATUS[outcome.cause])


def outcome_of(answer: SipResponse | Failure) -> Outcome:
    """What a final answer to a MESSAGE, or none, means for its text."""
    if isinstance(answer, SipResponse):
        cause = cause_of_status(answer.status)
        if cause is None:
            return DELIVERED if answer.status == 200 else Outcome()
        return Outcome(cause, detail=f"{answer.status} {answer.reason}")
    cause = Cause.NO_ANSWER if answer is Failure.TIMEOUT else Cause.CONGESTED
    return Outcome(cause, detail=str(answer))


def _finish(waiting: list[Callable[[Outcome], None]], outcome: Outcome) -> None:
    while waiting:
        waiting.pop()(outcome)


def _ends(request: SipRequest) -> tuple[str, str]:
    sender = request.header("P-Asserted-Identity") or request.header("From") or ""
    return uri_of(sender), uri_of(request.uri)


def _text(request: SipRequest) -> str:
    kind = parse_content_type(request.header("Content-Type") or MEDIA_TYPE)
    charset = None if isinstance(kind, Malformed) else kind.parameter("charset")
    return decode_text(request.body, charset)
