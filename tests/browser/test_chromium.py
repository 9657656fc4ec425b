"""The report in a real browser: Debian's Chromium, driven by Playwright."""

import shutil
import subprocess
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from conformance.capture.source import open_capture
from conformance.observation.trace import Observation
from conformance.report.model import Report
from conformance.sip.writer import write_request
from tests.report.opened import page
from tests.report.opinion_samples import compared_report
from tests.report.samples import cut_pager, failed_pull, passed_pager, report
from tests.report.test_render_html import evil_report

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="no Playwright: pip install cpmspec[browser]"
)
pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make peers installs it"),
]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


class Tab:
    """One tab on one report, and all that went wrong in it."""

    def __init__(self, browser, path: Path, **options) -> None:
        self.path = path
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda said: self.wrong.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _dialog(self, dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request) -> None:
        if request.url.split("#")[0] != self.path.as_uri():
            self.wrong.append(f"request: {request.url[:100]}")

    def open(self, fragment: str = ""):
        self.page.goto("about:blank")
        self.page.goto(f"{self.path.as_uri()}#{fragment}")
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self.page

    def width(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth")


@pytest.fixture
def tab(browser, tmp_path):
    """Opens a report in a tab; at the end, nothing may have gone wrong in it."""
    tabs: list[Tab] = []

    def make(made: Report | None = None, **options) -> Tab:
        path = tmp_path / f"report{len(tabs)}.html"
        path.write_text(page(made or report()), "utf-8")
        tabs.append(Tab(browser, path, **options))
        return tabs[-1]

    yield make
    for one in tabs:
        one.context.close()
        assert one.wrong == []


def listed(shown) -> list[str]:
    return shown.locator("#list a").all_text_contents()


def test_the_list_stands_worst_first(tab) -> None:
    shown = tab().open()
    assert listed(shown) == ["pull-1", "push-pager-2", "push-pager-1"]
    assert shown.locator("#found").inner_text() == "3 instances"


def test_the_contents_lead_to_their_headings_past_a_long_list_on_a_phone(tab) -> None:
    made = report()
    talkative = [replace(failed_pull(), id=f"pull-{n}", summary="word " * 40) for n in range(60)]
    opened = tab(
        replace(made, instances=tuple(talkative)),
        viewport={"width": 400, "height": 700},
        reduced_motion="reduce",
    )
    shown = opened.open()
    for name in ("flows", "requirements"):
        shown.locator(f'nav a[href="#{name}"]').click()
        playwright.expect(shown.locator(f"#{name}")).to_be_in_viewport()


def test_filters_narrow_the_list_and_stay_in_the_address(tab) -> None:
    shown = tab().open()
    shown.select_option("[name=v]", "inconc")
    assert listed(shown) == ["push-pager-2"]
    shown.wait_for_url("**#v=inconc")
    shown.click("[type=reset]")
    playwright.expect(shown.locator("#list a")).to_have_count(3)
    shown.fill("[name=q]", "c1@10.0.2.20 PULL")
    assert listed(shown) == ["pull-1"]
    shown.fill("[name=q]", "no such words")
    assert shown.locator("#found").inner_text() == "0 of 3 instances"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("flow=push-pager", ["push-pager-2", "push-pager-1"]),
        ("r=pull%2F6-7", ["pull-1"]),
        ("v=pass&flow=push-pager", ["push-pager-1"]),
        ("c=1", []),
    ],
)
def test_an_address_brings_its_filters(tab, fragment: str, expected: list[str]) -> None:
    assert listed(tab().open(fragment)) == expected


def test_a_link_leads_to_a_message(tab) -> None:
    shown = tab().open("i=pull-1&m=4")
    assert shown.locator(".messages > li > details[open] > summary").inner_text().count("INVITE")
    assert shown.locator(".ladder .chosen:visible").count() == 1
    assert not shown.locator("#overview").is_visible()


def test_a_click_on_a_row_shows_the_octets(tab) -> None:
    shown = tab().open("i=pull-1")
    shown.locator(".folded-drawing .ladder .violated a").first.click()
    opened = shown.locator(".messages > li > details[open]")
    opened.locator("summary", has_text="Octets").click()
    opened.locator("pre.octets:not(:empty)").wait_for()
    text = opened.locator("pre.octets").inner_text()
    assert text.startswith("000000  49 4e 56 49 54 45 20")
    assert "INVITE sip:pf@ex" in text


def test_a_mark_leads_to_its_finding(tab) -> None:
    shown = tab().open("i=pull-1")
    shown.locator('[aria-label="finding 1"]:visible').first.click()
    playwright.expect(shown.locator(".finding").first).to_be_focused()


def test_implied_traffic_unfolds(tab) -> None:
    made = failed_pull()
    ladder = (
        *made.ladder,
        replace(made.ladder[-1], number=11),
        replace(made.ladder[-1], number=12),
    )
    shown = tab(report(replace(made, ladder=ladder))).open("i=pull-1")
    assert shown.locator(".ladder .folded:visible").count() == 1
    shown.check("[data-unfold]")
    assert shown.locator(".ladder .folded:visible").count() == 0
    assert shown.locator(".ladder .implied:visible").count() == 3


def test_the_keyboard_is_enough(tab) -> None:
    shown = tab().open("instances")
    shown.locator("#list a").first.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_selector("#page article[data-id=pull-1]")
    shown.keyboard.press("j")
    shown.wait_for_selector("#page article[data-id=push-pager-2]")
    shown.keyboard.press("k")
    shown.wait_for_selector("#page article[data-id=pull-1]")
    shown.locator(".folded-drawing .ladder a").first.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_selector(".messages > li > details[open]")
    shown.keyboard.press("Escape")
    shown.wait_for_selector("#overview:not([hidden])")
    assert shown.evaluate("document.activeElement.textContent") == "pull-1"


def test_the_ladder_is_copied(tab) -> None:
    opened = tab(permissions=["clipboard-read", "clipboard-write"])
    shown = opened.open("i=pull-1")
    shown.click("[data-copy=mermaid]")
    playwright.expect(shown.locator("#said")).to_have_text("Copied.")
    assert shown.evaluate("navigator.clipboard.readText()").startswith("sequenceDiagram\n")


def complete():
    """A pass whose messages are whole, so that readers of captures take them."""
    made = passed_pager()
    fields = (
        ("Via", "SIP/2.0/UDP 10.0.3.1;branch=z9hG4bK1"),
        ("From", "<sip:pf@example.com>;tag=1"),
        ("To", "<sip:alice@example.com>"),
        ("Call-ID", "p1@10.0.3.1"),
        ("CSeq", "1 MESSAGE"),
        ("Max-Forwards", "70"),
        ("Content-Type", "text/plain"),
    )
    octets = write_request("MESSAGE", "sip:alice@example.com", fields, b"Hello")
    return replace(made, ladder=tuple(replace(line, octets=octets) for line in made.ladder))


def test_the_capture_of_an_instance_is_saved_and_opens(tab, tmp_path) -> None:
    made = complete()
    shown = tab(report(made)).open("i=push-pager-1")
    with shown.expect_download() as saving:
        shown.click("[data-download]")
    path = tmp_path / saving.value.suggested_filename
    saving.value.save_as(path)
    assert path.name == "push-pager-1.pcapng"
    found = list(open_capture(str(path), reader="native"))
    octets = [one.message.octets for one in found if isinstance(one, Observation)]
    assert octets == [line.octets for line in made.ladder]
    if tshark := shutil.which("tshark"):
        command = [tshark, "-r", str(path), "-Y", "sip.Method == MESSAGE", "-T", "fields"]
        said = subprocess.run([*command, "-e", "sip.Call-ID"], capture_output=True, check=True)
        assert said.stdout.split() == [b"p1@10.0.3.1"] * 4


def test_markup_of_the_wire_runs_nothing(tab) -> None:
    opened = tab(evil_report())
    shown = opened.open()
    for link in shown.locator("#list a").all():
        opened.page.goto(f"{opened.path.as_uri()}{link.get_attribute('href')}")
    shown.reload()
    shown.wait_for_selector("html[data-ready]", state="attached")
    shown.goto(f"{opened.path.as_uri()}#instances")
    shown.locator("#list a").first.click()
    shown.wait_for_selector("#page article")
    for summary in shown.locator("#page summary").all():
        if summary.is_visible():
            summary.click()
    assert shown.locator("#page img, #page script").count() == 0
    assert "<script>alert(1)</script>" in shown.locator("#page").inner_text()


def test_an_unknown_instance_is_said(tab) -> None:
    shown = tab().open("i=pull-99")
    assert "no page for instance pull-99" in shown.locator("#page").inner_text()


def test_all_listed_open_on_one_page_for_paper(tab) -> None:
    opened = tab()
    shown = opened.open()
    shown.click("#every")
    shown.wait_for_selector("#page article >> nth=2")
    shown.emulate_media(media="print")
    assert opened.width() <= shown.viewport_size["width"]
    assert not shown.locator("#page .tools").first.is_visible()


@pytest.mark.parametrize("fragment", ["", "i=pull-1&m=4"])
def test_a_narrow_screen_is_wide_enough(tab, fragment: str) -> None:
    opened = tab(viewport={"width": 400, "height": 900})
    opened.open(fragment)
    assert opened.width() <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "i=pull-1&m=4", "i=push-pager-2"])
def test_axe_finds_nothing(tab, scheme: str, fragment: str) -> None:
    assert violations(tab(color_scheme=scheme).open(fragment)) == []


def violations(shown) -> list[tuple[str, list[str]]]:
    """What axe finds with everything unfolded."""
    pytest.importorskip("axe_playwright_python", reason="no axe: pip install cpmspec[browser]")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    shown.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    # The page's own policy stops scripts of others; the debugger's are not bound by it.
    shown.evaluate(axe)
    found = shown.evaluate("axe.run().then(result => result.violations)")
    return [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]


def test_it_opens_with_two_thousand_instances(tab) -> None:
    """How fast, benchmarks/open_report.py measures."""
    made = [failed_pull(), cut_pager()]
    made += [passed_pager(id_=f"push-pager-{number}") for number in range(3, 2001)]
    opened = tab(report(*made))
    shown = opened.open()
    assert shown.locator("#found").inner_text() == "2000 instances"
    assert opened.path.stat().st_size < 8_000_000


def test_the_reference_stands_beside_what_was_seen(tab) -> None:
    shown = tab(compared_report()).open()
    shown.click("nav.contents a[href='#reference']")
    assert shown.locator("#reference ~ .finding").count() == 2
    shown.click("#reference ~ details a[href='#i=push-pager-1']")
    section = shown.locator("article .reference")
    assert "by the flow alone this is pass" in section.inner_text()
    assert section.locator("tr.open").inner_text().endswith("no: an open field")
    section.locator("a[href$='m=0']").click()
    shown.wait_for_selector("details[data-message='0'][open]")


def test_a_mark_leads_to_an_opinion(tab) -> None:
    shown = tab(compared_report()).open("i=push-pager-1&f=1")
    assert shown.evaluate("document.activeElement.closest('.reference') !== null")


@pytest.mark.parametrize("fragment", ["", "i=push-pager-1"])
def test_the_comparison_fits_a_narrow_screen(tab, fragment: str) -> None:
    opened = tab(compared_report(), viewport={"width": 400, "height": 900})
    opened.open(fragment)
    assert opened.width() <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "i=push-pager-1", "i=pull-1"])
def test_axe_finds_nothing_in_the_comparison(tab, scheme: str, fragment: str) -> None:
    assert violations(tab(compared_report(), color_scheme=scheme).open(fragment)) == []
