"""What is special in the scenarios of messages that never reach their recipient."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.reference.scenarios.catalogue import scenario
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT, REMOTE = Role.PF, Role.CORE, Role.CLIENT, Role.REMOTE
DAY = 86_400


def told(name: str) -> Told:
    return tell(scenario("undelivered", name))


def test_the_notification_names_the_message_three_days_later():
    # given
    found = told("base")
    # when
    message, *_ = found.requests("MESSAGE", REMOTE, CORE)
    notice, *_ = found.requests("MESSAGE", CORE, REMOTE)
    # then
    named = values("imdn.Message-ID", Content(message))
    assert named == values("imdn.reported", Content(notice))
    assert values("imdn.status", Content(notice)) == ("failed",)
    (expired,) = found.times_of("expired")
    assert 3 * DAY <= expired < 3 * DAY + 2


@pytest.mark.parametrize(
    ("name", "days", "times"),
    [("operators-limit", [1], 1), ("extended-once", [3, 4], 2), ("two-messages", [3, 3], 2)],
)
def test_when_it_expires(name, days, times):
    found = told(name).times_of("expired")
    assert len(found) == times
    assert [int(at // DAY) for at in found] == days


def test_preferences_that_discard_what_comes_tell_at_once():
    found = told("discarded-at-once")
    (at,) = found.times_of("told")
    assert at < 10
    assert found.answers("MESSAGE", PF, CORE) == [202]


def test_a_user_may_discard_it_without_reading_it():
    found = told("discarded-by-user")
    assert [one["why"] for one in found.notes("discarded")] == ["user"]
    assert list(found.notes("received")) == []


def test_who_comes_back_too_late_gets_nothing():
    found = told("back-too-late")
    assert found.requests("MESSAGE", CORE, CLIENT) == []
    assert len(found.requests("MESSAGE", CORE, REMOTE)) == 1


def test_who_is_there_gets_it_and_nobody_is_told_of_a_failure():
    found = told("delivered-at-once")
    assert len(list(found.notes("received"))) == 1
    assert found.requests("MESSAGE", CORE, REMOTE) == []
    assert found.results == []


def test_another_word_of_rfc_5438():
    notice, *_ = told("status-forbidden").requests("MESSAGE", CORE, REMOTE)
    assert values("imdn.status", Content(notice)) == ("forbidden",)
