from dataclasses import replace
from io import StringIO

from conformance.oracle.difference import Difference
from conformance.report.model import OpinionResult, Report
from conformance.report.render_markdown import LIMIT, SHOWN, write_markdown
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import compared_report, silent_pf
from tests.report.samples import cut_pager, failed_pull, joined, passed_pager, report


def text(made: Report, limit: int = LIMIT) -> str:
    file = StringIO()
    write_markdown(made, file, limit=limit)
    return file.getvalue()


def test_the_report_is_the_same_each_time(golden) -> None:
    golden("report.md", text(report()))


def test_the_worst_comes_first() -> None:
    shown = text(report())
    places = [
        shown.index(words)
        for words in (
            "# ✗ FAIL",
            "push was expected",
            "## ✗ Fail",
            "## ? Inconclusive",
            "## Flows",
        )
    ]
    assert places == sorted(places)


def test_it_never_exceeds_its_limit_and_tells_what_is_missing() -> None:
    many = [replace(failed_pull(), id=f"pull-{number}") for number in range(60)]
    for limit in (8_000, 30_000, 100_000):
        shown = text(report(*many, cut_pager()), limit)
        assert len(shown.encode()) <= limit
        assert "sections do not fit here" in shown
        assert "What the verdicts mean" in shown
    assert "## Flows" in text(report(*many), 30_000)


def test_very_many_are_counted() -> None:
    many = [replace(cut_pager(), id=f"p-{number}") for number in range(SHOWN + 7)]
    assert "7 instances more with verdict inconclusive" in text(report(*many))


def test_markup_of_the_wire_stays_text() -> None:
    evil = "</details><script>alert(1)</script> ![x](http://evil.example/) @everyone"
    failed = replace(failed_pull(), summary=evil, title=evil, id=evil, repair=evil)
    shown = text(report(failed, full=False))
    assert "<script" not in shown
    assert "![" not in shown
    assert "@everyone" not in shown
    assert "://evil" not in shown


def test_captures_judged_as_one_are_told() -> None:
    assert "Judged as one with `lab/1.pcapng`: `lab/2.pcapng`." in text(joined())


def test_a_report_of_nothing_is_whole() -> None:
    empty = replace(
        report(passed_pager(), full=False),
        instances=(),
        flows=(),
        captures=(),
        requirements=(),
        verdict=Verdict.NONE,
        relaxed=(),
        made="",
    )
    shown = text(empty)
    assert "no instance of any flow" in shown
    assert "Requirements not met" not in shown


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.md", text(compared_report()))


def test_what_the_reference_finds_outside_every_instance_has_a_section() -> None:
    made = text(compared_report())
    assert "## Compared with the reference implementation" in made
    assert "Comparison with the reference implementation: made, by the preferences of" in made
    assert "- the reference would have sent: INVITE sip:alice&#64;example.com" in made
    assert "Flow and reference disagree: by the flow alone this is pass" in made
    assert "## Compared" not in text(report())


def test_the_fields_of_an_opinion_stay_text() -> None:
    worse = Difference("a|b", "<b>", "[x](http://y)", hard=False)
    bad = OpinionResult(replace(silent_pf(), differences=(worse,), did="# <x>"))
    made = text(replace(report(), opinions=(bad,)))
    assert "| a\\|b | &lt;b&gt; |" in made
    assert "no, it is open" in made
    assert "<x>" not in made


def test_many_opinions_are_counted() -> None:
    many = tuple(OpinionResult(silent_pf()) for _ in range(SHOWN + 3))
    assert "3 differences more: see the JSON report." in text(replace(report(), opinions=many))
