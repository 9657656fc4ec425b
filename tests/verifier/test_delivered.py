"""What was asked for against what was delivered."""

import pytest

from conformance.verifier.verdict import Verdict
from tests.scenarios import catalogue, pull
from tests.verifying import causes, said_of, verify


@pytest.mark.parametrize("name", ["one-retrieved", "all-actions", "only-discard", "keeps-one"])
def test_that_the_chosen_messages_and_no_others_are_right(name: str) -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", name)
    judged = verify(ladder)
    assert judged.verdict is Verdict.PASS, said_of(ladder, judged)


def test_that_what_is_kept_may_be_listed_again() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "later-list-of-kept")
    assert verify(ladder).verdict is Verdict.PASS


def test_that_what_was_retrieved_may_not() -> None:
    ladder = pull.build(then_lists=(0, 1))
    assert causes(verify(ladder)) == ["SD-5.2.1.1.1-remove"]
