"""Conformance as an assertion: a capture judged in one call, a failure that shows its ladder."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance.capture.source import expand
from conformance.report import text_ladder
from conformance.report.compared import Compared, rule, sentence
from conformance.report.instant import to_text
from conformance.report.ladder import layout, told
from conformance.report.legible import legible
from conformance.report.model import Report
from conformance.report.spool import Spool
from conformance.report.wording import REASONS, SIGNS, WORDS, role_name
from conformance.suite.campaign import Stamp, run
from conformance.suite.errors import ConformanceError
from conformance.suite.index import Entry
from conformance.suite.setting import Setting
from conformance.verifier.verdict import Finding, InstanceResult, Verdict, worst

WIDTH = 100
"""Columns of the ladder within an explanation."""

SHOWN = 3
"""Instances that an explanation shows with their ladders."""

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def verified(
    captures: Paths,
    setting: Setting,
    *,
    stamp: Stamp | None = None,
    index: dict[str, Entry] | None = None,
) -> Report:
    """Judge files and folders; every instance is in the report, the passing ones too.

    Raises CaptureError, ConformanceError or FlowError for what the user gave.
    """
    given = [captures] if isinstance(captures, str | os.PathLike) else captures
    paths = expand(os.fspath(path) for path in given)
    with Spool() as spool:
        report = run(
            paths, replace(setting, everything=True), spool, stamp or Stamp(""), index=index
        )
        return replace(report, instances=tuple(spool))


def assert_conforms(
    report: Report, flow: str = "", *, requirement: str = "", allow: Iterable[str] = ()
) -> None:
    """Raise AssertionError, with the ladder, unless everything that was judged holds.

    `flow` narrows to one flow, which must then appear; `requirement` to one requirement, which
    must have been judged. Inconclusive is no conformance, unless `allow` holds "inconc"; nothing
    exercised is none either, unless it holds "none". ConformanceError for an unknown name.
    """
    __tracebackhide__ = True
    allowed = _allowed(allow)
    _check_names(report, flow, requirement)
    if report.faults:
        raise AssertionError(f"cpmspec itself failed: {report.faults[0].sentence}")
    absent = [wanted.sentence for wanted in report.expected if not wanted.met]
    if absent:
        raise AssertionError("\n".join(absent))
    if not flow:
        _check_alone(report, requirement)
    instances = [one for one in report.instances if flow in ("", one.flow, *one.also)]
    found = {one.id: _verdict(one, requirement) for one in instances}
    verdict = worst(found.values())
    if verdict is Verdict.PASS or verdict in allowed:
        return
    guilty = [one for one in instances if found[one.id] is verdict]
    raise AssertionError(_told(report, verdict, guilty, flow, requirement))


def _allowed(allow: Iterable[str]) -> set[str]:
    words = {allow} if isinstance(allow, str) else set(allow)
    if wrong := sorted(words - {Verdict.INCONC, Verdict.NONE}):
        raise ConformanceError(f"'{wrong[0]}' is neither inconc nor none", "allow")
    return words


def _check_names(report: Report, flow: str, requirement: str) -> None:
    flows = [one.id for one in report.flows]
    if flow and flow not in flows:
        raise ConformanceError(f"'{flow}' is none of the flows judged: {', '.join(flows)}")
    if requirement and requirement not in {one.id for one in report.requirements}:
        raise ConformanceError(f"'{requirement}' is no requirement of the flows judged")


def _check_alone(report: Report, requirement: str) -> None:
    """What the reference says of roles outside every instance."""
    against = [
        sentence(one.opinion)
        for one in Compared(report).failing()
        if requirement in ("", one.opinion.requirement)
    ]
    if against:
        raise AssertionError(legible("\n".join(against)))


def _verdict(instance: InstanceResult, requirement: str) -> Verdict:
    if not requirement:
        return instance.verdict
    return dict(instance.judged).get(requirement, Verdict.NONE)


def _told(
    report: Report,
    verdict: Verdict,
    guilty: Sequence[InstanceResult],
    flow: str,
    requirement: str,
) -> str:
    paths = ", ".join(capture.path for capture in report.captures)
    about = requirement or flow or "the captures"
    lines = [f"{about}: {WORDS[verdict]} in {paths}"]
    for instance in guilty[:SHOWN]:
        lines += ["", explanation(instance, requirement)]
    if len(guilty) > SHOWN:
        lines += ["", f"{len(guilty) - SHOWN} instances more with this verdict"]
    return legible("\n".join(lines))


def explanation(instance: InstanceResult, requirement: str = "") -> str:
    """What a failed or inconclusive instance looks like: its ladder, its findings, the repair.

    With a requirement only that one's findings are told.
    """
    sign = SIGNS[instance.verdict]
    lines = [f"{sign} {instance.id}  {instance.flow}: {instance.summary}", ""]
    lines += [f"  {line.text}" for line in text_ladder.lines(layout(instance), WIDTH)]
    for finding in told(instance):
        if requirement in ("", finding.requirement):
            lines += ["", *_finding(finding)]
    if instance.reason_code is not None:
        lines += ["", f"  {instance.reason_code}: {REASONS[instance.reason_code]}"]
    if instance.would_settle:
        lines.append(f"  would settle it: {instance.would_settle}")
    if instance.repair:
        lines += ["", f"  shortest repair: {instance.repair}"]
    return legible("\n".join(lines))


def _finding(found: Finding) -> Iterator[str]:
    kind = "consequence: " if found.consequence else ""
    yield f"  {kind}{found.requirement}  ({found.level}, {found.clause})"
    yield f"    {found.sentence}"
    yield from (f"    expected: {text}" for text in found.expected)
    yield f"    observed: {found.observed}"
    yield from (f"    frame:    {ref.frame} at {to_text(ref.time)}" for ref in found.frames)
    if found.role_at_fault is not None:
        yield f"    at fault: {role_name(found.role_at_fault)}"
    yield f"    rule:     {rule(found)}"
