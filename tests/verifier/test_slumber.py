"""A conversation as octets and back: what it shares with others comes back as the same thing."""

import gc

import pytest

from conformance.flow.library import load
from conformance.flow.profile import Profile
from conformance.verifier import open_instances, slumber
from conformance.verifier.exchange import Event, Transaction
from conformance.verifier.instance import Instance, Line
from conformance.verifier.plan import prepare
from conformance.verifier.slumber import (
    MAX_READINGS,
    Slumber,
    calls,
    conversation,
    transactions,
)
from tests.scenarios import push, push_pager
from tests.verifier.events import events
from tests.verifying import verify

PROFILE = Profile()
PLAN = prepare(load().flow("push-pager"), PROFILE)


def reading(number: int, event: Event) -> Instance:
    """An instance that has one message."""
    one = Instance(PLAN, PROFILE, number)
    one.lines.append(Line(event.observation, "pf", "core", 0, event))
    event.claims += ((one, 0),)
    return one


def pushed() -> Event:
    event = next(
        one for one in events(push_pager.build()) if one.message.start_line.startswith("MESSAGE")
    )
    event.transaction = Transaction(event)
    return event


def test_that_all_who_read_a_message_go_together() -> None:
    event = pushed()
    first, second = reading(1, event), reading(2, event)
    assert conversation(first, lambda _one: True) == [first, second]
    assert conversation(second, lambda _one: True) == [second, first]
    assert transactions([first, second]) == [event.transaction]
    assert calls([first]) == {event.message.call_id}


def test_that_nobody_goes_with_one_who_is_over() -> None:
    event = pushed()
    first, second = reading(1, event), reading(2, event)
    assert conversation(first, lambda one: one is not second) is None


def test_that_what_hangs_together_too_wide_stays() -> None:
    event = pushed()
    many = [reading(number, event) for number in range(MAX_READINGS + 1)]
    assert conversation(many[0], lambda _one: True) is None


def test_that_what_was_only_looked_at_ties_nobody() -> None:
    slumber, mine, theirs = Slumber([PLAN], PROFILE), pushed(), pushed()
    one, other = reading(1, mine), reading(2, theirs)
    one.suspects.append(theirs)
    assert conversation(one, lambda _one: True) == [one]
    (again,), _, _ = slumber.read(slumber.written([one], [], []))
    (looked_at,) = again.suspects
    assert (looked_at.message, looked_at.claims) == (theirs.message, ())
    assert theirs.claims == ((other, 0),)


def test_that_what_is_shared_comes_back_as_itself() -> None:
    slumber, event = Slumber([PLAN], PROFILE), pushed()
    first, second = reading(1, event), reading(2, event)
    transaction = event.transaction
    assert transaction is not None
    again, known, ages = slumber.read(slumber.written([first, second], [transaction], [7]))
    assert [one.number for one in again] == [1, 2]
    assert (again[0].plan, again[0].profile) == (PLAN, PROFILE)
    assert again[0].plan is PLAN
    (line,) = again[0].lines
    assert line.event is again[1].lines[0].event is known[0].request
    assert line.event.observation is line.observation
    assert line.event.message == event.message
    assert [one for one, _ in line.event.claims] == again
    assert ages == [7]


@pytest.mark.parametrize("is_remembered", [True, False])
def test_that_times_that_are_remembered_elsewhere_go_on_to_grow_there(is_remembered: bool) -> None:
    slumber, event = Slumber([PLAN], PROFILE), pushed()
    event.repeats.append(5)
    remembered = event.repeats.shared() if is_remembered else event.repeats
    octets = slumber.written([reading(1, event)], [], [])
    remembered.append(6)
    (again,), _, _ = slumber.read(octets)
    found = again.lines[0].event
    assert found is not None
    found.repeats.append(9)
    assert (remembered == [5, 6, 9]) is is_remembered
    assert found.repeats == ([5, 6, 9] if is_remembered else [5, 9])


def test_that_times_nobody_remembers_any_more_are_made_anew() -> None:
    slumber, event = Slumber([PLAN], PROFILE), pushed()
    event.repeats.shared().append(5)
    octets = slumber.written([reading(1, event)], [], [])
    del event
    (again,), _, _ = slumber.read(octets)
    found = again.lines[0].event
    assert found is not None
    assert found.repeats == [5]


def test_that_whoever_wakes_leaves_nothing_to_the_collector_of_cycles(monkeypatch) -> None:
    monkeypatch.setattr(open_instances, "AWAKE", 0)
    gc.collect()
    gc.disable()
    try:
        assert verify(push.build(), roles="inferred").results
        assert not [one for one in gc.get_objects() if type(one) is slumber._Reader]
    finally:
        gc.enable()
