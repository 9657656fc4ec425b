"""Several readings of one conversation: which of them stand."""

from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, push, push_large
from tests.verifying import said_of, verify


def test_that_equal_readings_are_one_instance() -> None:
    ladder = push_large.build(service="deferred")
    (one,) = verify(ladder).results
    assert {one.flow, *one.also} >= {"push", "push-large"}


def test_that_the_flow_that_replaces_another_is_named_first() -> None:
    ladder = push.build(count=1)
    (one,) = verify(ladder).results
    assert (one.flow, one.also) == ("push", ("push-large",))


def test_that_a_message_delivered_after_all_was_not_undelivered() -> None:
    ladder = catalogue.ladder("VARIANTS", "push-pager", "deferral-shown")
    judged = verify(ladder)
    assert judged.of("undelivered") == [], said_of(ladder, judged)


def test_that_a_candidate_that_ends_unidentified_is_unrelated() -> None:
    ladder = catalogue.ladder("UNIDENTIFIED", "undelivered", "notice-withheld")
    judged = verify(ladder)
    assert judged.results == []
    assert judged.judge.unrelated > 0


def test_that_two_sessions_are_two_instances() -> None:
    judged = verify(push.build(more=True))
    assert [one.verdict for one in judged.results] == [Verdict.PASS, Verdict.PASS]
