"""The Markdown report, for a job's summary: the worst first, and never more than it may hold."""

from collections.abc import Callable, Iterator
from typing import TextIO

from conformance.oracle.difference import Opinion
from conformance.report import text_ladder
from conformance.report.compared import Compared, headline, rule
from conformance.report.instant import to_text
from conformance.report.ladder import layout, told
from conformance.report.markdown_text import code, fenced, inline, table
from conformance.report.model import Report
from conformance.report.wording import (
    HEADLINES,
    LEVELS,
    MEANINGS,
    REASONS,
    SIGNS,
    WORDS,
    role_name,
)
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

LIMIT = 1_024 * 1_024
"""Octets that GitHub takes as the summary of one step."""

SHOWN = 500
"""Instances of one verdict written out; more are counted."""

_TAIL = 4_096
_LADDER = 110
_MESSAGES = 400
_CAPTURES = 200
_BY_WEIGHT = tuple(sorted(Verdict, key=lambda verdict: -verdict.badness))


def write_markdown(report: Report, file: TextIO, *, limit: int = LIMIT) -> None:
    """Write the report in at most `limit` octets; what does not fit is counted at its end."""
    tables = [_flows(report), *_requirements(report), _captures(report)]
    room = _Room(file, limit - _TAIL - sum(map(_size, tables)))
    room.write(_head(report))
    for block in _demands(report):
        room.write(block)
    for block in _comparison(report):
        room.write(block)
    for verdict, write in _WRITTEN.items():
        for block in _of(report, verdict, write):
            room.write(block)
    room.left += sum(map(_size, tables))
    for block in tables:
        room.write(block)
    if room.left_out:
        file.write(f"**{room.left_out} sections do not fit here: see the JSON report.**\n\n")
    file.write(_legend())


class _Room:
    """How many octets may still be written, and how many sections found no room."""

    def __init__(self, file: TextIO, left: int) -> None:
        self._file = file
        self.left = left
        self.left_out = 0

    def write(self, block: str) -> None:
        size = _size(block)
        if size > self.left:
            self.left_out += 1
            return
        self.left -= size
        self._file.write(block + "\n\n")


def _size(block: str) -> int:
    return len(block.encode()) + 2


def _head(report: Report) -> str:
    verdict = report.verdict
    title = f"# {SIGNS[verdict]} {WORDS[verdict].upper()}: {HEADLINES[verdict]}"
    return f"{title}\n\n{_totals(report)}"


def _totals(report: Report) -> str:
    said = [
        f"{SIGNS[verdict]} {report.total(verdict)} {WORDS[verdict]}"
        for verdict in _BY_WEIGHT
        if report.total(verdict)
    ]
    totals = ", ".join(said) or "no instance of any flow"
    made = f", {inline(report.made)}" if report.made else ""
    strict = ", strict" if report.strict else ""
    lines = [
        f"Instances: {totals}.",
        f"Profile {code(report.profile)}{strict}, {inline(report.tool)} {inline(report.version)}"
        f"{made}.",
    ]
    if report.relaxed:
        lines.append(f"Relaxed: {inline('; '.join(report.relaxed), 2_000)}.")
    if report.selection:
        lines.append(f"Only {inline('; '.join(report.selection), 2_000)}.")
    if report.compared:
        lines.append(f"Comparison with the reference implementation: {inline(headline(report))}.")
    if report.index:
        right = sum(row.as_expected for row in report.index)
        lines.append(f"Index: {right} of {len(report.index)} captures as expected.")
    return "  \n".join(lines)


def _demands(report: Report) -> Iterator[str]:
    said = [inline(f"cpmspec failed while {one.doing}: {one.sentence}") for one in report.faults]
    said += [inline(one.sentence) for one in report.expected if not one.met]
    said += [
        f"{code(report.captures[row.capture].path)}: {inline(row.sentence)}"
        for row in report.index
        if not row.as_expected
    ]
    if said:
        yield "\n".join(f"- {SIGNS[Verdict.FAIL]} {one}" for one in said)


def _comparison(report: Report) -> Iterator[str]:
    """What the reference says of roles outside every instance."""
    told = [one for one in Compared(report).alone if one.opinion.verdict is not Verdict.PASS]
    if not told:
        return
    yield "## Compared with the reference implementation"
    for result in told[:SHOWN]:
        yield _opinion(result.opinion)
    if len(told) > SHOWN:
        yield f"{len(told) - SHOWN} differences more: see the JSON report."


def _opinion(one: Opinion) -> str:
    head = f"{SIGNS[one.verdict]} **{inline(role_name(one.role))}** {code(one.place)}"
    named = f": {inline(one.requirement)} ({inline(one.clause)})" if one.requirement else ""
    lines = [
        head + named,
        "",
        f"- the reference would have sent: {inline(one.would)}",
        f"- seen: {inline(one.did)}",
    ]
    if one.choice:
        lines.append(f"- it {inline(one.choice)}")
    if one.frames:
        frames = ", ".join(f"{ref.frame} at {to_text(ref.time)}" for ref in one.frames)
        lines.append(f"- frames: {frames}")
    if one.reason_code is not None:
        lines.append(f"- {one.reason_code}: {REASONS[one.reason_code]}")
    rows = [
        (
            inline(each.field),
            inline(each.expected),
            inline(each.observed),
            "yes" if each.hard else "no, it is open",
        )
        for each in one.differences
    ]
    fields = table(("field", "the reference", "seen", "must agree"), rows)
    return "\n".join(lines) + (f"\n\n{fields}" if rows else "")


def _of(
    report: Report, verdict: Verdict, write: Callable[[InstanceResult, Compared], str]
) -> Iterator[str]:
    count = 0
    compared = Compared(report)
    for instance in report.instances:
        if instance.verdict is not verdict:
            continue
        if not count:
            yield f"## {SIGNS[verdict]} {WORDS[verdict].capitalize()}"
        count += 1
        if count <= SHOWN:
            yield write(instance, compared)
    if count > SHOWN:
        yield f"{count - SHOWN} instances more with verdict {WORDS[verdict]}: see the JSON report."


def _departure(instance: InstanceResult, compared: Compared) -> str:
    parts = [f"### {inline(instance.id)}: {inline(instance.title)}", inline(instance.summary)]
    parts.extend(_finding(found) for found in told(instance))
    if said := compared.agreement(instance):
        parts.append(said)
    if instance.repair:
        parts.append(f"Shortest repair: {inline(instance.repair)}")
    if instance.ladder and len(instance.ladder) <= _MESSAGES:
        drawn = [line.text for line in text_ladder.lines(layout(instance), _LADDER)]
        ladder = fenced("\n".join(drawn))
        parts.append(f"<details><summary>Ladder</summary>\n\n{ladder}\n\n</details>")
    return "\n\n".join(part for part in parts if part)


def _finding(found: Finding) -> str:
    kind = "Consequence: " if found.consequence else ""
    sign = SIGNS[found.verdict]
    clause = inline(found.clause)
    lines = [
        f"{sign} {kind}**{inline(found.requirement)}** ({LEVELS[found.level]}, {clause})",
        f"> {inline(found.sentence, 1_000)}",
        "",
        *(f"- expected: {inline(text)}" for text in found.expected),
        f"- observed: {inline(found.observed)}",
    ]
    if found.frames:
        frames = ", ".join(f"{ref.frame} at {to_text(ref.time)}" for ref in found.frames)
        lines.append(f"- frames: {frames}")
    if found.role_at_fault is not None:
        lines.append(f"- at fault: {role_name(found.role_at_fault)}")
    if found.repair:
        lines.append(f"- repair: {inline(found.repair)}")
    lines.append(f"- rule: {code(rule(found))}")
    return "\n".join(lines)


def _open(instance: InstanceResult, _: Compared) -> str:
    reason = instance.reason_code
    why = f" ({reason}: {REASONS[reason]})" if reason else ""
    wanted = instance.would_settle
    settle = f"  \n  would settle it: {inline(wanted)}" if wanted else ""
    return f"- **{inline(instance.id)}**: {inline(instance.summary)}{why}{settle}"


def _flows(report: Report) -> str:
    rows = []
    for flow in report.flows:
        counts = ", ".join(
            f"{flow.counts[verdict]} {WORDS[verdict]}"
            for verdict in _BY_WEIGHT
            if flow.counts.get(verdict)
        )
        said = counts or (str(flow.reason_code) if flow.reason_code else "")
        verdict = f"{SIGNS[flow.verdict]} {WORDS[flow.verdict]}"
        rows.append((code(flow.id), inline(flow.title), verdict, inline(said)))
    return "## Flows\n\n" + table(("flow", "title", "verdict", "instances"), rows)


def _requirements(report: Report) -> Iterator[str]:
    """Those that failed or stayed open; the HTML and JSON reports hold all."""
    rows = [
        (
            code(one.id),
            LEVELS[one.level],
            inline(f"{one.document} {one.clause}".strip()),
            f"{SIGNS[one.verdict]} {WORDS[one.verdict]}",
            inline(one.sentence),
        )
        for verdict in (Verdict.ERROR, Verdict.FAIL, Verdict.INCONC)
        for one in report.requirements
        if one.verdict is verdict
    ]
    if rows:
        head = ("requirement", "level", "clause", "verdict", "sentence")
        yield "## Requirements not met or not settled\n\n" + table(head, rows)


def _captures(report: Report) -> str:
    rows = [
        (
            code(one.path),
            code(one.sha256[:16]),
            str(one.packets),
            str(one.sip_messages),
            str(one.msrp_messages),
            str(one.malformed),
            str(len(one.gaps)),
        )
        for one in report.captures[:_CAPTURES]
    ]
    head = ("capture", "SHA-256", "packets", "SIP", "MSRP", "malformed", "gaps")
    more = len(report.captures) - len(rows)
    after = f"\n\n{more} captures more." if more else ""
    after += "".join(
        f"\n\nJudged as one with {code(one.path)}: {others}."
        for place, one in enumerate(report.captures[:_CAPTURES])
        if one.judged_with and place < one.judged_with[0]
        for others in [", ".join(map(code, report.paths(one.judged_with[:20])))]
    )
    return "## Captures\n\n" + table(head, rows) + after


def _legend() -> str:
    said = [f"{SIGNS[one]} {WORDS[one]}: {MEANINGS[one]}" for one in _BY_WEIGHT]
    body = "\n".join(f"- {line}" for line in said)
    return f"<details><summary>What the verdicts mean</summary>\n\n{body}\n\n</details>\n"


_WRITTEN = {Verdict.ERROR: _departure, Verdict.FAIL: _departure, Verdict.INCONC: _open}
