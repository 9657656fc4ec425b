"""The report on a terminal: captures, flows by verdict, and each departure with its evidence.

Off a terminal it is plain text; NO_COLOR (no-color.org) is obeyed.
"""

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.oracle.difference import Opinion
from conformance.report import text_ladder
from conformance.report.compared import Compared, headline, rule, sentence
from conformance.report.instant import to_text
from conformance.report.ladder import Look, layout, told
from conformance.report.legible import legible, one_line
from conformance.report.model import CaptureResult, IndexResult, Report
from conformance.report.spool import Spool
from conformance.report.wording import HEADLINES, REASONS, SIGNS, WORDS, role_name
from conformance.verifier.verdict import Finding, FrameRef, InstanceResult, NearMiss, Verdict

COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONC: "yellow",
    Verdict.NONE: "dim",
    Verdict.ERROR: "bold magenta",
}
_LOOKS = {
    Look.STEP: "",
    Look.IMPLIED: "dim",
    Look.VIOLATED: "bold red",
    Look.MISSING: "bold red",
    Look.PENDING: "dim",
}
_ASCII_SIGNS = str.maketrans({"✓": "+", "✗": "x", "…": ".", "\u2013": "-", "·": "-", "µ": "u"})

SHOWN = 20
"""Departures, and inconclusive instances, shown in full; more are named in a line."""


def write_console(report: Report, file: TextIO, *, width: int | None = None) -> None:
    """Write the report for people at a terminal."""
    _Writer(file, width).report(report)


class _Console(Console):
    """Rich's console, which would end the process with 1, our `fail`, when its pipe closes."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _Writer:
    """Writes pieces of a report; wire text goes in as Text, never as rich's markup."""

    def __init__(self, file: TextIO, width: int | None) -> None:
        if width is None and not file.isatty():
            width = 120
        self._console = _Console(
            file=file, width=width, highlight=False, markup=False, emoji=False
        )
        self._unicode = (file.encoding or "utf-8").lower().startswith("utf")

    def line(self, text: str = "", style: str = "") -> None:
        self._console.print(Text(self._fit(text), style=style), soft_wrap=True)

    def _fit(self, text: str) -> str:
        clean = legible(text)
        if self._unicode:
            return clean
        return clean.translate(_ASCII_SIGNS).encode("ascii", "backslashreplace").decode()

    def cell(self, text: str, style: str = "") -> Text:
        return Text(self._fit(text), style=style)

    def report(self, report: Report) -> None:
        self.captures(report)
        self.flows(report)
        self.instances(report)
        self.comparison(report)
        for wanted in report.expected:
            if not wanted.met:
                self.line(f"{SIGNS[Verdict.FAIL]} {wanted.sentence}", COLOURS[Verdict.FAIL])
        self.near_misses(report.near_misses)
        self.index(report)
        for fault in report.faults:
            self.line(f"! error of cpmspec while {fault.doing}: {fault.sentence}", "bold magenta")
        self.headline(report)

    def captures(self, report: Report) -> None:
        quiet = _as_expected(report)
        folded = [one for place, one in enumerate(report.captures) if place in quiet]
        for place, capture in enumerate(report.captures):
            if place in quiet:
                continue
            by = "" if capture.reader == "native" else f", read by {capture.reader}"
            self.line(f"{_shown_path(capture.path)}: {_counts([capture])}{by}")
            if capture.skew is not None:
                self.line(f"  ~ {capture.skew.sentence}")
            if capture.judged_with and place < capture.judged_with[0]:
                self.line(f"  + {_together(report, capture)}")
            for gap in capture.gaps[:5]:
                self.line(f"  ? gap after frame {gap.after_frame}: {gap.where}", "yellow")
            if len(capture.gaps) > 5:
                self.line(f"  ? {len(capture.gaps) - 5} gaps more", "yellow")
        if folded:
            captures = "1 capture" if len(folded) == 1 else f"{len(folded)} captures"
            self.line(f"{captures} as the index expects: {_counts(folded)}")
        self.line()

    def flows(self, report: Report) -> None:
        shown = [flow for flow in report.flows if flow.counts or flow.verdict is not Verdict.NONE]
        if not shown:
            return
        columns = [verdict for verdict in _BY_WEIGHT if report.total(verdict)]
        table = Table(box=None, pad_edge=False, header_style="bold" if self._unicode else "")
        table.add_column("flow")
        table.add_column("")
        for verdict in columns:
            table.add_column(self._fit(f"{SIGNS[verdict]} {WORDS[verdict]}"), justify="right")
        for flow in shown:
            cells = [
                self.cell(flow.id, COLOURS[flow.verdict]),
                self.cell(one_line(flow.title, 60)),
            ]
            for verdict in columns:
                count = flow.counts.get(verdict, 0)
                cells.append(self.cell(str(count) if count else "", COLOURS[verdict]))
            table.add_row(*cells)
        self._console.print(table)
        if report.counted:
            note = f"{report.counted} passing instances are counted, not listed (--all lists them)"
            self.line(note, "dim")
        self.line()

    def instances(self, report: Report) -> None:
        left = {Verdict.FAIL: 0, Verdict.INCONC: 0, Verdict.ERROR: 0}
        quiet = _as_expected(report)
        listed = report.instances
        compared = Compared(report)
        for instance in listed.departures() if isinstance(listed, Spool) else listed:
            if instance.verdict not in left or quiet.issuperset(instance.captures):
                continue
            left[instance.verdict] += 1
            if left[instance.verdict] <= SHOWN:
                self.instance(instance, compared)
        for verdict, count in left.items():
            if count > SHOWN:
                words = f"{count - SHOWN} instances more with verdict {WORDS[verdict]}"
                self.line(f"{words}: see --json or --html", "dim")
                self.line()

    def instance(self, instance: InstanceResult, compared: Compared) -> None:
        head = f"{SIGNS[instance.verdict]} {instance.id}  {instance.flow}: {instance.summary}"
        self.line(head, COLOURS[instance.verdict])
        if instance.verdict is Verdict.INCONC:
            self.reason(instance)
            return
        self.line()
        drawing = layout(instance)
        width = self._console.width - 2
        for line in text_ladder.lines(drawing, width, unicode=self._unicode):
            style = "bold" if line.look is None else _LOOKS[line.look]
            self._console.print(Text(f"  {self._fit(line.text)}", style=style), no_wrap=True)
        self.line()
        for found in told(instance):
            self.finding(found)
        if said := compared.agreement(instance):
            self.line(f"  {said}")
            self.line()
        if instance.repair:
            self.line(f"  shortest repair: {instance.repair}")
            self.line()

    def reason(self, instance: InstanceResult) -> None:
        code = instance.reason_code
        if code is not None:
            self.line(f"  {code}: {REASONS[code]}")
        if instance.would_settle:
            self.line(f"  would settle it: {instance.would_settle}")
        self.line()

    def finding(self, found: Finding) -> None:
        kind = "consequence: " if found.consequence else ""
        head = f"  {kind}{found.requirement}  ({found.level}, {found.clause})"
        self.line(head, COLOURS[found.verdict])
        self.line(f"    {found.sentence}")
        for number, text in enumerate(found.expected):
            self.line(f"    {'expected' if number == 0 else '      or'}: {text}")
        self.line(f"    observed: {found.observed}")
        if found.frames:
            self.line(f"    frames:   {_frames(found.frames)}")
        if found.role_at_fault is not None:
            self.line(f"    at fault: {role_name(found.role_at_fault)}")
        if found.reason_code is not None:
            self.line(f"    reason:   {found.reason_code}: {REASONS[found.reason_code]}")
        if found.repair:
            self.line(f"    repair:   {found.repair}")
        self.line(f"    rule:     {rule(found)}", "dim")
        self.line()

    def comparison(self, report: Report) -> None:
        """What the reference says outside every instance, and by what it was told to decide."""
        if not report.compared:
            return
        compared = Compared(report)
        told = [
            one
            for one in compared.alone
            if one.opinion.verdict is not Verdict.PASS and not compared.is_expected(one)
        ]
        for result in told[:SHOWN]:
            self.opinion(result.opinion, counts=compared.counts(result))
        if len(told) > SHOWN:
            self.line(f"{len(told) - SHOWN} differences more: see --json or --html", "dim")
        self.line(f"comparison with the reference implementation: {headline(report)}", "dim")
        self.line()

    def opinion(self, one: Opinion, *, counts: bool) -> None:
        style = COLOURS[one.verdict if counts else Verdict.INCONC]
        self.line(f"{SIGNS[one.verdict]} {sentence(one)}", style)
        if one.requirement:
            self.line(f"    {one.requirement}  ({one.clause})")
        for found in one.differences:
            kind = "" if found.hard else "  (open)"
            self.line(f"    {found.field}: {found.expected} expected, {found.observed} seen{kind}")
        if one.frames:
            self.line(f"    frames:   {_frames(one.frames)}")
        if one.reason_code is not None:
            self.line(f"    reason:   {one.reason_code}: {REASONS[one.reason_code]}")
        self.line()

    def near_misses(self, misses: Iterable[NearMiss]) -> None:
        for miss in misses:
            where = f"frame {miss.frame.frame} at {to_text(miss.frame.time)}"
            self.line(f"near miss of {miss.flow}: {miss.summary}, {where}")
            self.line(f"  kept from being one: {miss.kept_by}")

    def index(self, report: Report) -> None:
        wrong = [row for row in report.index if not row.as_expected]
        for row in wrong:
            self.index_row(report, row)
        if report.index:
            right = len(report.index) - len(wrong)
            self.line(f"index: {right} of {len(report.index)} captures as expected")

    def index_row(self, report: Report, row: IndexResult) -> None:
        path = report.captures[row.capture].path
        self.line(f"{SIGNS[Verdict.FAIL]} {path}: {row.sentence}", COLOURS[Verdict.FAIL])

    def headline(self, report: Report) -> None:
        verdict = report.verdict
        if report.index and not report.faults:
            self.index_headline(report)
            return
        if verdict is Verdict.NONE and report.flows:
            flows = ", ".join(flow.id for flow in report.flows)
            self.line(f"looked for: {flows}; --explain ID tells what came near one", "dim")
        head = f"{SIGNS[verdict]} {WORDS[verdict].upper()}  {HEADLINES[verdict]}"
        self.line(head, COLOURS[verdict])

    def index_headline(self, report: Report) -> None:
        """With an index the question is another one: not "right?" but "as expected?"."""
        met = all(row.as_expected for row in report.index)
        if met and all(wanted.met for wanted in report.expected):
            sentence = "Every capture yields what the index says."
            self.line(f"{SIGNS[Verdict.PASS]} AS EXPECTED  {sentence}", COLOURS[Verdict.PASS])
            return
        sentence = "Not everything came out as it should."
        self.line(f"{SIGNS[Verdict.FAIL]} NOT AS EXPECTED  {sentence}", COLOURS[Verdict.FAIL])


def _frames(frames: Iterable[FrameRef]) -> str:
    return ", ".join(f"{ref.frame} at {to_text(ref.time)}" for ref in frames)


def _as_expected(report: Report) -> frozenset[int]:
    """The captures that yield what their index says: they are counted, not told."""
    return frozenset(row.capture for row in report.index if row.as_expected)


def _together(report: Report, capture: CaptureResult) -> str:
    """What a group of captures is made of, told at its first."""
    names = [_shown_path(path) for path in report.paths(capture.judged_with)]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"judged as one with {', '.join(names[:5])}{more} (--separate judges each by itself)"


def _counts(captures: Sequence[CaptureResult]) -> str:
    packets = sum(one.packets for one in captures)
    return (
        f"{'1 packet' if packets == 1 else f'{packets} packets'}, "
        f"{sum(one.sip_messages for one in captures)} SIP, "
        f"{sum(one.msrp_messages for one in captures)} MSRP, "
        f"{sum(one.malformed for one in captures)} malformed, "
        f"{sum(one.unrelated for one in captures)} unrelated"
    )


_BY_WEIGHT = sorted(Verdict, key=lambda verdict: -verdict.badness)


def _shown_path(path: str) -> str:
    return "standard input" if path == "-" else path
