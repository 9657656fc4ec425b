import pytest

from conformance.cli.demo_trace import write_demo
from conformance.cli.main import main
from tests.report.samples import BEGIN
from tests.suite.demo import ROLE_WORDS


@pytest.fixture
def demo(tmp_path) -> str:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return str(path)


@pytest.fixture
def ics(tmp_path, capsys) -> str:
    path = str(tmp_path / "ics.toml")
    assert main(["ics", "init", "-o", path]) == 0
    return path


def unclaim(path: str, flow: str) -> None:
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    changed = [
        line.replace("= true", "= false") if line.split(" ")[0] == flow else line for line in lines
    ]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(changed))


def test_what_init_writes_is_what_verify_reads(demo, ics) -> None:
    assert main(["verify", demo, "-q", *ROLE_WORDS, "--ics", ics]) == 1
    unclaim(ics, "pull")
    assert main(["verify", demo, "-q", *ROLE_WORDS, "--ics", ics]) == 0


def test_init_writes_over_no_statement(ics, capsys) -> None:
    assert main(["ics", "init", "-o", ics]) == 2
    assert "is not written over" in capsys.readouterr().err
    assert main(["ics", "init"]) == 0
    assert "[flows]" in capsys.readouterr().out


def test_check_finds_no_contradiction(demo, ics, capsys) -> None:
    assert main(["ics", "check", ics, demo, *ROLE_WORDS]) == 0
    shown = capsys.readouterr().out
    assert "contradiction" not in shown
    assert "note: undelivered is claimed" in shown


def test_check_finds_a_contradiction(demo, ics, capsys) -> None:
    unclaim(ics, "pull")
    assert main(["ics", "check", ics, demo, *ROLE_WORDS]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("contradiction: pull is not claimed, and appears (pull.")


def test_check_of_captures_that_show_nothing_is_3(tmp_path, ics) -> None:
    from conformance.capture.link import Link
    from conformance.capture.writer import PcapngWriter

    path = tmp_path / "empty.pcapng"
    with path.open("wb") as file:
        PcapngWriter(file, link=Link.ETHERNET, interface="x0").write(BEGIN, b"\0" * 60)
    assert main(["ics", "check", ics, str(path)]) == 3


@pytest.mark.parametrize(
    "words",
    [
        ["check", "ICS", "-"],
        ["check", "absent.toml", "DEMO"],
        ["check", "ICS", "absent.pcap"],
        ["check", "ICS", "DEMO", "--profile", "none"],
        ["init", "-o", "absent/ics.toml"],
        ["init", "--flows", "absent"],
        [],
    ],
)
def test_errors_of_use_are_one_line(demo, ics, capsys, words) -> None:
    files = {"ICS": ics, "DEMO": demo}
    assert main(["ics", *(files.get(word, word) for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1
