"""The JSON report: the one truth, from which every other report can be rendered again."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import TextIO

from conformance.report import encode
from conformance.report.legible import legible
from conformance.report.model import SCHEMA, Report
from conformance.verifier.verdict import Verdict


def schema() -> str:
    """The published JSON Schema (2020-12) of the report."""
    return resources.files("conformance.report").joinpath("schema.json").read_text("utf-8")


def write_json(report: Report, file: TextIO) -> None:
    """Write the report, one instance at a time."""
    for piece in pieces(report):
        file.write(piece)


def pieces(report: Report) -> Iterator[str]:
    """The report's text in pieces: equal reports give equal octets."""
    yield "{\n"
    for name, value in _before(report):
        yield f' "{name}": {_dump(value)},\n'
    yield ' "instances": ['
    separator = "\n  "
    for instance in report.instances:
        yield separator + _dump(encode.instance(instance))
        separator = ",\n  "
    yield "\n ],\n" if len(report.instances) else "],\n"
    rest = list(_behind(report))
    for place, (name, value) in enumerate(rest, 1):
        yield f' "{name}": {_dump(value)}{"," if place < len(rest) else ""}\n'
    yield "}\n"


def _dump(value: object) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    # One member a line: two reports can be compared line by line.
    members = ",\n  ".join(json.dumps(member, ensure_ascii=False) for member in value)
    return f"[\n  {members}\n ]"


def _before(report: Report) -> Iterator[tuple[str, object]]:
    yield "schema", SCHEMA
    yield "tool", {"name": report.tool, "version": report.version}
    yield "made", report.made
    yield "profile", report.profile
    yield "strict", report.strict
    yield "relaxed", [legible(text) for text in report.relaxed]
    yield "flows_sha256", report.flows_sha256
    yield "compared", report.compared
    yield "preferences", legible(report.preferences)
    yield "selection", [legible(text) for text in report.selection]
    yield "verdict", report.verdict
    yield "totals", {verdict: report.total(verdict) for verdict in Verdict}
    yield "counted", report.counted
    yield "captures", [encode.capture(one) for one in report.captures]
    yield "flows", [encode.flow(one) for one in report.flows]
    yield (
        "matrix",
        [
            {"capture": cell.capture, "flow": cell.flow, "counts": encode.counts(cell.counts)}
            for cell in report.matrix
        ],
    )


def _behind(report: Report) -> Iterator[tuple[str, object]]:
    yield "requirements", [encode.requirement(one) for one in report.requirements]
    yield (
        "roles",
        [
            {
                "role": note.role,
                "address": legible(note.address),
                "evidence": legible(note.evidence),
                "given": note.given,
            }
            for note in report.roles
        ],
    )
    yield "opinions", [encode.opinion(one) for one in report.opinions]
    yield "devices", [encode.device(one) for one in report.devices]
    yield (
        "particulars",
        [{"name": name, "value": legible(value)} for name, value in report.particulars],
    )
    yield "expected", [encode.expected(one) for one in report.expected]
    yield "near_misses", [encode.near_miss(one) for one in report.near_misses]
    yield "index", [encode.index(one) for one in report.index]
    yield "faults", [encode.fault(one) for one in report.faults]
