"""Text from the wire within Markdown: it stays text, whatever markup it holds."""

import re
from collections.abc import Sequence

from conformance.report.legible import legible, one_line

_SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")
_LEADING = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+=]))")
_FENCE = re.compile(r"`+")


def inline(text: str, limit: int = 400) -> str:
    """One line of text that no Markdown and no HTML reads as markup, link or mention."""
    flat = one_line(text, limit)
    plain = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _LEADING.sub(r"\1\\", _SPECIAL.sub(r"\\\1", plain))
    return plain.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str, limit: int = 400) -> str:
    """A code span (CommonMark section 6.1) fit for a table's cell."""
    flat = one_line(text, limit).replace("|", "\\|")
    if not flat:
        return ""
    fence = "`" * (_longest(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def fenced(text: str) -> str:
    """A code block (CommonMark section 4.5) whose fence is longer than any within."""
    clean = legible(text)
    fence = "`" * max(3, _longest(clean) + 1)
    return f"{fence}text\n{clean}\n{fence}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _longest(text: str) -> int:
    return max((len(run) for run in _FENCE.findall(text)), default=0)
