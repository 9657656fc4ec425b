import pytest

from conformance.cli.main import main
from conformance.report.render_json import write_json
from tests.report.samples import failed_pull, passed_pager, report


@pytest.fixture
def files(tmp_path):
    found = {}
    for name, made in (
        ("all", report()),
        ("pass", report(passed_pager(), full=False)),
        ("fail", report(failed_pull(), full=False)),
    ):
        found[name] = str(tmp_path / f"{name}.json")
        with open(found[name], "w", encoding="utf-8") as file:
            write_json(made, file)
    worse = report(passed_pager(), full=False).flows[1:]
    from dataclasses import replace

    found["worse"] = str(tmp_path / "worse.json")
    with open(found["worse"], "w", encoding="utf-8") as file:
        write_json(replace(report(passed_pager(), full=False), flows=worse), file)
    return found


def test_nothing_worse_is_0(files, capsys) -> None:
    assert main(["compare", files["all"], files["all"]]) == 0
    assert "0 worse, 0 better, 0 otherwise, 5 as before" in capsys.readouterr().out


def test_something_worse_is_1_and_every_form_is_written(files, tmp_path, capsys) -> None:
    page, text = tmp_path / "a.html", tmp_path / "a.md"
    words = [files["worse"], files["pass"], "--html", str(page), "--markdown", str(text)]
    assert main(["compare", *words]) == 1
    assert "flow pull: \u2013 absent → ✗ fail" in capsys.readouterr().out
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert text.read_text().startswith("# ")
    assert main(["compare", *words, "-q"]) == 1
    assert capsys.readouterr().out == ""


def test_one_form_may_go_to_standard_output(files, capsys) -> None:
    assert main(["compare", files["all"], files["all"], "--markdown", "-"]) == 0
    assert capsys.readouterr().out.startswith("# ")


@pytest.mark.parametrize(
    "words",
    [["-", "-"], ["absent.json", "A"], ["A", "A", "--html", "absent/a.html"], ["A"]],
)
def test_errors_of_use_are_one_line(files, capsys, words) -> None:
    assert main(["compare", *(files["all"] if word == "A" else word for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1
