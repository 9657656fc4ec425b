"""Findings as SARIF wants them: flat, the worst first, with a fingerprint that outlives a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from conformance.flow.program import Level
from conformance.report.compared import Compared, fields, is_reference, sentence
from conformance.report.essence import essence
from conformance.report.expectation import Expectation
from conformance.report.instant import to_text
from conformance.report.ladder import first_cause
from conformance.report.legible import legible, one_line
from conformance.report.model import OpinionResult, Report
from conformance.report.wording import REASONS
from conformance.verifier.verdict import Finding, FrameRef, InstanceResult, Verdict

TAGGED = "OMA CPM"

LEVELS = {
    Level.SHALL: "error",
    Level.DERIVED: "error",
    Level.FLOW: "error",
    Level.RFC: "error",
    Level.SHOULD: "warning",
    Level.MAY: "note",
}

_FRAMES = 50
_MESSAGE = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """One result: `file` and `line` (0: the whole file) say where the rule stands."""

    rule: str
    level: str
    message: str
    sentence: str
    file: str
    line: int
    fingerprint: str
    flow: str = ""
    instance: str = ""
    frames: tuple[tuple[str, str], ...] = ()
    expected: bool = False


def results(report: Report) -> Iterator[Result]:
    """Demands not met, causes, their consequences, then what is inconclusive.

    The instances are read once for each kind, so that none is held.
    """
    yield from _demands(report)
    yield from _opinions(report)
    expectation = Expectation(report)
    for consequence in (False, True):
        for instance in report.instances:
            for found in instance.findings:
                if found.verdict is Verdict.FAIL and found.consequence is consequence:
                    yield _of(report, instance, found, expected=expectation.met_by(instance))
    for instance in report.instances:
        if instance.verdict is Verdict.ERROR or _unexplained(instance):
            yield _whole(report, instance, "error")
        elif instance.verdict is Verdict.INCONC:
            yield _whole(report, instance, "none")


def _unexplained(instance: InstanceResult) -> bool:
    """A fail without a failing finding must not be lost."""
    return instance.verdict is Verdict.FAIL and first_cause(instance) is None


def _of(report: Report, instance: InstanceResult, found: Finding, *, expected: bool) -> Result:
    wanted = " or ".join(found.expected)
    path = _path(report, instance)
    message = f"{found.observed}. Expected: {wanted}"
    if found.repair:
        message += f". Repair: {found.repair}"
    return Result(
        rule=found.requirement,
        level=LEVELS[found.level],
        message=_text(f"{message} ({instance.id})"),
        sentence=found.sentence,
        file=path if is_reference(found) else found.flow_file,
        line=0 if is_reference(found) else max(found.line, 0),
        fingerprint=_fingerprint(found.requirement, instance.flow, path, essence(found.observed)),
        flow=instance.flow,
        instance=instance.id,
        frames=tuple(_frame(report, ref) for ref in found.frames[:_FRAMES]),
        expected=expected,
    )


def _whole(report: Report, instance: InstanceResult, level: str) -> Result:
    """An instance that no failing finding explains: its reason is the rule."""
    code = instance.reason_code
    rule = str(code or instance.verdict)
    settle = f". Would settle it: {instance.would_settle}" if instance.would_settle else ""
    path = _path(report, instance)
    return Result(
        rule=rule,
        level=level,
        message=_text(f"{instance.summary or rule}{settle} ({instance.id})"),
        sentence=REASONS[code] if code else rule,
        file=path,
        line=0,
        fingerprint=_fingerprint(rule, instance.flow, path, essence(instance.summary)),
        flow=instance.flow,
        instance=instance.id,
    )


def _opinions(report: Report) -> Iterator[Result]:
    """What the reference holds against roles outside every instance, and what it leaves open."""
    compared = Compared(report)
    for one in compared.alone:
        if one.opinion.verdict is not Verdict.PASS:
            yield _opinion(report, one, compared)


def _opinion(report: Report, result: OpinionResult, compared: Compared) -> Result:
    one = result.opinion
    fails = one.verdict is Verdict.FAIL
    rule = one.requirement or f"reference-{one.role}"
    path = _first(report, result.captures)
    details = fields(one)
    return Result(
        rule=rule,
        level=LEVELS[compared.level(result)] if fails else "none",
        message=_text(sentence(one) + (f": {details}" if details else "")),
        sentence=one.clause or rule,
        file=path,
        line=0,
        fingerprint=_fingerprint(rule, "", path, essence(sentence(one))),
        frames=tuple(_frame(report, ref) for ref in one.frames[:_FRAMES]),
        expected=fails and compared.is_expected(result),
    )


def _demands(report: Report) -> Iterator[Result]:
    first = report.captures[0].path if report.captures else "captures"
    for wanted in report.expected:
        if not wanted.met:
            yield _demand("expected-absent", wanted.sentence, first, wanted.flow)
    for row in report.index:
        if not row.as_expected:
            path = report.captures[row.capture].path
            yield _demand("not-as-expected", f"{path}: {row.sentence}", path, row.flow)


def _demand(rule: str, sentence: str, path: str, flow: str) -> Result:
    return Result(
        rule=rule,
        level="error",
        message=_text(sentence),
        sentence="What the run was told to expect.",
        file=path,
        line=0,
        fingerprint=_fingerprint(rule, flow, path, ""),
        flow=flow,
    )


def _text(sentence: str) -> str:
    """Plain text: what would be an embedded link (section 3.11.6) is broken up."""
    return one_line(sentence, _MESSAGE).replace("](", "] (")


def _path(report: Report, instance: InstanceResult) -> str:
    return _first(report, instance.captures)


def _first(report: Report, captures: tuple[int, ...]) -> str:
    for place in captures:
        if place < len(report.captures):
            return report.captures[place].path
    return "captures"


def _frame(report: Report, ref: FrameRef) -> tuple[str, str]:
    known = ref.capture < len(report.captures)
    path = report.captures[ref.capture].path if known else "captures"
    return path, f"frame {ref.frame} at {to_text(ref.time)}"


def _fingerprint(*parts: str) -> str:
    octets = "\x1f".join(legible(part) for part in parts).encode()
    return sha256(octets).hexdigest()[:32]
