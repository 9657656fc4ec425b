import argparse
import io
import os
import stat
import sys
from pathlib import Path

import pytest

from conformance.cli.output import FORMATS, add_arguments, say, targets, write, write_reports
from conformance.suite.errors import ConformanceError
from tests.report.samples import report


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(list(words))


def test_targets_are_those_asked_for(tmp_path) -> None:
    assert targets(parse()) == {}
    path = str(tmp_path / "a.html")
    assert targets(parse("--html", path, "--json", "-")) == {"json": "-", "html": path}


def test_what_cannot_be_written_is_refused_before(tmp_path) -> None:
    with pytest.raises(ConformanceError, match="there is no folder") as refused:
        targets(parse("--html", str(tmp_path / "none" / "a.html")))
    assert refused.value.place.startswith("--html ")
    with pytest.raises(ConformanceError, match="it is a folder"):
        targets(parse("--json", str(tmp_path)))
    with pytest.raises(ConformanceError, match="only one report"):
        targets(parse("--json", "-", "--junit", "-"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_is_refused(tmp_path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConformanceError, match="cannot be written"):
        targets(parse("--json", str(tmp_path / "a")))


def test_a_file_is_there_whole_or_not_at_all(tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def broken(file) -> None:
        file.write("half")
        raise KeyError

    with pytest.raises(KeyError):
        write(str(path), broken)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    write(str(path), lambda file: file.write("new"))
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_what_the_umask_lets_them(tmp_path) -> None:
    path = tmp_path / "a.txt"
    before = os.umask(0o022)
    try:
        write(str(path), lambda file: file.write("x"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_device_is_written_and_not_replaced() -> None:
    write("/dev/null", lambda file: file.write("x"))
    assert not Path("/dev/null").is_file()


def test_a_full_device_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with pytest.raises(ConformanceError, match="it cannot be written: "):
        write("/dev/full", lambda file: file.write("x"))


def test_every_form_is_told_in_the_documents() -> None:
    told = (Path(__file__).parents[2] / "docs" / "forms.md").read_text("utf-8")
    for name in FORMATS:
        assert f"`--{name} FILE`" in told


def test_two_reports_in_one_file_are_refused(tmp_path) -> None:
    path = str(tmp_path / "a")
    with pytest.raises(ConformanceError, match="the same file"):
        targets(parse("--json", path, "--csv", path))


def test_what_a_terminal_lacks_is_spelt_out(monkeypatch) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    say("✓ pass")
    sys.stdout.flush()
    assert octets.getvalue() == b"\\u2713 pass"


def test_all_formats_are_written(tmp_path, capsys) -> None:
    names = {name: str(tmp_path / name) for name in FORMATS}
    write_reports(report(), names, quiet=True)
    assert (tmp_path / "sarif").read_text().startswith("{")
    assert (tmp_path / "ctrf").read_text().startswith("{")
    assert (tmp_path / "markdown").read_text().startswith("# ")
    assert (tmp_path / "csv").read_text().startswith("capture,")
    assert (tmp_path / "json").read_text().startswith("{")
    assert (tmp_path / "html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "junit").read_text().startswith("<?xml")
    assert capsys.readouterr().out == ""


def test_the_terminal_gets_its_report_unless_stdout_is_taken(capsys) -> None:
    write_reports(report(), {}, quiet=False)
    assert "✗ FAIL" in capsys.readouterr().out
    write_reports(report(), {"json": "-"}, quiet=False)
    assert capsys.readouterr().out.startswith("{")
