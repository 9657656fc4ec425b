import pytest

from conformance.cli.main import main
from conformance.report.render_json import write_json
from conformance.suite.gate import PRECEDENCE
from tests.report.samples import cut_pager, failed_pull, passed_pager, report

KNOWN = """
[[known]]
requirement = "pull/6-7"
owner = "alice"
reason = "ticket 4711"
expires = {expires}
message = "{message}"
"""


@pytest.fixture(autouse=True)
def _today(monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772442000")  # 2026-03-02


@pytest.fixture
def write(tmp_path):
    def made(name: str, *instances) -> str:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as file:
            write_json(report(*instances, full=False), file)
        return str(path)

    return made


@pytest.fixture
def policy(tmp_path):
    def made(text: str) -> str:
        path = tmp_path / "policy.toml"
        path.write_text(text)
        return str(path)

    return made


def test_a_clean_report_opens_the_gate(write, capsys) -> None:
    assert main(["gate", write("a.json", passed_pager())]) == 0
    assert capsys.readouterr().out == "gate open\n"


def test_1_new(write, capsys) -> None:
    assert main(["gate", write("a.json", failed_pull())]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("new failure: pull/6-7 ")
    assert told[-1] == "gate closed (1)"


def test_0_in_the_baseline_too(write, capsys) -> None:
    results = write("a.json", failed_pull())
    assert main(["gate", results, "--baseline", results]) == 0
    assert "note: in the baseline too" in capsys.readouterr().out
    assert main(["gate", results, "--baseline", results, "-q"]) == 0
    assert capsys.readouterr().out == "gate open\n"


def test_3_inconclusive(write) -> None:
    assert main(["gate", write("a.json", cut_pager())]) == 3


@pytest.mark.parametrize(
    ("expires", "message", "status"),
    [
        ("2026-03-02", "INVITE from the client", 0),
        ("2026-03-01", "INVITE from the client", 5),
        ("2026-12-31", "BYE", 6),
    ],
)
def test_5_and_6_known_issues(write, policy, expires, message, status) -> None:
    path = policy(KNOWN.format(expires=expires, message=message))
    assert main(["gate", write("a.json", failed_pull()), "--policy", path]) == status


def test_7_an_expected_failure_passes(write, policy) -> None:
    text = KNOWN.format(expires="2026-12-31", message="x").replace("pull/6-7", "push-pager/2-3")
    assert main(["gate", write("a.json", passed_pager()), "--policy", policy(text)]) == 7


def test_the_help_names_every_status(capsys) -> None:
    assert main(["gate", "--help"]) == 0
    shown = capsys.readouterr().out
    for outcome in PRECEDENCE:
        assert f"\n  {int(outcome)}  " in shown


@pytest.mark.parametrize(
    "words", [["absent.json"], ["A", "--policy", "absent.toml"], ["A", "--baseline", "x.json"]]
)
def test_errors_of_use_are_one_line(write, capsys, words) -> None:
    path = write("a.json", passed_pager())
    assert main(["gate", *(path if word == "A" else word for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1


def test_what_the_wire_says_stays_on_one_line(write, capsys) -> None:
    from dataclasses import replace

    cause = replace(failed_pull().findings[0], observed="a\nnew failure: b\x1b[2J")
    evil = replace(failed_pull(), findings=(cause,))
    assert main(["gate", write("a.json", evil)]) == 1
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 2
    assert "\x1b" not in told
