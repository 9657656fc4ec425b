import signal
import socket
import subprocess

import pytest

from conformance.cli import play
from conformance.cli.main import main
from tests.suite.benches import command, played, setting_file
from tests.waiting import PATIENCE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_role_serves_until_it_is_told_to_stop_and_says_what_it_did(tmp_path, number):
    network = "127.153" if number is signal.SIGINT else "127.151"
    with played(tmp_path, "pf", network, "--queue", str(tmp_path / "queue")) as device:
        device.process.stdin.write("nonsense\n")
        device.process.stdin.flush()
        assert "knows no command 'nonsense'" in device.process.stdout.readline()
        device.process.send_signal(number)
        assert device.process.wait(PATIENCE) == 0
        assert device.process.stdout.read().startswith("stopped: 0 messages")


def test_a_port_in_use_is_one_clear_line():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.152.3.1", 5060))
        done = subprocess.run(
            command("play", "--role", "pf", "--listen", "127.152.3.1"),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "cpmspec: UDP 127.152.3.1:5060 cannot be listened at: it is in use\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--role", "pf", "--listen", "0.0.0.0"), "every address"),
        (("--role", "pf", "--listen", "127.154.3.1", "--rate", "0"), "times as fast"),
        (("--role", "pf", "--listen", "127.154.3.1", "--setting", "/none"), "cannot be read"),
        (("--role", "pf", "--listen", "127.154.3.1", "--queue", "/"), "queue"),
        (("--role", "pf", "--listen", "127.154.3.1", "--mutate", "x"), "no fault 'x'"),
        (("--role", "moon", "--listen", "127.154.3.1"), "invalid choice"),
    ],
)
def test_wrong_options_are_one_clear_line(words, why, capsys):
    assert main(["play", *words]) == 2
    told = capsys.readouterr().err
    assert why in told
    assert told.count("\n") == 1


def test_where_keys_cannot_be_logged_is_one_clear_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", "/none/keys")
    path = setting_file(tmp_path, "127.155")
    assert main(["play", "--role", "pf", "--listen", "127.154.3.1", "--setting", str(path)]) == 2
    sentence = "no keys can be logged: No such file or directory"
    assert capsys.readouterr().err == f"cpmspec: SSLKEYLOGFILE /none/keys: {sentence}\n"


def test_what_does_not_belong_on_a_terminal_is_spelt_out(capsys):
    play.say("a\x1b[31mb")
    assert capsys.readouterr().out == "a?[31mb\n"


def test_clocks_of_one_rate_agree_whenever_they_were_started():
    one, other = play.running_clock(5.0), play.running_clock(5.0)
    assert abs(one.now() - other.now()) < 5_000_000_000
