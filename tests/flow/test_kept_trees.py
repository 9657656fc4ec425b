"""Syntax trees that are kept are those that would be made anew, or are not taken."""

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from conformance.flow import kept_trees, library, syntax
from conformance.flow.compile import compile_flow
from conformance.flow.errors import FlowSyntaxError
from conformance.flow.kept_trees import trees
from conformance.flow.library import default_folder, read_text

TEXTS = [
    (read_text(path, path.name), path.name) for path in sorted(default_folder().rglob("*.flow"))
]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cpmspec" / "flows.cache"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were parsed."""
    files = []
    parse = syntax.parse

    def watched(text: str, file: str):
        files.append(file)
        return parse(text, file)

    monkeypatch.setattr(syntax, "parse", watched)
    return files


def test_they_are_parsed_once_and_mean_the_same_ever_after(kept: Path, parsed: list[str]) -> None:
    first = trees(TEXTS)
    assert parsed == [file for _, file in TEXTS]
    assert kept.stat().st_mode & 0o077 == 0
    second = trees(TEXTS)
    assert len(parsed) == len(TEXTS)
    assert first == second
    assert [compile_flow(one) for one in second] == [compile_flow(one) for one in first]


def test_another_text_or_name_or_language_is_parsed(
    kept: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trees(TEXTS[:2])
    (text, file), other = TEXTS[:2]
    for changed in ([(text + "# more\n", file), other], [(text, "other.flow"), other], [other]):
        before = len(parsed)
        assert [one.id for one in trees(changed)] == [syntax.parse(*pair).id for pair in changed]
        assert len(parsed) == before + 2 * len(changed)
    before = len(parsed)
    monkeypatch.setattr(kept_trees, "_LANGUAGE", ("flow.lark",))
    trees([other])
    assert len(parsed) == before + 1


@pytest.mark.parametrize("place", [0, 31, 32, 33, 5_000, -1])
def test_one_octet_changed_is_none_of_ours(kept: Path, parsed: list[str], place: int) -> None:
    trees(TEXTS[:1])
    octets = bytearray(kept.read_bytes())
    octets[place] ^= 1
    kept.write_bytes(octets)
    assert trees(TEXTS[:1]) == [syntax.parse(*TEXTS[0])]
    assert len(parsed) == 3
    trees(TEXTS[:1])
    assert len(parsed) == 3


@pytest.mark.parametrize("octets", [b"", b"x", bytes(64)])
def test_what_is_no_cache_is_replaced(kept: Path, parsed: list[str], octets: bytes) -> None:
    kept.parent.mkdir()
    kept.write_bytes(octets)
    trees(TEXTS[:1])
    trees(TEXTS[:1])
    assert len(parsed) == 1
    assert [path.name for path in kept.parent.glob("*") if "lark" not in path.name] == [kept.name]


def test_nothing_but_nodes_is_made(kept: Path, parsed: list[str]) -> None:
    """Whoever can write there could seal it too: still nothing of theirs is run."""
    trees(TEXTS[:1])
    evil = pickle.dumps(os.getcwd)
    digest = kept_trees._digest(TEXTS[:1])
    kept.write_bytes(hashlib.sha256(digest + evil).digest() + evil)
    assert trees(TEXTS[:1]) == [syntax.parse(*TEXTS[0])]


def test_where_nothing_can_be_kept_they_are_parsed_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert trees(TEXTS[:1]) == trees(TEXTS[:1])
    assert len(parsed) == 2


def test_a_folder_in_its_place_is_left_alone(kept: Path, parsed: list[str]) -> None:
    kept.mkdir(parents=True)
    assert trees(TEXTS[:1]) == trees(TEXTS[:1])
    assert len(parsed) == 2
    assert [path.name for path in kept.parent.glob("*") if "lark" not in path.name] == [kept.name]


def test_an_error_is_told_each_time(kept: Path) -> None:
    for _ in range(2):
        with pytest.raises(FlowSyntaxError, match=r"x\.flow"):
            trees([("flow", "x.flow")])
    assert not kept.exists()


def test_the_project_s_own_flows_are_kept(kept: Path, parsed: list[str]) -> None:
    library._load.cache_clear()
    try:
        first = library.load()
        library._load.cache_clear()
        assert library.load() == first
        assert len(parsed) == len(first.flows)
    finally:
        library._load.cache_clear()
