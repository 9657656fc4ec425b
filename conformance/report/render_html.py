"""The HTML report: one file that needs no network and no other file.

The summary is plain markup. Pages of instances are packed and opened by a small script, the only
one that the page's own policy lets run. Jinja's autoescape is on; the ladders' SVG escapes its
own text. Equal reports give equal pages.
"""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TextIO
from urllib.parse import quote

import jinja2

from conformance.report import compared, wording
from conformance.report.dissect import dissect
from conformance.report.figure import figure
from conformance.report.instant import duration, to_clock, to_moment, to_text
from conformance.report.ladder import told
from conformance.report.legible import legible, one_line
from conformance.report.minicapture import minicapture
from conformance.report.model import CaptureFlow, CaptureResult, Report
from conformance.report.pages import Location, Packer, Page, packed
from conformance.report.proforma import proforma, score
from conformance.report.render_svg import STYLE, render_svg
from conformance.report.sequence import mermaid, plain, plantuml
from conformance.verifier.verdict import InstanceResult, Reason, Status, Verdict

SHOWN = 5_000
"""Instances that have a page; departures first. The JSON report has all of them."""

GAPS = 200
"""Gaps of one capture that are listed one by one."""

OPINIONS = 200
"""Opinions of the oracle that the first page shows."""

MANY = 12
"""Captures from which on their tables are closed at first."""

_BLIND = {
    Reason.HOP_NOT_CAPTURED,
    Reason.CAPTURE_STARTS_LATE,
    Reason.CAPTURE_ENDS_EARLY,
    Reason.GAP,
    Reason.UNDECRYPTABLE,
}
_WORST_FIRST = sorted(Verdict, key=lambda verdict: -verdict.badness)


def write_html(report: Report, file: TextIO, *, title: str = "CPM conformance report") -> None:
    """Write the page."""
    environment = _environment()
    style, script = _asset("style.css") + STYLE, _asset("app.js")
    book = _Book(report, environment)
    template = environment.get_template("report.html.j2")
    for piece in template.stream(
        **_shared(report),
        title=title,
        book=book,
        cells=_cells(report.matrix),
        health=[_by_reason(capture) for capture in report.captures],
        score=score(report.requirements),
        form=proforma(report),
        gaps_listed=GAPS,
        opinions_listed=OPINIONS,
        many=MANY,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    ):
        file.write(piece)


@cache
def _environment() -> jinja2.Environment:
    """The templates are compiled once in a process."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
    )
    environment.filters |= {
        "instant": to_text,
        "clock": to_clock,
        "moment": to_moment,
        "duration": duration,
        "role": wording.role_name,
        "one_line": one_line,
        "link": fragment,
    }
    return environment


def _finalize(value: object) -> object:
    # What is no plain text (markup made safe, numbers) passes; wire text is made legible.
    return legible(value) if type(value) is str else value


def fragment(text: str) -> str:
    """A text as a value in the page's own links, such as `#i=pull-1`."""
    return quote(legible(text), safe="")


def _asset(name: str) -> str:
    place = resources.files("conformance.report").joinpath("templates", name)
    return "\n" + place.read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _shared(report: Report) -> dict[str, object]:
    """What both templates are given."""
    return {
        "report": report,
        "words": wording,
        "Verdict": Verdict,
        "Status": Status,
        "verdicts": _WORST_FIRST,
        "reference": compared,
        "compared": compared.Compared(report),
    }


def _cells(matrix: tuple[CaptureFlow, ...]) -> dict[tuple[int, str], dict[Verdict, int]]:
    return {(cell.capture, cell.flow): cell.counts for cell in matrix}


def _by_reason(capture: CaptureResult) -> dict[str, int]:
    """How many gaps for which reason."""
    found: dict[str, int] = {}
    for gap in capture.gaps:
        found[gap.reason] = found.get(gap.reason, 0) + 1
    return found


class _Book:
    """The pages of instances: blocks while they are read, and then the index of them all."""

    def __init__(self, report: Report, environment: jinja2.Environment) -> None:
        self._report = report
        self._template = environment.get_template("instance.html.j2")
        self._given = _shared(report)
        self._compared = compared.Compared(report)
        self._paths = tuple(capture.path for capture in report.captures)
        self._flows = {flow.id: place for place, flow in enumerate(report.flows)}
        self._requirements = {row.id: place for place, row in enumerate(report.requirements)}
        self._rows: dict[int, list[object]] = {}
        self.reasons: list[Counter[Reason]] = [Counter() for _ in report.captures]
        self.paged: set[str] = set()
        self.chosen = self._choose()
        self.left = len(report.instances) - len(self.chosen) + report.counted

    def _choose(self) -> list[int]:
        """The places of the instances that get a page, the worst first."""
        kept: dict[Verdict, list[int]] = {verdict: [] for verdict in _WORST_FIRST}
        ids: dict[int, str] = {}
        for place, instance in enumerate(self._report.instances):
            self._note(instance)
            if len(kept[instance.verdict]) < SHOWN:
                kept[instance.verdict].append(place)
                ids[place] = instance.id
        chosen = [place for places in kept.values() for place in places][:SHOWN]
        self.paged.update(ids[place] for place in chosen)
        return chosen

    def _note(self, instance: InstanceResult) -> None:
        """Count, for each capture, why conversations in it stay inconclusive."""
        if instance.verdict is Verdict.INCONC and instance.reason_code in _BLIND:
            for number in instance.captures:
                if 0 <= number < len(self.reasons):
                    self.reasons[number][instance.reason_code] += 1

    def blocks(self) -> Iterator[str]:
        """Every block of pages, one at a time; the index is whole after the last."""
        number_of = {place: number for number, place in enumerate(self.chosen)}
        packer = Packer()
        for place, instance in enumerate(self._report.instances):
            if place in number_of:
                at = packer.add(self.page(instance, f"p{number_of[place]}"))
                self._rows[place] = self._row(instance, at)
                yield from packer.full()
        yield from packer.rest()

    def index(self) -> str:
        """What the list of instances shows and filters by, and where each page lies."""
        value = {
            "flows": list(self._flows),
            "requirements": list(self._requirements),
            "words": {verdict: wording.WORDS[verdict] for verdict in Verdict},
            "signs": {verdict: wording.SIGNS[verdict] for verdict in Verdict},
            "rows": [self._rows[place] for place in self.chosen],
        }
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return packed(text.encode())

    def _row(self, instance: InstanceResult, at: Location) -> list[object]:
        known = self._requirements
        return [
            legible(instance.id),
            self._flows.get(instance.flow, -1),
            instance.verdict,
            one_line(instance.summary),
            one_line(instance.user, 80),
            instance.reason_code or "",
            to_moment(instance.first_time),
            list(instance.captures),
            sorted({known[id_] for id_, _ in instance.judged if id_ in known}),
            one_line(" ".join([instance.title, instance.flow, *instance.call_ids[:4]]), 300),
            at.block,
            at.place,
        ]

    def page(self, instance: InstanceResult, anchor: str) -> Page:
        """The page of one instance; ids in it begin with `anchor`."""
        findings = told(instance)
        drawing = figure(instance, findings)
        link = f"i={fragment(instance.id)}"
        name = f"{instance.id}: {instance.title or instance.flow}, expected and observed"
        capture = minicapture(instance, self._paths)
        html = self._template.render(
            **self._given,
            one=instance,
            anchor=anchor,
            link=link,
            figure=drawing,
            folded=render_svg(drawing.folded, title=name, link=link, style=False),
            whole=drawing.whole
            and render_svg(drawing.whole, title=f"{name}, whole", link=link, style=False),
            findings=findings,
            opinions=self._compared.told(instance, findings),
            agreement=self._compared.agreement(instance),
            at_frame={
                (message.capture, frame): number
                for number, message in enumerate(instance.ladder)
                if number in drawing.drawn
                for frame in message.frames
            },
            at_message={
                row.message: row.marks
                for row in (drawing.whole or drawing.folded).rows
                if row.message is not None
            },
            messages=[
                (number, message, dissect(message.octets))
                for number, message in enumerate(instance.ladder)
                if number in drawing.drawn
            ],
            capture=len(capture.octets),
        )
        whole = drawing.whole or drawing.folded
        return Page(
            html=html,
            capture=capture.octets,
            loose=capture.loose,
            ranges=capture.ranges,
            text=plain(whole),
            mermaid=mermaid(whole),
            plantuml=plantuml(whole),
        )
