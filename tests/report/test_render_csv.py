import csv
from dataclasses import replace
from io import StringIO

from conformance.report.model import OpinionResult, Report
from conformance.report.render_csv import COLUMNS, write_csv
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.samples import cut_pager, failed_pull, passed_pager, report


def text(made: Report) -> str:
    file = StringIO(newline="")
    write_csv(made, file)
    return file.getvalue()


def rows(made: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text(made), newline="")))


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.csv", text(report()))


def test_a_row_for_each_requirement_judged() -> None:
    found = rows(report(failed_pull(), full=False))
    assert [(row["requirement"], row["verdict"]) for row in found] == [
        ("pull/2-3", "pass"),
        ("pull/6-7", "fail"),
    ]
    assert found[1]["frames"] == "1 9"
    assert found[1]["line"] == "31"
    assert found[1]["level"] == "flow"
    assert found[1]["role_at_fault"] == "pf"
    assert tuple(found[0]) == COLUMNS


def test_an_instance_without_requirements_has_its_row() -> None:
    bare = replace(passed_pager(), judged=(), captures=(9,))
    (row,) = rows(report(bare, full=False))
    assert (row["instance_verdict"], row["verdict"], row["requirement"]) == ("pass", "pass", "")


def test_a_formula_of_the_wire_is_no_formula() -> None:
    evil = '=HYPERLINK("http://evil.example")\r\n,"\x00'
    wrong = replace(failed_pull().findings[0], observed=evil)
    made = report(replace(failed_pull(), findings=(wrong,)), full=False)
    observed = rows(made)[1]["observed"]
    assert observed.startswith("'=HYPERLINK")
    assert "\x00" not in observed


def test_a_reason_is_told() -> None:
    found = rows(report(cut_pager(), full=False))
    assert {row["reason_code"] for row in found} == {"capture-ends-early"}
    assert found[1]["verdict"] == Verdict.INCONC


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.csv", text(compared_report()))


def test_what_the_reference_finds_outside_every_instance_has_a_row() -> None:
    silent, unsure = rows(compared_report())[:2]
    assert (silent["requirement"], silent["verdict"]) == ("SD-5.4-consider", "fail")
    assert (silent["instance"], silent["role_at_fault"]) == ("", "pf")
    assert (silent["expected"], silent["observed"]) == ("INVITE sip:alice@example.com", "nothing")
    assert (unsure["requirement"], unsure["reason_code"]) == (
        "reference-client",
        "hop-not-captured",
    )
    assert unsure["capture"] == "lab/second.pcap"


def test_an_opinion_names_no_line_and_no_formula() -> None:
    attached = next(one for one in rows(compared_report()) if one["requirement"].startswith("CF"))
    assert (attached["flow_file"], attached["line"]) == ("", "")
    bad = OpinionResult(replace(silent_pf(), would="=1+1"))
    assert rows(replace(report(), opinions=(bad,)))[0]["expected"] == "'=1+1"
