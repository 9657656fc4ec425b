"""What joins a gateway and a non-CPM communication service: messages, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Cause(StrEnum):
    """Why a message was not taken, whatever the service calls it."""

    UNKNOWN = "unknown number"
    BARRED = "barred"
    ABSENT = "absent"
    BUSY = "busy"
    CONGESTED = "congested"
    REFUSED = "refused"
    TOO_LONG = "too long"
    UNSUPPORTED = "unsupported content"
    NO_ANSWER = "no answer"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message was answered: `cause` is None if it was taken.

    `is_delivered` says that the recipient itself has it, not only a service centre; `detail`
    is what the service said, in its own terms.
    """

    cause: Cause | None = None
    is_delivered: bool = False
    detail: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the message was taken."""
        return self.cause is None


TAKEN = Outcome()
DELIVERED = Outcome(is_delivered=True)


@dataclass(frozen=True, slots=True)
class NonCpmMessage:
    """A message for a non-CPM service; `source` and `destination` are tel URIs or names.

    `identity` is the sender's own name for it, by which reports are told apart; `lifetime` is
    in ns, None for as long as the service keeps it.
    """

    identity: str
    source: str
    destination: str
    text: str
    wants_report: bool = False
    lifetime: int | None = None


class Arrival:
    """A message that came from a non-CPM service and waits for its acknowledgement."""

    def __init__(
        self,
        message: NonCpmMessage,
        acknowledge: Callable[[Outcome], None],
        report: Callable[[bool], None] | None = None,
    ) -> None:
        self.message = message
        self.is_answered = False
        self._acknowledge = acknowledge
        self._report = report

    def answer(self, outcome: Outcome) -> None:
        """Acknowledge or refuse it, once; what is said later is not said."""
        if not self.is_answered:
            self.is_answered = True
            self._acknowledge(outcome)

    def report(self, *, delivered: bool) -> None:
        """Tell its sender whether it reached its recipient, if that was asked and has a form."""
        if self._report is not None and self.message.wants_report:
            self._report(delivered)


class LegUser(Protocol):
    """Who stands behind a leg: the gateway on its side, the other service on its own."""

    def admits(self, destination: str) -> int:
        """The SIP status for a message to this number before it is read further: 2xx to go on."""
        ...

    def arrived(self, arrival: Arrival) -> None:
        """A whole message came."""
        ...

    def reported(self, identity: str, *, delivered: bool) -> None:
        """What finally became of a message that was sent with `wants_report`."""
        ...


class Leg(Protocol):
    """One way to a non-CPM communication service."""

    user: LegUser | None

    @property
    def is_up(self) -> bool:
        """Whether the service can be reached by it now."""
        ...

    def start(self) -> None:
        """Connect, where the service needs a connection."""
        ...

    def submit(self, message: NonCpmMessage, done: Callable[[Outcome], None]) -> None:
        """Send a message; `done` is told once how it was answered."""
        ...


SIP_STATUS = {
    Cause.UNKNOWN: 404,
    Cause.BARRED: 403,
    Cause.ABSENT: 480,
    Cause.BUSY: 480,
    Cause.CONGESTED: 503,
    Cause.REFUSED: 603,
    Cause.TOO_LONG: 413,
    Cause.UNSUPPORTED: 415,
    Cause.NO_ANSWER: 504,
    Cause.FAILED: 500,
}
"""The final answer to a MESSAGE that the other service did not take."""

_CAUSES = {
    403: Cause.BARRED,
    404: Cause.UNKNOWN,
    408: Cause.NO_ANSWER,
    410: Cause.UNKNOWN,
    413: Cause.TOO_LONG,
    415: Cause.UNSUPPORTED,
    480: Cause.ABSENT,
    484: Cause.UNKNOWN,
    486: Cause.BUSY,
    488: Cause.UNSUPPORTED,
    503: Cause.CONGESTED,
    504: Cause.NO_ANSWER,
    600: Cause.BUSY,
    603: Cause.REFUSED,
    604: Cause.UNKNOWN,
    606: Cause.UNSUPPORTED,
}


def cause_of_status(status: int) -> Cause | None:
    """What a final SIP status says of a message; None for success."""
    if 200 <= status < 300:
        return None
    return _CAUSES.get(status, Cause.FAILED)
