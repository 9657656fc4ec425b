import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO

import pytest

from conformance.cpm.role import Role
from conformance.oracle.difference import Difference
from conformance.report.model import IndexResult, OpinionResult
from conformance.report.read_json import read_json
from conformance.report.render_json import write_json
from conformance.report.wording import SIGNS
from conformance.verifier.verdict import Reason, Verdict
from tests.report.opened import index, page, records, unpacked
from tests.report.opinion_samples import compared_report, other_conversation
from tests.report.samples import cut_pager, failed_pull, joined, passed_pager, report

VOID = {"meta", "link", "br", "input"}


class Reader(HTMLParser):
    """Checks that tags close in order; gathers what the page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.handlers: list[str] = []
        self.styles: list[str] = []
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
            if name == "style":
                self.styles.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def readers(text: str) -> list[Reader]:
    """The page, and every page within it."""
    return [Reader(text), *(Reader(record.html) for record in records(text).values())]


def test_the_page_is_the_same_each_time(golden) -> None:
    """The golden file holds what is packed as plain text: deflate may differ from zlib to zlib."""
    assert page(report()) == page(report())
    golden("report.html", unpacked(page(report())))


def test_captures_judged_as_one_are_told() -> None:
    shown = page(joined())
    for name in ("1.pcapng", "2.pcapng"):
        assert re.search(rf"judged as one with <code>[^<]*{name}</code>", shown)


def test_the_page_from_json_is_the_same_page() -> None:
    file = StringIO()
    write_json(report(), file)
    assert page(read_json(file.getvalue())) == page(report())


def test_tags_close_and_ids_are_unique_and_links_lead_somewhere() -> None:
    text = page(report())
    whole, *parts = readers(text)
    known = set(records(text))
    for read in (whole, *parts):
        assert read.open == []
        assert len(read.ids) == len(set(read.ids))
        for reference in read.references:
            target = reference.removeprefix("#")
            found = re.match(r"i=([^&]+)", target)
            assert (
                found[1] in known
                if found
                else "=" in target or target in whole.ids or (reference == "data:,")
            )


def test_nothing_leaves_the_page() -> None:
    text = page(report())
    whole, *parts = readers(text)
    for read in (whole, *parts):
        assert all(reference.startswith(("#", "data:")) for reference in read.references)
        assert not {"iframe", "object", "img"} & set(read.tags)
        assert read.styles == []
    for read in parts:
        assert not {"script", "form", "style", "link", "meta"} & set(read.tags)
    for word in ("url(", "@import", "fetch(", "XMLHttpRequest", "import(", "eval("):
        assert word not in text
    assert "default-src 'none'" in text


def test_the_policy_admits_our_script_and_style_alone() -> None:
    text = page(report())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "unsafe" not in policy[1]
    for tag in ("script", "style"):
        own = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(own) == 1
        digest = b64encode(sha256(own[0].encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1].replace("'", "&#39;")


EVIL = b"</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J{{ 7*7 }}"


def evil_report():
    evil = EVIL.decode()
    made = replace(
        failed_pull(),
        id=f"pull-{evil}",
        title=evil,
        summary=evil,
        user=evil,
        call_ids=(evil,),
        notes=(evil,),
        role_evidence=(evil,),
        repair=evil,
        ladder=tuple(
            replace(line, octets=line.octets + EVIL, summary=evil, source=evil)
            for line in failed_pull().ladder
        ),
        findings=tuple(replace(one, observed=evil) for one in failed_pull().findings),
    )
    whole = report(made, passed_pager(EVIL))
    return replace(
        whole,
        captures=tuple(replace(one, path=evil) for one in whole.captures),
        roles=(replace(whole.roles[0], address=evil, evidence=evil),),
        devices=tuple(replace(one, product=evil, instance=evil) for one in whole.devices),
        particulars=(("product", evil),),
    )


def test_markup_of_the_wire_stays_text() -> None:
    text = page(evil_report())
    whole, *parts = readers(text)
    for read in (whole, *parts):
        assert read.open == []
        assert read.handlers == []
        assert not {"img"} & set(read.tags)
    assert all("script" not in read.tags for read in parts)
    assert whole.tags.count("script") == 2 + text.count('id="block-')
    assert "\x1b" not in unpacked(text)
    assert "{{ 7*7 }}" in text


def test_no_colour_stands_alone() -> None:
    """Each coloured chip carries a sign and a word, or a number with its word for a reader."""
    text = unpacked(page(report()))
    for chip in re.findall(r'<span class="chip[^>]*>(.*?)</span>', text, re.DOTALL):
        assert re.match(r"[✓✗?–!] ", chip)  # noqa: RUF001 - the signs themselves


def test_a_failed_instance_has_its_ladder_findings_and_messages() -> None:
    html = records(page(report(failed_pull())))["pull-1"].html
    for words in (
        "✗ missing: NOTIFY",
        "not captured: ",
        "Shortest repair",
        "At fault",
        "B.3.6.2_pull.flow:31",
        "frame.number == 9",
        'aria-label="finding 1"',
    ):
        assert words in html
    assert html.count("data-octets=") == 6


def test_the_octets_of_a_message_are_found_in_the_capture() -> None:
    made = passed_pager(b"\x00\xff binary")
    record = records(page(report(made)))["push-pager-1"]
    assert [record.message(number) for number in range(4)] == [line.octets for line in made.ladder]


def test_an_inconclusive_instance_says_what_would_settle_it() -> None:
    html = records(page(report(cut_pager())))["push-pager-2"].html
    assert "capture-ends-early" in html
    assert "the answer to frame 22, up to 128 s after it" in html


def test_departures_come_first_and_a_flood_is_cut(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.render_html.SHOWN", 3)
    passing = [passed_pager(id_=f"p{number}") for number in range(6)]
    text = page(replace(report(*passing, failed_pull(), full=False), counted=0))
    assert [row[0] for row in index(text)["rows"]] == ["pull-1", "p0", "p1"]
    assert list(records(text)) == ["pull-1", "p0", "p1"]
    assert "4 more instances are counted above but not shown here" in text


def test_pages_spread_over_several_blocks(monkeypatch) -> None:
    monkeypatch.setattr("conformance.report.pages.BLOCK", 20_000)
    made = [passed_pager(id_=f"p{number}") for number in range(12)]
    text = page(report(*made, full=False))
    assert text.count('id="block-') > 2
    assert all(one.id in records(text)[one.id].html for one in made)


def test_the_index_knows_flows_requirements_and_captures() -> None:
    found = index(page(report()))
    row = next(row for row in found["rows"] if row[0] == "pull-1")
    assert found["flows"][row[1]] == "pull"
    assert row[2] == "fail"
    assert row[7] == [0]
    assert [found["requirements"][at] for at in row[8]] == ["pull/6-7"]
    assert "c1@10.0.2.20" in row[9]


def test_a_long_message_is_cut_with_a_word_on_the_rest() -> None:
    text = page(report(passed_pager(b"x" * 100_000)))
    assert "more fields" not in text
    assert 'data-total="100' in records(text)["push-pager-1"].html
    assert len(text) < 300_000


def test_devices_and_their_verdicts_are_shown() -> None:
    text = page(report())
    assert "Talk/1.0" in text
    assert "1 failed through others" in text


def test_nothing_exercised_claims_nothing() -> None:
    made = report()
    idle = tuple(
        replace(one, verdict=Verdict.NONE, counts={}, reason_code=Reason.NOT_EXERCISED)
        for one in made.flows
    )
    rows = tuple(replace(one, verdict=Verdict.NONE, counts={}) for one in made.requirements)
    text = page(replace(made, verdict=Verdict.NONE, flows=idle, instances=(), requirements=rows))
    assert f"<b>{len(idle)}</b>{SIGNS[Verdict.NONE]} flows not exercised" in text
    assert "No requirement could be judged." in text
    assert "the test campaign tells nothing of errors" in text


@pytest.mark.parametrize(
    ("as_expected", "words"),
    [(True, "Every capture yields what the index says."), (False, "Not every capture yields")],
)
def test_the_banner_says_whether_all_is_as_the_index_expects(as_expected, words) -> None:
    made = report()
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", as_expected, "")
    assert words in page(replace(made, index=(row,))).partition("</div>")[0]
    assert "the index says" not in page(replace(made, index=())).partition("</div>")[0]


def test_what_does_not_apply_is_in_no_denominator_and_inconclusive_is() -> None:
    made = report()
    unsure = replace(
        made.requirements[0],
        id="push-pager/4-5",
        verdict=Verdict.INCONC,
        counts={Verdict.INCONC: 1},
    )
    text = page(replace(made, requirements=(*made.requirements, unsure)))
    assert "0 of 2 requirements judged are met; 1 of the 2 are inconclusive; 1 are broken" in text


def test_the_form_of_x294_is_filled_in() -> None:
    text = page(replace(report(), particulars=(("product", "Talk for feature phones"),)))
    form = text[text.index('aria-labelledby="form"') :]
    for words in (
        "Talk for feature phones",
        "has shown the traffic to depart",
        "revealed errors",
        "2026-03-02 09:00:00.000 to",
    ):
        assert words in form


def test_reports_without_anything_are_pages_too() -> None:
    empty = replace(
        report(full=False),
        instances=(),
        flows=(),
        captures=(),
        requirements=(),
        roles=(),
        devices=(),
        matrix=(),
        made="",
        relaxed=(),
        verdict=Verdict.NONE,
    )
    assert "No instance of any flow was found" in page(empty)


def test_a_message_between_names_that_are_no_addresses_has_no_packet() -> None:
    made = passed_pager()
    odd = tuple(replace(line, source="pf.example.com", sender=Role.PF) for line in made.ladder)
    record = records(page(report(replace(made, ladder=odd))))["push-pager-1"]
    assert record.capture == b""
    assert "data-download" not in record.html
    assert record.message(0) == odd[0].octets


def test_every_verdict_is_in_the_legend() -> None:
    text = page(report(cut_pager()))
    legend = text[text.index('id="legend"') :]
    for words in ("pass", "fail", "inconclusive", "not exercised", "error"):
        assert words in legend


def test_opinions_have_their_golden_file(golden) -> None:
    golden("opinions.html", unpacked(page(compared_report())))


def test_the_page_of_an_instance_sets_the_reference_beside_what_was_seen() -> None:
    html = records(page(compared_report()))["push-pager-1"].html
    section = html[html.index("Compared with the reference implementation") :]
    assert "by the flow alone this is pass" in section
    for words in ("F1 Participating Function", "abc", "xyz", "✗ yes", "no: an open field"):
        assert words in section
    # The finding stands once, where the ladder's mark and the deep link lead.
    assert html.count('id="p1-f1"') + html.count('id="p0-f1"') == 1
    assert 'href="#i=push-pager-1&amp;m=0">frame 21' in section
    assert "the reference comparison" not in section


def test_a_finding_of_a_report_without_its_opinion_is_shown_all_the_same() -> None:
    made = replace(compared_report(), opinions=(), compared=False)
    html = records(page(made))["push-pager-1"].html
    assert "the reference comparison" in html
    assert "Compared with" not in html


def test_the_first_page_tells_of_the_comparison() -> None:
    text = page(compared_report())
    assert "comparison made, by the preferences of lab/alice.xml" in text
    assert "✗ Otherwise than the reference" in text
    section = text[text.index('id="reference"') : text.index('id="requirements"')]
    for words in ("4 differences", "2 of them belong to no instance", "2 in instances"):
        assert words in section
    assert 'href="#i=push-pager-1"' in section
    assert "judged by the reference comparison: compared, no difference" in text
    assert '<a href="#reference">the comparison</a>' in text


def test_a_page_says_that_nothing_was_compared_or_nothing_found() -> None:
    assert "comparison not made" in page(report())
    assert 'id="reference"' not in page(report())
    nothing = page(replace(compared_report(), opinions=(), preferences=""))
    assert "No difference was found." in nothing
    assert "Otherwise than the reference" not in nothing
    assert "not compared: no preferences" in nothing


def test_an_opinion_on_the_wire_stays_text() -> None:
    evil = EVIL.decode()
    bad = replace(
        other_conversation(),
        place=evil,
        would=evil,
        did=evil,
        choice=evil,
        clause=evil,
        requirement=evil,
        differences=(Difference(evil, evil, evil),),
    )
    both = (OpinionResult(bad, "push-pager-1"), OpinionResult(bad))
    made = replace(compared_report(), opinions=both, preferences=evil)
    whole, *parts = readers(page(made))
    for read in (whole, *parts):
        assert read.open == []
        assert read.handlers == []
        assert not {"img"} & set(read.tags)
    assert all("script" not in read.tags for read in parts)


def test_what_an_index_expects_of_the_reference_raises_no_banner() -> None:
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    assert "Otherwise than the reference" not in page(replace(compared_report(), index=(row,)))
