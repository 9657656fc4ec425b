"""What a link does to packets."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram
from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.medium import (
    STILL,
    Conditions,
    Medium,
    Passage,
    parts_of,
)
from conformance.reference.network.simulated_tcp import Segment

A, B = "10.0.2.20", "10.0.3.1"


def carried(conditions: Conditions, count: int = 400) -> list[list[Passage]]:
    medium = Medium(Chance("medium"), conditions)
    return [medium.carry(number * MILLISECOND, A, B) for number in range(count)]


def test_a_still_link_delivers_once_and_the_tap_stands_in_its_middle():
    # given
    conditions = Conditions(low=10 * MILLISECOND, high=10 * MILLISECOND)
    # when
    passages = carried(conditions)
    # then
    for number, (passage,) in enumerate(passages):
        assert passage.seen == (number + 5) * MILLISECOND
        assert passage.arrives == (number + 10) * MILLISECOND


def test_a_latency_that_varies_keeps_the_order():
    # when
    passages = [one for (one,) in carried(Conditions(low=MILLISECOND, high=30 * MILLISECOND))]
    # then
    arrivals = [one.arrives or 0 for one in passages]
    taps = [one.seen or 0 for one in passages]
    assert arrivals == sorted(set(arrivals))
    assert taps == sorted(set(taps))
    assert all(tap < arrival for tap, arrival in zip(taps, arrivals, strict=True))


def test_what_is_lost_was_seen_or_not_as_the_coin_falls():
    # when
    lost = [one for (one,) in carried(Conditions(loss=0.5)) if one.arrives is None]
    # then
    assert 120 < len(lost) < 280
    assert {one.seen is None for one in lost} == {True, False}


def test_a_copy_comes_behind_its_original():
    # when
    doubled = [many for many in carried(Conditions(duplication=0.5)) if len(many) == 2]
    # then
    assert doubled
    assert {copy.seen is None for _, copy in doubled} == {True, False}
    assert all((first.arrives or 0) < (copy.arrives or 0) for first, copy in doubled)


def test_what_is_overtaken_comes_late():
    # when
    arrivals = [one.arrives or 0 for (one,) in carried(Conditions(reordering=0.2))]
    # then
    assert arrivals != sorted(arrivals)


def test_a_link_of_its_own_has_conditions_of_its_own():
    # given
    medium = Medium(Chance("x"), STILL, {frozenset((A, B)): Conditions(loss=1.0)})
    # then
    assert medium.carry(0, B, A)[0].arrives is None
    assert medium.carry(0, A, "10.0.1.1")[0].arrives is not None
    # when
    medium.change(STILL, A, B)
    medium.change(Conditions(loss=1.0), A, "10.0.1.1")
    # then
    assert medium.carry(0, B, A)[0].arrives is not None
    assert medium.carry(0, A, "10.0.1.1")[0].arrives is None
    # when
    medium.change(STILL)
    # then
    assert medium.carry(0, A, "10.0.1.1")[0].arrives is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 0},
        {"low": 2, "high": 1},
        {"loss": 1.5},
        {"duplication": -0.1},
        {"reordering": 2},
        {"delay": -1},
    ],
)
def test_conditions_that_no_link_can_have_are_refused(wrong):
    with pytest.raises(ValueError, match=r"none|probability|later"):
        Conditions(**wrong)


@pytest.mark.parametrize(
    ("host", "size", "parts"),
    [
        (A, 0, 1),
        (A, 1_472, 1),
        (A, 1_473, 2),
        (A, 2_952, 2),
        (A, 2_953, 3),
        ("2001:db8:2::20", 1_452, 1),
        ("2001:db8:2::20", 1_453, 2),
    ],
)
def test_a_datagram_travels_in_as_many_packets_as_it_needs(host, size, parts):
    end = Endpoint(host, 5060)
    assert parts_of(Datagram(end, end, bytes(size))) == parts


def test_a_segment_travels_in_one():
    end = Endpoint(A, 5060)
    assert parts_of(Segment(end, end, 0, 0, 0, bytes(1_400))) == 1
