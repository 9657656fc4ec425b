"""All planted faults by name, and the list of mutants: what each fault breaks where.

The list is a file of lines with six columns apart by tabs: the fault, the role, the scenario
(`flow/variant`), the behaviour in a sentence, the requirement, and what is expected of the judge.
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module, resources

from conformance.reference.faults.fault import Fault

GROUPS = (
    "pushing",
    "pulling",
    "chatting",
    "undelivered",
    "interworking",
    "core",
    "preferences",
    "trace",
)
"""The modules that hold `FAULTS`, each with its part of the list beside it."""

COLUMNS = 6


class Expected(StrEnum):
    """Who notices a fault: the flows, the comparison with the reference, or nobody can.

    `OPINION`: the comparison tells of it, and fails nobody, since a policy may be behind it.
    """

    FAIL = "fail"
    ORACLE = "oracle"
    OPINION = "opinion"
    INCONC = "inconc"
    EQUIVALENT = "equivalent"
    NOT_OBSERVABLE = "not observable"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One line of the list: a fault in a scenario; `why` says why nobody can notice it."""

    fault: str
    role: str
    flow: str
    variant: str
    behaviour: str
    requirement: str
    expected: Expected
    why: str = ""

    @property
    def is_violation(self) -> bool:
        """Whether it is a violation that shows on the wire."""
        return self.expected in (Expected.FAIL, Expected.ORACLE, Expected.OPINION)


def faults() -> dict[str, Fault]:
    """Every planted fault by its name; ValueError for two of one name."""
    found: dict[str, Fault] = {}
    for name in GROUPS:
        module = import_module(f"conformance.reference.faults.{name}")
        for fault in module.FAULTS:
            if fault.id in found:
                raise ValueError(f"there are two faults {fault.id}")
            found[fault.id] = fault
    return found


def mutants() -> tuple[Mutant, ...]:
    """The list, in its order; ValueError with the line that is none."""
    folder = resources.files("conformance.reference.faults")
    found = []
    for group in GROUPS:
        lines = folder.joinpath(f"{group}.tsv").read_text("utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if line and not line.startswith("#"):
                found.append(_mutant(line, f"{group}.tsv line {number}"))
    return tuple(found)


def _mutant(line: str, place: str) -> Mutant:
    columns = line.split("\t")
    if len(columns) != COLUMNS:
        raise ValueError(f"{place}: {len(columns)} columns, not {COLUMNS}")
    fault, role, scenario, behaviour, requirement, expectation = columns
    flow, _, variant = scenario.partition("/")
    kind, _, why = expectation.partition(": ")
    if kind not in list(Expected):
        raise ValueError(f"{place}: nobody expects '{kind}'")
    return Mutant(fault, role, flow, variant, behaviour, requirement, Expected(kind), why)
