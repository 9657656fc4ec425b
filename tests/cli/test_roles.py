import tomllib

import pytest

from conformance.cli.demo_trace import write_demo
from conformance.cli.main import main
from tests.report.samples import BEGIN


@pytest.fixture
def demo(tmp_path) -> str:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return str(path)


def test_roles_are_written_as_a_setting_that_verify_reads(demo, tmp_path) -> None:
    path = tmp_path / "setting.toml"
    words = ["--role", "client=192.0.2.20", "--role", "core=192.0.2.1", "--role", "pf=192.0.2.30"]
    assert main(["roles", demo, "-o", str(path), *words]) == 0
    assert tomllib.loads(path.read_text())["roles"]["pf"] == ["192.0.2.30"]
    assert main(["verify", demo, "-q", "--setting", str(path)]) == 1


def test_roles_go_to_standard_output(demo, capsys) -> None:
    assert main(["roles", demo]) in (0, 3)
    assert tomllib.loads(capsys.readouterr().out)["profile"] == "cpm"


@pytest.mark.parametrize(
    "words",
    [["-"], ["absent.pcap"], ["DEMO", "-o", "absent/setting.toml"], ["DEMO", "--role", "x"]],
)
def test_errors_of_use_are_one_line(demo, capsys, words) -> None:
    assert main(["roles", *(demo if word == "DEMO" else word for word in words)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("cpmspec: ")
    assert error.count("\n") == 1
