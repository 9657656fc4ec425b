"""The search through decisions finds the replay that agrees, if there is one."""

from dataclasses import dataclass
from math import inf

import pytest

from conformance.oracle.explore import UNNAMED, Scripted, search, told
from conformance.reference.engine.decision import Point
from conformance.reference.preferences.profiles import Device


@dataclass
class Outcome:
    agreed_until: float
    count: int


class Secret:
    """A role whose choices were these, each a second apart; and how often it was replayed."""

    def __init__(self, *chosen):
        self.chosen = chosen
        self.replays = 0

    def replay(self, decisions: Scripted):
        self.replays += 1
        clock = iter(range(100))
        decisions.now = lambda: next(clock)
        picked = [decisions.choose(Point.DISPOSAL, range(4)) for _ in self.chosen]
        wrong = [
            at
            for at, (one, other) in enumerate(zip(picked, self.chosen, strict=True))
            if one != other
        ]
        return Outcome(wrong[0] if wrong else inf, len(wrong))


@pytest.mark.parametrize("chosen", [(), (0, 0), (3,), (0, 2, 1), (3, 3, 3, 3)])
def test_the_choices_made_are_found(chosen):
    secret = Secret(*chosen)
    best = search(secret.replay)
    assert best.outcome.count == 0
    assert tuple(choice.chosen for choice in best.choices) == chosen


def test_without_a_difference_there_is_one_replay():
    secret = Secret(0, 0, 0)
    search(secret.replay)
    assert secret.replays == 1


def test_the_search_ends_where_nothing_agrees():
    replays = []

    def never(decisions):
        replays.append(decisions)
        for _ in range(20):
            decisions.choose(Point.TARGETS, range(9))
        return Outcome(0, 1)

    assert search(never, limit=10).outcome.count == 1
    assert len(replays) <= 10


def test_beyond_the_script_the_role_has_its_way():
    decisions = Scripted((2,))
    assert decisions.choose(Point.SETUP, "abc") == "c"
    assert decisions.choose(Point.SETUP, "abc") == "a"


def test_a_script_for_more_options_than_there_are_takes_the_last():
    assert Scripted((7,)).choose(Point.SETUP, "abc") == "c"


def test_beyond_its_script_a_decision_is_taken_as_it_was_before():
    later = (((Point.EXPIRY, "m2"), "extend"),)
    decisions = Scripted((1,), later=later)
    assert decisions.choose(Point.EXPIRY, ("discard", "store"), "m1") == "store"
    assert decisions.choose(Point.EXPIRY, ("discard", "store", "extend"), "m2") == "extend"
    assert decisions.choose(Point.EXPIRY, ("discard", "store"), "m3") == "discard"


def test_options_are_told_in_words():
    phone = Device("<urn:uuid:1>", "sip:a@192.0.2.1")
    assert told((phone, Device("", "sip:b@192.0.2.2"))) == f"urn:uuid:1, {UNNAMED}"
    assert (told(()), told("discard")) == ("none", "discard")
