"""Write captures/ anew: `python -m tests.make_captures`.

Every file comes from a ladder, octet for octet the same each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.chosen_captures import (
    ACCEPTED,
    BROKEN,
    INCONCLUSIVE,
    ORDINARY,
    REJECTED,
    ROLES_GIVEN,
    Chosen,
)
from tests.ladder import Ladder
from tests.scenarios import catalogue

FOLDER = Path(__file__).resolve().parents[1] / "captures"

HEAD = """\
# What each capture shows, and what a judge must say of it. Made by
# `python -m tests.make_captures`, judged by
# `cpmspec verify captures/ --index captures/index.toml`.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """One capture: its path within captures/, its ladder, and its entry of the index."""

    path: str
    ladder: Ladder
    shows: str
    flow: str
    verdict: str
    requirement: str = ""

    def entry(self) -> str:
        """The `[[capture]]` of index.toml."""
        lines = ["", "[[capture]]", f'path = "{self.path}"', f'shows = "{self.shows}"']
        if self.flow:
            lines.append(f'flow = "{self.flow}"')
        lines.append(f'verdict = "{self.verdict}"')
        if self.requirement:
            lines.append(f'requirement = "{self.requirement}"')
        if self.flow in ROLES_GIVEN:
            lines.append("[capture.roles]")
            lines += [f"{role} = {_list(found)}" for role, found in self.ladder.roles.items()]
        return "\n".join([*lines, ""])


def _list(addresses: list[str]) -> str:
    return "[" + ", ".join(f'"{address}"' for address in addresses) + "]"


def captures() -> Iterator[Made]:
    """Every capture, flow by flow."""
    for flow in catalogue.FLOWS:
        yield from _of(flow, "VARIANTS", ACCEPTED, "pass")
        yield from _of(flow, "BREAKS", REJECTED, "fail")
        yield from _of(flow, "INCONCLUSIVE", INCONCLUSIVE, "inconc")
    for name, shows in ORDINARY.items():
        ladder = catalogue.ladder("ORDINARY", "ordinary", name)
        yield Made(f"ordinary/{name}.pcapng", ladder, shows, "", "none")


def _of(flow: str, kind: str, chosen: Chosen, verdict: str) -> Iterator[Made]:
    for name, shows in chosen[flow].items():
        ladder = catalogue.ladder(kind, flow, name)
        requirement = ""
        if verdict == "fail":
            requirement = BROKEN.get((flow, name)) or ladder.expect.requirement or ""
        path = f"{flow}/{_stem(verdict, requirement, name)}.pcapng"
        yield Made(path, ladder, shows, flow, verdict, requirement)


def _stem(verdict: str, requirement: str, name: str) -> str:
    """Accepted and inconclusive ones are named for what they show, rejected ones for the rule."""
    if verdict == "pass":
        return f"accepted_{name}"
    if verdict == "inconc":
        return f"inconclusive_{name}"
    broken = f"step-{requirement.partition('/')[2]}" if "/" in requirement else requirement
    return f"rejected_{broken}_{name}"


def write(folder: Path) -> list[Path]:
    """Write all captures and their index; gives the files."""
    written = []
    entries = [HEAD]
    for made in captures():
        path = folder / made.path
        path.parent.mkdir(parents=True, exist_ok=True)
        made.ladder.write_pcapng(path)
        written.append(path)
        entries.append(made.entry())
    index = folder / "index.toml"
    index.write_text("".join(entries), "utf-8")
    return [*written, index]


def main() -> None:
    """Write captures/ of this repository, and take away what is no longer made."""
    written = set(write(FOLDER))
    for path in FOLDER.rglob("*.pcapng"):
        if path not in written:
            path.unlink()


if __name__ == "__main__":
    main()
