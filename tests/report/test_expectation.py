from dataclasses import replace

from conformance.report.expectation import Expectation
from conformance.report.model import IndexResult
from conformance.verifier.verdict import Verdict
from tests.report.samples import failed_pull, report

ROW = IndexResult(0, "", "pull", Verdict.FAIL, "", Verdict.FAIL, "pull/6-7", True, "")


def test_an_instance_of_captures_as_expected_meets_it() -> None:
    expectation = Expectation(replace(report(full=False), index=(ROW,)))
    assert expectation.met_by(failed_pull())
    assert not expectation.met_by(replace(failed_pull(), captures=(0, 1)))
    assert not expectation.met_by(replace(failed_pull(), captures=()))


def test_without_an_index_or_against_it_none_does() -> None:
    assert not Expectation(report(full=False)).met_by(failed_pull())
    wrong = replace(report(full=False), index=(replace(ROW, as_expected=False),))
    assert not Expectation(wrong).met_by(failed_pull())


def test_captures_are_covered_together_or_not_at_all() -> None:
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    expectation = Expectation(replace(report(), index=(row,)))
    assert expectation.covers((0,))
    assert not expectation.covers((0, 1))
    assert not expectation.covers(())
