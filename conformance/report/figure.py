"""The standard's figure and what was seen of it, as one ladder for the page of an instance.

Findings are marked at their rows, runs of implied traffic are folded, long pauses are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.report.instant import duration
from conformance.report.ladder import Layout, Look, Row, layout
from conformance.report.legible import one_line
from conformance.verifier.verdict import Finding, InstanceResult, Status

PAUSE = 1_000_000_000
"""Nanoseconds between two messages from which on the time between them has a row."""


ROWS = 600
"""Rows of one ladder that are drawn; those of a large transfer tell little one by one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The ladder with its implied traffic folded, and whole where that is another one.

    `left_out` are the printed hops of branches that were not taken, `drawn` the messages that
    have a row in the whole ladder.
    """

    folded: Layout
    whole: Layout | None
    left_out: tuple[str, ...]
    drawn: frozenset[int]


def figure(instance: InstanceResult, findings: tuple[Finding, ...]) -> Figure:
    """The figure of one instance; `findings` are numbered from 1 in their order."""
    plain = layout(instance, figure=True)
    marked = _cut(_marked(plain.rows, instance, findings))
    whole = replace(plain, rows=tuple(_with_pauses(marked)))
    folded = replace(plain, rows=tuple(_with_pauses(list(_folded(marked)))))
    left_out = dict.fromkeys(
        step.number
        for step in instance.steps
        if step.status is Status.NOT_TAKEN and step.number and step.sender is not None
    )
    drawn = frozenset(row.message for row in marked if row.message is not None)
    return Figure(folded, None if folded == whole else whole, tuple(left_out), drawn)


def _marked(
    rows: tuple[Row, ...], instance: InstanceResult, findings: tuple[Finding, ...]
) -> list[Row]:
    marks: dict[int, list[int]] = {}
    for number, found in enumerate(findings, 1):
        place = _place(rows, instance, found)
        if place is not None:
            marks.setdefault(place, []).append(number)
    return [
        replace(row, marks=tuple(marks[place])) if place in marks else row
        for place, row in enumerate(rows)
    ]


def _place(rows: tuple[Row, ...], instance: InstanceResult, found: Finding) -> int | None:
    """The row of a finding: its step's where that is absent, else its last frame's."""
    for place, row in enumerate(rows):
        if row.message is None and found.step and row.step == found.step:
            return place
    frames = {(ref.capture, ref.frame) for ref in found.frames}
    last = None
    for place, row in enumerate(rows):
        if row.message is not None:
            capture = instance.ladder[row.message].capture
            if any((capture, frame) in frames for frame in row.frames):
                last = place
    return last


def _cut(rows: list[Row]) -> list[Row]:
    """A ladder beyond ROWS: its beginning, its end, and what departs in between."""
    if len(rows) <= ROWS:
        return rows
    kept: list[Row] = []
    special, skipped = 0, 0
    for place, row in enumerate(rows):
        telling = row.parts or row.marks or row.look not in (Look.STEP, Look.IMPLIED)
        edge = place < ROWS // 2 or place >= len(rows) - ROWS // 4
        if not edge and (not telling or special == ROWS // 4):
            skipped += 1
            continue
        if skipped:
            kept.append(Row(Look.PAUSE, 0, 0, "", f"{skipped} not drawn"))
            skipped = 0
        special += not edge
        kept.append(row)
    return kept


def _folded(rows: list[Row]) -> Iterator[Row]:
    """Runs of two implied messages or more become one row."""
    run: list[Row] = []
    for row in rows:
        if row.look is Look.IMPLIED and not row.marks and not row.parts:
            run.append(row)
            continue
        yield from _fold(run)
        run = []
        yield row
    yield from _fold(run)


def _fold(run: list[Row]) -> list[Row]:
    if len(run) < 2:
        return run
    names = dict.fromkeys(_brief(row.text) for row in run)
    ends = [end for row in run for end in (row.start, row.end)]
    return [
        Row(
            look=Look.FOLDED,
            start=min(ends),
            end=max(ends),
            label="",
            text=one_line(f"{len(run)} implied: {', '.join(names)}", 120),
            time=run[0].time,
            frames=tuple(frame for row in run for frame in row.frames),
        )
    ]


def _brief(summary: str) -> str:
    """The method or the status: what a line of several can hold."""
    words = summary.split()
    if words and words[0].isdigit():
        return " ".join(words[:2])
    return words[0] if words else "?"


def _with_pauses(rows: list[Row]) -> Iterator[Row]:
    before: int | None = None
    for row in rows:
        if row.time is not None:
            if before is not None and row.time - before >= PAUSE:
                yield Row(
                    Look.PAUSE, row.start, row.end, "", f"{duration(row.time - before)} later"
                )
            before = row.time
        yield row
