import pytest

from conformance.live.clock import STEP, Clock, SteppedClock


def test_a_clock_begins_where_it_is_told_and_runs_as_fast():
    times = iter([5, 5 + 1_000, 5 + 3_000])
    clock = Clock(lambda: next(times), begin=100_000, rate=10)
    assert clock.now() == 110_000
    assert clock.arrival() == 130_000


def test_a_clock_says_how_long_to_wait_in_real_seconds():
    clock = Clock(lambda: 7, begin=0, rate=4)
    assert clock.seconds_until(8_000_000_000) == 2.0
    assert clock.seconds_until(-1) == 0.0


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_no_clock_stands_or_runs_backwards(rate):
    with pytest.raises(ValueError, match="times as fast"):
        Clock(lambda: 0, 0, rate)


def test_a_stepped_clock_moves_when_told_and_with_each_arrival():
    clock = SteppedClock(1_000)
    assert clock.now() == clock.now() == 1_000
    assert clock.arrival() == 1_000 + STEP
    clock.move(500)
    assert clock.now() == 1_000 + STEP
    clock.move(10**9)
    assert clock.now() == 10**9


def test_a_stepped_clock_waits_for_nothing_but_what_is_due():
    clock = SteppedClock(1_000)
    assert clock.seconds_until(1_000) == 0.0
    assert clock.seconds_until(1_001) is None
