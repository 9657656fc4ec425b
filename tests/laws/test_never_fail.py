"""The first law: whatever a capture of a conforming trace lacks, nobody is accused."""

from collections.abc import Iterable

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws import mutilations as cut
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue
from tests.verifying import Roles, role_rules, said, verify

BLAMELESS = named("VARIANTS", "INCONCLUSIVE", "UNIDENTIFIED", "ORDINARY")
EVERY = 9
"""Of the mutilations whose number grows with the ladder, one in so many is tried by default."""

RIGHTLY = {
    ("push-pager", "retried-after-silence"): (
        "cut behind",
        "before the retry this is a client that never answers, whom the silence convicts",
    )
}
"""Where a mutilation leaves a violation: what it is called, and why."""

pytestmark = [
    pytest.mark.parametrize("named", BLAMELESS, ids=label),
    pytest.mark.parametrize("roles", ["given", "inferred"]),
]


def check(named: tuple[str, str, str], roles: Roles, lefts: Iterable[cut.Left]) -> None:
    """No mutilation makes a FAIL; the message shows the first that does, and names the others."""
    ladder = catalogue.ladder(*named)
    rules = role_rules(ladder) if roles == "given" else []
    excepted, _ = RIGHTLY.get(named[1:], ("", ""))
    accused: list[str] = []
    shown = ""
    for sentence, make in lefts:
        judged = verify(make(), rules=rules)
        if judged.verdict.badness < Verdict.FAIL.badness:
            continue
        if excepted and sentence.startswith(excepted):
            continue
        accused.append(sentence)
        shown = shown or "\n".join([*said(judged), ladder.show()])
    assert not accused, f"{accused}\n{shown}"


def sample(named: tuple[str, str, str], every: int, *ways: cut.Mutilation) -> Iterable[cut.Left]:
    """Some of each mutilation of a ladder, all of them for a flow's base."""
    ladder = catalogue.ladder(*named)
    for way in ways:
        step = 1 if named[::2] == ("VARIANTS", "base") else every
        yield from spread(way(ladder), step, f"{named} {way.__name__}")


def test_that_a_capture_may_begin_and_end_anywhere_and_miss_a_message(
    named: tuple[str, str, str], roles: Roles
) -> None:
    ladder: Ladder = catalogue.ladder(*named)
    check(named, roles, [("whole", ladder.trace)])
    check(named, roles, sample(named, EVERY, cut.cut_before_each))
    check(named, roles, sample(named, EVERY, cut.cut_behind_each))
    check(named, roles, sample(named, EVERY, cut.lose_each))


def test_that_any_taps_may_be_absent_and_a_filter_may_hide_the_rest(
    named: tuple[str, str, str], roles: Roles
) -> None:
    check(named, roles, sample(named, 5, cut.only_some_links))
    check(named, roles, sample(named, 20, cut.only_some_directions))
    check(named, roles, sample(named, 3, cut.only_one_port, cut.only_one_transport))


def test_that_clocks_and_copies_accuse_nobody(named: tuple[str, str, str], roles: Roles) -> None:
    check(named, roles, sample(named, 5, cut.delay_each_link, cut.other_clocks))
    check(named, roles, sample(named, 2, cut.mirror_all))
    check(named, roles, sample(named, 3 * EVERY, cut.mirror_each))
