from dataclasses import replace
from io import StringIO

from conformance.report.model import Report
from conformance.report.render_markdown import LIMIT, SHOWN, write_markdown
from conformance.verifier.verdict import Verdict
from tests.report.samples import cut_pager, failed_pull, passed_pager, report


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
