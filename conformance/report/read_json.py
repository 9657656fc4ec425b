"""JSON back to a report, so that it can be rendered again later and elsewhere."""

import json

from conformance.report import decode
from conformance.report.model import SCHEMA, CaptureFlow, Report
from conformance.report.place import Place, ReportError
from conformance.verifier.verdict import Verdict


def read_json(text: str) -> Report:
    """The report that the text holds; ReportError where it holds none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError("", f"this is no JSON: {error}") from None
    at = Place(value)
    found = at.text("schema", "") if isinstance(value, dict) else ""
    if found != SCHEMA:
        raise ReportError("schema", f"{SCHEMA} is expected, this is {found or 'something else'}")
    report = _report(at)
    for number, row in enumerate(report.index):
        if not 0 <= row.capture < len(report.captures):
            raise ReportError(f"index[{number}].capture", "there is no such capture")
    return report


def _report(at: Place) -> Report:
    tool = at.at("tool")
    return Report(
        tool=tool.text("name"),
        version=tool.text("version"),
        made=at.text("made", ""),
        profile=at.text("profile"),
        strict=at.flag("strict"),
        relaxed=at.texts("relaxed"),
        verdict=at.choice("verdict", Verdict),
        captures=at.each("captures", decode.capture),
        instances=at.each("instances", decode.instance),
        counted=at.number("counted", 0),
        flows=at.each("flows", decode.flow),
        matrix=at.each("matrix", _cell),
        requirements=at.each("requirements", decode.requirement),
        roles=at.each("roles", decode.role),
        expected=at.each("expected", decode.expected),
        near_misses=at.each("near_misses", decode.near_miss),
        index=at.each("index", decode.index),
        faults=at.each("faults", decode.fault),
        selection=at.texts("selection"),
        devices=at.each("devices", decode.device),
        particulars=at.each("particulars", decode.particular),
        flows_sha256=at.text("flows_sha256", ""),
        opinions=at.each("opinions", decode.opinion),
        compared=at.flag("compared"),
        preferences=at.text("preferences", ""),
    )


def _cell(at: Place) -> CaptureFlow:
    return CaptureFlow(at.number("capture"), at.text("flow"), decode.counts(at))
