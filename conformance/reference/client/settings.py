"""How a CPM Client's user has set it up, and what it leaves open."""

from dataclasses import dataclass, replace
from typing import TypeVar

from conformance.reference.engine.timer import MILLISECOND, SECOND

T = TypeVar("T")

DEFERRED_EVENT = "deferred-messages"
"""The event package of the list of deferred messages."""

SERVICES = ("msg", "largemsg", "deferred", "session")
"""The CPM services that a client registers."""

NO_WORD = ""
"""No action at all for a message: it stays deferred without a word."""

CHOICES = ("retrieve", "interwork", "discard", "store", "keep", NO_WORD)
"""What a user may choose for a deferred message (System Description 5.2.1.1.1)."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Settings of a client; times in ns. A `display_after` of None: the user says when.

    Where one holds several values, the first is what the client does, and the others are what
    it might do as well: with one value nothing is left to decide.
    """

    # Answers.
    message_answers: tuple[int, ...] = (200,)
    session_answers: tuple[int, ...] = (200,)
    chat_answers: tuple[int, ...] = (200,)
    notify_answers: tuple[int, ...] = (200,)
    answer_after: int = 0
    rings: bool = False
    # The user leaves a session after so many messages, so much later; 0 for never.
    leaves_after: int = 0
    leaves_delay: int = 0
    setups: tuple[str, ...] = ("active", "passive")
    offered_setup: str = "actpass"
    # Content.
    accepts: tuple[bool, ...] = (True,)
    max_size: int | None = None
    # Disposition notifications that may be sent, and when.
    notifies: tuple[str, ...] = ("positive-delivery", "display")
    notifying: tuple[bool, ...] = (True,)
    notify_after: int = 0
    display_after: int | None = 5 * SECOND
    # Deferred messages.
    deferred_uri: str = "sip:deferred-messages@cpm.home-a.example"
    subscribes: bool = False
    subscription: int = 3_600 * SECOND
    selects: bool = True
    select_after: int = 2 * SECOND
    selections: tuple[str, ...] = ("retrieve",)
    teardown_after: int = 200 * MILLISECOND
    pull_patience: int = 600 * SECOND
    # Registration.
    registration: int = 600_000 * SECOND
    refreshes: bool = True
    access: str = "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000001"
    services: tuple[str, ...] = SERVICES

    def undecided(self) -> "ClientSettings":
        """The same where nothing is known of what the user wishes: all that is allowed."""
        return replace(
            self,
            message_answers=_first(self.message_answers, (200, 202, 480, 486, 603)),
            session_answers=_first(self.session_answers, (200, 480, 486, 603)),
            chat_answers=_first(self.chat_answers, (200, 480)),
            setups=_first(self.setups, ("active", "passive")),
            accepts=_first(self.accepts, (True, False)),
            notifying=_first(self.notifying, (True, False)),
            selections=_first(self.selections, CHOICES),
        )


def _first(own: tuple[T, ...], allowed: tuple[T, ...]) -> tuple[T, ...]:
    return (*own, *[value for value in allowed if value not in own])
