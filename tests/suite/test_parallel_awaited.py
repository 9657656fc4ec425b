"""What may wait for ever is given up when nobody is there who could bring it."""

import threading
from collections.abc import Iterator

import pytest

from conformance.suite.parallel_awaited import AHEAD, Gone, awaited

LOOK = 0.001
"""Seconds between two looks; how many it takes is counted, not timed."""


class Clock:
    """Each look finds it ten seconds later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Presence:
    """Who is there at one look after another; the last answer stays."""

    def __init__(self, clock: Clock, *answers: bool) -> None:
        self.clock = clock
        self.answers = list(answers)

    def __call__(self) -> bool:
        self.clock.now += 10
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a source waits for in vain, until the test is over."""
    event = threading.Event()
    yield event
    event.set()


def after(*items: int, event: threading.Event) -> Iterator[int]:
    yield from items
    event.wait()


def test_what_comes_is_handed_on_in_order() -> None:
    clock = Clock()
    many = range(5 * AHEAD)
    assert list(awaited(iter(many), Presence(clock, False), 0, look=60, clock=clock)) == list(many)


def test_nobody_is_left(never) -> None:
    clock = Clock()
    found = awaited(after(1, 2, event=never), Presence(clock, False), 60, look=LOOK, clock=clock)
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(Gone):
        next(found)
    assert clock.now >= 60


def test_who_comes_back_in_time_is_waited_for() -> None:
    clock = Clock()
    back = threading.Event()

    class Returning(Presence):
        def __call__(self) -> bool:
            there = super().__call__()
            if len(self.answers) == 1:
                back.set()
            return there

    def coming() -> Iterator[int]:
        back.wait()
        yield 1

    # Away for 50 s, there again, away for 50 s more, and so on: never for 60 s.
    looks = ([False] * 5 + [True]) * 3
    presence = Returning(clock, *looks, True)
    assert list(awaited(coming(), presence, 60, look=LOOK, clock=clock)) == [1]
    assert clock.now >= 180


def test_what_goes_wrong_is_raised_where_it_is_waited_for() -> None:
    def coming() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    found = awaited(coming(), lambda: True, 60)
    assert next(found) == 1
    with pytest.raises(ValueError, match="no more"):
        next(found)


def test_no_more_is_fetched_than_a_few_ahead() -> None:
    fetched: list[int] = []
    enough = threading.Event()

    def coming() -> Iterator[int]:
        for number in range(1000):
            fetched.append(number)
            if number == AHEAD:
                enough.set()
            yield number

    found = awaited(coming(), lambda: True, 60)
    assert next(found) == 0
    enough.wait()
    found.close()
    assert len(fetched) <= AHEAD + 3
