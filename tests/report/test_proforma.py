from dataclasses import replace

import pytest

from conformance.report.proforma import proforma, score
from conformance.verifier.verdict import Reason, Verdict
from tests.report.opinion_samples import compared_report
from tests.report.samples import passed_pager, report


def test_particulars_are_those_given_and_the_rest_stays_open() -> None:
    form = proforma(replace(report(), particulars=(("laboratory", "The lab"),)))
    told = dict(form.particulars)
    assert told["Test laboratory"] == "The lab"
    assert told["Supplier"] == ""


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.FAIL, "has shown the traffic to depart"),
        (Verdict.ERROR, "no statement on conformance"),
        (Verdict.INCONC, "not shown any departure"),
    ],
)
def test_the_status_follows_the_verdict(verdict: Verdict, words: str) -> None:
    assert words in proforma(replace(report(), verdict=verdict)).status


def test_nothing_exercised_shows_nothing() -> None:
    made = replace(report(passed_pager()), flows=(), captures=(), verdict=Verdict.NONE)
    form = proforma(made)
    assert form.status == "Nothing was shown for or against conformance."
    assert form.dynamic == "No test case was run: the test campaign tells nothing of errors."
    assert form.period == ""
    assert form.cases == ()


def test_a_flow_that_is_not_claimed_is_not_selected() -> None:
    made = report()
    flows = (*made.flows[:2], replace(made.flows[2], reason_code=Reason.NOT_APPLICABLE))
    form = proforma(replace(made, flows=flows))
    assert [(case.selected, case.run) for case in form.cases] == [
        (True, True),
        (True, True),
        (False, False),
    ]
    assert form.static.startswith("The supplier's statement (ICS) does not claim: push.")
    assert form.cases[1].observations == "4 run: 3 pass, 1 inconc; capture-ends-early"


def test_an_error_and_inconclusive_cases_are_said() -> None:
    assert proforma(report()).dynamic == (
        "The test campaign revealed errors; 1 test case ended inconclusive."
    )
    assert "not completed" in proforma(replace(report(), verdict=Verdict.ERROR)).dynamic


def test_the_score_counts_inconclusive_and_leaves_the_idle_out() -> None:
    found = score(report().requirements)
    assert (found.counts, found.judged, found.idle) == ({Verdict.FAIL: 1}, 1, 1)


def test_what_the_reference_finds_outside_every_instance_is_an_error_revealed() -> None:
    made = compared_report()
    none = {Verdict.PASS: 1}
    quiet = replace(made, flows=tuple(replace(one, counts=none) for one in made.flows))
    assert proforma(quiet).dynamic.startswith("The test campaign revealed errors")
    assert "did not reveal" in proforma(replace(quiet, opinions=())).dynamic
