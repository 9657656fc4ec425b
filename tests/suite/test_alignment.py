"""Two clocks, told apart by what both saw."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.suite.alignment import Clock, Pair, fit

SECOND = 1_000_000_000
MS = SECOND // 1_000
OUT, BACK = ("a", "b"), ("b", "a")


def seen(offset, drift=0.0, delay=0, count=40, apart=SECOND, ways=(OUT, BACK)):
    """Pairs of an exchange: `here` stands at a's end, and b's is `delay` away."""
    pairs = []
    for number in range(count):
        here = 1_000 * SECOND + number * apart
        way = ways[number % len(ways)]
        passed = delay if way == OUT else -delay
        shown = here + passed
        pairs.append(Pair(way, here, shown + offset + round((shown - 1_000 * SECOND) * drift)))
    return pairs


@given(
    offset=st.integers(-100_000 * SECOND, 100_000 * SECOND),
    drift=st.integers(-500, 500),
    delay=st.integers(0, 200 * MS),
)
def test_offset_and_drift_are_found(offset, drift, delay):
    pairs = seen(offset, drift / 1_000_000, delay)
    clock = fit(pairs)
    for pair in pairs:
        passed = delay if pair.way == OUT else -delay
        assert abs(clock.ours(pair.there) - pair.here - passed) <= max(clock.doubt, 10_000)
    # The delay is measured by a clock that runs so much slower or faster.
    assert clock.doubt >= delay - delay * abs(drift) / 1_000_000 - 10_000


@given(st.integers(-10 * SECOND, 10 * SECOND), st.data())
@settings(max_examples=50)
def test_a_third_of_wild_pairs_changes_nothing(offset, data):
    pairs = seen(offset, delay=MS, count=60)
    for place in data.draw(st.lists(st.integers(0, 59), max_size=15, unique=True)):
        wrong = data.draw(st.integers(-1_000 * SECOND, 1_000 * SECOND))
        pairs[place] = pairs[place]._replace(there=pairs[place].there + wrong)
    clock = fit(pairs)
    assert abs(clock.ours(pairs[30].here + offset) - pairs[30].here) <= 5 * MS


def test_one_direction_leaves_a_doubt():
    clock = fit(seen(5 * SECOND, delay=20 * MS, ways=(OUT,)))
    assert clock.doubt >= 50 * MS
    assert abs(clock.offset - 5 * SECOND) <= clock.doubt


def test_a_single_message_tells_an_offset():
    clock = fit([Pair(OUT, 10 * SECOND, 13 * SECOND)])
    assert (clock.offset, clock.drift, clock.common) == (3 * SECOND, 0.0, 1)


def test_nothing_tells_nothing():
    with pytest.raises(ValueError, match="without a message"):
        fit([])


def test_a_clock_behind_a_clock():
    first = fit(seen(3 * SECOND))
    second = fit(seen(-7 * SECOND)).behind(first)
    assert second.offset == -4 * SECOND
    assert Clock().behind(first).offset == first.offset
