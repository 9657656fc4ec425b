"""The JUnit report: a test suite for each capture, a test case for each instance.

Continuous integration reads it: fail is a failure, error an error, inconc and none are skipped
with their reason code; so is a fail that an index expects.
"""

from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conformance.report.compared import Compared, fields, rule
from conformance.report.expectation import SENTENCE, Expectation
from conformance.report.instant import to_text
from conformance.report.ladder import first_cause
from conformance.report.legible import legible
from conformance.report.model import OpinionResult, Report
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

_NANOSECONDS = 1_000_000_000


def write_junit(report: Report, file: TextIO) -> None:
    """Write the report as JUnit XML."""
    root = Element("testsuites", name=f"{report.tool} {report.version}")
    suites = [
        _suite(root, capture.path, capture.first_time, number)
        for number, capture in enumerate(report.captures)
    ]
    expectation = Expectation(report)
    for instance in report.instances:
        place = instance.captures[0] if instance.captures else 0
        within = suites[place] if place < len(suites) else _suite(root, "captures", None, place)
        _case(within, instance, expected=expectation.met_by(instance))
    _demands(root, report)
    for suite in root:
        _count(suite)
    _count(root)
    indent(root)
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(tostring(root, encoding="unicode") + "\n")


def _suite(root: Element, name: str, time: int | None, number: int) -> Element:
    suite = SubElement(root, "testsuite", name=legible(name), id=str(number))
    if time is not None:
        # JUnit's readers know no zone and no more than milliseconds.
        suite.set("timestamp", to_text(time)[:19])
    return suite


def _case(suite: Element, instance: InstanceResult, *, expected: bool) -> None:
    length = (instance.last_time - instance.first_time) / _NANOSECONDS
    case = SubElement(
        suite,
        "testcase",
        classname=legible(instance.flow),
        name=legible(f"{instance.id}: {instance.title}" if instance.title else instance.id),
        time=f"{length:.3f}",
    )
    match instance.verdict:
        case Verdict.PASS:
            return
        case Verdict.FAIL if expected:
            SubElement(case, "skipped", message=legible(f"fail, {SENTENCE}: {instance.summary}"))
        case Verdict.FAIL:
            _outcome(case, "failure", instance)
        case Verdict.ERROR:
            _outcome(case, "error", instance)
        case Verdict.INCONC | Verdict.NONE:
            reason = instance.reason_code or instance.verdict
            settle = f"; {instance.would_settle}" if instance.would_settle else ""
            SubElement(case, "skipped", message=legible(f"{reason}: {instance.summary}{settle}"))


def _outcome(case: Element, kind: str, instance: InstanceResult) -> None:
    cause = first_cause(instance)
    title = instance.summary if cause is None else f"{cause.requirement}: {cause.observed}"
    outcome = SubElement(case, kind, message=legible(title))
    if cause is not None:
        outcome.set("type", legible(cause.requirement))
    parts = [_finding(found) for found in instance.findings if found.verdict is Verdict.FAIL]
    if instance.repair:
        parts.append(f"shortest repair: {instance.repair}")
    outcome.text = legible("\n\n".join(parts))


def _finding(found: Finding) -> str:
    lines = [
        f"{found.requirement} ({found.level}, {found.clause})",
        f"  {found.sentence}",
        *(f"  expected: {text}" for text in found.expected),
        f"  observed: {found.observed}",
        *(f"  frame {ref.frame} at {to_text(ref.time)}" for ref in found.frames),
    ]
    if found.role_at_fault is not None:
        lines.append(f"  role at fault: {found.role_at_fault}")
    if found.repair:
        lines.append(f"  repair: {found.repair}")
    lines.append(f"  rule: {rule(found)}")
    return "\n".join(lines)


def _demands(root: Element, report: Report) -> None:
    """Beside the instances: expected flows, an index, opinions on none of them; our faults."""
    compared = Compared(report)
    alone = [one for one in compared.alone if one.opinion.verdict is not Verdict.PASS]
    if not (report.expected or report.index or report.faults or alone):
        return
    suite = SubElement(root, "testsuite", name="run", id=str(len(report.captures)))
    for wanted in report.expected:
        case = SubElement(suite, "testcase", classname="expect", name=wanted.flow, time="0.000")
        if not wanted.met:
            SubElement(case, "failure", type="expected-absent", message=legible(wanted.sentence))
    for row in report.index:
        path = report.captures[row.capture].path
        case = SubElement(suite, "testcase", classname="index", name=legible(path), time="0.000")
        if not row.as_expected:
            SubElement(case, "failure", type="not-as-expected", message=legible(row.sentence))
    for one in alone:
        _opinion(suite, one, compared)
    for fault in report.faults:
        name = legible(fault.doing)
        case = SubElement(suite, "testcase", classname="cpmspec", name=name, time="0.000")
        SubElement(case, "error", message=legible(fault.sentence))


def _opinion(suite: Element, result: OpinionResult, compared: Compared) -> None:
    """What the reference says of a role outside every instance."""
    one = result.opinion
    name = legible(f"{one.role} {one.place} at {to_text(one.time)}")
    case = SubElement(suite, "testcase", classname="reference", name=name, time="0.000")
    reason = f"{one.reason_code}: " if one.reason_code else ""
    message = legible(f"{reason}{one.sentence}")
    if not compared.counts(result):
        SubElement(case, "skipped", message=message)
    elif compared.is_expected(result):
        SubElement(case, "skipped", message=f"fail, {SENTENCE}: {message}")
    else:
        kind = legible(one.requirement or f"reference-{one.role}")
        SubElement(case, "failure", type=kind, message=message).text = legible(fields(one))


def _count(element: Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(kind) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
