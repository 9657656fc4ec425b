from dataclasses import replace

import pytest

from conformance.cli.main import main
from conformance.report.render_json import write_json
from conformance.verifier.verdict import Verdict
from tests.report.samples import report


@pytest.fixture
def base(tmp_path, capsys) -> str:
    path = str(tmp_path / "history.db")
    for day, verdict in ((1, Verdict.PASS), (2, Verdict.FAIL)):
        made = report()
        row = replace(made.requirements[0], verdict=verdict)
        results = tmp_path / f"{day}.json"
        with results.open("w", encoding="utf-8") as file:
            made = replace(made, made=f"2026-03-0{day}T00:00:00Z")
            write_json(replace(made, requirements=(row, *made.requirements[1:])), file)
        assert main(["history", path, "add", str(results), "--label", f"fw-{day}"]) == 0
    capsys.readouterr()
    return path


def test_runs_are_added_once(base, tmp_path, capsys) -> None:
    assert main(["history", base, "add", str(tmp_path / "1.json")]) == 0
    assert capsys.readouterr().out == f"{base}: this report was added before\n"


def test_what_moved_or_fails_is_shown(base, capsys) -> None:
    assert main(["history", base, "show"]) == 0
    shown = capsys.readouterr().out
    assert "fw-1" in shown
    assert "pull/6-7    ✓✗  ▼ worse" in shown
    assert "pull/14" not in shown
    assert "2 more stayed as they were (--all shows them)" in shown


def test_all_or_one_may_be_shown(base, capsys) -> None:
    assert main(["history", base, "show", "--all"]) == 0
    assert "pull/14" in capsys.readouterr().out
    assert main(["history", base, "show", "--requirement", "pull/14", "--last", "1"]) == 0
    shown = capsys.readouterr().out
    assert "pull/14  \u2013" in shown
    assert "fw-1" not in shown


def test_a_history_without_runs_is_3(base, capsys) -> None:
    import sqlite3

    with sqlite3.connect(base) as other:
        other.execute("PRAGMA foreign_keys = ON")
        other.execute("DELETE FROM run")
    other.close()
    assert main(["history", base, "show"]) == 3
    assert "no run was added yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["absent.db", "show"],
        ["BASE", "show", "--last", "0"],
        ["BASE", "show", "--last", "²"],
        ["BASE", "show", "--requirement", "pul"],
        ["BASE", "add", "absent.json"],
        ["BASE", "forget"],
        ["BASE"],
    ],
)
def test_errors_of_use_are_one_line(base, capsys, words) -> None:
    assert main(["history", *(base if word == "BASE" else word for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1


def test_signs_that_a_terminal_lacks_are_spelt_out(base, monkeypatch) -> None:
    import io
    import sys

    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["history", base, "show"]) == 0
