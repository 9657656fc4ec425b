from dataclasses import replace
from io import StringIO
from xml.etree.ElementTree import Element, fromstring

from conformance.report.model import IndexResult, OpinionResult, Report
from conformance.report.render_junit import write_junit
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.samples import cut_pager, failed_pull, passed_pager, report


def text(made: Report) -> str:
    file = StringIO()
    write_junit(made, file)
    return file.getvalue()


def parsed(made: Report) -> Element:
    return fromstring(text(made).encode())


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.junit.xml", text(report()))


def test_a_suite_a_capture_and_a_case_an_instance() -> None:
    root = parsed(report(full=False))
    assert [suite.get("name") for suite in root] == ["lab/pull.pcapng", "lab/second.pcap"]
    assert [case.get("classname") for case in root[0]] == ["pull", "push-pager", "push-pager"]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "1")


def test_a_failure_tells_its_finding() -> None:
    failure = parsed(report(failed_pull(), full=False)).find(".//failure")
    assert failure is not None
    assert failure.get("type") == "pull/6-7"
    assert failure.text is not None
    for words in ("expected: NOTIFY", "frame 9 at 2026-03-02T09:00:00.090000000Z", "pull.flow:31"):
        assert words in failure.text


def test_a_failure_that_the_index_expects_is_skipped() -> None:
    row = replace(report().index[0], as_expected=True)
    root = parsed(replace(report(failed_pull(), full=False), index=(row,)))
    assert (root.get("failures"), root.get("skipped")) == ("0", "1")
    skipped = root.find(".//skipped")
    assert skipped is not None
    assert skipped.get("message", "").startswith("fail, as the index expects")


def test_an_inconclusive_instance_is_skipped_with_its_reason() -> None:
    skipped = parsed(report(cut_pager(), full=False)).find(".//skipped")
    assert skipped is not None
    assert skipped.get("message", "").startswith("capture-ends-early: ")


def test_what_was_demanded_of_the_run_are_cases_too() -> None:
    suite = parsed(report())[-1]
    assert suite.get("name") == "run"
    assert (suite.get("failures"), suite.get("errors")) == ("2", "1")


def test_an_error_of_ours_is_an_error() -> None:
    from conformance.verifier.verdict import Verdict

    broken = replace(passed_pager(), verdict=Verdict.ERROR, summary="KeyError")
    assert parsed(report(broken, full=False)).get("errors") == "1"


def test_controls_and_markup_of_the_wire_stay_text() -> None:
    evil = replace(cut_pager(), summary='</testcase>\x00\x1b"&\udce9', title="<b>")
    skipped = parsed(report(evil, full=False)).find(".//skipped")
    assert skipped is not None
    assert "</testcase>\\x00\\x1b" in skipped.get("message", "")


def test_an_instance_of_no_known_capture_is_not_lost() -> None:
    lost = replace(passed_pager(), captures=(7,))
    assert parsed(report(lost, full=False)).get("tests") == "1"


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.junit.xml", text(compared_report()))


def test_what_the_reference_finds_outside_every_instance_is_a_case_of_its_own() -> None:
    cases = parsed(compared_report()).findall("testsuite[@name='run']/testcase")
    assert [case.get("classname") for case in cases] == ["reference", "reference"]
    silent, unsure = cases
    failure = silent.find("failure")
    assert failure is not None
    assert failure.get("type") == "SD-5.4-consider"
    assert failure.get("message", "").startswith("the reference would have sent INVITE")
    skipped = unsure.find("skipped")
    assert skipped is not None
    assert skipped.get("message", "").startswith("hop-not-captured: ")


def test_opinions_alone_make_it_red_and_an_index_expects_them() -> None:
    alone = replace(compared_report(), instances=(passed_pager(),))
    assert parsed(alone).get("failures") == "1"
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    assert parsed(replace(alone, index=(row,))).get("failures") == "0"


def test_the_rule_of_an_opinion_is_the_comparison() -> None:
    assert "rule: the reference comparison" in text(compared_report())
    assert "rule: :" not in text(compared_report())


def test_an_opinion_quotes_the_wire_as_text() -> None:
    bad = OpinionResult(replace(silent_pf(), did="]]><x>\x00 &"), captures=(0,))
    assert "]]><x>\\x00 &" in parsed(replace(report(), opinions=(bad,))).findall(
        ".//testcase[@classname='reference']/failure"
    )[0].get("message", "")
