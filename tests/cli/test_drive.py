import json
import shlex
import sys

import pytest

from conformance.cli.main import main
from tests.suite.benches import played, setting_file


def drive(*words):
    return main(["drive", *words])


def test_the_cases_are_listed(capsys):
    assert drive("--list", "--sut", "iwf", "--flow", "interwork-in") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["iwf/interwork-in/base", "valid"]
    assert all(line.startswith("iwf/interwork-in/") for line in lines)
    assert drive("--document") == 0
    assert capsys.readouterr().out.startswith("# Test cases\n")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--case", "iwf/interwork-in/base"), ["iwf/interwork-in/base"]),
        (("--case", "push/preferred-extended-soon"), []),
        (("--sut", "pf", "--case", "preferences/adapted"), ["pf/preferences/adapted"]),
        (
            ("--case", "pull/base", "--case", "pf/pull/base"),
            ["client/pull/base", "pf/pull/base", "core/pull/base"],
        ),
        (("--case", "pf/pull/base", "--flow", "push"), []),
        (("--flow", "pul"), []),
        (("--sut", "iwf", "--flow", "push"), []),
        (("--document", "--flow", "push"), []),
    ],
)
def test_of_the_list_what_is_asked_for_is_shown(words, ids, capsys):
    assert drive("--list", *words) == (0 if ids else 2)
    told = capsys.readouterr()
    assert [line.split()[0] for line in told.out.splitlines()] == ids
    assert told.err.count("\n") == (0 if ids else 1)


def test_what_is_misspelt_in_the_list_is_guessed_at(capsys):
    assert drive("--list", "--case", "pull/bass") == 2
    assert "there is no test case 'pull/bass' (did you mean 'pull/base'" in capsys.readouterr().err
    assert drive("--list", "--sut", "pf", "--case", "client/pull/base") == 2
    assert "there is no test case 'client/pull/base' for pf" in capsys.readouterr().err


def test_the_preferences_of_a_case_are_printed(capsys):
    assert drive("--preferences-of", "pf/push/preferred-one-device") == 0
    assert capsys.readouterr().out.startswith("<?xml")
    assert drive("--preferences-of", "pf/push/base") == 2
    assert "it needs none" in capsys.readouterr().err


def test_a_device_is_driven_its_trace_kept_and_reported(tmp_path, capsys):
    # given a participating function that conforms
    trace, report = tmp_path / "trace.pcapng", tmp_path / "report.json"
    with played(tmp_path, "pf", "127.130", rate=15) as device:
        # when it is driven through one case
        status = drive(
            *("--sut", "pf", "--sut-address", device.address.host, "--rate", "15"),
            *("--setting", str(tmp_path / "bench.toml"), "--case", "push/base"),
            *("-o", str(trace), "--json", str(report), "-q"),
        )
    # then it passes, and the report says the same of the trace
    assert status == 0
    assert capsys.readouterr().out.startswith("pass        pf/push/base: ")
    assert json.loads(report.read_text())["verdict"] == "pass"
    capsys.readouterr()
    assert main(["verify", str(trace), "-q"]) == 0


def test_a_fault_is_exit_status_1_and_several_traces_go_to_a_folder(tmp_path, capsys):
    more = '[pf]\npush = "pager"'
    ids = ("push-pager/base", "push-pager/notified-twice")
    with played(
        tmp_path, "pf", "127.131", "--mutate", "pf-loses-message-ids", more=more, rate=15
    ) as device:
        status = drive(
            *("--sut", "pf", "--sut-address", device.address.host, "--rate", "15"),
            *("--setting", str(tmp_path / "bench.toml"), "-o", str(tmp_path / "traces")),
            *(word for one in ids for word in ("--case", one)),
        )
    assert status == 1
    said = capsys.readouterr().out
    assert "RFC5438-message-id" in said
    names = sorted(path.name for path in (tmp_path / "traces").iterdir())
    ours = ["pf_push-pager_base.pcapng", "pf_push-pager_notified-twice.pcapng"]
    assert [name for name in names if ".dumpcap." not in name] == ours
    # Where dumpcap may capture, it has recorded the same, and was asked too.
    beside = [name.replace(".pcapng", ".dumpcap.pcapng") for name in ours]
    told = "no dumpcap beside" in said
    assert [name for name in names if ".dumpcap." in name] == ([] if told else beside)
    assert "do not agree" not in said


def test_an_operator_is_told_what_the_user_does(tmp_path, capsys):
    setting_file(tmp_path, "127.132")
    told = tmp_path / "told"
    code = f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())"
    status = drive(
        *("--sut", "client", "--sut-address", "127.132.2.20", "--rate", "200"),
        *("--setting", str(tmp_path / "bench.toml"), "--case", "push-pager/base"),
        *("--operator", shlex.join([sys.executable, "-c", code])),
    )
    assert status == 3
    assert "said nothing at all" in capsys.readouterr().out
    assert told.read_text() == "register\nunsubscribe\nderegister\n"


def test_that_there_is_no_dumpcap_is_said_and_the_case_is_driven(tmp_path, capsys, monkeypatch):
    setting_file(tmp_path, "127.133")
    monkeypatch.setenv("PATH", str(tmp_path))
    words = (
        *("--sut", "client", "--sut-address", "127.133.2.20", "--rate", "400"),
        *("--setting", str(tmp_path / "bench.toml"), "--case", "push-pager/base"),
    )
    assert drive(*words) == 3
    first = "no dumpcap beside: lo: to watch it, dumpcap is needed, which comes with Wireshark"
    assert capsys.readouterr().out.splitlines()[0] == first
    assert drive(*words, "--no-dumpcap") == 3
    assert "dumpcap" not in capsys.readouterr().out


def test_flows_that_are_not_claimed_are_not_driven(tmp_path, capsys):
    ics = tmp_path / "ics.toml"
    ics.write_text("[flows]\ninterwork-in = false\n", "utf-8")
    status = drive(
        *("--sut", "iwf", "--sut-address", "127.133.4.1", "--ics", str(ics)),
        *("--case", "interwork-in/base"),
    )
    assert status == 3
    assert capsys.readouterr().out.startswith("unsupported iwf/interwork-in/base: the supplier's")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "say what is tested"),
        (("--sut", "pf"), "say what is tested"),
        (("--sut", "pf", "--sut-address", "pf.example"), "no address"),
        (("--sut", "pf", "--sut-address", "192.0.2.1"), "say where core"),
        (("--sut", "pf", "--sut-address", "127.134.3.1", "--case", "x"), "no test case 'x'"),
        (
            (
                "--sut",
                "pf",
                "--sut-address",
                "127.134.3.1",
                "--case",
                "push/base",
                "-o",
                "/none/x",
            ),
            "no folder /none",
        ),
    ],
)
def test_wrong_options_are_one_clear_line(words, why, capsys):
    assert drive(*words) == 2
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1
