"""A ladder as lines of text, for the terminal."""

from dataclasses import dataclass

from conformance.report.instant import duration
from conformance.report.ladder import Layout, Look, Row

_TIME = 16
_NARROWEST = 14
_WIDEST = 40

UNICODE = {"life": "│", "line": "─", "gap": "╌", "right": "▶", "left": "◀", "parts": "◀━ here"}
ASCII = {"life": "|", "line": "-", "gap": ".", "right": ">", "left": "<", "parts": "<== here"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, with the row's look for its colour; None for the parties' names."""

    text: str
    look: Look | None = None


def lines(drawing: Layout, width: int, *, unicode: bool = True) -> list[Line]:
    """The drawing in at most `width` columns of a terminal (never less than it needs)."""
    signs = UNICODE if unicode else ASCII
    count = max(len(drawing.columns), 2)
    room = width - _TIME - len(signs["parts"]) - 2
    pitch = min(max(room // count, _NARROWEST), _WIDEST)
    found = [Line(_parties(drawing, pitch, names=True)), Line(_parties(drawing, pitch))]
    for row in drawing.rows:
        found.extend(_row(row, drawing, pitch, signs))
    return found


def _parties(drawing: Layout, pitch: int, *, names: bool = False) -> str:
    cells = []
    for column in drawing.columns:
        text = column.name if names else ", ".join(column.hosts) or "not seen"
        cells.append(_cut(text, pitch - 1).center(pitch))
    return (" " * _TIME + "".join(cells)).rstrip()


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def _row(row: Row, drawing: Layout, pitch: int, signs: dict[str, str]) -> list[Line]:
    lifes = [_TIME + pitch * place + pitch // 2 for place in range(len(drawing.columns))]
    canvas = [" "] * (lifes[-1] + pitch // 2 + 1)
    for life in lifes:
        canvas[life] = signs["life"]
    label = list(canvas)
    if row.look is Look.PAUSE:
        _write(label, 0, _cut(row.text, _TIME - 1))
        return [Line("".join(label).rstrip(), row.look)]
    time = "" if row.time is None else f"+{duration(max(row.time - drawing.begin, 0))}"
    frames = f"frame {row.frames[-1]}" if row.frames else ""
    _write(label, 0, time)
    _write(canvas, 0, frames)
    left, right = sorted((lifes[row.start], lifes[row.end]))
    if row.start == row.end:
        right = left + pitch // 2
    _write(label, left + 2, _cut(_words(row), right - left - 3))
    line = signs["gap"] if row.look in (Look.MISSING, Look.PENDING) else signs["line"]
    canvas[left + 1 : right] = [line] * (right - left - 1)
    tip = right - 1 if lifes[row.end] >= lifes[row.start] and row.start != row.end else left + 1
    canvas[tip] = signs["right"] if row.end > row.start else signs["left"]
    marked = f"  {signs['parts']}" if row.parts else ""
    return [
        Line("".join(label).rstrip(), row.look),
        Line("".join(canvas).rstrip() + marked, row.look),
    ]


def _words(row: Row) -> str:
    sign = {Look.VIOLATED: "✗ ", Look.MISSING: "✗ missing: ", Look.PENDING: "… "}.get(row.look, "")
    label = f"{row.label} " if row.label else ""
    copies = f" x{row.folded + 1}" if row.folded else ""
    return f"{label}{sign}{row.text}{copies}"


def _write(canvas: list[str], at: int, text: str) -> None:
    canvas[at : at + len(text)] = list(text)
