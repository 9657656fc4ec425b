import pytest

from conformance.report.comparison import MEANINGS, SIGNS, WORDS, Change, direction
from conformance.verifier.verdict import Verdict


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (Verdict.PASS, Verdict.FAIL, Change.WORSE),
        (Verdict.NONE, Verdict.FAIL, Change.WORSE),
        (Verdict.INCONC, Verdict.ERROR, Change.WORSE),
        (Verdict.PASS, Verdict.INCONC, Change.WORSE),
        (Verdict.PASS, Verdict.NONE, Change.WORSE),
        (Verdict.PASS, None, Change.WORSE),
        (Verdict.FAIL, Verdict.PASS, Change.BETTER),
        (Verdict.INCONC, Verdict.PASS, Change.BETTER),
        (None, Verdict.PASS, Change.BETTER),
        (Verdict.FAIL, Verdict.INCONC, Change.CHANGED),
        (Verdict.FAIL, Verdict.NONE, Change.CHANGED),
        (Verdict.FAIL, Verdict.ERROR, Change.CHANGED),
        (Verdict.NONE, Verdict.INCONC, Change.CHANGED),
    ],
)
def test_only_what_is_seen_to_pass_is_better(before, now, change) -> None:
    assert direction(before, now) is change


def test_each_change_has_its_words() -> None:
    assert set(WORDS) == set(SIGNS) == set(MEANINGS) == set(Change)
