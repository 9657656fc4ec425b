import io
import sys

import pytest

from conformance.cli.main import main
from conformance.cli.output import FORMATS, write_reports
from conformance.report.render_json import write_json
from tests.report.samples import report


@pytest.fixture
def results(tmp_path):
    path = tmp_path / "results.json"
    with path.open("w", encoding="utf-8") as file:
        write_json(report(), file)
    return path


def test_a_report_is_rendered_again(results, tmp_path, capsys) -> None:
    page, junit = tmp_path / "a.html", tmp_path / "a.xml"
    assert main(["report", str(results), "--html", str(page), "--junit", str(junit)]) == 0
    assert "✗ FAIL" in capsys.readouterr().out
    assert "pull/6-7" in page.read_text()
    assert "testsuites" in junit.read_text()


def test_every_form_made_again_equals_the_one_made_first(results, tmp_path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    names = [name for name in FORMATS if name != "json"]
    words = [word for name in names for word in (f"--{name}", str(again / name))]
    assert main(["report", str(results), "-q", *words]) == 0
    write_reports(report(), {name: str(tmp_path / name) for name in names}, quiet=True)
    for name in names:
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_a_report_is_read_from_standard_input(results, monkeypatch, capsys) -> None:
    class Stdin:
        buffer = io.BytesIO(results.read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert main(["report", "-"]) == 0
    assert "✗ FAIL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"{}", "schema: cpmspec-report/1 is expected"),
        (b"\xff", "it is no JSON report: not UTF-8"),
        (b"<html>", "this is no JSON"),
        (None, "it cannot be read"),
    ],
)
def test_what_is_no_report_is_one_line(tmp_path, capsys, octets, sentence) -> None:
    path = tmp_path / "x.json"
    if octets is not None:
        path.write_bytes(octets)
    assert main(["report", str(path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"cpmspec: {path}: ")
    assert sentence in error
    assert error.count("\n") == 1
