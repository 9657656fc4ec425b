"""Which service a message is handed to, by the user's preferences (5.4)."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.source import (
    EmbeddedPreferences,
    PreferencesSource,
    Told,
    UnknownPreferences,
)

T = TypeVar("T")
ALICE = "sip:+15550100@home-a.example"
SERVICES = ("sms", "smpp", "text")


class Last:
    """Takes the last of what is allowed, and remembers what that was."""

    def __init__(self) -> None:
        self.offered: list[tuple[Point, tuple[object, ...], str]] = []

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        self.offered.append((point, tuple(options), about))
        return options[-1]


def selected(source: PreferencesSource, services: tuple[str, ...] = SERVICES) -> tuple[str, ...]:
    found: list[tuple[str, ...]] = []
    InterworkingSelection(source).select(ALICE, services, "id-1", found.append)
    return found[0]


def preferring(*services: str) -> EmbeddedPreferences:
    return EmbeddedPreferences({ALICE: Preferences.of(Profile(noncpm_services=services))})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("smpp", "text"), ("smpp", "text")),
        (("TEXT", "sms"), ("text", "sms")),
        (("mms", "smpp"), ("smpp",)),
        (("mms",), ()),
        ((), SERVICES),
    ],
)
def test_services_are_tried_in_the_users_priority(
    wanted: tuple[str, ...], found: tuple[str, ...]
) -> None:
    assert selected(preferring(*wanted)) == found


def test_only_what_is_available_is_tried() -> None:
    assert selected(preferring("smpp", "text"), ("text",)) == ("text",)
    assert selected(UnknownPreferences(), ()) == ()


def test_the_preferences_are_retrieved_of_the_user_and_may_come_later() -> None:
    # N20: the function asks for the preferences of this user,
    asked: list[tuple[str, Told]] = []

    class Later:
        """Answers when the test does."""

        def fetch(self, user: str, then: Told) -> None:
            asked.append((user, then))

    found: list[tuple[str, ...]] = []
    InterworkingSelection(Later()).select(ALICE, SERVICES, "id-1", found.append)
    ((user, then),) = asked
    assert (user, found) == ("tel:+15550100", [])
    # and N21: takes them into consideration.
    then(Preferences.of(Profile(noncpm_services=("text",))))
    assert found == [("text",)]


def test_preferences_bind_and_leave_nothing_to_decide() -> None:
    last = Last()
    chosen = InterworkingSelection(decisions=last).ordered(
        Preferences.of(Profile(noncpm_services=("smpp", "text"))), SERVICES, "id-1"
    )
    assert chosen == ("smpp", "text")
    assert last.offered == [(Point.NONCPM_SERVICE, ("smpp",), "id-1")]


@pytest.mark.parametrize("preferences", [None, Preferences()])
def test_without_a_word_of_the_user_every_service_is_allowed(
    preferences: Preferences | None,
) -> None:
    last = Last()
    selection = InterworkingSelection(decisions=last)
    assert selection.ordered(preferences, SERVICES, "id-1") == ("text", "sms", "smpp")
    assert last.offered == [(Point.NONCPM_SERVICE, SERVICES, "id-1")]
