"""The CTRF report (Common Test Report Format, ctrf.io): one test for each listed instance.

Inconclusive is `other`, never `skipped`: it was tried and stays in the denominator.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TextIO
from uuid import NAMESPACE_URL, uuid5

from conformance.report.compared import Compared, fields, is_reference
from conformance.report.encode import Json
from conformance.report.expectation import SENTENCE, Expectation
from conformance.report.instant import to_text
from conformance.report.ladder import first_cause
from conformance.report.legible import legible
from conformance.report.model import OpinionResult, Report
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

SPEC_VERSION = "0.0.0"
"""The format has published no other version yet."""

STATUSES = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "failed",
    Verdict.INCONC: "other",
    Verdict.NONE: "skipped",
}

_NANOSECONDS = 1_000_000


def write_ctrf(report: Report, file: TextIO) -> None:
    """Write the report; times in milliseconds since 1970."""
    expectation = Expectation(report)
    tests = [_test(report, one, expected=expectation.met_by(one)) for one in report.instances]
    tests.extend(_demands(report))
    made: Json = {"reportFormat": "CTRF", "specVersion": SPEC_VERSION}
    if report.made:
        made["timestamp"] = report.made
    made["generatedBy"] = report.tool
    made["results"] = {
        "tool": {"name": report.tool, "version": report.version},
        "summary": _summary(report, tests),
        "tests": tests,
        "environment": {"extra": _environment(report)},
    }
    json.dump(made, file, ensure_ascii=False, indent=1)
    file.write("\n")


def _summary(report: Report, tests: list[Json]) -> Json:
    counts = Counter(str(test["status"]) for test in tests)
    begins = [one.first_time for one in report.captures if one.first_time is not None]
    ends = [one.last_time for one in report.captures if one.last_time is not None]
    return {
        "tests": len(tests),
        **{name: counts[name] for name in ("passed", "failed", "pending", "skipped", "other")},
        "start": min(begins, default=0) // _NANOSECONDS,
        "stop": max(ends, default=0) // _NANOSECONDS,
        "extra": {"verdict": report.verdict, "passing_instances_not_listed": report.counted},
    }


def _environment(report: Report) -> Json:
    return {
        "profile": report.profile,
        "strict": report.strict,
        "captures": [{"path": legible(one.path), "sha256": one.sha256} for one in report.captures],
    }


def _test(report: Report, instance: InstanceResult, *, expected: bool) -> Json:
    place = instance.captures[0] if instance.captures else 0
    path = report.captures[place].path if place < len(report.captures) else "captures"
    made: Json = {
        "id": _id(path, instance.id),
        "name": legible(f"{instance.id}: {instance.title}" if instance.title else instance.id),
        "status": STATUSES[instance.verdict],
        "duration": (instance.last_time - instance.first_time) // _NANOSECONDS,
        "start": instance.first_time // _NANOSECONDS,
        "stop": instance.last_time // _NANOSECONDS,
        "suite": [legible(path), legible(instance.flow)],
        "rawStatus": instance.verdict,
        "tags": [legible(instance.flow)],
    }
    if expected and instance.verdict is Verdict.FAIL:
        made |= {"status": "skipped", "message": legible(f"{SENTENCE}: {instance.summary}")}
    elif instance.verdict is not Verdict.PASS:
        made |= _why(instance)
    return made


def _why(instance: InstanceResult) -> Json:
    cause = first_cause(instance)
    if instance.verdict is not Verdict.FAIL or cause is None:
        reason = f"{instance.reason_code}: " if instance.reason_code else ""
        settle = f"; would settle it: {instance.would_settle}" if instance.would_settle else ""
        return {"message": legible(f"{reason}{instance.summary}{settle}")}
    failed = [one for one in instance.findings if one.verdict is Verdict.FAIL]
    return {
        "message": legible(f"{cause.requirement}: {cause.observed}"),
        "trace": legible("\n\n".join("\n".join(_lines(one)) for one in failed)),
        **({} if is_reference(cause) else {"filePath": cause.flow_file, "line": cause.line}),
    }


def _lines(found: Finding) -> Iterator[str]:
    yield f"{found.requirement} ({found.level}, {found.clause}): {found.sentence}"
    for text in found.expected:
        yield f"  expected: {text}"
    yield f"  observed: {found.observed}"
    for ref in found.frames:
        yield f"  frame {ref.frame} at {to_text(ref.time)}"
    if found.repair:
        yield f"  repair: {found.repair}"


def _demands(report: Report) -> Iterator[Json]:
    """Beside the instances: expected flows, an index, opinions on none of them; our faults."""
    for wanted in report.expected:
        yield _demand("expect", wanted.flow, "" if wanted.met else wanted.sentence)
    for row in report.index:
        path = report.captures[row.capture].path
        yield _demand("index", path, "" if row.as_expected else row.sentence)
    compared = Compared(report)
    for one in compared.alone:
        yield from _opinion(one, compared)
    for fault in report.faults:
        yield _demand("cpmspec", fault.doing, fault.sentence)


def _opinion(result: OpinionResult, compared: Compared) -> Iterator[Json]:
    """What the reference says of a role outside every instance; notes are no tests."""
    one = result.opinion
    if one.verdict is Verdict.PASS:
        return
    made = _demand("reference", f"{one.role} {one.place} at {to_text(one.time)}", one.sentence)
    made["rawStatus"] = one.verdict
    if details := fields(one):
        made["trace"] = legible(details)
    if not compared.counts(result):
        made["status"] = "other"
    elif compared.is_expected(result):
        made |= {"status": "skipped", "message": legible(f"{SENTENCE}: {one.sentence}")}
    yield made


def _demand(kind: str, name: str, wrong: str) -> Json:
    made: Json = {
        "id": _id(kind, name),
        "name": legible(name),
        "status": "failed" if wrong else "passed",
        "duration": 0,
        "suite": ["run", kind],
    }
    if wrong:
        made["message"] = legible(wrong)
    return made


def _id(suite: str, name: str) -> str:
    """The same test has the same id in every run."""
    return str(uuid5(NAMESPACE_URL, legible(f"cpmspec:{suite}#{name}")))
