"""The third law: what others do at the same time changes no verdict."""

from collections import Counter

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws.neighbours import neighbour
from tests.laws.samples import is_full, label, named, spread
from tests.scenarios import catalogue
from tests.verifying import Judged, Roles, causes, said_of, verify

FLOWS = tuple(catalogue.FLOWS)
OFFSETS = (0, 3_000_000, 2_500_000_000)
"""How much later the others begin, in ns: their messages fall between one's own."""


def ways(ladder: Ladder) -> set[tuple[str, str]]:
    """Which role was heard talking to which."""
    return {(shot.sender, shot.receiver) for shot in ladder.shots}


def sees_all(kind: str, flow: str, name: str) -> bool:
    """Whether every link of its flow was tapped.

    Where a tap is absent for one user and present for the other, the same link would be both
    watched and not: no capture is so.
    """
    base = catalogue.ladder("VARIANTS", flow, "base")
    return ways(base) <= ways(catalogue.ladder(kind, flow, name))


BROKEN = [one for one in named("BREAKS") if sees_all(*one)]
TAPPED = [one for one in named("VARIANTS") if sees_all(*one)]
PAIRS = [
    (one, other, offset)
    for number, one in enumerate(TAPPED)
    for other in (FLOWS if is_full() else (one[1], FLOWS[number % len(FLOWS)]))
    for offset in (OFFSETS if is_full() else (OFFSETS[number % len(OFFSETS)],))
]


def beside(ladder: Ladder, other: Ladder, offset: int) -> Ladder:
    """The other ladder, begun so much later than this one."""
    return other.shift(ladder.shots[0].time - other.shots[0].time + offset)


def counted(*judged: Judged) -> Counter[tuple[str, str]]:
    """How many instances of each flow got which verdict."""
    return Counter((one.flow, str(one.verdict)) for each in judged for one in each.results)


@pytest.mark.parametrize(("one", "flow", "offset"), PAIRS, ids=label)
def test_that_two_users_are_judged_as_each_alone(
    one: tuple[str, str, str], flow: str, offset: int
) -> None:
    ladder = catalogue.ladder(*one)
    other = beside(ladder, neighbour(flow, "base", 3), offset)
    both = ladder.interleave(other)
    judged = verify(both)
    assert judged.verdict.badness < Verdict.FAIL.badness, said_of(both, judged)
    assert counted(judged) == counted(verify(ladder), verify(other)), said_of(both, judged)


@pytest.mark.parametrize("roles", ["given", "inferred"])
@pytest.mark.parametrize("flow", FLOWS)
def test_that_many_users_at_once_are_told_apart(flow: str, roles: Roles) -> None:
    many = neighbour(flow, "base", 0)
    for number in range(1, 6):
        many = many.interleave(beside(many, neighbour(flow, "base", number), 1_000_000 * number))
    judged = verify(many, roles=roles)
    assert judged.verdict.badness < Verdict.FAIL.badness, said_of(many, judged)
    if roles == "given":
        assert counted(judged) == {(flow, "pass"): 6}, said_of(many, judged)


@pytest.mark.parametrize("one", list(spread(BROKEN, 2, "breaks")), ids=label)
def test_that_a_neighbour_hides_no_violation(one: tuple[str, str, str]) -> None:
    ladder = catalogue.ladder(*one)
    other = beside(ladder, neighbour(one[1], "base", 4), 3_000_000)
    both = ladder.interleave(other)
    judged = verify(both)
    assert causes(judged) == causes(verify(ladder)), said_of(both, judged)
