"""One change of a conforming trace, and by which rule it is a violation, harmless, or neither."""

from dataclasses import dataclass
from enum import StrEnum

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder


class Class(StrEnum):
    """What a change makes of a conforming trace."""

    VIOLATION = "violation"
    HARMLESS = "harmless"
    INCONCLUSIVE = "inconclusive"


BEARABLE = {
    Class.VIOLATION: {Verdict.FAIL},
    Class.HARMLESS: {Verdict.PASS},
    Class.INCONCLUSIVE: {Verdict.PASS, Verdict.INCONC, Verdict.NONE},
}
"""The verdicts that a mutant of each class may get."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed ladder; `why` is the rule that classifies it.

    `requirement` is what a violation breaks, empty where more than one reading is right.
    """

    name: str
    ladder: Ladder
    kind: Class
    why: str
    requirement: str = ""


def violation(name: str, ladder: Ladder, why: str, requirement: str = "") -> Mutant:
    """A change that breaks a requirement."""
    return Mutant(name, ladder, Class.VIOLATION, why, requirement)


def harmless(name: str, ladder: Ladder, why: str) -> Mutant:
    """A change that every requirement allows."""
    return Mutant(name, ladder, Class.HARMLESS, why)


def undecided(name: str, ladder: Ladder, why: str) -> Mutant:
    """A change that may as well be the capture's fault, or that no text forbids."""
    return Mutant(name, ladder, Class.INCONCLUSIVE, why)
