"""`cpmspec mutants`: which planted faults are noticed."""

import pytest

from conformance.cli import mutants as command
from conformance.cli.main import main
from conformance.reference.faults.catalogue import Expected, Mutant
from conformance.suite.mutants import Noticed


def test_one_fault_is_played_where_the_list_says(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("client-answers-push-400", "--flow", "push-pager", "--verbose")
    assert main(["mutants", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "push-pager  client-answers-push-400  noticed by the flow"
    assert "by flow" in lines
    assert any(line.split() == ["push-pager/4-5", "1", "of", "1"] for line in lines)
    assert lines[-1] == "1 of 1 noticed"


def test_what_is_no_violation_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", "client-answers-message-202"]) == 0
    out = capsys.readouterr().out
    assert "no violation on the wire\n  client-answers-message-202" in out
    assert "equivalent: a SHOULD" in out
    assert out.endswith("0 of 0 noticed\n")


def test_a_fault_there_is_not_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutants", "client-answer-push-400"]) == 2
    assert "did you mean 'client-answers-push-400'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--flow", "pusch"), "unknown flow 'pusch' (did you mean 'push'?)"),
        (
            ("client-answers-push-400", "--flow", "undelivered"),
            "no mutant of undelivered has client-answers-push-400",
        ),
    ],
)
def test_nothing_to_play_is_no_success(words, sentence, capsys) -> None:
    assert main(["mutants", *words]) == 2
    assert sentence in capsys.readouterr().err


def mutant(expected: Expected, why: str = "") -> Mutant:
    return Mutant("f", "pf", "push", "", "it errs", "SD-1", expected, why)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Noticed(mutant(Expected.FAIL), ("SD-1",), ()), "push  f  noticed by the flow"),
        (Noticed(mutant(Expected.ORACLE), (), ("SD-1",)), "push  f  noticed by the reference"),
        (
            Noticed(mutant(Expected.FAIL), ("SD-2",), ()),
            "push  f  NOT NOTICED: SD-2 found broken, not SD-1",
        ),
        (
            Noticed(mutant(Expected.FAIL), (), ()),
            "push  f  NOT NOTICED: nothing found broken, not SD-1",
        ),
        (
            Noticed(mutant(Expected.EQUIVALENT, "it is right"), ("SD-2",), ()),
            "push  f  equivalent: it is right; but failed SD-2",
        ),
    ],
)
def test_what_came_of_one_is_a_line(
    found: Noticed,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # given
    monkeypatch.setattr("conformance.suite.mutants.run", lambda chosen: [found])
    # when
    status = main(["mutants", "--verbose"])
    # then
    assert capsys.readouterr().out.startswith(line)
    assert status == (0 if found.is_as_expected else 1)
    assert command.__doc__
