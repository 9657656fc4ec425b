"""The gate: whether a report may pass, by a policy, against a baseline.

Each reason that closes it has an exit status of its own and a line for each case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from conformance.flow.program import Level
from conformance.report.compared import Compared
from conformance.report.model import Report
from conformance.suite.failures import Failure, considered, failures
from conformance.suite.policy import Action, Known, Policy
from conformance.verifier.verdict import Verdict

_SHALLS = frozenset({Level.SHALL, Level.DERIVED})
_NAMED = 5


class Outcome(IntEnum):
    """A line's meaning; its value is the exit status."""

    NOTE = 0
    NEW = 1
    INCONCLUSIVE = 3
    ERROR = 4
    EXPIRED = 5
    CHANGED = 6
    PASSES = 7
    LOST = 8


PRECEDENCE = (
    Outcome.ERROR,
    Outcome.NEW,
    Outcome.CHANGED,
    Outcome.EXPIRED,
    Outcome.PASSES,
    Outcome.INCONCLUSIVE,
    Outcome.LOST,
)
"""Of several reasons the first of these gives the exit status."""

WORDS = {
    Outcome.NOTE: "note",
    Outcome.NEW: "new failure",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.ERROR: "error of cpmspec",
    Outcome.EXPIRED: "known issue expired",
    Outcome.CHANGED: "fails in another way",
    Outcome.PASSES: "expected failure passes",
    Outcome.LOST: "no longer exercised",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One case: what it means for the gate, and a sentence on one line."""

    outcome: Outcome
    sentence: str


def status(lines: list[Line]) -> int:
    """The exit status; 0 when the gate is open."""
    found = {line.outcome for line in lines}
    return next((int(one) for one in PRECEDENCE if one in found), 0)


def evaluate(report: Report, policy: Policy, baseline: Report | None, today: date) -> list[Line]:
    """Every reason to close the gate, and what is worth a note, the gravest first."""
    lines = [
        *(Line(Outcome.ERROR, f"{fault.doing}: {fault.sentence}") for fault in report.faults),
        *_failing(report, policy, baseline, today),
        *_passing(report, policy),
        *_open(report, policy),
    ]
    if baseline is not None:
        lines.extend(_lost(report, policy, baseline))
        lines.extend(_differing(report, baseline))
    order = {outcome: place for place, outcome in enumerate((*PRECEDENCE, Outcome.NOTE))}
    return sorted(lines, key=lambda line: order[line.outcome])


def _failing(
    report: Report, policy: Policy, baseline: Report | None, today: date
) -> Iterator[Line]:
    counting = _levels(policy, report, Action.FAIL)
    before = failures(baseline, counting) if baseline is not None else ()
    for failure in failures(report, counting):
        yield _judged(failure, policy, before, today)
    for failure in failures(report, _levels(policy, report, Action.WARN)):
        if failure.level is not None:
            yield Line(Outcome.NOTE, f"not counted at level {failure.level}: {failure.told()}")


def _levels(policy: Policy, report: Report, wanted: Action) -> list[Level]:
    return [level for level in Level if policy.action(level, strict=report.strict) is wanted]


def _judged(failure: Failure, policy: Policy, before: tuple[Failure, ...], today: date) -> Line:
    known = [
        one
        for one in policy.known
        if one.covers(failure.requirement, failure.flow, failure.capture)
    ]
    pinned = next((one for one in known if one.says(failure.pinned)), None)
    if pinned is not None:
        return _excused(failure, pinned, today)
    told = failure.told()
    if known:
        return Line(Outcome.CHANGED, f'{told} (known as "{known[0].message}")')
    same = [one for one in before if one.key == failure.key]
    if any(one.pinned == failure.pinned for one in same):
        return Line(Outcome.NOTE, f"in the baseline too: {told}")
    if same:
        return Line(Outcome.CHANGED, f'{told} (baseline: "{same[0].observed}")')
    return Line(Outcome.NEW, told)


def _excused(failure: Failure, known: Known, today: date) -> Line:
    owner = f"{known.owner}: {known.reason}"
    if today > known.expires:
        sentence = f"on {known.expires} ({owner}): {failure.told()}"
        return Line(Outcome.EXPIRED, sentence)
    return Line(Outcome.NOTE, f"known until {known.expires} ({owner}): {failure.told()}")


def _passing(report: Report, policy: Policy) -> Iterator[Line]:
    """An expected failure that passes is mended, or no longer tested: either way say so."""
    counts = {one.id: one.counts for one in report.requirements}
    for known in policy.known:
        seen = _verdicts(report, known)
        if not seen and not (known.flow or known.capture):
            # Passing instances beyond the report's limit are counted, not listed.
            seen = {
                verdict for verdict, count in counts.get(known.requirement, {}).items() if count
            }
        if Verdict.FAIL in seen:
            continue
        if Verdict.PASS in seen:
            sentence = f"{known.requirement} ({known.owner}: {known.reason}): remove it"
            yield Line(Outcome.PASSES, sentence)
        else:
            yield Line(Outcome.NOTE, f"known issue {known.requirement} neither fails nor passes")


def _verdicts(report: Report, known: Known) -> set[Verdict]:
    seen: set[Verdict] = set()
    for instance in considered(report):
        paths = [
            report.captures[one].path for one in instance.captures if one < len(report.captures)
        ]
        if known.covers(known.requirement, instance.flow, paths[0] if paths else ""):
            seen |= {verdict for id_, verdict in instance.judged if id_ == known.requirement}
    for result in Compared(report).alone:
        path = report.captures[result.captures[0]].path if result.captures else ""
        if known.covers(result.opinion.requirement, "", path):
            seen.add(result.opinion.verdict)
    return seen


def _open(report: Report, policy: Policy) -> Iterator[Line]:
    """Inconclusive requirements and instances beyond their limits; and a run of nothing."""
    if not any(report.total(verdict) for verdict in Verdict):
        outcome = Outcome.NOTE if policy.allow_nothing else Outcome.INCONCLUSIVE
        yield Line(outcome, "nothing was exercised: no capture shows any flow")
        return
    instances = [one for one in considered(report) if one.verdict is Verdict.INCONC]
    levels = {one.id: one.level for one in report.requirements}
    open_, failed = _judged_so(report, Verdict.INCONC), _judged_so(report, Verdict.FAIL)
    shalls = sorted(one for one in open_ - failed if levels.get(one) in _SHALLS)
    yield from _limited("SHALLs", shalls, policy.inconclusive_shalls)
    yield from _limited("instances", [one.id for one in instances], policy.inconclusive_instances)


def _judged_so(report: Report, wanted: Verdict) -> set[str]:
    return {
        id_
        for instance in considered(report)
        for id_, verdict in instance.judged
        if verdict is wanted
    }


def _limited(what: str, names: list[str], limit: int | None) -> Iterator[Line]:
    if not names:
        return
    shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    if limit is not None and len(names) > limit:
        yield Line(Outcome.INCONCLUSIVE, f"{len(names)} {what}, at most {limit} may be: {shown}")
    else:
        yield Line(Outcome.NOTE, f"{len(names)} {what} inconclusive: {shown}")


def _lost(report: Report, policy: Policy, baseline: Report) -> Iterator[Line]:
    if policy.lost is Action.IGNORE:
        return
    shown = {flow.id for flow in report.flows if any(flow.counts.values())}
    for flow in baseline.flows:
        if any(flow.counts.values()) and flow.id not in shown:
            red = policy.lost is Action.FAIL
            sentence = f"{flow.id}: the baseline shows it, this run does not"
            yield Line(Outcome.LOST if red else Outcome.NOTE, sentence)


def _differing(report: Report, baseline: Report) -> Iterator[Line]:
    """What makes a baseline weak as a measure."""
    pairs = (
        ("profile", baseline.profile, report.profile),
        ("strict", baseline.strict, report.strict),
        ("version", baseline.version, report.version),
        ("comparison with the reference", baseline.compared, report.compared),
        ("preferences", baseline.preferences, report.preferences),
    )
    for name, before, now in pairs:
        if before != now:
            yield Line(Outcome.NOTE, f"{name} differs from the baseline: {before}, now {now}")
