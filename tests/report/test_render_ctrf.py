import json
from dataclasses import replace
from io import StringIO

from conformance.report.model import IndexResult, OpinionResult, Report
from conformance.report.render_ctrf import write_ctrf
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.published import CTRF
from tests.report.samples import cut_pager, failed_pull, passed_pager, report

SUMMARY = {"tests", "passed", "failed", "pending", "skipped", "other", "start", "stop"}
TEST = {
    "id", "name", "status", "duration", "start", "stop", "suite", "message", "trace", "line",
    "rawStatus", "tags", "filePath",
}  # fmt: skip


def text(made: Report) -> str:
    file = StringIO()
    write_ctrf(made, file)
    return file.getvalue()


def results(made: Report) -> dict:
    return json.loads(text(made))["results"]


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.ctrf.json", text(report()))


def test_it_has_the_form_that_is_published() -> None:
    whole = json.loads(text(report()))
    assert whole["reportFormat"] == "CTRF"
    found = whole["results"]
    assert set(found["tool"]) == {"name", "version"}
    assert SUMMARY <= set(found["summary"]) <= SUMMARY | {"extra"}
    counts = [found["summary"][name] for name in SUMMARY - {"tests", "start", "stop"}]
    assert sum(counts) == found["summary"]["tests"] == len(found["tests"])
    for test in found["tests"]:
        assert {"name", "status", "duration"} <= set(test) <= TEST
        assert test["name"]
        assert isinstance(test["duration"], int)
        assert all(isinstance(part, str) for part in test["suite"])


def test_each_verdict_has_its_status() -> None:
    broken = replace(passed_pager(), verdict=Verdict.ERROR)
    none = replace(passed_pager(), verdict=Verdict.NONE)
    made = report(failed_pull(), passed_pager(), cut_pager(), broken, none, full=False)
    found = results(made)["tests"]
    assert [one["status"] for one in found] == ["failed", "passed", "other", "failed", "skipped"]
    assert found[2]["message"].startswith("capture-ends-early: ")
    assert found[0]["message"].startswith("pull/6-7: ")
    assert "expected: NOTIFY" in found[0]["trace"]
    assert found[0]["line"] == 31


def test_a_failure_that_the_index_expects_is_skipped() -> None:
    row = replace(report().index[0], as_expected=True)
    (found, indexed) = results(replace(report(failed_pull(), full=False), index=(row,)))["tests"]
    assert (found["status"], found["rawStatus"]) == ("skipped", "fail")
    assert found["message"].startswith("as the index expects")
    assert indexed["status"] == "passed"


def test_a_test_keeps_its_id_from_run_to_run() -> None:
    one, other = results(report())["tests"], results(replace(report(), made=""))["tests"]
    assert [test["id"] for test in one] == [test["id"] for test in other]
    assert len({test["id"] for test in one}) == len(one)


def test_demands_of_the_run_are_tests() -> None:
    found = {tuple(one["suite"]): one["status"] for one in results(report())["tests"][3:]}
    assert found[("run", "index")] == found[("run", "cpmspec")] == "failed"


def test_controls_of_the_wire_are_spelt_out() -> None:
    evil = replace(cut_pager(), summary="\x1b[31m\u202e", title="\x00", captures=(7,))
    assert "\x1b" not in text(report(evil, full=False))
    assert "\\\\x1b[31m\\\\u202e" in text(report(evil, full=False))


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.ctrf.json", text(compared_report()))


def test_what_the_reference_finds_outside_every_instance_is_a_test_of_its_own() -> None:
    mine = [one for one in results(compared_report())["tests"] if "reference" in one["suite"]]
    assert [one["status"] for one in mine] == ["failed", "other"]
    assert mine[0]["message"].startswith("the reference would have sent INVITE")
    assert [one["rawStatus"] for one in mine] == ["fail", "inconc"]


def test_an_attached_opinion_names_no_file() -> None:
    made = results(compared_report())["tests"][1]
    assert made["message"].startswith("CF-7.3.12-3-conversation-id: ")
    assert "filePath" not in made
    assert "line" not in made


def test_opinions_alone_make_it_red_and_an_index_expects_them() -> None:
    alone = replace(compared_report(), instances=(passed_pager(),))
    assert results(alone)["summary"]["failed"] == 1
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    assert results(replace(alone, index=(row,)))["summary"]["failed"] == 0
    note = OpinionResult(replace(silent_pf(), verdict=Verdict.PASS))
    assert len(results(replace(report(full=False), opinions=(note,)))["tests"]) == 3


def test_it_is_as_the_published_schema_has_it() -> None:
    for made in (report(), report(full=False), compared_report(), replace(report(), made="")):
        CTRF.validate(json.loads(text(made)))
    wrong = json.loads(text(report()))
    wrong["results"]["tests"][0]["verdict"] = "fail"
    assert not CTRF.is_valid(wrong)
