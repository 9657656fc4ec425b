import os
import subprocess
import sys

import pytest

import conformance
from conformance.cli import main as main_module
from conformance.cli import verify
from conformance.cli.main import COMMANDS, main


def test_help_names_every_command(capsys) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert name in shown
    assert "exit status" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_help(command: str, capsys) -> None:
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: cpmspec {command}")


def test_help_imports_nothing_that_is_slow() -> None:
    program = (
        "import sys; from conformance.cli.main import main; main(['--help'])\n"
        "slow = {'rich', 'jinja2', 'lark', 'pyshark', 'asyncio', 'defusedxml'}\n"
        "loaded = slow & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "assert not [name for name in sys.modules if name.startswith('conformance.verifier')]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_the_packages(capsys) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cpmspec {conformance.__version__}\n"


@pytest.mark.parametrize(
    "words", [["verify"], ["very"], ["verify", "--nonsense", "x"], ["--x"], ["flows"]]
)
def test_errors_of_use_are_one_line_and_2(words, capsys) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1


def test_nothing_asked_shows_what_there_is(capsys) -> None:
    assert main([]) == 2
    shown = capsys.readouterr()
    assert "to begin with:" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["verfy"], "invalid choice: 'verfy' (did you mean 'verify'?) (see cpmspec --help)"),
        (["verify", "x", "--roles=a"], "there is no option --roles (did you mean '--role'?)"),
        (["verify", "x", "--roles=a"], "(see cpmspec verify --help)"),
        (["flows", "compare"], "invalid choice: 'compare': choose from list, show, check"),
        (["flows", "list", "push"], "nothing is expected at 'push' (see cpmspec flows list"),
        (["verify", "x", "--reader", "tsark"], "(did you mean 'tshark'?)"),
    ],
)
def test_a_misspelt_word_is_guessed_at(words, told, capsys) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_an_interruption_is_no_traceback(monkeypatch, capsys) -> None:
    def interrupted(args) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify, "run", interrupted)
    assert main(["verify", "x"]) == 130
    assert capsys.readouterr().err == "cpmspec: interrupted\n"


def test_our_own_error_is_4_with_a_note(monkeypatch, capsys) -> None:
    def broken(args) -> int:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(verify, "run", broken)
    assert main(["verify", "x"]) == 4
    error = capsys.readouterr().err
    assert "error of cpmspec" in error
    assert "ZeroDivisionError: by zero" in error
    assert "Traceback" not in error
    assert main(["--debug", "verify", "x"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_is_no_traceback(tmp_path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "conformance.cli.main", "demo"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert done.returncode == main_module.UNREAD
    assert done.stderr == b""
