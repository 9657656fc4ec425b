"""The first law: whatever a capture of a conforming trace lacks, nobody is accused."""

from collections.abc import Iterable, Iterator

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws import mutilations as cut
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue
from tests.verifying import Roles, role_rules, said, verify

BLAMELESS = named("VARIANTS", "INCONCLUSIVE", "UNIDENTIFIED", "ORDINARY")
EVERY = 18
"""Of the mutilations whose number grows with the ladder, one in so many is tried by default."""

RIGHTLY = {
    ("push-pager", "retried-after-silence"): (
        "cut behind",
        "before the retry this is a client that never answers, whom the silence convicts",
    )
}
"""Where a mutilation leaves a violation: what it is called, and why."""

pytestmark = pytest.mark.parametrize("named", BLAMELESS, ids=label)


def check(named: tuple[str, str, str], every: int, *ways: cut.Mutilation) -> None:
    """No mutilation makes a FAIL, whether the roles are given or inferred.

    One of `every` mutilations of each kind is tried, all of them for a flow's base; the message
    names all that accuse somebody and shows the first.
    """
    ladder = catalogue.ladder(*named)
    excepted, _ = RIGHTLY.get(named[1:], ("", ""))
    accused: list[str] = []
    shown = ""
    for roles, (sentence, make) in _sample(named, ladder, every, ways):
        rules = role_rules(ladder) if roles == "given" else []
        judged = verify(make(), rules=rules)
        if judged.verdict.badness < Verdict.FAIL.badness:
            continue
        if excepted and sentence.startswith(excepted):
            continue
        accused.append(f"{sentence}, roles {roles}")
        shown = shown or "\n".join([*said(judged), ladder.show()])
    assert not accused, f"{accused}\n{shown}"


def _sample(
    named: tuple[str, str, str], ladder: Ladder, every: int, ways: Iterable[cut.Mutilation]
) -> Iterator[tuple[Roles, cut.Left]]:
    """Mutilations, another part of them for each way of knowing the roles."""
    known: tuple[Roles, ...] = ("given", "inferred")
    for roles in known:
        for way in ways:
            step = 1 if named[::2] == ("VARIANTS", "base") else every
            for left in spread(way(ladder), step, f"{named} {way.__name__} {roles}"):
                yield roles, left


def _whole(ladder: Ladder) -> Iterator[cut.Left]:
    """Nothing is lacking."""
    yield "whole", ladder.trace


def test_that_a_capture_may_begin_and_end_anywhere_and_miss_a_message(
    named: tuple[str, str, str],
) -> None:
    check(named, 1, _whole)
    check(named, EVERY, cut.cut_before_each, cut.cut_behind_each, cut.lose_each)


def test_that_any_taps_may_be_absent_and_a_filter_may_hide_the_rest(
    named: tuple[str, str, str],
) -> None:
    check(named, 8, cut.only_some_links, cut.only_one_port, cut.only_one_transport)
    check(named, 30, cut.only_some_directions)


def test_that_clocks_and_copies_accuse_nobody(named: tuple[str, str, str]) -> None:
    check(named, 8, cut.delay_each_link, cut.other_clocks)
    check(named, 1, cut.mirror_all)
    check(named, 3 * EVERY, cut.mirror_each)
