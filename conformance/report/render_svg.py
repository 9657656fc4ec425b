"""A ladder as SVG: what was seen, with missing steps dashed and the first fault marked.

Three inks: what was observed, what the figure prints and no capture shows, what is missing.
Colours are the page's CSS variables, with values of its own where the drawing stands alone;
shape and sign say the same as colour. All text is escaped.
"""

from html import escape

from conformance.report.instant import duration, to_clock
from conformance.report.ladder import Layout, Look, Row
from conformance.report.legible import legible

_LEFT = 108
_PITCH = 236
_HEAD = 58
_ROW = 44
_RIGHT = 58
_SELF = 46

# A wide average glyph of the text's size: long texts are cut before they run over a life line.
_GLYPH = 7.0
_BOLD_GLYPH = 7.9

_SIGNS = {
    Look.STEP: "",
    Look.IMPLIED: "",
    Look.VIOLATED: "✗ ",
    Look.MISSING: "✗ missing: ",
    Look.PENDING: "… not seen: ",
    Look.EXPECTED: "not captured: ",
    Look.FOLDED: "⋯ ",
    Look.PAUSE: "",
}

STYLE = """
.ladder{font:12px/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.ladder text{fill:var(--ink,#1c2024)}
.ladder .party{font-weight:600;font-size:13px}
.ladder .host,.ladder .clock{fill:var(--muted,#667079);font-size:11px;
font-variant-numeric:tabular-nums}
.ladder .life{stroke:var(--line,#d4d9de)}
.ladder .arrow{stroke:var(--ink,#1c2024);stroke-width:1.4;fill:none}
.ladder .head{fill:var(--ink,#1c2024)}
.ladder .badge{fill:var(--ink,#1c2024)}
.ladder .number{fill:var(--paper,#fff);font-weight:600;font-size:11px}
.ladder .implied text,.ladder .pending text{fill:var(--muted,#667079)}
.ladder .implied .arrow,.ladder .pending .arrow{stroke:var(--faint,#a9b2ba);stroke-width:1}
.ladder .implied .head,.ladder .pending .head{fill:var(--faint,#a9b2ba)}
.ladder .pending .badge{fill:var(--muted,#667079)}
.ladder .pending .arrow,.ladder .missing .arrow{stroke-dasharray:5 4}
.ladder .violated text,.ladder .missing text{fill:var(--fail,#b3261e);font-weight:600}
.ladder .violated .arrow,.ladder .missing .arrow{stroke:var(--fail,#b3261e);stroke-width:1.8}
.ladder .violated .head,.ladder .missing .head,.ladder .violated .badge,
.ladder .missing .badge{fill:var(--fail,#b3261e)}
.ladder .violated .number,.ladder .missing .number,.ladder .pending .number{fill:var(--paper,#fff)}
.ladder .violated .clock,.ladder .missing .clock{fill:var(--muted,#667079);font-weight:400}
.ladder .expected text{fill:var(--expected,#2a5f9e)}
.ladder .expected .arrow{stroke:var(--expected,#2a5f9e);stroke-width:1.2;stroke-dasharray:1.5 4;
stroke-linecap:round}
.ladder .expected .head,.ladder .expected .badge{fill:var(--expected,#2a5f9e)}
.ladder .expected .number{fill:var(--paper,#fff)}
.ladder .folded text,.ladder .pause text{fill:var(--muted,#5d6770);font-style:italic}
.ladder .folded .arrow,.ladder .pause .arrow{stroke:var(--faint,#a9b2ba);stroke-width:1;
stroke-dasharray:1 5;stroke-linecap:round}
.ladder .mark{fill:var(--paper,#fff);stroke:var(--fail,#b3261e)}
.ladder .mark-number{fill:var(--fail,#b3261e);font-weight:600;font-size:11px}
.ladder .hit{fill:transparent}
.ladder a:hover .hit,.ladder .chosen .hit{fill:var(--hover,#1f4e7912)}
.ladder a:focus{outline:none}
.ladder a:focus-visible .hit{stroke:var(--accent,#1f4e79);stroke-width:2}
.ladder .parting{fill:var(--fail-tint,#fbe9e7)}
"""


def render_svg(drawing: Layout, *, title: str, link: str = "", style: bool = True) -> str:
    """The drawing as one `svg` element.

    With `link`, a row leads to `#<link>&m=<index of its message>` and a mark to
    `#<link>&f=<number of its finding>`. Without `style` the page that holds it brings STYLE.
    """
    width = _LEFT + _PITCH * max(len(drawing.columns) - 1, 1) + _PITCH // 2 + _RIGHT
    height = _HEAD + _ROW * len(drawing.rows) + 18
    pieces = [
        f'<svg class="ladder" xmlns="http://www.w3.org/2000/svg" {_role(title, link)} '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{_text(title)}</title>",
    ]
    if style:
        pieces.append(f"<style>{STYLE}</style>")
    pieces.extend(_parties(drawing, height))
    for place, row in enumerate(drawing.rows):
        pieces.append(_row(row, _HEAD + _ROW * place, drawing, width, link))
    pieces.append("</svg>\n")
    return "\n".join(pieces)


def _role(title: str, link: str) -> str:
    # An image has no links inside; a drawing that has them is a group of them.
    return f'role="group" aria-label="{_text(title)}"' if link else 'role="img"'


def _text(text: str) -> str:
    return escape(legible(text))


def _x(column: int) -> int:
    return _LEFT + _PITCH // 2 - 40 + _PITCH * column


def _cut(text: str, width: float, glyph: float = _GLYPH) -> str:
    room = max(int(width / glyph), 4)
    return text if len(text) <= room else text[: room - 1] + "…"


def _parties(drawing: Layout, height: int) -> list[str]:
    pieces = []
    for place, column in enumerate(drawing.columns):
        x = _x(place)
        hosts = _cut(", ".join(column.hosts) or "not seen", _PITCH - 16)
        pieces.append(
            f'<line class="life" x1="{x}" y1="{_HEAD - 14}" x2="{x}" y2="{height - 8}"/>'
            f'<text class="party" x="{x}" y="18" text-anchor="middle">'
            f"{_text(_cut(column.name, _PITCH - 8))}</text>"
            f'<text class="host" x="{x}" y="34" text-anchor="middle">{_text(hosts)}</text>'
        )
    return pieces


def _row(row: Row, top: int, drawing: Layout, width: int, link: str) -> str:
    # Each row is drawn at the top and moved: equal rows are equal text, which deflates well.
    y = 26
    parts = []
    if row.parts:
        parts.append(f'<rect class="parting" x="0" y="1" width="{width}" height="{_ROW - 2}"/>')
    if row.look is Look.PAUSE:
        parts.append(_pause(row, y, drawing))
    else:
        parts += [_clock(row, y, drawing.begin), _arrow(row, y), _label(row, y)]
    inner = "".join(parts)
    if link and row.message is not None:
        hit = f'<rect class="hit" x="1" y="1" width="{width - 2}" height="{_ROW - 2}"/>'
        inner = f'<a href="#{escape(link)}&amp;m={row.message}">{hit}{inner}</a>'
    place = f'class="{row.look}" transform="translate(0 {top})"'
    return f"<g {place}>{_tip(row)}{inner}{_marks(row, y, width, link)}</g>"


def _pause(row: Row, y: int, drawing: Layout) -> str:
    left, right = _x(0), _x(len(drawing.columns) - 1)
    return (
        f'<line class="arrow" x1="{left}" y1="{y}" x2="{max(right, left + _SELF)}" y2="{y}"/>'
        f'<text x="6" y="{y + 4}">{_text(row.text)}</text>'
    )


def _marks(row: Row, y: int, width: int, link: str) -> str:
    """The numbers of the findings of this row, at its right end."""
    if not link:
        return ""
    pieces = []
    for place, number in enumerate(row.marks[:2]):
        x = width - 34 - 30 * place
        pieces.append(
            f'<a href="#{escape(link)}&amp;f={number}" aria-label="finding {number}">'
            f'<rect class="mark" x="{x}" y="{y - 12}" width="26" height="24" rx="4"/>'
            f'<text class="mark-number" x="{x + 13}" y="{y + 4}" text-anchor="middle">'
            f"F{number}</text></a>"
        )
    return "".join(pieces)


def _tip(row: Row) -> str:
    words = [row.text]
    if row.time is not None:
        words.append(to_clock(row.time))
    if row.folded:
        words.append(f"{row.folded} more copies or retransmissions folded in")
    return f"<title>{_text(' · '.join(words))}</title>"


def _clock(row: Row, y: int, begin: int) -> str:
    if row.time is None:
        return ""
    frames = ", ".join(map(str, row.frames[-2:]))
    more = "…, " if len(row.frames) > 2 else ""
    return (
        f'<text class="clock" x="6" y="{y - 3}">+{duration(max(row.time - begin, 0))}</text>'
        f'<text class="clock" x="6" y="{y + 11}">frame {more}{frames}</text>'
    )


def _arrow(row: Row, y: int) -> str:
    start, end = _x(row.start), _x(row.end)
    if row.start == row.end:
        path = f"M{start} {y - 6}h{_SELF}v12h-{_SELF - 7}"
        tip = f"{start},{y + 6} {start + 9},{y + 2} {start + 9},{y + 10}"
        return f'<path class="arrow" d="{path}"/><polygon class="head" points="{tip}"/>'
    if row.look is Look.FOLDED:  # messages of both directions
        return f'<line class="arrow" x1="{start}" y1="{y}" x2="{end}" y2="{y}"/>'
    back = -9 if end > start else 9
    return (
        f'<line class="arrow" x1="{start}" y1="{y}" x2="{end + back}" y2="{y}"/>'
        f'<polygon class="head" points="{end},{y} {end + back},{y - 4} {end + back},{y + 4}"/>'
    )


def _label(row: Row, y: int) -> str:
    left = min(_x(row.start), _x(row.end))
    room = abs(_x(row.start) - _x(row.end)) or _PITCH - _SELF
    pieces = []
    at = left + 10 if row.start != row.end else left + _SELF + 8
    if row.label:
        badge = max(20, 10 + 7 * len(row.label))
        pieces.append(
            f'<rect class="badge" x="{at}" y="{y - 20}" width="{badge}" height="16" rx="8"/>'
            f'<text class="number" x="{at + badge / 2:g}" y="{y - 8}" text-anchor="middle">'
            f"{_text(row.label)}</text>"
        )
        at += badge + 6
    words = _SIGNS[row.look] + row.text
    glyph = _BOLD_GLYPH if row.look in (Look.VIOLATED, Look.MISSING) else _GLYPH
    copies = f" ×{row.folded + 1}" if row.folded else ""  # noqa: RUF001 - the sign for times
    width = room - (at - left) - 6 - glyph * len(copies)
    shown = _cut(words, width, glyph) + copies
    pieces.append(f'<text x="{at}" y="{y - 7}">{_text(shown)}</text>')
    return "".join(pieces)
