import argparse
from pathlib import Path

import pytest

from conformance.cli.flows import add_parser


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["flows", *words])
    status: int = args.run(args)
    return status


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[0].startswith("chat-deferred  7.3.12 ")


def test_show_draw_and_diff(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "pull") == 0
    assert capsys.readouterr().out.startswith("pull: Deferred CPM Message pulling\n")
    for form, start in (
        ("svg", "<svg"),
        ("mermaid", "sequenceDiagram"),
        ("plantuml", "@startuml"),
    ):
        assert run("draw", "pull", "--format", form) == 0
        assert capsys.readouterr().out.startswith(start)
    assert run("diff", "pull-notify", "pull") == 0
    assert capsys.readouterr().out.startswith("--- pull-notify  C.3.3.2\n+++ pull  B.3.6.2\n")


def test_requirements(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("requirements") == 0
    assert "CF-7.3.12-note-reply" in capsys.readouterr().out
    assert run("requirements", "--markdown") == 0
    assert capsys.readouterr().out.startswith("# Requirements\n")


def test_unknown_flow(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "pul") == 2
    assert "did you mean 'pull'?" in capsys.readouterr().err
    assert run("draw", "zebra") == 2
    assert "there are chat-deferred, interwork-in, " in capsys.readouterr().err


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("check") == 0
    assert "9 flows and 2 profiles are well formed" in capsys.readouterr().out
    wrong = tmp_path / "wrong.flow"
    wrong.write_text('flow x "X"\n  source "D"\n', "utf-8")
    profile = tmp_path / "mine.toml"
    profile.write_text("notify = 3\n", "utf-8")
    assert run("check", str(wrong), str(profile)) == 2
    told = capsys.readouterr()
    assert f"{wrong}:2:13: source: clause" in told.err
    assert told.err.rstrip().endswith("^")
    assert f"{profile}: mine is well formed" in told.out
    assert run("check", str(tmp_path), "absent.flow") == 2
    told = capsys.readouterr().err
    assert f"{tmp_path}: it is a folder: check --flows DIR checks all of it\n" in told
    assert "absent.flow: it cannot be read: " in told


def test_another_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("list", "--flows", str(tmp_path)) == 2
    assert "no .flow file" in capsys.readouterr().err
