"""The judge's own coverage: of what is wrong how much it notices, of what is right how little.

Run with `-s` to see the figures, and with CPMSPEC_FULL_LAWS=1 to mutate every variant.
"""

import sys
from collections.abc import Iterator
from functools import cache

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.laws.samples import is_full
from tests.mutants import loss, order, rewrite
from tests.mutants.mutant import BEARABLE, Class, Mutant
from tests.scenarios import catalogue
from tests.verifying import causes, said_of, verify

FLOWS = tuple(catalogue.FLOWS)

MISSED: dict[str, str] = {}
"""Violations that nobody can notice, by `flow: name`, with the reason."""


def of_base(flow: str) -> Iterator[Mutant]:
    """Every mutant of a flow's base."""
    base = catalogue.ladder("VARIANTS", flow, "base")
    yield from loss.silent(flow)
    yield from order.swapped(flow, base)
    yield from rewrite.relabelled(flow)
    yield from rewrite.accepted(flow, base)
    yield from rewrite.without_headers(flow, base)
    yield from rewrite.content_from_client(flow, base)
    yield from of_any(base)


def of_any(ladder: Ladder) -> Iterator[Mutant]:
    """The mutants that every conforming ladder bears."""
    yield from loss.lost(ladder)
    yield from loss.repeated(ladder)
    yield from loss.mirrored(ladder)
    yield from loss.cut(ladder)
    yield from rewrite.renamed(ladder)


@cache
def judged(flow: str) -> list[tuple[Mutant, Verdict, list[str]]]:
    """Each mutant of a flow with its verdict and causes."""
    found = []
    for mutant in of_base(flow):
        got = verify(mutant.ladder)
        found.append((mutant, got.verdict, causes(got)))
    return found


@pytest.mark.parametrize("flow", FLOWS)
def test_that_each_mutant_is_judged_by_its_rule(flow: str) -> None:
    wrong = []
    shown = ""
    for mutant, verdict, broken in judged(flow):
        right = verdict in BEARABLE[mutant.kind]
        if mutant.requirement and mutant.requirement not in broken:
            right = False
        if right or f"{flow}: {mutant.name}" in MISSED:
            continue
        wrong.append(f"{mutant.name}: {verdict} {broken}, {mutant.kind}: {mutant.why}")
        shown = shown or said_of(mutant.ladder, verify(mutant.ladder))
    assert not wrong, "\n".join(["", *wrong, shown])


@pytest.mark.parametrize("flow", FLOWS)
def test_that_every_rule_is_used(flow: str) -> None:
    kinds = {mutant.kind for mutant, _, _ in judged(flow)}
    assert kinds == set(Class)


def test_the_figures() -> None:
    """«N of M violations noticed», «0 wrong FAILs over K conforming traces»."""
    violations = noticed = others = wrong = 0
    for flow in FLOWS:
        for mutant, verdict, _ in judged(flow):
            if mutant.kind is Class.VIOLATION:
                violations += 1
                noticed += verdict is Verdict.FAIL
            else:
                others += 1
                wrong += verdict is Verdict.FAIL
    figures = (
        f"{noticed} of {violations} violations noticed\n"
        f"{wrong} wrong FAILs over {others} conforming traces\n"
    )
    sys.stdout.write(f"\n{figures}")
    assert wrong == 0, figures
    assert noticed == violations - len(MISSED), figures


@pytest.mark.parametrize(
    ("flow", "name"), catalogue.names("VARIANTS") if is_full() else [(FLOWS[0], "base")]
)
def test_that_every_variant_bears_what_accuses_nobody(flow: str, name: str) -> None:
    for mutant in of_any(catalogue.ladder("VARIANTS", flow, name)):
        got = verify(mutant.ladder)
        assert got.verdict is not Verdict.FAIL, said_of(mutant.ladder, got)
