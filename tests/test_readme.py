"""README.md shows what really comes out, and the guides name only what is there."""

import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.cli.main import COMMANDS, main
from conformance.cli.status import STATUSES
from conformance.flow.library import load
from conformance.flow.program import Level
from conformance.observation.trace import GapReason
from conformance.report.render_json import schema
from conformance.report.wording import SIGNS
from conformance.verifier.verdict import Reason, Status, Verdict

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GUIDES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]

LEFT_OUT = "…"
"""A line of a shown output that stands for any number of lines."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


@dataclass
class Shown:
    """A command of the README and the output that it shows."""

    command: str
    lines: list[str]

    def agrees(self, output: list[str]) -> bool:
        if LEFT_OUT not in self.lines:
            return output == self.lines
        place = self.lines.index(LEFT_OUT)
        head, tail = self.lines[:place], self.lines[place + 1 :]
        whole = len(output) >= len(head) + len(tail)
        return whole and output[: len(head)] == head and output[len(output) - len(tail) :] == tail

    def renewed(self, output: list[str]) -> list[str]:
        """The output with as much left out as before."""
        if LEFT_OUT not in self.lines:
            return output
        place = self.lines.index(LEFT_OUT)
        behind = len(self.lines) - place - 1
        return [*output[:place], LEFT_OUT, *output[len(output) - behind :]]


def shown(block: str) -> list[Shown]:
    found: list[Shown] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Shown(line[2:], []))
        else:
            found[-1].lines.append(line)
    return found


def make_recipe(target: str) -> str:
    """The `cpmspec` command of a target of the Makefile, on one line."""
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    recipe = text.partition(f"\n{target}:")[2].partition("\n\n")[0]
    line = next(line for line in recipe.splitlines() if ".venv/bin/cpmspec" in line)
    return line.strip().removeprefix("@.venv/bin/")


class Shell:
    """Runs the README's commands in one folder, without leaving the process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.status = 0

    def run(self, command: str) -> list[str]:
        if command == "echo $?":
            return [str(self.status)]
        if command.startswith("make "):
            self._link("captures")
            (self.folder / "reports").mkdir(exist_ok=True)
            command = make_recipe(command.removeprefix("make "))
        tool, *words = shlex.split(command)
        assert tool == "cpmspec", f"the README runs {tool}, which no test can"
        self.status = main(words)
        told = self.capsys.readouterr()
        assert told.err == ""
        return [line.rstrip() for line in told.out.splitlines()]

    def _link(self, name: str) -> None:
        link = self.folder / name
        if not link.exists():
            os.symlink(ROOT / name, link)


def blocks() -> list[str]:
    return _BLOCK.findall(README.read_text("utf-8"))


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.splitlines()[0][2:])
def test_the_readme_shows_what_comes_out(block, tmp_path, monkeypatch, capsys, request) -> None:
    if "$ make verify" in block and not (ROOT / "captures/index.toml").is_file():
        pytest.skip("captures/index.toml is absent: make captures")
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path, capsys)
    lines: list[str] = []
    for one in shown(block):
        output = shell.run(one.command)
        lines += [f"$ {one.command}", *one.renewed(output)]
        if not request.config.getoption("--update-golden"):
            assert one.agrees(output), f"README.md, $ {one.command}: run --update-golden"
    if request.config.getoption("--update-golden"):
        text = README.read_text("utf-8")
        README.write_text(text.replace(block, "".join(f"{line}\n" for line in lines)), "utf-8")


def test_the_readme_shows_both_commands_and_every_status() -> None:
    text = README.read_text("utf-8")
    assert "make verify" in text
    assert "make test" in text
    assert len(text.splitlines()) < 150
    for status in range(5):
        assert re.search(rf"\b{status}: \w", text), status


# ------------------------------------------------------------ what the guides name is there

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:[\w.*<>-]+/)+[\w.*<>-]*|\w+\.(?:py|md|toml|lark|flow|sh)")
_TOPS = ("conformance/", "flows/", "tests/", "docs/", "tools/", "captures/", "benchmarks/")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(guide: Path) -> None:
    for target in _LINK.findall(guide.read_text("utf-8")):
        if "://" not in target:
            assert (guide.parent / target).exists(), f"{guide.name}: {target}"


def named_paths(text: str) -> Iterator[str]:
    for code in _CODE.findall(text):
        for word in code.split():
            path = word.strip(",.;:()")
            if path.startswith(_TOPS) and _PATH.fullmatch(path) and "<" not in path:
                yield path


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_path_is_there(guide: Path) -> None:
    for path in named_paths(guide.read_text("utf-8")):
        found = ROOT.glob(path.rstrip("/"))
        assert any(one.is_file() or any(one.rglob("*.*")) for one in found), (
            f"{guide.name}: {path}"
        )


def test_every_page_is_in_the_index() -> None:
    linked = set(_LINK.findall((ROOT / "docs/README.md").read_text("utf-8")))
    pages = {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}
    assert pages <= linked


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_command_is_there(guide: Path) -> None:
    for code in _CODE.findall(guide.read_text("utf-8")):
        tool, *words = code.split()
        if tool == "cpmspec" and words and words[0][0] not in "-…0":
            assert words[0] in COMMANDS, f"{guide.name}: {code}"


def test_the_picture_of_the_floors_is_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    picture = guide.partition("## The floors")[2].split("```")[1]
    drawn = [re.split(r"\s{3,}", line.strip())[0] for line in picture.strip().splitlines()]
    assert drawn == layers


def codes(page: str) -> set[str]:
    return {
        word for code in _CODE.findall((ROOT / page).read_text("utf-8")) for word in code.split()
    }


def test_the_verdicts_page_explains_every_code() -> None:
    words = codes("docs/verdicts.md")
    for kind in (Verdict, Status, Level, Reason, GapReason):
        assert {str(one) for one in kind} <= words, kind.__name__


def row(page: str, *words: str) -> str:
    """The row of a table that holds all these words."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    return next(line for line in lines if all(word in line for word in words))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdicts_page_knows_the_exit_status(verdict: Verdict) -> None:
    assert f"| {STATUSES[verdict]} |" in row(
        "docs/verdicts.md", f"| `{verdict}` |", SIGNS[verdict]
    )


def test_the_verdicts_page_knows_the_profile() -> None:
    profile = load().profile("cpm")
    page = "docs/verdicts.md"
    declined = row(page, "policy-unknown", "`declined`").split("|")[1].split()
    departing = row(page, "a departure").split("|")[1].split()
    assert declined == list(profile.declined)
    assert departing == list(profile.departure)
    text = (ROOT / page).read_text("utf-8")
    deadlines = (profile.client_leg, profile.network_leg, profile.timer_c, profile.teardown)
    for seconds in deadlines:
        assert f"{seconds:g} s" in text
    assert f"{profile.order_tolerance * 1000:g} ms" in text


def fields(node: object) -> Iterator[str]:
    """Every property that a JSON Schema names, however deep."""
    if isinstance(node, dict):
        properties = node.get("properties", {})
        yield from properties
        for value in (*properties.values(), *(v for k, v in node.items() if k != "properties")):
            yield from fields(value)
    elif isinstance(node, list):
        for value in node:
            yield from fields(value)


def test_the_json_page_explains_every_field() -> None:
    words = {re.sub(r"\W", "", word) for word in codes("docs/json.md")}
    missing = {name for name in fields(json.loads(schema())) if name not in words}
    assert missing - {str(verdict) for verdict in Verdict} == set()
