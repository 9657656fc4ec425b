"""What may be held against a role: never what the capture does not show."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.trace import Gap, GapReason
from conformance.oracle.difference import Difference, Kind
from conformance.oracle.explore import Choice
from conformance.oracle.replay import Deviation
from conformance.oracle.weigh import (
    ANOTHER_PROFILE,
    Parting,
    Sight,
    against_preferences,
    requirement_of,
    untold,
    weigh,
)
from conformance.reference.engine.decision import Point
from conformance.verifier.verdict import Reason, Verdict
from tests.oracle.samples import CLIENT, CORE, SECOND, item, request

BYE = request("BYE", to_tag="t")


def sight(until=1_000 * SECOND, gaps=(), watched=(CORE.host,)):
    return Sight(Role.PF, CLIENT.host, until, gaps, watched.__contains__)


def silence(wanted=BYE, time=0):
    return Deviation(Kind.SILENCE, time, wanted, None)


def verdicts(deviation, seen):
    remotes = {deviation.wanted.octets: CORE} if deviation.wanted else {}
    return [(one.verdict, one.reason_code) for one in weigh([deviation], seen, remotes)]


def test_a_session_that_is_never_ended_fails():
    assert verdicts(silence(), sight()) == [(Verdict.FAIL, None)]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (sight(until=100 * SECOND), Reason.TIMER_NOT_ELAPSED),
        (sight(watched=()), Reason.HOP_NOT_CAPTURED),
        (sight(gaps=[Gap(1, 5, 0, "a hole", GapReason.TCP_HOLE)]), Reason.GAP),
    ],
)
def test_a_silence_that_was_not_listened_to_convicts_nobody(seen, reason):
    assert verdicts(silence(), seen) == [(Verdict.INCONC, reason)]


def test_what_policy_may_withhold_is_no_silence():
    assert verdicts(silence(request("MESSAGE")), sight()) == []


def test_a_hard_difference_fails_and_names_its_ground():
    differences = (Difference("Event", "deferred-messages", "presence"),)
    one = Deviation(Kind.OTHERWISE, 0, request("NOTIFY"), item(request("NOTIFY")), differences)
    (found,) = weigh([one], sight(), {})
    assert (found.verdict, found.requirement) == (Verdict.FAIL, "RFC6665-event")
    assert found.frames


def test_an_open_field_is_a_note():
    differences = (Difference("From", "a", "b", hard=False),)
    one = Deviation(Kind.OTHERWISE, 0, request(), item(request()), differences)
    assert [opinion.verdict for opinion in weigh([one], sight(), {})] == [Verdict.PASS]


def test_what_the_reference_has_no_reason_for_is_not_judged():
    one = Deviation(Kind.UNEXPECTED, 0, None, item(request(), incoming=False))
    assert weigh([one], sight(), {}) == []


def against(one, due, chosen=None, *, seen=None, requirement=""):
    """What is said of a deviation where preferences decide `due` and the role did `chosen`."""
    remotes = {one.wanted.octets: CORE} if one.wanted else {}
    ground = requirement or requirement_of(due)
    return against_preferences(one, seen or sight(), remotes, Parting(due, chosen), ground)


def surprise(method="MESSAGE"):
    return Deviation(Kind.UNEXPECTED, 0, None, item(request(method), incoming=False))


def test_a_decision_against_the_preferences_names_both():
    due = Choice(Point.DISPOSAL, "m1", 0, 1, "discard", 0)
    chosen = Choice(Point.DISPOSAL, "m1", 1, 4, "deliver", 0)
    found = against(surprise(), due, chosen)
    assert found.verdict is Verdict.FAIL
    assert found.requirement == "SD-5.4-enforce"
    assert found.clause == "System Description 5.4"
    assert "decides discard" in found.choice
    assert "chose deliver" in found.choice


@pytest.mark.parametrize(
    ("point", "method", "requirement"),
    [
        (Point.EXPIRY, "MESSAGE", "SD-5.2.2.2-expired"),
        (Point.DELIVERY, "NOTIFY", "SD-5.4-consider"),
        (Point.TARGETS, "MESSAGE", "SD-5.4-consider"),
        (Point.TARGETS, "INVITE", "SD-5.2.1.1.2-session"),
    ],
)
def test_each_decision_stands_for_a_requirement(point, method, requirement):
    due = Choice(point, "m1", 0, 1, "one", 0)
    assert against(surprise(method), due).requirement == requirement


def test_another_profile_is_another_requirement():
    due = Choice(Point.TARGETS, "u", 0, 1, "one", 0)
    found = against(surprise("INVITE"), due, requirement=ANOTHER_PROFILE)
    assert found.requirement == "SD-5.4-profile"


def test_what_no_rule_forbids_a_policy_may_forbid():
    due = Choice(Point.DISPOSAL, "m1", 0, 1, "deliver", 0)
    chosen = Choice(Point.DISPOSAL, "m1", 1, 3, "reject", 0)
    found = against(surprise(), due, chosen)
    assert (found.verdict, found.reason_code) == (Verdict.INCONC, Reason.POLICY_UNKNOWN)


def test_a_service_that_nobody_named_leaves_nothing_to_choose():
    chosen = Choice(Point.NONCPM_SERVICE, "m1", 0, 2, "sms", 0)
    found = against(surprise(), None, chosen, requirement="SD-5.4-selection-retrieve")
    assert found.verdict is Verdict.FAIL
    assert "may use no service" in found.choice


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (sight(until=60 * SECOND), Reason.TIMER_NOT_ELAPSED),
        (sight(), Reason.POLICY_UNKNOWN),
        (sight(watched=()), Reason.HOP_NOT_CAPTURED),
        (sight(gaps=(Gap(1, 5, 0, "a hole", GapReason.TCP_HOLE),)), Reason.GAP),
    ],
)
def test_what_never_comes_convicts_nobody(seen, reason):
    due = Choice(Point.TARGETS, "u", 0, 1, "one", 0)
    found = against(silence(request("INVITE")), due, seen=seen)
    assert (found.verdict, found.reason_code) == (Verdict.INCONC, reason)


def test_a_message_that_no_list_names_may_have_been_stored():
    differences = (Difference("list.identities", "a, b", "a"),)
    one = Deviation(Kind.OTHERWISE, 0, request("NOTIFY"), item(request("NOTIFY")), differences)
    (found,) = weigh([one], sight(), {})
    assert (found.verdict, found.reason_code) == (Verdict.INCONC, Reason.POLICY_UNKNOWN)


def test_a_message_that_a_list_names_again_is_a_fault():
    differences = (Difference("list.identities", "a", "a, b"),)
    one = Deviation(Kind.OTHERWISE, 0, request("NOTIFY"), item(request("NOTIFY")), differences)
    (found,) = weigh([one], sight(), {})
    assert (found.verdict, found.requirement) == (Verdict.FAIL, "SD-5.2.1.1.1-remove")


def test_a_failure_notification_that_is_kept_back_is_told_and_fails_nobody():
    kept = Choice(Point.FAILURE_NOTICE, "m1", 1, 2, "False", 0)
    sent = Choice(Point.FAILURE_NOTICE, "m2", 0, 2, "True", 0)
    (found,) = untold([kept, sent], sight())
    assert (found.verdict, found.reason_code) == (Verdict.INCONC, Reason.POLICY_UNKNOWN)
    assert (found.requirement, found.did) == ("undelivered/7-8", "nothing")
    assert "m1" in found.would
    assert untold([kept], sight(until=60 * SECOND)) == []
