"""Which hop a message takes."""

import pytest

from conformance.verifier.verdict import Status, Verdict
from tests.scenarios import catalogue, pull, push_pager
from tests.verifier.worlds import failing, judged, variant
from tests.verifying import said_of, verify


@pytest.mark.parametrize("flow", list(catalogue.FLOWS))
def test_that_every_printed_hop_is_taken_by_its_message(flow: str) -> None:
    """The author's labels and the judge's are given by two that know nothing of each other."""
    ladder = catalogue.ladder("VARIANTS", flow, "base")
    (one,) = verify(ladder).results
    told = {
        (line.number, line.label)
        for line in one.ladder
        if line.label and not ladder.shots[line.number - 1].is_msrp
    }
    drawn = {
        (number, shot.label)
        for number, shot in enumerate(ladder.shots, 1)
        if shot.label and not shot.is_msrp
    }
    assert told == drawn


def test_that_a_retry_with_credentials_takes_the_place_of_what_was_challenged() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "challenged")
    judged = verify(ladder)
    (one,) = judged.results
    assert one.verdict is Verdict.PASS, said_of(ladder, judged)


def test_that_a_retry_of_an_unanswered_message_is_the_same_step() -> None:
    ladder = push_pager.build(retried=True)
    judged = verify(ladder)
    assert [one.verdict for one in judged.results] == [Verdict.PASS], said_of(ladder, judged)


def test_that_an_unlike_message_takes_no_hop() -> None:
    ladder = pull.build(event="presence", notify_event="presence", actions=())
    assert verify(ladder).results == []


def test_that_a_status_that_is_not_printed_still_answers_the_step() -> None:
    (one,) = verify(catalogue.ladder("BREAKS", "push-pager", "4-5-answered-400")).results
    statuses = {step.number: step.status for step in one.steps}
    assert statuses["3"] is Status.OBSERVED
    assert statuses["4"] is not Status.OBSERVED


def test_that_a_trace_begun_inside_a_subscription_is_a_pull_that_starts_late() -> None:
    ladder = catalogue.ladder("INCONCLUSIVE", "pull", "subscribe-unseen")
    (one,) = verify(ladder).results
    assert one.reason_code == "capture-starts-late"


def test_that_what_was_deferred_is_not_passed_on_but_delivered_anew() -> None:
    """A deferred message that is interworked later is none that its user has sent that way."""
    results = judged(variant("pull", "only-interwork"))
    assert failing(results) == []
    assert "interwork-out" not in {one.flow for one in results}
