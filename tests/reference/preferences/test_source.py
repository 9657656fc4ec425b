from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.source import EmbeddedPreferences, UnknownPreferences
from tests.reference.pf.world import ALICE, BOB


def test_that_a_users_own_preferences_are_told_and_else_the_default() -> None:
    own = Preferences.of(Profile("mine"))
    source = EmbeddedPreferences({ALICE: own})
    told: list[Preferences | None] = []
    source.fetch("tel:+15550100", told.append)
    source.fetch(BOB, told.append)
    assert told == [own, Preferences()]


def test_that_nobody_knows_the_unknown() -> None:
    told: list[Preferences | None] = []
    UnknownPreferences().fetch(ALICE, told.append)
    assert told == [None]
