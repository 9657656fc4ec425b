import os
import shutil
import socket
import threading
import time

import pytest

from conformance.capture.errors import CaptureError
from conformance.live import beside as module
from conformance.live.beside import Beside, interfaces_towards
from conformance.live.dumpcap import PROGRAM

needs_dumpcap = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or os.geteuid() != 0,
    reason="capturing needs dumpcap, and root",
)


def wait() -> None:
    threading.Event().wait(0.02)


@needs_dumpcap
def test_what_passes_between_the_hosts_is_seen_and_nothing_else(tmp_path) -> None:
    hosts = ["127.81.0.1", "127.81.0.2"]
    beside = Beside(("lo",), hosts, tmp_path, wait, time.monotonic)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        one.bind((hosts[0], 0))
        other.bind((hosts[1], 0))
        one.sendto(b"between them", other.getsockname())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"from elsewhere", ("127.0.0.1", 9))
        frames = beside.stop()
    assert [one.octets[-12:] for one in frames] == [b"between them"]
    assert beside.lost == 0


def test_without_dumpcap_there_is_nothing_beside(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaptureError, match="dumpcap is needed"):
        Beside(("lo",), ["127.81.0.1"], tmp_path, wait, time.monotonic)


def test_loopback_addresses_are_behind_the_loopback_interface(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert interfaces_towards("127.3.4.5") == ("lo",)
    assert interfaces_towards("::1") == ("lo",)
    with pytest.raises(CaptureError, match="iproute2 is not there"):
        interfaces_towards("192.0.2.1")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("192.0.2.1 via 10.0.0.1 dev eth7 src 10.0.0.2 uid 0", ("lo", "eth7")),
        ("local 192.0.2.1 dev lo src 192.0.2.1 uid 0", ("lo",)),
    ],
)
def test_the_way_to_another_address_is_the_kernels(tmp_path, monkeypatch, said, found) -> None:
    program = tmp_path / "ip"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert interfaces_towards("192.0.2.1") == found
    program.write_text("#!/bin/sh\nexit 2\n")
    with pytest.raises(CaptureError, match="no route"):
        interfaces_towards("192.0.2.1")
    assert module.LOOPBACK == "lo"
