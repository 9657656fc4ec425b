"""The CSV report (RFC 4180): one row for each requirement judged in each listed instance."""

import csv
from collections.abc import Iterator
from typing import TextIO

from conformance.report.compared import Compared, fields
from conformance.report.instant import to_text
from conformance.report.legible import legible
from conformance.report.model import OpinionResult, Report, RequirementResult
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

COLUMNS = (
    "capture",
    "instance",
    "flow",
    "instance_verdict",
    "reason_code",
    "first_time",
    "requirement",
    "level",
    "clause",
    "verdict",
    "expected",
    "observed",
    "frames",
    "role_at_fault",
    "repair",
    "flow_file",
    "line",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(report: Report, file: TextIO) -> None:
    """Write the report; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    known = {one.id: one for one in report.requirements}
    for result in Compared(report).alone:
        writer.writerow([_cell(text) for text in _alone(report, result, known)])
    for instance in report.instances:
        head = _head(report, instance)
        for row in _rows(instance, known):
            writer.writerow([_cell(text) for text in (*head, *row)])


def _cell(text: str) -> str:
    clean = legible(text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def _head(report: Report, instance: InstanceResult) -> tuple[str, ...]:
    paths = [report.captures[one].path for one in instance.captures if one < len(report.captures)]
    return (
        "; ".join(paths),
        instance.id,
        instance.flow,
        instance.verdict,
        instance.reason_code or "",
        to_text(instance.first_time),
    )


def _alone(
    report: Report, result: OpinionResult, known: dict[str, RequirementResult]
) -> tuple[str, ...]:
    """What the reference says of a role outside every instance."""
    one = result.opinion
    entry = known.get(one.requirement)
    paths = [report.captures[at].path for at in result.captures if at < len(report.captures)]
    return (
        *("; ".join(paths), "", "", "", one.reason_code or "", to_text(one.time)),
        one.requirement or f"reference-{one.role}",
        entry.level if entry else "",
        f"{entry.document}, {entry.clause}" if entry else one.clause,
        one.verdict,
        one.would,
        "; ".join(filter(None, (one.did, fields(one)))),
        " ".join(str(ref.frame) for ref in one.frames),
        one.role if one.verdict is Verdict.FAIL else "",
        *("", "", ""),
    )


def _rows(
    instance: InstanceResult, known: dict[str, RequirementResult]
) -> Iterator[tuple[str, ...]]:
    judged = instance.judged or (("", instance.verdict),)
    for requirement, verdict in judged:
        found = _finding(instance, requirement, verdict)
        entry = known.get(requirement)
        level = entry.level if entry else found.level if found else ""
        clause = f"{entry.document}, {entry.clause}" if entry else found.clause if found else ""
        yield (requirement, level, clause, verdict, *_evidence(found))


def _finding(instance: InstanceResult, requirement: str, verdict: Verdict) -> Finding | None:
    """The finding that made the verdict; else any note on this requirement."""
    about = [one for one in instance.findings if one.requirement == requirement]
    exact = [one for one in about if one.verdict is verdict]
    return next(iter(exact or about), None)


def _evidence(found: Finding | None) -> tuple[str, ...]:
    if found is None:
        return ("",) * 7
    return (
        " or ".join(found.expected),
        found.observed,
        " ".join(str(ref.frame) for ref in found.frames),
        found.role_at_fault or "",
        found.repair,
        found.flow_file,
        str(found.line) if found.flow_file else "",
    )
