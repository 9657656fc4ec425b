"""The second law: what is complete passes, whatever else is cut away, copied, lost or late."""

from collections import defaultdict

import pytest

from conformance.observation.packet import Transport
from conformance.verifier.verdict import Reason, Verdict
from tests.ladder import Ladder
from tests.laws.mutilations import delay_each_link, lose, mirror_all, mirror_each
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue
from tests.verifying import Roles, role_rules, said, verify

PASSING = [
    one for one in named("VARIANTS") if catalogue.ladder(*one).expect.verdict == Verdict.PASS
]
WEEK = 7 * 24 * 3600 * 1_000_000_000

pytestmark = pytest.mark.parametrize("named", PASSING, ids=label)


def check(ladder: Ladder, what: str, left: Ladder, roles: Roles = "given") -> None:
    """The verdict is still pass."""
    judged = verify(left, roles=roles)
    assert judged.verdict is Verdict.PASS, "\n".join([what, *said(judged), ladder.show()])


def is_known(ladder: Ladder, roles: Roles) -> bool:
    """Whether the roles can be told: only what is inferred may be too little, and is said so."""
    judged = verify(ladder, roles=roles)
    if judged.verdict is Verdict.PASS or roles == "given":
        return True
    reasons = {one.reason_code for one in judged.results}
    assert reasons <= {Reason.ROLE_UNKNOWN, Reason.HOP_NOT_CAPTURED, None}, said(judged)
    return False


def test_that_cuts_outside_the_steps_change_nothing(named: tuple[str, str, str]) -> None:
    """With the roles given: what is cut away may be the evidence of who is who."""
    ladder = catalogue.ladder(*named)
    # A client's BYE is the end of a push, although no step prints it.
    steps = [
        index
        for index, shot in enumerate(ladder.shots)
        if shot.kind == "step" or shot.start.startswith("BYE ")
    ]
    behind = range(steps[-1], len(ladder))
    before = range(1, steps[0] + 1)
    for index in spread(behind, 5, f"{named} behind"):
        check(ladder, f"cut behind {index + 1}", ladder.cut_behind(index))
    for index in spread(before, 5, f"{named} before"):
        check(ladder, f"cut before {index + 1}", ladder.cut_before(index))


@pytest.mark.parametrize("roles", ["given", "inferred"])
def test_that_copies_and_the_date_change_nothing(
    named: tuple[str, str, str], roles: Roles
) -> None:
    ladder = catalogue.ladder(*named)
    if not is_known(ladder, roles):
        return
    check(ladder, "a week later", ladder.shift(WEEK), roles)
    rules = role_rules(ladder) if roles == "given" else []
    whole = verify(ladder, roles=roles)
    changed = [
        *mirror_all(ladder),
        *spread(mirror_each(ladder), 40, str(named)),
    ]
    if roles == "given":  # a late tap may invert the evidence of who forwards
        changed += spread(delay_each_link(ladder), 4, str(named))
    for what, make in changed:
        judged = verify(make(), rules=rules)
        same = [one.flow for one in judged.results] == [one.flow for one in whole.results]
        assert judged.verdict is Verdict.PASS, "\n".join([what, *said(judged), ladder.show()])
        assert same, "\n".join([what, *said(whole), *said(judged)])


def test_that_a_step_seen_at_another_hop_is_seen(named: tuple[str, str, str]) -> None:
    """With the roles given: what is lost may be the evidence of who is who."""
    ladder = catalogue.ladder(*named)
    hops: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for shot in ladder.shots:
        if not shot.is_msrp:
            hops[shot.step].add((shot.label, shot.sender, shot.receiver))
    numbered = list(enumerate(ladder.shots))
    for index, shot in spread(numbered, 8, f"{named} seen elsewhere"):
        if shot.transport is not Transport.UDP or len(hops[shot.step]) == 1:
            continue
        judged = verify(lose(ladder, index), rules=role_rules(ladder))
        assert judged.verdict is Verdict.PASS, "\n".join(
            [f"lose {index + 1}", *said(judged), ladder.show()]
        )
