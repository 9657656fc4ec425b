import pytest

from conformance.reference.engine.timer import SECOND
from conformance.suite.wrong_answers import CASES, LATE, UNTIL_GIVEN_UP


@pytest.mark.parametrize("sut", ["client", "pf", "core", "iwf"])
def test_each_device_hears_answers_late_and_not_at_all(sut):
    names = {one.scenario.name for one in CASES if one.sut == sut}
    assert {"late-answer", "no-answer"} <= names


def test_an_answer_is_late_but_still_waited_for():
    # RFC 3261 section 17.1.2.2: a request is given up after 64 T1.
    assert LATE < 32 * SECOND
    assert all(one.patience > LATE for one in CASES if one.wrapped)


def test_what_is_never_answered_is_waited_for_until_everybody_gave_up():
    silent = [one for one in CASES if "no-answer" in one.scenario.name]
    assert {one.patience for one in silent} == {UNTIL_GIVEN_UP}
    assert all(one.ends_early for one in silent)


def test_a_users_no_is_asked_for_in_each_flow_that_brings_something():
    flows = {one.flow for one in CASES if one.scenario.name == "user-declines"}
    assert flows == {"push-pager", "push-large", "push", "chat-deferred", "interwork-in"}
