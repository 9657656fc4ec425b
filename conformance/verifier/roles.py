"""Inferring roles from a survey's evidence; what the user gave is never overruled."""

from conformance.cpm.role import Role
from conformance.observation.places import endpoint_of
from conformance.observation.topology import RoleRule, Topology
from conformance.verifier.evidence import Clue, Evidence
from conformance.verifier.survey import Survey

_ENOUGH = 6
"""The least weight that settles a place; software names alone do not reach it."""


def infer_topology(survey: Survey, given: Topology) -> Topology:
    """The given rules, and one for each other place whose evidence speaks for one role.

    A place with equally strong evidence for two roles stays unknown: never a guess.
    """
    rules = list(given.rules)
    for place in sorted(survey.evidence.peers):
        if given.roles(endpoint_of(place)):
            continue
        best = best_clue(survey.evidence, place)
        if best is not None:
            rules.append(RoleRule(best.role, place, best.sentence, given=False))
    return Topology(rules)


def best_clue(evidence: Evidence, place: str) -> Clue | None:
    """What speaks for one role of a place, strongly and more than for any other."""
    known = (evidence.clues.get((place, role)) for role in Role)
    clues = sorted((clue for clue in known if clue), key=lambda clue: -clue.weight)
    if not clues or clues[0].weight < _ENOUGH:
        return None
    if len(clues) > 1 and clues[1].weight == clues[0].weight:
        return None
    return clues[0]


def unknown_places(survey: Survey, topology: Topology) -> list[str]:
    """The places that no rule gives a role."""
    return [p for p in sorted(survey.evidence.peers) if not topology.roles(endpoint_of(p))]
