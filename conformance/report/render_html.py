"""The HTML report: one file that needs no network, no script and no other file.

Jinja's autoescape is on; the ladders' SVG escapes its own text. Equal reports give equal octets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

import jinja2

from conformance.report import wording
from conformance.report.instant import duration, to_clock, to_moment, to_text
from conformance.report.ladder import layout, told
from conformance.report.legible import legible, octets_as_text, one_line
from conformance.report.model import CaptureFlow, Report
from conformance.report.render_svg import STYLE, render_svg
from conformance.verifier.verdict import Finding, InstanceResult, ShownMessage, Status, Verdict

SHOWN = 500
"""Instances shown with their ladders; departures first. The JSON report has all of them."""

MESSAGE_LIMIT = 16_384
"""Octets of one message that are shown."""


@dataclass(frozen=True, slots=True)
class Section:
    """One instance as the page shows it."""

    instance: InstanceResult
    anchor: str
    svg: str
    findings: tuple[Finding, ...]
    messages: tuple[tuple[ShownMessage, str], ...]


def write_html(report: Report, file: TextIO, *, title: str = "CPM conformance report") -> None:
    """Write the page."""
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
    }
    template = environment.get_template("report.html.j2")
    chosen, left = _choose(report)
    for piece in template.stream(
        report=report,
        title=title,
        sections=_sections(chosen),
        chosen=[(one.id, one.flow, one.verdict, one.summary) for one in chosen],
        left=left,
        cells=_cells(report.matrix),
        words=wording,
        Verdict=Verdict,
        Status=Status,
        verdicts=sorted(Verdict, key=lambda verdict: -verdict.badness),
        svg_style=STYLE,
    ):
        file.write(piece)


def _finalize(value: object) -> object:
    # What is no plain text (markup made safe, numbers) passes; wire text is made legible.
    return legible(value) if type(value) is str else value


def _choose(report: Report) -> tuple[list[InstanceResult], int]:
    """The instances to show, the worst first, and how many are left out."""
    order = [Verdict.ERROR, Verdict.FAIL, Verdict.INCONC, Verdict.PASS, Verdict.NONE]
    kept: dict[Verdict, list[InstanceResult]] = {verdict: [] for verdict in order}
    for instance in report.instances:
        if len(kept[instance.verdict]) < SHOWN:
            kept[instance.verdict].append(instance)
    chosen = [instance for verdict in order for instance in kept[verdict]][:SHOWN]
    return chosen, len(report.instances) - len(chosen) + report.counted


def _sections(chosen: list[InstanceResult]) -> Iterator[Section]:
    for place, instance in enumerate(chosen):
        anchor = f"i{place}"
        drawing = layout(instance)
        name = f"{instance.id}: messages seen, {instance.title or instance.flow}"
        yield Section(
            instance=instance,
            anchor=anchor,
            svg=render_svg(drawing, title=name, anchor=anchor, style=False),
            findings=told(instance),
            messages=tuple(
                (message, octets_as_text(message.octets, MESSAGE_LIMIT))
                for message in instance.ladder
            ),
        )


def _cells(matrix: tuple[CaptureFlow, ...]) -> dict[tuple[int, str], dict[Verdict, int]]:
    return {(cell.capture, cell.flow): cell.counts for cell in matrix}
