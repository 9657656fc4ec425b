import os
import shutil
from io import BytesIO

import pytest

from conformance.capture import tshark_live as module
from conformance.capture.errors import CaptureError
from conformance.capture.native import NativeSource
from conformance.capture.tshark_live import TsharkLayers
from conformance.live.source import FollowedSource
from conformance.observation.packet import Transport
from conformance.observation.trace import CaptureHealth, Gap, GapReason
from tests.capture.scenes import pcap, sip
from tests.capture.secure import SecureConversation
from tests.live.growing import capture, parts

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not there")


def through_tshark(files, keylog=None, meanwhile=lambda: None):
    health = CaptureHealth("live", "tshark")
    layers = TsharkLayers(health, keylog, meanwhile)
    try:
        source = FollowedSource(health, files, lambda: True, layers=layers)
        return list(source), health
    finally:
        layers.close()


@needs_tshark
def test_tshark_finds_in_files_that_follow_each_other_what_we_find_in_the_whole() -> None:
    octets = capture("push")
    beats = []
    found, health = through_tshark(
        [BytesIO(one) for one in parts(octets, 3)], meanwhile=lambda: beats.append(1)
    )
    plain = CaptureHealth("live", "native")
    assert found == list(NativeSource(plain, 0, lambda: BytesIO(octets)))
    assert (health.packets, health.sip_messages) == (plain.packets, plain.sip_messages)
    assert beats


@needs_tshark
def test_what_is_said_over_tls_is_read_with_its_keys_and_a_gap_without(tmp_path) -> None:
    path, keys = tmp_path / "tls.pcap", tmp_path / "keys.log"
    talk = SecureConversation(keys).send(True, sip(1, b"secret"))
    talk.send(False, b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
    path.write_bytes(pcap(talk.frames))
    found, _ = through_tshark([path.open("rb")], str(keys))
    assert [one.transport for one in found] == [Transport.TLS] * 2
    found, _ = through_tshark([path.open("rb")])
    assert [one.reason for one in found if isinstance(one, Gap)] == [GapReason.UNDECRYPTABLE]


def pretending(folder, script, monkeypatch):
    """Put a script in the place of tshark, which still knows its version and interfaces."""
    real = shutil.which("tshark")
    program = folder / "tshark"
    asked = f'case "$1" in -v|-D|-G) exec {real} "$@";; esac'
    program.write_text(f"#!/bin/sh\n{asked}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@needs_tshark
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sleep 0.5; echo 'it has no more memory' >&2; exit 1", "no more memory"),
        ("exec sleep 60", "it says nothing any more"),
    ],
)
def test_a_tshark_that_stops_is_a_gap_and_the_watch_goes_on(
    tmp_path, monkeypatch, script, told
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    pretending(tmp_path, script, monkeypatch)
    found, _ = through_tshark([BytesIO(one) for one in parts(capture("push-pager"), 3)])
    assert [one.reason for one in found] == [GapReason.CUT_FILE]
    assert told in found[0].where


def test_without_tshark_there_is_one_clear_line(tmp_path, monkeypatch) -> None:
    def absent() -> str:
        raise module.TSharkNotFoundException

    monkeypatch.setattr(module, "get_process_path", absent)
    with pytest.raises(CaptureError, match="tshark is not installed"):
        TsharkLayers(CaptureHealth("live", "tshark"), None, lambda: None)


@needs_tshark
def test_a_tshark_that_cannot_be_run_is_one_clear_line(tmp_path, monkeypatch) -> None:
    program = tmp_path / "tshark"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CaptureError, match="tshark cannot be run"):
        TsharkLayers(CaptureHealth("live", "tshark"), None, lambda: None)
