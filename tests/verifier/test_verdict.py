"""Verdicts get worse, never better."""

import pytest

from conformance.verifier.verdict import Verdict, worst


def test_the_order_of_verdicts() -> None:
    ordered = sorted(Verdict, key=lambda verdict: verdict.badness)
    assert ordered == ["none", "pass", "inconc", "fail", "error"]


def test_that_nothing_judged_is_none() -> None:
    assert worst([]) is Verdict.NONE


@pytest.mark.parametrize("verdict", list(Verdict))
def test_that_error_overwrites_all(verdict: Verdict) -> None:
    assert worst([verdict, Verdict.ERROR, verdict]) is Verdict.ERROR
