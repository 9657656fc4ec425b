import os
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest

from conformance.capture.errors import CaptureError
from conformance.live import dumpcap as module
from conformance.live.dumpcap import PROGRAM, Dumpcap
from conformance.live.source import FollowedSource
from conformance.observation.trace import CaptureHealth, Observation
from conformance.sip.message import SipRequest
from tests.waiting import PATIENCE, until

needs_dumpcap = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or os.geteuid() != 0,
    reason="capturing needs dumpcap, and root",
)

MESSAGE = (
    b"MESSAGE sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%d\r\n"
    b"From: <sip:b@x>;tag=1\r\nTo: <sip:a@x>\r\nCall-ID: %d\r\nCSeq: 1 MESSAGE\r\n"
    b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


def wait() -> None:
    threading.Event().wait(0.02)


def test_without_dumpcap_there_is_one_clear_line(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaptureError, match="dumpcap is needed"):
        Dumpcap("lo", tmp_path, wait, time.monotonic)


def pretending(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a script in the place of dumpcap."""
    place = folder / "bin"
    place.mkdir()
    program = place / PROGRAM
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("dumpcap: You do not have permission to capture on device lo", "no permission"),
        ("dumpcap: There is no device named nosuch0", "There is no device"),
        ("", "ended by itself"),
    ],
)
def test_what_dumpcap_complains_of_is_told(tmp_path, monkeypatch, said: str, told: str) -> None:
    pretending(tmp_path, f"echo 'Capturing on lo' >&2; echo '{said}' >&2; exit 1", monkeypatch)
    with pytest.raises(CaptureError, match=told):
        Dumpcap("lo", tmp_path, wait, time.monotonic)
    assert not list(tmp_path.glob("cpmspec*"))


class Sender:
    """Sends numbered messages over loopback."""

    def __init__(self) -> None:
        self._to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to.bind(("127.0.0.1", 0))
        self._from = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = self._to.getsockname()[1]
        self.sent = 0

    def send(self) -> None:
        self.sent += 1
        message = MESSAGE % (self.sent, self.sent)
        self._from.sendto(message, ("127.0.0.1", self.port))

    def close(self) -> None:
        self._to.close()
        self._from.close()


@pytest.fixture
def sender():
    made = Sender()
    yield made
    made.close()


def calls(source: FollowedSource) -> list[str]:
    return [
        one.message.call_id
        for one in source
        if isinstance(one, Observation) and isinstance(one.message, SipRequest)
    ]


@needs_dumpcap
def test_nothing_is_lost_or_doubled_where_one_dumpcap_follows_another(tmp_path, sender) -> None:
    dumpcap = Dumpcap(
        "lo", tmp_path, wait, time.monotonic, bpf=f"udp port {sender.port}", seconds=0.2
    )
    end = time.monotonic() + PATIENCE

    def pause() -> None:
        if dumpcap.count < 3 and time.monotonic() < end:
            dumpcap.tend()
            for _ in range(5):
                sender.send()
        else:
            dumpcap.stop()
        wait()

    dumpcap.while_waiting(pause)
    source = FollowedSource(
        CaptureHealth("lo", "dumpcap"), dumpcap, lambda: True, overlapping=True
    )
    try:
        seen = calls(source)
    finally:
        dumpcap.close()
    assert seen == [str(number) for number in range(1, sender.sent + 1)]
    assert source.lost == 0
    assert dumpcap.count == 3
    assert not list(tmp_path.iterdir())


@needs_dumpcap
def test_a_dumpcap_that_ends_by_itself_ends_the_watch_and_files_are_kept(tmp_path, sender) -> None:
    dumpcap = Dumpcap("lo", tmp_path, wait, time.monotonic, bpf=f"udp port {sender.port}", keep=5)
    sender.send()
    until(lambda: dumpcap.size() >= 400)
    # Somebody else ends it.
    os.kill(dumpcap.process_id, 15)

    def pause() -> None:
        dumpcap.tend()
        wait()

    dumpcap.while_waiting(pause)
    source = FollowedSource(
        CaptureHealth("lo", "dumpcap"), dumpcap, lambda: True, overlapping=True
    )
    assert calls(source) == ["1"]
    dumpcap.close()
    assert dumpcap.trouble
    assert [path.suffix for path in tmp_path.iterdir()] == [".pcapng"]


DEAF = """\
while [ "$1" ]; do [ "$1" = -w ] && file=$2; shift; done
trap '' TERM INT; : > "$file"; echo "File: $file" >&2
while :; do sleep 0.05; done"""


def test_a_dumpcap_that_does_not_listen_is_ended_by_force(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "_CLOSING", 0.3)
    pretending(tmp_path, DEAF, monkeypatch)
    dumpcap = Dumpcap("lo", tmp_path, wait, time.monotonic, seconds=0.1, overlap=0.05)
    until = time.monotonic() + 0.5

    def pause() -> None:
        dumpcap.tend() if time.monotonic() < until else dumpcap.stop()
        wait()

    dumpcap.while_waiting(pause)
    read = []
    for file in dumpcap:
        read.append(file.read1(10))
        file.close()
    assert set(read) == {b""}
    assert len(read) >= 2
    dumpcap.close()


def test_one_that_is_coming_when_the_watch_ends_is_let_go_at_once(tmp_path, monkeypatch) -> None:
    pretending(
        tmp_path, DEAF.replace("echo", "[ $(ls *.pcapng | wc -l) = 1 ] && echo"), monkeypatch
    )
    monkeypatch.chdir(tmp_path)
    dumpcap = Dumpcap("lo", tmp_path, wait, time.monotonic, seconds=0.1, overlap=0.05)
    while dumpcap.count < 2:
        wait()
        dumpcap.tend()
    wait()
    monkeypatch.setattr(module, "_CLOSING", 0.1)
    dumpcap.close()
    assert not list(tmp_path.glob("*.pcapng"))
