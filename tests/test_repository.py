"""What holds for every file of the repository: mirror tests, size, names."""

import ast
from pathlib import Path

import pytest

from tests.conftest import LONG, WAITING

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "conformance"
CEILING = 400
UNNAMED = {"utils", "util", "helpers", "helper", "common", "misc"}

ACROSS = {
    "tests/capture/test_both_containers.py": "files of every make, by both readers",
    "tests/capture/test_both_readers.py": "our reader and Wireshark's against each other",
}
"""Tests of what several modules do together, each with what that is."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERY = [*MODULES, *TESTS, *sorted((ROOT / "benchmarks").rglob("*.py"))]


def relative(path: Path) -> str:
    """A file's name as people write it."""
    return path.relative_to(ROOT).as_posix()


def has_code(path: Path) -> bool:
    """Whether a module holds more than a docstring."""
    body = ast.parse(path.read_text("utf-8")).body
    return any(not isinstance(node, ast.Expr) for node in body)


def mirror(path: Path) -> Path:
    """Where the test of a module belongs."""
    inside = path.relative_to(PACKAGE)
    if inside.name == "__init__.py":
        return ROOT / "tests" / inside.parent / "test_init.py"
    return ROOT / "tests" / inside.parent / f"test_{inside.name}"


TESTED = [path for path in MODULES if path.name != "__init__.py" and has_code(path)]


@pytest.mark.parametrize("path", TESTED, ids=relative)
def test_that_each_module_has_its_test(path: Path) -> None:
    assert mirror(path).is_file(), f"{relative(mirror(path))} is absent"


def test_that_mirror_tests_have_their_module() -> None:
    """A test in a package's folder is the test of one of its modules."""
    packages = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    stray = [
        relative(path)
        for path in TESTS
        if path.name.startswith("test_")
        and path.relative_to(ROOT / "tests").parts[0] in packages
        and relative(path) not in ACROSS
        and not (PACKAGE / path.relative_to(ROOT / "tests").parent / path.name[5:]).is_file()
    ]
    assert stray == []


@pytest.mark.parametrize("path", EVERY, ids=relative)
def test_that_no_file_is_too_long(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= CEILING, f"{relative(path)} has {lines} lines, at most {CEILING} are allowed"


def test_that_no_module_is_named_for_nothing() -> None:
    assert [relative(path) for path in EVERY if path.stem in UNNAMED] == []


def test_that_tests_are_no_packages() -> None:
    assert [relative(path) for path in TESTS if path.name == "__init__.py"] == []


def test_that_package_markers_hold_a_sentence() -> None:
    """An __init__.py says what its package is for, and holds no code but public names."""
    for path in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), relative(path)


def test_that_the_tests_that_begin_first_are_there() -> None:
    """Their order would be lost without a word where a file is renamed."""
    assert set(WAITING) <= set(LONG)
    assert [name for name in LONG if not (ROOT / "tests" / name).is_file()] == []
