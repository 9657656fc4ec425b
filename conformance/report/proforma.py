"""What a protocol conformance test report states (ISO/IEC 9646-5, ITU-T X.294), from a report.

Only what the run knows is filled in; the rest of the form stays open for the laboratory's pen.
"""

from collections import Counter
from dataclasses import dataclass

from conformance.report.compared import Compared
from conformance.report.instant import to_moment
from conformance.report.model import FlowResult, Report, RequirementResult
from conformance.verifier.verdict import Reason, Verdict

PARTICULARS = {
    "number": "Report number",
    "laboratory": "Test laboratory",
    "client": "Client of the laboratory",
    "supplier": "Supplier",
    "product": "Implementation under test",
    "version": "Version",
    "remarks": "Remarks",
}
"""What only the user can tell, with the form's words for it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the test campaign report: a flow is a test case, its requirements are purposes."""

    flow: FlowResult
    selected: bool
    run: bool
    observations: str


@dataclass(frozen=True, slots=True)
class Proforma:
    """The statements of the form."""

    particulars: tuple[tuple[str, str], ...]
    period: str
    status: str
    static: str
    dynamic: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts by verdict of what could be judged; `judged` holds the inconclusive too."""

    counts: dict[Verdict, int]
    judged: int
    idle: int


def proforma(report: Report) -> Proforma:
    """Fill the form in."""
    told = dict(report.particulars)
    return Proforma(
        particulars=tuple((words, told.get(name, "")) for name, words in PARTICULARS.items()),
        period=_period(report),
        status=_status(report),
        static=_static(report),
        dynamic=_dynamic(report),
        cases=tuple(_case(flow) for flow in report.flows),
    )


def score(requirements: tuple[RequirementResult, ...]) -> Score:
    """Requirements by their worst verdict; those that nothing exercised are `idle`.

    Requirements of flows that do not apply are no part of a report, hence of no count.
    """
    counts = Counter(row.verdict for row in requirements if row.counts)
    counts.pop(Verdict.NONE, None)
    judged = counts.total()
    return Score(dict(counts), judged, len(requirements) - judged)


def _period(report: Report) -> str:
    begins = [one.first_time for one in report.captures if one.first_time is not None]
    ends = [one.last_time for one in report.captures if one.last_time is not None]
    if not begins or not ends:
        return ""
    return f"{to_moment(min(begins))} to {to_moment(max(ends))} UTC"


def _status(report: Report) -> str:
    if report.verdict is Verdict.FAIL:
        return "Conformance testing has shown the traffic to depart from the specification."
    if report.verdict is Verdict.ERROR:
        return "The means of testing failed: no statement on conformance is made."
    if report.total(Verdict.PASS):
        return "Conformance testing has not shown any departure from the specification."
    return "Nothing was shown for or against conformance."


def _static(report: Report) -> str:
    kept_out = [flow for flow in report.flows if flow.reason_code is Reason.NOT_APPLICABLE]
    if kept_out:
        names = ", ".join(flow.id for flow in kept_out)
        return f"The supplier's statement (ICS) does not claim: {names}. These were not tested."
    return "No flow was left out by a supplier's statement (ICS)."


def _dynamic(report: Report) -> str:
    if report.verdict is Verdict.ERROR:
        return "The test campaign was not completed."
    if report.verdict is Verdict.NONE:
        return "No test case was run: the test campaign tells nothing of errors."
    faulty = report.total(Verdict.FAIL) or Compared(report).failing()
    found = "revealed" if faulty else "did not reveal"
    unsure = report.total(Verdict.INCONC)
    cases = "1 test case" if unsure == 1 else f"{unsure} test cases"
    tail = f"; {cases} ended inconclusive" if unsure else ""
    return f"The test campaign {found} errors{tail}."


def _case(flow: FlowResult) -> Case:
    selected = flow.reason_code is not Reason.NOT_APPLICABLE
    total = sum(flow.counts.values())
    parts = [
        f"{flow.counts[verdict]} {verdict}" for verdict in Verdict if flow.counts.get(verdict)
    ]
    observations = f"{total} run: {', '.join(parts)}" if total else ""
    if flow.reason_code is not None:
        observations = f"{observations}; {flow.reason_code}" if total else str(flow.reason_code)
    return Case(flow, selected, total > 0, observations)
