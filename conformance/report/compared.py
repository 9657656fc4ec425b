"""The comparison with the reference implementation, as every report tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.flow.program import Level
from conformance.oracle.difference import CHOOSERS, COMPARED, Kind, Opinion
from conformance.report.expectation import Expectation
from conformance.report.model import OpinionResult, Report, RequirementResult
from conformance.report.wording import WORDS, role_name
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

JUDGED_BY = "the reference comparison"
"""How the catalogue's `judged_by` begins where only the comparison can tell."""

KINDS = {
    Kind.OTHERWISE: "sent otherwise",
    Kind.UNEXPECTED: "sent without a reason",
    Kind.SILENCE: "not sent",
}
"""What a difference is, in words."""

FILES = 3
"""Files of preferences that a headline names."""

_NEVER_FAIL = frozenset({Level.SHOULD, Level.MAY})


@dataclass(frozen=True, slots=True)
class Told:
    """An opinion for the page of its instance; `number` is that of its finding, 0 for a note."""

    result: OpinionResult
    number: int = 0


class Compared:
    """A report's opinions by the instance that they belong to, and how much each counts."""

    def __init__(self, report: Report) -> None:
        self._strict = report.strict
        self._made = report.compared
        self.places = _places(report)
        self._levels = {one.id: one.level for one in report.requirements}
        self._expectation = Expectation(report)
        self._of: dict[str, list[OpinionResult]] = {}
        for one in report.opinions:
            self._of.setdefault(one.instance, []).append(one)

    @property
    def alone(self) -> tuple[OpinionResult, ...]:
        """The opinions that belong to no instance."""
        return self.of("")

    def of(self, instance: str) -> tuple[OpinionResult, ...]:
        """The opinions that belong to an instance, in the order of time."""
        return tuple(self._of.get(instance, ()))

    def counts(self, one: OpinionResult) -> bool:
        """Whether an opinion makes a run fail: one about a SHOULD does under --strict alone."""
        level = self._levels.get(one.opinion.requirement)
        return one.opinion.verdict is Verdict.FAIL and (self._strict or level not in _NEVER_FAIL)

    def level(self, one: OpinionResult) -> Level:
        """The level of its requirement; what none stands behind is a protocol's own MUST."""
        return self._levels.get(one.opinion.requirement, Level.RFC)

    def failing(self) -> tuple[OpinionResult, ...]:
        """Those of no instance that make the run fail."""
        return tuple(one for one in self.alone if self.counts(one))

    def is_expected(self, one: OpinionResult) -> bool:
        """Whether it lies in captures that came out as their index says."""
        return self._expectation.covers(one.captures)

    @property
    def expected(self) -> tuple[OpinionResult, ...]:
        """Those of no instance that an index expects."""
        return tuple(one for one in self.alone if self.is_expected(one))

    def told(self, instance: InstanceResult, findings: tuple[Finding, ...]) -> tuple[Told, ...]:
        """The opinions of an instance, each with the number of its finding among `findings`."""
        left = {number: found for number, found in enumerate(findings, 1) if is_reference(found)}
        told = []
        for one in self.of(instance.id):
            fits = (place for place, found in left.items() if _is_of(found, one.opinion))
            number = next(fits, 0)
            left.pop(number, None)
            told.append(Told(one, number))
        return tuple(told)

    def agreement(self, instance: InstanceResult) -> str:
        """How the flow's word and the reference's on one instance stand to one another."""
        if not self._made:
            return ""
        opinions = self.of(instance.id)
        against = any(self.counts(one) for one in opinions)
        by_flow = opinions[0].flow_verdict if opinions else instance.verdict
        match by_flow, against:
            case Verdict.FAIL, True:
                return "Flow and reference agree: both find a fault here."
            case Verdict.FAIL, False:
                return self._by_flow_alone(instance)
            case _, True:
                return (
                    f"Flow and reference disagree: by the flow alone this is {WORDS[by_flow]}; "
                    "the reference would have done otherwise, and that makes it a fail."
                )
            case _ if any(one.opinion.verdict is Verdict.FAIL for one in opinions):
                return (
                    "The reference would have done otherwise where the specification advises "
                    "(SHOULD, MAY): that fails nobody."
                )
            case _:
                return "The comparison with the reference finds no fault here."

    def _by_flow_alone(self, instance: InstanceResult) -> str:
        at_fault = {
            found.role_at_fault
            for found in instance.findings
            if found.verdict is Verdict.FAIL and not found.consequence
        }
        if not at_fault & {*COMPARED}:
            return f"The flow finds a fault; only {self.places} are compared with the reference."
        return (
            "Flow and reference disagree: the flow finds a fault here, and the comparison with "
            "the reference finds none."
        )


def _places(report: Report) -> str:
    """The roles that are compared, in words."""
    roles = (*COMPARED, *CHOOSERS) if report.preferences else COMPARED
    *some, last = (role_name(role) for role in roles)
    return f"{', '.join(some)} and {last}" if some else last


def is_reference(found: Finding) -> bool:
    """Whether a finding comes from the comparison, and from no line of a flow file."""
    return not found.flow_file


def rule(found: Finding) -> str:
    """Where the rule stands that a finding is about."""
    return JUDGED_BY if is_reference(found) else f"{found.flow_file}:{found.line}"


def headline(report: Report) -> str:
    """Whether the comparison was made, and by which preferences."""
    if not report.compared:
        return "not made (--oracle makes it)"
    if report.preferences:
        files = report.preferences.split(", ")
        many = f"{files[0]} and {len(files) - 1} files more"
        return f"made, by the preferences of {many if len(files) > FILES else report.preferences}"
    return "made, without preferences: what these would decide is left open"


def silence(report: Report, row: RequirementResult | None) -> str:
    """Why a requirement that only the comparison judges got no verdict; "" for any other.

    Without a requirement it is about the comparison itself.
    """
    if row is not None and (row.counts or not row.judged_by.startswith(JUDGED_BY)):
        return ""
    if not report.compared:
        return "not compared"
    return "compared, no difference" if report.preferences else "not compared: no preferences"


def differences(opinions: Iterable[OpinionResult]) -> dict[Verdict, int]:
    """How many opinions of which verdict."""
    found: dict[Verdict, int] = {}
    for one in opinions:
        verdict = one.opinion.verdict
        found[verdict] = found.get(verdict, 0) + 1
    return found


def sentence(one: Opinion) -> str:
    """An opinion in one line, with who and where."""
    return f"{role_name(one.role)} {one.place}: {one.sentence}"


def fields(one: Opinion) -> str:
    """The fields that differ, in one line; those that the specification leaves open say so."""
    return "; ".join(
        f"{each.field}: {each.expected} expected, {each.observed} seen"
        + ("" if each.hard else " (open)")
        for each in one.differences
    )


def _is_of(found: Finding, one: Opinion) -> bool:
    return (
        found.expected == (one.would,)
        and found.frames == one.frames
        and found.verdict is one.verdict
        and found.requirement in (one.requirement, f"reference-{one.role}")
    )
