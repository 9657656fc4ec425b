from dataclasses import replace

import pytest

from conformance.cli.status import exit_status, parse_allow
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import Verdict
from tests.report.samples import passed_pager, report

PLAIN = report(passed_pager(), full=False)
NOTHING: frozenset[Verdict] = frozenset()


@pytest.mark.parametrize(
    ("verdict", "status"), [("pass", 0), ("fail", 1), ("inconc", 3), ("none", 3), ("error", 4)]
)
def test_each_verdict_has_its_status(verdict: str, status: int) -> None:
    assert exit_status(replace(PLAIN, verdict=Verdict(verdict)), NOTHING) == status


@pytest.mark.parametrize(
    ("allow", "verdict", "status"),
    [
        ("inconc", "inconc", 0),
        ("inconc", "none", 3),
        ("inconc, none", "none", 0),
        ("inconc,none", "fail", 1),
        ("inconc,none", "error", 4),
        ("", "inconc", 3),
    ],
)
def test_only_inconclusive_and_none_can_be_allowed(allow, verdict, status) -> None:
    assert exit_status(replace(PLAIN, verdict=Verdict(verdict)), parse_allow(allow)) == status


@pytest.mark.parametrize("allow", ["fail", "error", "pass", "x", "inconc;none"])
def test_what_cannot_be_allowed_is_refused(allow: str) -> None:
    with pytest.raises(ConformanceError, match="neither inconc nor none"):
        parse_allow(allow)


def test_with_an_index_all_must_be_as_it_expects() -> None:
    row = report().index[0]
    failing = replace(PLAIN, verdict=Verdict.FAIL)
    right = replace(row, as_expected=True)
    assert exit_status(replace(failing, index=(right,)), NOTHING) == 0
    assert exit_status(replace(failing, index=(right, row)), NOTHING) == 1
    absent = report().expected[:1]
    assert exit_status(replace(failing, index=(right,), expected=absent), NOTHING) == 1


def test_our_own_error_goes_before_all() -> None:
    faults = report().faults
    index = (replace(report().index[0], as_expected=True),)
    assert exit_status(replace(PLAIN, faults=faults, index=index), NOTHING) == 4
