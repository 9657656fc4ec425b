import json
from dataclasses import replace
from io import StringIO
from urllib.parse import urlsplit

import pytest

from conformance.report.model import IndexResult, OpinionResult, Report
from conformance.report.render_sarif import LISTED, uri, write_sarif
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.published import SARIF
from tests.report.samples import failed_pull, passed_pager, report


def text(made: Report) -> str:
    file = StringIO()
    write_sarif(made, file)
    return file.getvalue()


def run(made: Report) -> dict:
    log = json.loads(text(made))
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    return only


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.sarif", text(report()))


def test_every_result_names_its_rule_and_a_place() -> None:
    made = run(report())
    rules = made["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert len(rule["fullDescription"]["text"]) <= 1_024
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"] == "fail") == (result["level"] != "none")
        place = result["locations"][0]["physicalLocation"]
        assert urlsplit(place["artifactLocation"]["uri"]).scheme in ("", "file")
        assert place.get("region", {"startLine": 1})["startLine"] >= 1
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        ids = [one["id"] for one in result.get("relatedLocations", [])]
        assert ids == sorted(set(ids))


def test_our_faults_are_notifications() -> None:
    (invocation,) = run(report())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "KeyError" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    (clean,) = run(report(full=False))["invocations"]
    assert clean == {"executionSuccessful": True, "endTimeUtc": "2026-03-03T10:00:00Z"}


def test_it_keeps_within_what_github_takes() -> None:
    cause = failed_pull().findings[0]
    many = replace(failed_pull(), findings=(cause,) * (LISTED + 3), ladder=(), steps=())
    made = run(report(many, full=False))
    assert len(made["results"]) == LISTED
    assert made["properties"]["resultsNotListed"] == 3


def test_what_the_index_expects_is_suppressed() -> None:
    row = replace(report().index[0], as_expected=True)
    (cause, later) = run(replace(report(failed_pull(), full=False), index=(row,)))["results"]
    assert cause["suppressions"] == later["suppressions"]
    assert cause["suppressions"][0]["kind"] == "external"


def test_frames_are_limited() -> None:
    cause = failed_pull().findings[0]
    many = replace(failed_pull(), findings=(replace(cause, frames=cause.frames * 600),))
    assert len(run(report(many, full=False))["results"][0]["relatedLocations"]) <= 100


def test_nothing_wrong_is_an_empty_list() -> None:
    assert run(report(passed_pager(), full=False))["results"] == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("lab/pull.pcapng", "lab/pull.pcapng"),
        ("./lab/a b.pcap", "lab/a%20b.pcap"),
        ("/srv/a.pcap", "file:///srv/a.pcap"),
        ("lab\\a.pcap", "lab/a.pcap"),
        ("a:b?c#d", "a%3Ab%3Fc%23d"),
        ("\udce9.pcap", "%5Cxe9.pcap"),
    ],
)
def test_a_path_is_a_reference(path, shown) -> None:
    assert uri(path) == shown


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.sarif", text(compared_report()))


def test_an_opinion_stands_at_its_capture_for_want_of_a_flow_file() -> None:
    found = run(compared_report())["results"]
    mine = [one for one in found if one["ruleId"] in ("SD-5.4-consider", "reference-client")]
    assert [(one["kind"], one["level"]) for one in mine] == [("fail", "error"), ("open", "none")]
    attached = [one for one in found if one["properties"]["instance"] == "push-pager-1"]
    for one in (*mine, *attached):
        place = one["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] in ("lab/pull.pcapng", "lab/second.pcap")
        assert "region" not in place
    assert attached[0]["ruleId"] == "CF-7.3.12-3-conversation-id"


def test_opinions_alone_make_it_red_and_an_index_expects_them() -> None:
    alone = replace(compared_report(), instances=(passed_pager(),))
    (red,) = [one for one in run(alone)["results"] if one["level"] == "error"]
    assert "suppressions" not in red
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    (grey,) = [
        one for one in run(replace(alone, index=(row,)))["results"] if one["level"] == "error"
    ]
    assert grey["suppressions"]


def test_an_opinion_of_another_run_has_the_same_fingerprint() -> None:
    later = OpinionResult(replace(silent_pf(), time=silent_pf().time + 1), captures=(0,))
    prints = [
        run(replace(report(passed_pager(), full=False), opinions=(one,)))["results"][0][
            "partialFingerprints"
        ]
        for one in (OpinionResult(silent_pf(), captures=(0,)), later)
    ]
    assert prints[0] == prints[1]


def test_it_is_as_the_published_schema_has_it() -> None:
    whole = report()
    expected = replace(whole.index[0], as_expected=True)
    for made in (
        whole,
        report(full=False),
        compared_report(),
        replace(whole, index=(expected,), made=""),
        replace(whole, captures=(whole.captures[0], whole.captures[0])),
        replace(whole, captures=(), instances=(), index=(), expected=()),
    ):
        SARIF.validate(json.loads(text(made)))
    wrong = json.loads(text(whole))
    wrong["runs"][0]["results"][0]["frames"] = []
    assert not SARIF.is_valid(wrong)
