import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import pytest

from conformance.report.model import Report
from conformance.report.read_json import read_json
from conformance.report.render_html import write_html
from conformance.report.render_json import write_json
from conformance.verifier.verdict import Verdict
from tests.report.samples import cut_pager, failed_pull, passed_pager, report

VOID = {"meta", "link", "br"}


def page(made: Report) -> str:
    file = StringIO()
    write_html(made, file)
    return file.getvalue()


class Reader(HTMLParser):
    """Checks that tags close in order; gathers what the page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "action", "srcset", "data"):
                self.references.append(value)
            if name.startswith("on"):
                self.handlers.append(name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_the_page_is_the_same_each_time(golden) -> None:
    assert page(report()) == page(report())
    golden("report.html", page(report()))


def test_the_page_from_json_is_the_same_page() -> None:
    file = StringIO()
    write_json(report(), file)
    assert page(read_json(file.getvalue())) == page(report())


def test_tags_close_and_ids_are_unique_and_links_lead_somewhere() -> None:
    read = Reader(page(report()))
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    for reference in read.references:
        if reference.startswith("#"):
            assert reference[1:] in read.ids


def test_nothing_leaves_the_page() -> None:
    text = page(report())
    read = Reader(text)
    assert all(reference.startswith(("#", "data:")) for reference in read.references)
    assert not {"script", "iframe", "object", "img", "form"} & set(read.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


EVIL = b"</pre><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J{{ 7*7 }}"


def test_markup_of_the_wire_stays_text() -> None:
    evil = EVIL.decode()
    made = replace(
        failed_pull(),
        title=evil,
        summary=evil,
        user=evil,
        call_ids=(evil,),
        notes=(evil,),
        role_evidence=(evil,),
        repair=evil,
        ladder=tuple(
            replace(line, octets=EVIL, summary=evil, source=evil) for line in failed_pull().ladder
        ),
        findings=tuple(replace(one, observed=evil) for one in failed_pull().findings),
    )
    whole = report(made, passed_pager(EVIL))
    whole = replace(
        whole,
        captures=tuple(replace(one, path=evil) for one in whole.captures),
        roles=(replace(whole.roles[0], address=evil, evidence=evil),),
    )
    text = page(whole)
    read = Reader(text)
    assert read.open == []
    assert read.handlers == []
    assert not {"script", "img"} & set(read.tags)
    assert "\x1b" not in text
    assert "{{ 7*7 }}" in text


def test_no_colour_stands_alone() -> None:
    """Each coloured chip carries a sign and a word, or a number with its word for a reader."""
    text = page(report())
    for chip in re.findall(r'<span class="chip[^>]*>(.*?)</span>', text, re.DOTALL):
        assert re.match(r"[✓✗?–!] ", chip)  # noqa: RUF001 - the signs themselves


def test_a_failed_instance_has_its_ladder_findings_and_messages() -> None:
    text = page(report(failed_pull()))
    for words in ("✗ missing: NOTIFY", "Shortest repair", "At fault", "B.3.6.2_pull.flow:31"):
        assert words in text
    assert text.count("<pre id=") == 6


def test_departures_come_first_and_a_flood_is_cut(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.render_html.SHOWN", 3)
    passing = [passed_pager(id_=f"p{number}") for number in range(6)]
    text = page(replace(report(*passing, failed_pull(), full=False), counted=0))
    assert text.index("pull-1") < text.index("p0")
    assert "4 more instances are counted above but not shown here" in text
    assert 'id="p5"' not in text


def test_a_long_message_is_cut_with_a_word_on_the_rest() -> None:
    text = page(report(passed_pager(b"x" * 100_000)))
    assert "octets more" in text
    assert len(text) < 300_000


def test_reports_without_anything_are_pages_too() -> None:
    empty = replace(
        report(full=False),
        instances=(),
        flows=(),
        captures=(),
        requirements=(),
        roles=(),
        matrix=(),
        made="",
        relaxed=(),
        verdict=Verdict.NONE,
    )
    assert "No instance of any flow was found" in page(empty)


def test_every_verdict_is_in_the_legend() -> None:
    text = page(report(cut_pager()))
    legend = text[text.index('id="legend"') :]
    for words in ("pass", "fail", "inconclusive", "not exercised", "error"):
        assert words in legend


@pytest.mark.chromium
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium")
def test_a_browser_shows_it_without_overflow_on_a_narrow_screen(tmp_path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(report()), "utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        '<iframe id="f" src="report.html" style="width:400px;height:900px"></iframe><p id="w"></p>'
        "<script>f.onload=()=>{const d=f.contentDocument.documentElement;"
        'w.textContent="wide "+d.scrollWidth}</script>',
        "utf-8",
    )
    shown = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            f"file://{frame}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    width = re.search(r"wide (\d+)", shown)
    assert width is not None
    assert int(width[1]) <= 400
