"""A hop that was not seen: shown, invisible, not due, or silent."""

from dataclasses import replace

import pytest

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.medium import Conditions
from conformance.verifier.verdict import Reason, Status, Verdict
from tests.scenarios import catalogue, pull, push_pager
from tests.verifier.worlds import failing, judged, variant
from tests.verifying import said_of, verify


def statuses(judged, label):
    (one,) = judged.results
    return [step.status for step in one.steps if step.number == label]


def test_that_a_hop_shown_by_its_answer_is_unobserved() -> None:
    ladder = push_pager.build()
    judged = verify(ladder.drop(ladder.find("3")))
    assert statuses(judged, "3") == [Status.UNOBSERVED]
    assert judged.verdict is Verdict.PASS


def test_that_a_link_without_a_tap_is_unobserved() -> None:
    judged = verify(catalogue.ladder("VARIANTS", "push-pager", "client-side-only"))
    assert statuses(judged, "2") == [Status.UNOBSERVED]


def test_that_what_is_not_due_yet_is_pending() -> None:
    ladder = push_pager.build()
    judged = verify(ladder.cut_behind(ladder.find("3")))
    assert statuses(judged, "4") == [Status.PENDING]
    assert judged.results[0].reason_code is Reason.CAPTURE_ENDS_EARLY


def test_that_a_silence_that_was_listened_to_convicts_the_silent() -> None:
    ladder = catalogue.ladder("BREAKS", "push-pager", "silent-at-4")
    judged = verify(ladder)
    assert statuses(judged, "4") == [Status.MISSING], said_of(ladder, judged)
    assert judged.results[0].findings[0].role_at_fault == "client"


def test_that_one_lost_answer_over_udp_is_no_silence() -> None:
    """Nobody sent the request again: the answer came, and the capture missed it."""
    ladder = push_pager.build()
    last = ladder.find("5")
    judged = verify(ladder.drop(ladder.find("4"), last))
    assert judged.verdict is Verdict.INCONC, said_of(ladder, judged)


def test_that_a_missing_step_whose_successor_came_needs_no_deadline() -> None:
    ladder = catalogue.ladder("BREAKS", "pull", "notify-skipped")
    cut = ladder.cut_behind(ladder.find("11"))
    judged = verify(cut)
    assert judged.verdict is Verdict.FAIL, said_of(cut, judged)
    assert judged.results[0].findings[-1].requirement == "pull/6-7"


@pytest.mark.parametrize("label", ["3", "11"])
def test_that_a_request_seen_further_on_has_passed_here(label: str) -> None:
    ladder = pull.build()
    judged = verify(ladder.drop(ladder.find(label)))
    assert statuses(judged, label) == [Status.UNOBSERVED]


@pytest.mark.parametrize("seed", range(8))
def test_that_an_answer_lost_behind_the_tap_makes_nothing_due(seed: int) -> None:
    """Its request is sent again: who should pass the answer on does not have it."""
    told = variant("interwork-in")
    lossy = Conditions(2 * MILLISECOND, 60 * MILLISECOND, loss=0.3)
    setting = replace(told.setting, conditions=lossy, seed=str(seed))
    assert failing(judged(replace(told, setting=setting))) == []
