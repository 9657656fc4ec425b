"""Where the specification leaves a choice: to the user, to a policy, or to the implementer.

A role names the point and what is allowed there, its own preference first. A simulation takes
the first, and the oracle tries each, so that nothing that is allowed is called a fault.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


class Point(StrEnum):
    """A place where a role may choose."""

    # The client's.
    MESSAGE_ANSWER = "message-answer"
    SESSION_ANSWER = "session-answer"
    NOTIFY_ANSWER = "notify-answer"
    SELECTION = "selection"
    NOTIFICATION = "notification"
    CONTENT = "content"
    # The participating function's.
    DISPOSAL = "disposal"
    EXPIRY = "expiry"
    DELIVERY = "delivery"
    TARGETS = "targets"
    SERVICE = "service"
    FAILURE_NOTICE = "failure-notice"
    FINAL_ANSWER = "final-answer"
    # Either's.
    TEARDOWN = "teardown"
    SETUP = "setup"
    # The gateway's.
    NONCPM_SERVICE = "noncpm-service"


class Decisions(Protocol):
    """Who decides where a choice is left."""

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        """One of the options, of which there is one at least.

        `about` tells one choice from another at the same point: a message's or session's identity.
        """
        ...


class Settled:
    """The role's own preference, always."""

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        """The first of the options."""
        return options[0]
