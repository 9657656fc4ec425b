"""A ladder as the text of a diagram: Mermaid, PlantUML, or plain lines."""

import re

from conformance.report.ladder import Layout, Look, Row
from conformance.report.legible import one_line
from conformance.report.text_ladder import lines

_WORDS = {
    Look.MISSING: "missing: ",
    Look.VIOLATED: "violated: ",
    Look.PENDING: "not seen: ",
    Look.EXPECTED: "not captured: ",
}
_ABSENT = {Look.MISSING, Look.PENDING, Look.EXPECTED}
_NOTES = {Look.PAUSE, Look.FOLDED}

# What Mermaid's grammar takes as an end of statement, an entity or a mark of its own.
_MERMAID = re.compile(r"[#;:<>{}\"\\]")
# PlantUML's own marks; a doubled sign begins Creole markup.
_PLANTUML = re.compile(r"[<>\[\]{}|\\~\"@!%]|([*_/.=-])(?=\1)")


def plain(drawing: Layout) -> str:
    """The ladder as lines of text."""
    return "".join(f"{line.text}\n" for line in lines(drawing, 120))


def mermaid(drawing: Layout) -> str:
    """The ladder as a Mermaid `sequenceDiagram`."""
    made = ["sequenceDiagram"]
    for place, name in enumerate(_names(drawing)):
        made.append(f"    participant p{place} as {_mermaid(name)}")
    for row in drawing.rows:
        text = _mermaid(_words(row))
        if row.look in _NOTES:
            made.append(f"    Note over {_span(row, drawing)}: {text}")
        else:
            arrow = "--x" if row.look in _ABSENT else "->>"
            made.append(f"    p{row.start}{arrow}p{row.end}: {text}")
    return "\n".join(made) + "\n"


def plantuml(drawing: Layout) -> str:
    """The ladder as a PlantUML sequence diagram."""
    made = ["@startuml"]
    for place, name in enumerate(_names(drawing)):
        made.append(f'participant "{_plantuml(name)}" as p{place}')
    for row in drawing.rows:
        text = _plantuml(_words(row))
        if row.look in _NOTES:
            made.append(f"note over {_span(row, drawing)} : {text}")
        else:
            made.append(f"p{row.start} {_arrow(row)} p{row.end} : {text}")
    return "\n".join([*made, "@enduml"]) + "\n"


def _names(drawing: Layout) -> list[str]:
    return [one_line(" ".join([column.name, *column.hosts[:2]]), 80) for column in drawing.columns]


def _words(row: Row) -> str:
    label = f"{row.label} " if row.label else ""
    copies = f" x{row.folded + 1}" if row.folded else ""
    return one_line(f"{label}{_WORDS.get(row.look, '')}{row.text}{copies}", 160)


def _span(row: Row, drawing: Layout) -> str:
    if row.look is Look.PAUSE and len(drawing.columns) > 1:
        return f"p0,p{len(drawing.columns) - 1}"
    return f"p{row.start},p{row.end}" if row.start != row.end else f"p{row.start}"


def _arrow(row: Row) -> str:
    if row.look is Look.MISSING:
        return "-[#red,dashed]>"
    if row.look in _ABSENT:
        return "-[#gray,dashed]>"
    return "-[#red]>" if row.look is Look.VIOLATED else "->"


def _mermaid(text: str) -> str:
    return _MERMAID.sub(lambda found: f"#{ord(found[0])};", text)


def _plantuml(text: str) -> str:
    return _PLANTUML.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
