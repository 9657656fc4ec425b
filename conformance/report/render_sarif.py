"""The SARIF 2.1.0 report (OASIS): a rule for each requirement, a result for each finding.

A result stands at the line of the flow file that asks for it, its frames are related locations.
Inconclusive results have the kind `open` (section 3.27.9): not enough was seen to decide.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import TextIO
from urllib.parse import quote

from conformance.report.encode import Json
from conformance.report.expectation import SENTENCE
from conformance.report.legible import legible
from conformance.report.model import Report
from conformance.report.sarif_results import LEVELS, TAGGED, Result, results

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

LISTED = 5_000
"""Results that GitHub keeps of one run; the worst come first."""


def write_sarif(report: Report, file: TextIO) -> None:
    """Write the report as one run, within the limits of GitHub's code scanning."""
    found = results(report)
    shown = list(islice(found, LISTED))
    left_out = sum(1 for _ in found)
    rules = {str(rule["id"]): rule for rule in _rules(report)}
    for result in shown:
        rules.setdefault(result.rule, _rule(result.rule, result.sentence, result.level))
    index = {name: place for place, name in enumerate(rules)}
    run: Json = {
        "tool": {
            "driver": {
                "name": report.tool,
                "version": report.version,
                "rules": list(rules.values()),
            }
        },
        "automationDetails": {"id": f"{report.tool}/{quote(report.profile)}/"},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(report)],
        "artifacts": _artifacts(report),
        "results": [_result(result, index[result.rule]) for result in shown],
        "properties": {
            "verdict": report.verdict,
            "profile": report.profile,
            "resultsNotListed": left_out,
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    json.dump(log, file, ensure_ascii=False, indent=1)
    file.write("\n")


def uri(path: str) -> str:
    """A path as a relative reference, or a file URI when it is absolute (RFC 3986, RFC 8089)."""
    quoted = quote(legible(path.replace("\\", "/")), safe="/~")
    if quoted.startswith("/"):
        return f"file://{quoted}"
    return quoted.removeprefix("./") or "."


def _artifacts(report: Report) -> list[Json]:
    """The captures; one that was given twice once, for they are a set (section 3.14.15)."""
    distinct = dict.fromkeys((uri(one.path), one.octets, one.sha256) for one in report.captures)
    return [
        {"location": {"uri": place}, "length": octets}
        | ({"hashes": {"sha-256": sha256}} if sha256 else {})
        for place, octets, sha256 in distinct
    ]


def _rules(report: Report) -> Iterator[Json]:
    for one in report.requirements:
        made = _rule(one.id, one.sentence, LEVELS[one.level])
        made["shortDescription"] = {"text": legible(f"{one.document} {one.clause}: {one.id}")}
        made["help"] = {"text": legible(f"{one.sentence}\nJudged by: {one.judged_by}")}
        made["properties"] = {"tags": [TAGGED, str(one.level)], "precision": "very-high"}
        yield made


def _rule(name: str, sentence: str, level: str) -> Json:
    return {
        "id": legible(name),
        "shortDescription": {"text": legible(name)},
        "fullDescription": {"text": legible(sentence or name)[:1_024]},
        "defaultConfiguration": {"level": "note" if level == "none" else level},
        "properties": {"tags": [TAGGED]},
    }


def _invocation(report: Report) -> Json:
    made: Json = {"executionSuccessful": not report.faults}
    if report.made:
        made["endTimeUtc"] = report.made
    if report.faults:
        made["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": legible(f"{one.doing}: {one.sentence}")}}
            for one in report.faults
        ]
    return made


def _result(result: Result, rule: int) -> Json:
    physical: Json = {"artifactLocation": {"uri": uri(result.file)}}
    if result.line:
        physical["region"] = {"startLine": result.line}
    made: Json = {
        "ruleId": legible(result.rule),
        "ruleIndex": rule,
        "kind": "open" if result.level == "none" else "fail",
        "level": result.level,
        "message": {"text": result.message},
        "locations": [{"physicalLocation": physical}],
        # GitHub follows an alert from run to run by this one; frames and times are not in it.
        "partialFingerprints": {"primaryLocationLineHash": f"{result.fingerprint}:1"},
        "properties": {"flow": result.flow, "instance": legible(result.instance)},
    }
    if result.expected:
        made["suppressions"] = [{"kind": "external", "justification": SENTENCE}]
    if result.frames:
        made["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": {"artifactLocation": {"uri": uri(path)}},
                "message": {"text": sentence},
            }
            for number, (path, sentence) in enumerate(result.frames, 1)
        ]
    return made
