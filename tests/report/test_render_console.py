from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from conformance.report.model import IndexResult, OpinionResult, Report
from conformance.report.render_console import SHOWN, write_console
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, other_conversation
from tests.report.samples import cut_pager, failed_pull, joined, passed_pager, report


def text(made: Report, width: int = 110) -> str:
    file = StringIO()
    write_console(made, file, width=width)
    return file.getvalue()


class Terminal(StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.txt", text(report()))


def test_a_departure_is_told_with_its_evidence() -> None:
    shown = text(report(failed_pull(), full=False))
    for words in (
        "✗ pull-1",
        "◀━ here",
        SENTENCE,
        "expected: NOTIFY",
        "observed: INVITE",
        "9 at 2026-03-02T09:00:00.090000000Z",
        "at fault: Participating Function",
        "repair:   insert NOTIFY",
        "B.3.6.2_pull.flow:31",
        "consequence: pull/10-11",
        "shortest repair: Frame 9",
    ):
        assert words in shown


SENTENCE = "CPM Participating Function A sends a SIP NOTIFY request to CPM Client A."


def test_an_inconclusive_instance_says_what_would_settle_it() -> None:
    shown = text(report(cut_pager(), full=False))
    assert "capture-ends-early: the capture ends before the flow does" in shown
    assert "would settle it: the answer to frame 22" in shown


def test_off_a_terminal_it_is_plain_text() -> None:
    file = StringIO()
    write_console(report(), file)
    assert "\x1b" not in file.getvalue()


def test_a_terminal_has_colour_unless_told_otherwise(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    write_console(report(), coloured, width=110)
    assert "\x1b[" in coloured.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    write_console(report(), plain, width=110)
    assert "\x1b[3" not in plain.getvalue()


def test_the_wire_cannot_steer_the_terminal() -> None:
    evil = replace(
        failed_pull(),
        summary="\x1b]0;owned\x07 [bold]not markup[/bold]",
        repair="\x9b31m",
        user="\x1b[2J",
    )
    shown = text(report(evil, full=False))
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "[bold]not markup[/bold]" in shown


def test_a_terminal_without_unicode_gets_ascii() -> None:
    octets = BytesIO()
    file = TextIOWrapper(octets, encoding="ascii")
    write_console(report(), file, width=110)
    file.flush()
    assert octets.getvalue().isascii()
    assert b"x FAIL" in octets.getvalue()


def test_a_flood_of_departures_is_cut_with_a_word_on_the_rest() -> None:
    many = [replace(failed_pull(), id=f"f{number}") for number in range(SHOWN + 3)]
    shown = text(report(*many, full=False))
    assert f"f{SHOWN - 1}  " in shown
    assert f"f{SHOWN}  " not in shown
    assert "3 instances more with verdict fail" in shown


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_last_line_is_the_verdict(verdict: Verdict) -> None:
    made = replace(report(passed_pager(), full=False), verdict=verdict)
    last = text(made).splitlines()[-1]
    assert last.split("  ")[0].split(" ", 1)[1].isupper()


def test_nothing_found_is_said() -> None:
    made = replace(report(full=False), instances=(), flows=(), verdict=Verdict.NONE, captures=())
    assert "No flow of the specification appears" in text(made)


def test_many_gaps_are_counted() -> None:
    made = report(full=False)
    gaps = made.captures[0].gaps * 9
    shown = text(replace(made, captures=(replace(made.captures[0], gaps=gaps),)))
    assert "4 gaps more" in shown


def test_captures_judged_as_one_are_told_once() -> None:
    shown = text(joined())
    assert shown.count("judged as one with lab/2.pcapng") == 1
    assert "judged as one with lab/1.pcapng" not in shown


def test_what_the_index_expects_is_counted_and_not_told() -> None:
    made = report(failed_pull(), full=False)
    row = replace(report().index[0], capture=0, as_expected=True, sentence="")
    shown = text(replace(made, index=(row,)))
    assert "1 capture as the index expects: " in shown
    assert "✗ pull-1" not in shown
    assert shown.splitlines()[-1].startswith("✓ AS EXPECTED")


def test_what_the_index_does_not_expect_is_told() -> None:
    made = report(failed_pull(), full=False)
    row = replace(report().index[0], capture=0)
    shown = text(replace(made, index=(row,)))
    assert "✗ pull-1" in shown
    assert "index: 0 of 1 captures as expected" in shown
    assert shown.splitlines()[-1].startswith("✗ NOT AS EXPECTED")


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.txt", text(compared_report()))


def test_flow_and_reference_are_told_beside_one_another() -> None:
    made = text(compared_report())
    assert "Flow and reference disagree: by the flow alone this is pass" in made
    assert "rule:     the reference comparison" in made
    assert "✗ Participating Function 10.0.3.1: the reference would have sent INVITE" in made
    assert "? CPM Client 10.0.2.20: the reference would have sent BYE" in made
    assert "made, by the preferences of lab/alice.xml" in made
    assert "reference" not in text(report())


def test_the_fields_of_an_opinion_are_listed_and_what_is_too_much_is_counted() -> None:
    one = OpinionResult(other_conversation())
    made = text(replace(compared_report(), opinions=(one,) * (SHOWN + 2)))
    assert "sdp.setup: active expected, actpass seen  (open)" in made
    assert "frames:   21 at" in made
    assert "2 differences more" in made


def test_opinions_that_an_index_expects_are_not_told() -> None:
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    made = text(replace(compared_report(), index=(row,)))
    assert "INVITE sip:alice@example.com" not in made
    assert "BYE sip:pf@example.com" in made
