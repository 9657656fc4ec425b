"""What an instance comes to once nothing more can come."""

from conformance.verifier.verdict import Reason, Status, Verdict
from tests.scenarios import catalogue, pull
from tests.verifying import verify


def test_that_choosing_nothing_ends_a_pull_at_nine() -> None:
    (one,) = verify(catalogue.ladder("VARIANTS", "pull", "nothing-chosen")).results
    assert one.verdict is Verdict.PASS
    later = {step.status for step in one.steps if step.label in ("10-11", "12-13", "14", "end")}
    assert later == {Status.NOT_TAKEN}


def test_that_what_was_begun_must_be_ended() -> None:
    ladder = pull.build()
    (one,) = verify(ladder.cut_behind(ladder.find("11"))).results
    assert one.verdict is Verdict.INCONC


def test_that_the_branch_that_was_taken_is_judged() -> None:
    (one,) = verify(catalogue.ladder("VARIANTS", "chat-deferred", "declined-480")).results
    taken = {step.label: step.status for step in one.steps}
    assert taken["3-4b"] is Status.OBSERVED
    assert taken["3-4"] is Status.NOT_TAKEN
    assert taken["8"] is Status.NOT_TAKEN


def test_that_an_open_verdict_says_what_would_settle_it() -> None:
    for flow, name in catalogue.names("INCONCLUSIVE"):
        for one in verify(catalogue.ladder("INCONCLUSIVE", flow, name)).results:
            if one.verdict is Verdict.INCONC:
                assert one.reason_code is not None, (flow, name)
                assert one.would_settle, (flow, name)


def test_that_a_filter_for_one_port_hides_msrp() -> None:
    (one,) = verify(catalogue.ladder("INCONCLUSIVE", "push", "sip-only")).results
    assert one.reason_code is Reason.HOP_NOT_CAPTURED


def test_that_the_first_fault_is_the_summary() -> None:
    (one,) = verify(catalogue.ladder("BREAKS", "pull", "expires-raised")).results
    assert one.summary.startswith("RFC6665-expires: ")
