"""The figure of a flow as SVG: lifelines, arrows with printed numbers, boxes, blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from conformance.cpm.role import Role
from conformance.flow.draw import hop_text, internal_text
from conformance.flow.program import Block, BlockKind, Kind, Program, Step

LANE = 210
"""Pixels between two lifelines."""

ROW = 34
HEAD = 64
_MARGIN = 120
_WORDS = {BlockKind.OPTION: "opt", BlockKind.CHOICE: "alt", BlockKind.PARALLEL: "par"}

_STYLE = (
    "text{font:12px sans-serif;fill:#1b1f24}"
    ".role{font-weight:bold;text-anchor:middle}"
    ".label{text-anchor:middle}"
    ".life{stroke:#8c959f;stroke-dasharray:3 3}"
    ".arrow{stroke:#1b1f24;fill:none}"
    ".answer{stroke-dasharray:6 3}"
    ".box{fill:#fff;stroke:#1b1f24}"
    ".block{fill:none;stroke:#0969da}"
    ".split{stroke:#0969da;stroke-dasharray:4 3}"
    ".word{fill:#0969da}"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each role stands and in which row each step begins."""

    lanes: dict[Role, int]
    rows: dict[int, int]
    width: int
    height: int

    def y(self, row: int) -> int:
        """The middle of a row."""
        return HEAD + 20 + row * ROW

    def span(self, first: int, last: int, program: Program) -> tuple[int, int]:
        """The upper and lower edge of the steps from first to last."""
        end = self.rows[last] + max(1, len(program.steps[last].hops)) - 1
        return self.y(self.rows[first]) - 22, self.y(end) + 10


def svg(program: Program) -> str:
    """A self-contained SVG document."""
    layout = _layout(program)
    title = escape(f"{program.id}: {program.title}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{layout.width}" '
        f'height="{layout.height}" viewBox="0 0 {layout.width} {layout.height}" role="img">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>',
        *_lifelines(program, layout),
    ]
    for depth, block in enumerate(program.blocks):
        parts.extend(_block(block, depth, program, layout))
    for step in program.steps:
        parts.extend(_step(step, program, layout))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _layout(program: Program) -> _Layout:
    lanes = {role: _MARGIN + LANE * place for place, role in enumerate(program.aliases)}
    rows: dict[int, int] = {}
    row = 0
    opens = {branch[0] for block in program.blocks for branch in block.branches}
    for step in program.steps:
        row += step.index in opens
        rows[step.index] = row
        row += max(1, len(step.hops))
    width = 2 * _MARGIN + LANE * max(0, len(lanes) - 1)
    return _Layout(lanes, rows, width, HEAD + 40 + row * ROW)


def _lifelines(program: Program, layout: _Layout) -> Iterator[str]:
    for role, names in program.aliases.items():
        x = layout.lanes[role]
        yield f'<text class="role" x="{x}" y="30">{escape(names[0])}</text>'
        yield f'<text class="label" x="{x}" y="46">{escape(role)}</text>'
        yield f'<line class="life" x1="{x}" y1="{HEAD - 10}" x2="{x}" y2="{layout.height - 10}"/>'


def _step(step: Step, program: Program, layout: _Layout) -> Iterator[str]:
    row = layout.rows[step.index]
    if step.kind is Kind.INTERNAL and step.role is not None:
        yield from _box(layout.lanes[step.role], layout.y(row), internal_text(step))
    answer = " answer" if step.kind in (Kind.RESPONSE, Kind.ACKNOWLEDGE) else ""
    for offset, index in enumerate(step.hops):
        hop = program.hops[index]
        start, end = layout.lanes[hop.sender], layout.lanes[hop.receiver]
        y = layout.y(row + offset)
        yield (
            f'<line class="arrow{answer}" x1="{start}" y1="{y}" x2="{end}" y2="{y}" '
            'marker-end="url(#tip)"/>'
        )
        middle = (start + end) // 2
        text = escape(hop_text(hop, step))
        yield f'<text class="label" x="{middle}" y="{y - 5}">{text}</text>'


def _box(x: int, y: int, text: str) -> Iterator[str]:
    width = max(80, 7 * len(text))
    left = max(4, x - width // 2)
    yield f'<rect class="box" x="{left}" y="{y - 16}" width="{width}" height="22" rx="4"/>'
    yield f'<text class="label" x="{left + width // 2}" y="{y}">{escape(text)}</text>'


def _block(block: Block, depth: int, program: Program, layout: _Layout) -> Iterator[str]:
    first, last = block.branches[0][0], block.branches[-1][1]
    top, bottom = layout.span(first, last, program)
    inset = 8 + 5 * min(depth, 8)
    width = layout.width - 2 * inset
    yield (f'<rect class="block" x="{inset}" y="{top}" width="{width}" height="{bottom - top}"/>')
    title = f" [{block.title}]" if block.title else ""
    word = escape(_WORDS[block.kind] + title)
    yield f'<text class="word" x="{inset + 6}" y="{top + 14}">{word}</text>'
    for begin, _ in block.branches[1:]:
        y, _ = layout.span(begin, begin, program)
        yield f'<line class="split" x1="{inset}" y1="{y}" x2="{inset + width}" y2="{y}"/>'
