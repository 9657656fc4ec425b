from html.parser import HTMLParser
from io import StringIO

from conformance.report.comparison import Change, Comparison, Difference, Side
from conformance.report.render_comparison import write_html, write_markdown, write_text
from conformance.verifier.verdict import Verdict

EVIL = "</td><script>alert(1)</script> [a](http://b)\x1b"
OLD = Side("1.0.json", "2026-03-01T00:00:00Z", "cpmspec 0.1.0", "cpm", Verdict.PASS, 3)
NEW = Side("1.1.json", "2026-03-02T00:00:00Z", "cpmspec 0.1.0", "cpm", Verdict.FAIL, 3)


def made(detail: str = "pull: INVITE from the client") -> Comparison:
    return Comparison(
        OLD,
        NEW,
        (
            Difference(
                Change.WORSE,
                "requirement",
                "pull/6-7",
                "NOTIFY",
                Verdict.PASS,
                Verdict.FAIL,
                detail,
            ),
            Difference(Change.BETTER, "flow", "push", "Pushing", None, Verdict.PASS),
        ),
        40,
        ("judged by different versions",),
    )


def text(write, comparison: Comparison) -> str:
    file = StringIO()
    write(comparison, file)
    return file.getvalue()


def test_each_form_is_the_same_each_time(golden) -> None:
    golden("comparison.txt", text(write_text, made()))
    golden("comparison.md", text(write_markdown, made()))
    golden("comparison.html", text(write_html, made()))


def test_nothing_different_is_said_in_a_line() -> None:
    same = Comparison(OLD, NEW, (), 42)
    assert text(write_text, same).endswith("0 worse, 0 better, 0 otherwise, 42 as before\n")
    assert "<table" not in text(write_html, same)


def test_markup_of_the_wire_stays_text() -> None:
    page = text(write_html, made(EVIL))
    assert "<script" not in page
    assert "\x1b" not in page
    markdown = text(write_markdown, made(EVIL))
    assert "<script" not in markdown
    assert "](http" not in markdown.replace("\\](", "")


def test_the_page_needs_no_network_and_closes_what_it_opens() -> None:
    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag, attrs) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag) -> None:
            assert self.open.pop() == tag

    reader = Balance()
    reader.feed(text(write_html, made()))
    assert reader.open == []
