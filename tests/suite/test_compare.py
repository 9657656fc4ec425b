from dataclasses import replace

from conformance.report.comparison import Change
from conformance.report.model import Report
from conformance.suite.compare import compare
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import PREFERENCES, compared_report
from tests.report.samples import failed_pull, passed_pager, report


def rated(verdict: Verdict) -> Report:
    made = report(passed_pager(), full=False)
    row = replace(made.requirements[0], verdict=verdict)
    return replace(made, requirements=(row, *made.requirements[1:]))


def test_equal_reports_do_not_differ() -> None:
    made = compare(report(), report())
    assert made.differences == ()
    assert made.unchanged == 5


def test_a_new_failure_is_worse_and_tells_what_is_seen() -> None:
    old = rated(Verdict.PASS)
    new = replace(rated(Verdict.FAIL), instances=(failed_pull(),))
    (only,) = compare(old, new).differences
    assert (only.change, only.id) == (Change.WORSE, "pull/6-7")
    assert only.detail.startswith("pull: INVITE from the client")


def test_a_mended_failure_is_better_and_tells_what_was_seen() -> None:
    old = replace(rated(Verdict.FAIL), instances=(failed_pull(),))
    (only,) = compare(old, rated(Verdict.PASS)).differences
    assert only.change is Change.BETTER
    assert "INVITE" in only.detail


def test_a_failure_that_is_not_seen_any_more_is_not_mended() -> None:
    (only,) = compare(rated(Verdict.FAIL), rated(Verdict.NONE)).differences
    assert only.change is Change.CHANGED


def test_failing_in_another_way_is_a_difference() -> None:
    def failing(observed: str) -> Report:
        cause = replace(failed_pull().findings[0], observed=observed)
        return report(replace(failed_pull(), findings=(cause,)), full=False)

    assert compare(failing("INVITE (frame 1)"), failing("INVITE (frame 2)")).differences == ()
    (only,) = compare(failing("answered 480"), failing("answered 486")).differences
    assert only.change is Change.CHANGED
    assert only.detail == "now pull: answered 486; no longer pull: answered 480"


def test_what_only_one_report_knows_counts_as_not_exercised() -> None:
    old = rated(Verdict.PASS)
    fewer = replace(old, requirements=old.requirements[1:])
    (lost,) = compare(old, fewer).differences
    assert (lost.change, lost.now) == (Change.WORSE, None)
    unexercised = replace(old, requirements=old.requirements[:1])
    assert compare(old, unexercised).differences == ()


def test_a_difference_of_the_judging_is_a_caution() -> None:
    old = report()
    new = replace(old, version="9", profile="rcs", strict=True, selection=(), faults=old.faults)
    cautions = " / ".join(compare(old, new).cautions)
    for words in ("versions", "profiles", "--strict", "selected", "error of the verifier"):
        assert words in cautions


def test_what_the_reference_finds_outside_every_instance_is_told() -> None:
    new = compared_report()
    old = replace(new, opinions=(), requirements=new.requirements[:2])
    found = compare(old, new)
    (one,) = [one for one in found.differences if one.id == PREFERENCES]
    assert "the reference would have sent INVITE" in one.detail
    assert found.cautions == ()
    bare = replace(old, compared=False, preferences="")
    assert "not both were compared" in " / ".join(compare(bare, new).cautions)
