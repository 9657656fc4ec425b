"""The fifth law: the order in which findings come decides nothing."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.verifier.verdict import Verdict, worst

verdicts = st.lists(st.sampled_from(list(Verdict)))


@given(verdicts, st.randoms())
def test_that_the_worst_of_a_shuffled_list_is_the_same(found: list[Verdict], chance) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert worst(shuffled) is worst(found)


@given(verdicts, verdicts)
def test_that_a_verdict_only_gets_worse(before: list[Verdict], after: list[Verdict]) -> None:
    assert worst([*before, *after]) is worst([worst(before), worst(after)])
    assert worst([*before, *after]).badness >= worst(before).badness
