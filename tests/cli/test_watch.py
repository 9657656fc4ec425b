import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.live.dumpcap import PROGRAM
from conformance.suite.restored import restored
from conformance.suite.results import open_results
from conformance.verifier.verdict import Verdict
from tests.live.growing import SlowWriter, appending, capture, parts
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]

needs_dumpcap = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or os.geteuid() != 0,
    reason="capturing needs dumpcap, and root",
)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "captures"
    folder.mkdir()
    return folder


def watching(*arguments: str, **more) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "conformance.cli.main", "watch", *arguments],
        cwd=more.pop("cwd"),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def _at_work() -> None:
    """Wait until a watch in this process ends when it is interrupted."""
    until(lambda: signal.getsignal(signal.SIGINT) is not signal.default_int_handler)


def test_a_ring_that_fills_is_judged_as_it_comes_and_reported_at_the_end(place, capfd) -> None:
    whole = parts(capture("push"), 3)
    acts = [
        act
        for number, part in enumerate(whole)
        for act in appending(place / f"ring_{number}.pcapng", part, 2_000)
    ]
    with SlowWriter([_at_work, *acts], lambda: os.kill(os.getpid(), signal.SIGINT)):
        status = main(
            ["watch", str(place), "--duration", "300", "--json", "out.json", "--results", "kept"]
        )
    assert status == 0
    report = json.loads(Path("out.json").read_text())
    assert [one["verdict"] for one in report["instances"]] == ["pass"]
    assert report["captures"][0]["path"] == str(place)
    said = capfd.readouterr()
    assert "PASS" in said.out
    assert "results are kept in kept" in said.err
    assert main(["report", "kept", "-q", "--csv", "out.csv"]) == 0
    assert "push" in Path("out.csv").read_text()


def test_json_lines_tell_each_instance_and_the_end(place, capfd) -> None:
    (place / "a.pcapng").write_bytes(capture("push-pager"))
    assert main(["watch", str(place), "--duration", "0.3", "--jsonl", "--results", "kept"]) == 0
    found = events(capfd.readouterr().out)
    assert [one["event"] for one in found if one["event"] != "status"] == ["instance", "end"]
    assert found[-1]["verdict"] == "pass"
    assert found[-1]["open"] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_watch_with_its_reports(place, number) -> None:
    (place / "a.pcapng").write_bytes(capture("push-pager"))
    process = watching(
        str(place), "--jsonl", "--results", "kept", "--json", "out.json", cwd=place.parent
    )
    # Its first line tells that it is at work.
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert events(first + out)[-1]["event"] == "end"
    assert json.loads((place.parent / "out.json").read_text())["verdict"] == "pass"


def test_a_killed_watch_leaves_what_it_had_judged(place) -> None:
    (place / "a.pcapng").write_bytes(capture("push-pager"))
    process = watching(
        "-", "--jsonl", "--results", "kept", cwd=place.parent, stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.buffer.write(capture("push-pager"))
    process.stdin.buffer.write(_later(capture("pull")))
    process.stdin.buffer.flush()
    for line in process.stdout:
        if '"instance"' in line:
            break
    process.kill()
    process.communicate(timeout=PATIENCE)
    report = restored(open_results(str(place.parent / "kept")))
    assert [one.verdict for one in report.instances] == [Verdict.PASS]
    assert main(["report", str(place.parent / "kept")]) == 0


def _later(octets: bytes) -> bytes:
    """A capture again, with its packets an hour later."""
    from struct import pack, unpack_from

    from tests.live.growing import split

    head, packets = split(octets)
    moved = []
    for one in packets:
        high, low = unpack_from("<II", one, 12)
        ticks = (high << 32 | low) + 7_200 * 1_000_000_000
        moved.append(one[:12] + pack("<II", ticks >> 32, ticks & 0xFFFF_FFFF) + one[20:])
    return head + b"".join(moved)


@needs_dumpcap
def test_an_interface_is_watched_and_a_push_on_it_passes(place) -> None:
    from tests.live.sending import Sending

    process = watching(
        "-i", "lo", "--filter", "net 127.0.77.0/24", "--jsonl",
        "--results", "kept", "--json", "out.json", cwd=place.parent,
    )  # fmt: skip
    # Its first line tells that it is at work.
    assert process.stdout is not None
    process.stdout.readline()
    with Sending(capture("push-pager"), "127.0.77.") as sending:
        sending.send_all()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err + out
    report = json.loads((place.parent / "out.json").read_text())
    assert [(one["flow"], one["verdict"]) for one in report["instances"]] == [
        ("push-pager", "pass")
    ]
    assert report["captures"][0]["reader"] == "dumpcap"
    assert report["captures"][0]["sip_messages"] == sending.sent


@needs_dumpcap
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not there")
def test_what_goes_over_tls_on_an_interface_is_judged_with_its_keys(place) -> None:
    from tests.live.sending import SecureLine

    keys = place.parent / "keys.log"
    keys.touch()
    process = watching(
        "-i", "lo", "--filter", "host 127.0.78.1", "--jsonl",
        "--keylog", str(keys), "--results", "kept", "--json", "out.json", cwd=place.parent,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    with SecureLine(place.parent, "127.0.78.1", keys) as line:
        line.ask(b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err + out
    report = json.loads((place.parent / "out.json").read_text())
    (found,) = report["captures"]
    assert (found["reader"], found["sip_messages"], found["gaps"]) == ("tshark", 2, [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "is to be watched"),
        (["-i", "lo", "--hep", "127.0.0.1:0"], "is to be watched"),
        (["absent"], "it is no folder"),
        (["captures", "--filter", "udp"], "goes with -i only"),
        (["captures", "--ring", "."], "goes with -i only"),
        (["-i", "lo", "--ring", "absent"], "it is no folder"),
        (["captures", "--duration", "0"], "above 0"),
        (["captures", "--max-open", "-1"], "above 0"),
        (["captures", "--metrics", "70000"], "no such port"),
        (["captures", "--jsonl", "--json", "-"], "cannot both"),
        (["--hep", "127.0.0.1:0", "--reader", "tshark"], "not encrypted"),
        (["captures", "--keylog", "absent"], "absent"),
        (["captures", "--merge"], "no option --merge"),
        (["--hep", "nonsense"], "HOST:PORT"),
        (["--hep", "192.0.2.1:9060"], "nothing can listen"),
        (["captures", "--results", "absent/kept"], "cannot be kept"),
        (["-i", "nosuch0"], "nosuch0: "),
    ],
)
def test_what_cannot_be_is_told_in_one_line(place, capfd, arguments, sentence) -> None:
    assert main(["watch", *arguments]) == 2
    said = capfd.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert [one.name for one in place.parent.iterdir()] == ["captures"]
