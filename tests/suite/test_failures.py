from dataclasses import replace

from conformance.flow.program import Level
from conformance.report.model import IndexResult
from conformance.suite.failures import considered, failures
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import PREFERENCES, compared_report
from tests.report.samples import failed_pull, passed_pager, report


def test_equal_failures_are_one_however_many_show_them() -> None:
    again = replace(
        failed_pull(),
        id="pull-2",
        findings=(replace(failed_pull().findings[0], observed=_other_frame()),),
    )
    (only,) = failures(report(failed_pull(), again, full=False))
    assert (only.requirement, only.count, only.instance) == ("pull/6-7", 2, "pull-1")
    assert "2 instances, first pull-1 in lab/pull.pcapng" in only.told()


def _other_frame() -> str:
    return failed_pull().findings[0].observed.replace("frame 9", "frame 4444")


def test_another_way_to_fail_is_another_failure() -> None:
    other = replace(
        failed_pull(), findings=(replace(failed_pull().findings[0], observed="BYE came"),)
    )
    assert len(failures(report(failed_pull(), other, full=False))) == 2


def test_levels_choose_which_finding_counts() -> None:
    cause, later, _ = failed_pull().findings
    mixed = replace(failed_pull(), findings=(cause, replace(later, level=Level.SHALL)))
    made = report(mixed, full=False)
    assert [one.requirement for one in failures(made)] == ["pull/6-7"]
    assert [one.requirement for one in failures(made, [Level.SHALL])] == ["pull/10-11"]
    assert failures(made, [Level.MAY]) == ()


def test_a_should_counts_though_the_instance_passed() -> None:
    wrong = replace(failed_pull().findings[0], level=Level.SHOULD)
    made = report(replace(passed_pager(), findings=(wrong,)), full=False)
    assert [one.level for one in failures(made)] == [Level.SHOULD]


def test_a_fail_that_nothing_explains_is_a_failure() -> None:
    (only,) = failures(report(replace(failed_pull(), findings=()), full=False))
    assert (only.requirement, only.level) == ("", None)
    assert "no requirement (pull, pull-1 in" in only.told()


def test_demands_not_met_are_failures() -> None:
    found = {one.requirement for one in failures(report())}
    assert found == {"expected-absent", "not-as-expected lab/pull.pcapng", "pull/6-7"}


def test_what_the_index_expects_is_none() -> None:
    row = IndexResult(0, "", "pull", Verdict.FAIL, "", Verdict.FAIL, "pull/6-7", True, "")
    made = replace(report(failed_pull(), full=False), index=(row,))
    assert list(considered(made)) == []
    assert failures(made) == ()


def test_what_the_reference_finds_outside_every_instance_is_a_failure() -> None:
    made = compared_report()
    alone = [one for one in failures(made) if not one.flow]
    assert [(one.requirement, one.capture) for one in alone] == [(PREFERENCES, "lab/pull.pcapng")]
    assert "the reference would have sent INVITE" in alone[0].told()
    row = IndexResult(0, "", "", Verdict.FAIL, PREFERENCES, Verdict.FAIL, PREFERENCES, True, "")
    assert [one for one in failures(replace(made, index=(row,))) if not one.flow] == []
