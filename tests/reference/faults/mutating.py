"""Mutants played and judged: what the tests of every group of faults ask."""

from functools import cache

from conformance.flow.library import load
from conformance.reference.faults.catalogue import Mutant, mutants
from conformance.reference.scenarios.scenario import Played, play
from conformance.suite.mutants import Noticed, judged, scenario_of

FLOWS_OF_PUSHING = ("push-pager", "push-large", "push")


@cache
def played(one: Mutant) -> Played:
    return play(scenario_of(one))


@cache
def noticed(one: Mutant) -> Noticed:
    return judged(one, played(one), load(None))


def lines(faults: object) -> list[Mutant]:
    """The lines of the list about these faults."""
    names = {fault.id for fault in faults}  # type: ignore[attr-defined]
    return [one for one in mutants() if one.fault in names]


def told(one: Mutant) -> str:
    """A mutant's name and place, as a test's identity."""
    return "-".join(part for part in (one.flow, one.variant, one.fault) if part)


def line(fault: str, flow: str, variant: str = "") -> Mutant:
    """One line of the list."""
    found = [one for one in mutants() if (one.fault, one.flow) == (fault, flow)]
    return next(one for one in found if not variant or one.variant == variant)
