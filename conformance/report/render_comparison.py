"""A comparison of two reports as text for the terminal, as Markdown and as one HTML page."""

from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, tostring

from conformance.report.comparison import (
    MEANINGS,
    SIGNS,
    WORDS,
    Change,
    Comparison,
    Difference,
    Side,
)
from conformance.report.legible import legible, one_line
from conformance.report.markdown_text import code, inline, table
from conformance.report.wording import SIGNS as VERDICT_SIGNS
from conformance.report.wording import WORDS as VERDICT_WORDS
from conformance.verifier.verdict import Verdict

_DETAIL = 600

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --line: #b8b8b8; --soft: #555; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #161616; --line: #4a4a4a; --soft: #b0b0b0; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
p, caption { color: var(--soft); text-align: left; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
tbody th { font-weight: normal; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
"""


def verdict_text(verdict: Verdict | None) -> str:
    """A verdict's sign and word; `absent` where there is none."""
    if verdict is None:
        return "\u2013 absent"
    return f"{VERDICT_SIGNS[verdict]} {VERDICT_WORDS[verdict]}"


def summary(made: Comparison) -> str:
    """How much went which way, on one line."""
    parts = [f"{len(made.of(change))} {WORDS[change].lower()}" for change in Change]
    return f"{', '.join(parts)}, {made.unchanged} as before"


def write_text(made: Comparison, file: TextIO) -> None:
    """Write it for people at a terminal."""
    for side in (made.old, made.new):
        file.write(one_line(_side(side), 500) + "\n")
    for caution in made.cautions:
        file.write(one_line(f"caution: {caution}", 500) + "\n")
    for change in Change:
        found = made.of(change)
        if found:
            file.write(f"\n{SIGNS[change]} {WORDS[change]}: {MEANINGS[change]}\n")
        for one in found:
            verdicts = f"{verdict_text(one.before)} → {verdict_text(one.now)}"
            file.write(f"  {one_line(f'{one.kind} {one.id}: {verdicts}', 500)}\n")
            if one.detail:
                file.write(f"    {one_line(one.detail, _DETAIL)}\n")
    file.write(f"\n{summary(made)}\n")


def write_markdown(made: Comparison, file: TextIO) -> None:
    """Write it as Markdown."""
    file.write(f"# {inline(_title(made))}\n\n{inline(summary(made))}\n\n")
    for side in (made.old, made.new):
        file.write(f"- {inline(_side(side), 500)}\n")
    for caution in made.cautions:
        file.write(f"- **Caution:** {inline(caution)}\n")
    for change in Change:
        found = made.of(change)
        if found:
            file.write(f"\n## {SIGNS[change]} {WORDS[change]}\n\n{MEANINGS[change]}\n\n")
            rows = [_cells(one) for one in found]
            file.write(table(("", "id", "before", "now", "seen"), rows) + "\n")


def _cells(one: Difference) -> tuple[str, ...]:
    verdicts = (verdict_text(one.before), verdict_text(one.now))
    return (one.kind, code(one.id), *verdicts, inline(one.detail or one.title, _DETAIL))


def write_html(made: Comparison, file: TextIO) -> None:
    """Write it as one page that needs no network; what comes from the wire is text."""
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", f"{_title(made)}: {summary(made)}")
    _add(head, "style", _STYLE)
    body = SubElement(SubElement(root, "body"), "main")
    _add(body, "h1", _title(made))
    _add(body, "p", summary(made))
    listed = SubElement(body, "ul")
    for text in _facts(made):
        _add(listed, "li", text)
    for change in Change:
        if made.of(change):
            _section(body, change, made.of(change))
    file.write("<!DOCTYPE html>\n")
    file.write(tostring(root, encoding="unicode", method="html") + "\n")


def _section(body: Element, change: Change, found: tuple[Difference, ...]) -> None:
    _add(body, "h2", f"{SIGNS[change]} {WORDS[change]} ({len(found)})")
    made = SubElement(body, "table")
    _add(made, "caption", MEANINGS[change])
    head = SubElement(SubElement(made, "thead"), "tr")
    for name in ("what", "before and now", "seen"):
        _add(head, "th", name).set("scope", "col")
    rows = SubElement(made, "tbody")
    for one in found:
        row = SubElement(rows, "tr")
        _add(row, "th", f"{one.kind} {one.id}").set("scope", "row")
        _add(row, "td", f"{verdict_text(one.before)} → {verdict_text(one.now)}")
        _add(row, "td", one_line(one.detail or one.title, _DETAIL))


def _add(parent: Element, tag: str, text: str) -> Element:
    made = SubElement(parent, tag)
    made.text = legible(text)
    return made


def _title(made: Comparison) -> str:
    return f"{one_line(made.old.name, 80)} and {one_line(made.new.name, 80)} compared"


def _facts(made: Comparison) -> Iterator[str]:
    yield _side(made.old)
    yield _side(made.new)
    for caution in made.cautions:
        yield f"Caution: {caution}"


def _side(side: Side) -> str:
    made = f", {side.made}" if side.made else ""
    captures = "1 capture" if side.captures == 1 else f"{side.captures} captures"
    return (
        f"{side.name}: {verdict_text(side.verdict)}, {captures}, "
        f"profile {side.profile}, {side.tool}{made}"
    )
