"""One question to a report: does this flow, or this requirement, hold in this capture?"""

from dataclasses import dataclass
from enum import StrEnum

from conformance.report.compared import JUDGED_BY, Compared, sentence, silence
from conformance.report.legible import legible
from conformance.report.model import Report, RequirementResult
from conformance.report.wording import REASONS
from conformance.suite.assertion import explanation
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.verdict import InstanceResult, Reason, Verdict, worst

UNSEEN = "not observable"
"""How the catalogue's `judged_by` begins where no trace can tell."""


class Kind(StrEnum):
    """What a test runner makes of an answer."""

    HOLDS = "holds"
    BROKEN = "broken"
    INCONCLUSIVE = "inconclusive"
    ADVICE = "advice"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Answer:
    """The kind, and why: a line, or for what fails the whole explanation with its ladder."""

    kind: Kind
    why: str = ""


HOLDS = Answer(Kind.HOLDS)


def ask(report: Report, flow: str, requirement: str = "", *, strict: bool = False) -> Answer:
    """The answer over all instances of a flow; without a requirement it is the flow's verdict.

    Of an inconclusive instance only the flow's verdict is INCONCLUSIVE, so that it counts once;
    its requirements are then NOT_JUDGED. A flow expected and absent is BROKEN. No flow ("") asks
    what the comparison with the reference holds against roles outside every instance.
    """
    if not flow:
        return _reference(report)
    found = [one for one in report.instances if flow in (one.flow, *one.also)]
    if not found:
        return _absent(report, flow, requirement)
    if not requirement:
        return _flow(found)
    asked = next((one for one in report.requirements if one.id == requirement), None)
    return _requirement(found, requirement, strict, _silent(report, asked))


def _absent(report: Report, flow: str, requirement: str) -> Answer:
    for wanted in report.expected:
        if wanted.flow == flow and not requirement:
            return Answer(Kind.BROKEN, wanted.sentence)
    reasons = [one.reason_code for one in report.flows if one.id == flow]
    reason = next((one for one in reasons if one is not None), Reason.NOT_EXERCISED)
    return Answer(Kind.NOT_JUDGED, f"{reason}: {REASONS[reason]}")


def _reference(report: Report) -> Answer:
    if not report.compared:
        return Answer(Kind.NOT_JUDGED, silence(report, None))
    against = [sentence(one.opinion) for one in Compared(report).failing()]
    return Answer(Kind.BROKEN, legible("\n".join(against))) if against else HOLDS


def _flow(found: list[InstanceResult]) -> Answer:
    verdict = worst(one.verdict for one in found)
    if verdict is Verdict.PASS:
        return HOLDS
    guilty = next(one for one in found if one.verdict is verdict)
    kind = Kind.INCONCLUSIVE if verdict is Verdict.INCONC else Kind.BROKEN
    return Answer(kind, explanation(guilty))


def _requirement(
    found: list[InstanceResult], requirement: str, strict: bool, unjudged: str
) -> Answer:
    judged = [dict(one.judged).get(requirement, Verdict.NONE) for one in found]
    verdict = worst(judged)
    guilty = found[judged.index(verdict)]
    match verdict:
        case Verdict.PASS:
            return HOLDS
        case Verdict.NONE:
            return Answer(Kind.NOT_JUDGED, unjudged)
        case Verdict.INCONC:
            why = guilty.would_settle or guilty.summary
            return Answer(Kind.NOT_JUDGED, f"inconclusive: {why}")
        case Verdict.FAIL | Verdict.ERROR:
            return _broken(guilty, requirement, strict)


def _silent(report: Report, asked: RequirementResult | None) -> str:
    judged_by = asked.judged_by if asked else ""
    if judged_by.startswith(UNSEEN):
        return judged_by
    if asked and judged_by.startswith(JUDGED_BY):
        return f"{judged_by}: {silence(report, asked) or 'of no instance of this flow'}"
    return "no instance came to what this requirement speaks of"


def _broken(guilty: InstanceResult, requirement: str, strict: bool) -> Answer:
    for finding in guilty.findings:
        advice = finding.level in NEVER_FAIL and not strict
        if finding.requirement == requirement and advice:
            return Answer(Kind.ADVICE, f"{finding.level}, which never fails: {finding.observed}")
    return Answer(Kind.BROKEN, explanation(guilty, requirement))
