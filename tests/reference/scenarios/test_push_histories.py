"""What went before a push."""

from dataclasses import replace

import pytest

from conformance.reference.engine.timer import SECOND
from conformance.reference.scenarios.beginnings import HELLO, waiting
from conformance.reference.scenarios.push_histories import (
    comings,
    departures,
    histories,
    waits,
)
from conformance.reference.scenarios.scenario import Scenario, play

PLAIN = Scenario("push", "plain", "what there is", waiting())
BY_NAME = {one.name: one for one in histories(PLAIN, HELLO)}


def noted(one: Scenario, what: str) -> list[float]:
    """When the parties noted this, in seconds after the beginning."""
    notes = play(one).world.simulation.notes
    return [(n.time - one.setting.begin) / SECOND for n in notes if n.note.what == what]


def test_all_are_there():
    parts = (waits, comings, departures)
    assert set(BY_NAME) == {one.name for part in parts for one in part(PLAIN, (HELLO,))}
    assert len(BY_NAME) == 7


@pytest.mark.parametrize(
    ("name", "deliveries"),
    [
        ("long-wait", [(255_600, 255_601)]),
        ("restarted", [(3_600, 3_601)]),
        ("refreshed", [(10, 11)]),
        ("two-returns", [(10, 11), (70, 71)]),
        ("comes-and-goes", [(60, 61)]),
        ("leaves-again", [(260, 261)]),
        ("lapses", [(420, 421)]),
    ],
)
def test_each_delivers_when_it_should(name: str, deliveries: list[tuple[float, float]]):
    found = noted(BY_NAME[name], "delivered")
    assert len(found) == len(deliveries)
    for time, (low, high) in zip(found, deliveries, strict=True):
        assert low <= time < high


def test_each_lasts_until_all_is_over():
    for one in BY_NAME.values():
        longer = replace(one, lasts=one.lasts + 60 * SECOND)
        assert noted(one, "delivered") == noted(longer, "delivered")


def test_only_who_may_be_gone_has_a_core_that_remembers():
    assert {name for name, one in BY_NAME.items() if one.faults} == {"leaves-again", "lapses"}
