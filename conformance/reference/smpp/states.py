"""What an SMPP session is in, how long it waits, and how a request ends."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from conformance.reference.engine.timer import SECOND
from conformance.reference.smpp.pdu import Status


class State(StrEnum):
    """Where a session is (SMPP 3.4 section 2.2)."""

    CLOSED = "closed"
    OPEN = "open"
    BOUND = "bound"
    UNBOUND = "unbound"


@dataclass(frozen=True, slots=True)
class SmppTimers:
    """The timers of section 7.2, in ns, and how many requests may wait for a response."""

    response: int = 30 * SECOND
    enquire_link: int = 60 * SECOND
    session_init: int = 60 * SECOND
    window: int = 10


class Answer(NamedTuple):
    """How a request was answered: `status` None where it was not.

    `message_id` is the message centre's name for a message that it took.
    """

    status: int | None
    message_id: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether it was done as asked."""
        return self.status == Status.ROK


NO_ANSWER = Answer(None)

Done = Callable[[Answer], None]
"""Is told once how a request was answered."""

Respond = Callable[[int, str], None]
"""Answers a message once: a status, and the message's identity where it is a submit_sm."""
