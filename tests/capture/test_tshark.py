import gc
import shutil
from io import BytesIO
from pathlib import Path

import pytest

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
from conformance.capture.source import CaptureError, open_capture
from conformance.capture.writer import PcapngWriter, PcapWriter
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Closing, Gap, GapReason, Observation
from tests.capture.scenes import (
    ALICE,
    ALICE6,
    BOB,
    BOB6,
    SHARED,
    START,
    STEP,
    conversation,
    msrp,
    pcap,
    sip,
)
from tests.capture.secure import SecureConversation

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def frames():
    found = udp_frames(ALICE, BOB, sip(1), identification=1)
    found += udp_frames(ALICE, BOB, sip(2, b"x" * 900), identification=2, mtu=300)
    found += udp_frames(ALICE6, BOB6, sip(3, b"x" * 900), identification=3, mtu=300)
    found += udp_frames(ALICE, BOB, b"\r\n\r\n", identification=4, vlan=9)
    tcp = conversation(
        [(True, sip(4) + msrp(5)), (False, sip(6)), (True, msrp(7, b"y" * 600))], 150
    )
    return [*found, *tcp[:5], tcp[6], tcp[5], tcp[6], *tcp[7:]]


def both(path):
    for reader in ("native", "tshark"):
        source = open_capture(str(path), index=2, reader=reader)
        yield list(source), source.health


def comparable(items):
    return [
        (o.number, o.capture, o.time, o.source, o.destination, o.message, o.frames, o.mirror)
        for o in items
        if isinstance(o, Observation)
    ] + [o for o in items if isinstance(o, Closing)]


def numbers(health):
    return (
        health.sha256,
        health.octets,
        health.packets,
        health.first_time,
        health.last_time,
        health.sip_messages,
        health.msrp_messages,
        health.malformed,
        health.interfaces,
    )


@pytest.mark.tshark
@needs_tshark
@pytest.mark.parametrize("writer_class", [PcapWriter, PcapngWriter])
def test_both_readers_find_the_same(tmp_path, writer_class):
    file = BytesIO()
    writer = writer_class(file, link=Link.ETHERNET)
    for number, frame in enumerate(frames()):
        writer.write(START + number * STEP, frame)
    path = tmp_path / "a.cap"
    path.write_bytes(file.getvalue())
    (native, native_health), (tshark, tshark_health) = both(path)
    assert len(native) == 9
    assert comparable(native) == comparable(tshark)
    assert numbers(native_health) == numbers(tshark_health)
    assert tshark_health.reader == "tshark"
    assert tshark_health.gaps == native_health.gaps == []


@pytest.mark.tshark
@needs_tshark
@pytest.mark.parametrize(
    "name",
    [
        "sipnab-DTMFsipinfo.pcap",
        "pkts-fragmented_udp_sip.pcap",
    ],
)
def test_both_readers_find_the_same_in_captures_made_by_others(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip("the folder of captures made by others is absent")
    (native, native_health), (tshark, tshark_health) = both(path)
    assert comparable(native) == comparable(tshark)
    assert numbers(native_health) == numbers(tshark_health)
    assert [gap.reason for gap in native_health.gaps] == [gap.reason for gap in tshark_health.gaps]


@pytest.mark.tshark
@needs_tshark
def test_a_cut_file_is_a_gap(tmp_path):
    octets = pcap(frames())
    path = tmp_path / "cut.pcap"
    path.write_bytes(octets[: len(octets) // 2 + 7])
    (native, native_health), (tshark, tshark_health) = both(path)
    assert comparable(native) == comparable(tshark)
    assert tshark_health.gaps[0].reason is GapReason.CUT_FILE
    assert tshark_health.gaps[0] == native_health.gaps[0]


@pytest.mark.tshark
@needs_tshark
def test_what_only_tshark_complains_of_is_a_gap_too(tmp_path, monkeypatch):
    from conformance.capture import tshark as module

    genuine = module._survey

    def survey(*given):
        genuine(*given)
        return []

    monkeypatch.setattr(module, "_survey", survey)
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(frames())[:-7])
    source = open_capture(str(path), reader="tshark")
    gaps = [item for item in source if isinstance(item, Gap)]
    assert gaps[-1].reason is GapReason.CUT_FILE
    assert "cut short" in gaps[-1].where


@pytest.mark.tshark
@needs_tshark
def test_reading_may_stop_early_and_leaves_no_process(tmp_path):
    path = tmp_path / "many.pcap"
    path.write_bytes(pcap(udp_frames(ALICE, BOB, sip(1), identification=1) * 3_000))
    items = iter(open_capture(str(path), reader="tshark"))
    assert next(items).number == 1
    items.close()
    gc.collect()
    children = Path("/proc/self/task").glob("*/children")
    names = [
        (Path("/proc") / child / "comm").read_text()
        for file in children
        for child in file.read_text().split()
    ]
    assert not [name for name in names if "tshark" in name]


@pytest.mark.tshark
@needs_tshark
def test_without_the_right_keys_tls_is_a_gap(tmp_path):
    tcp = TcpConversation(ALICE, BOB)
    hello = b"\x16\x03\x01\x00\x10" + bytes(16)
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(tcp.open() + tcp.send(True, hello) + tcp.send(False, hello)))
    keys = tmp_path / "keys"
    keys.write_text("")
    source = open_capture(str(path), keylog=str(keys))
    assert [item.reason for item in source] == [GapReason.UNDECRYPTABLE]
    assert source.health.reader == "tshark"


def test_without_tshark_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([]))
    with pytest.raises(CaptureError, match="tshark is not installed"):
        open_capture(str(path), reader="tshark")


@pytest.mark.tshark
@needs_tshark
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_keys_open_tls(tmp_path):
    path, keys = tmp_path / "tls.pcap", tmp_path / "keys.log"
    talk = SecureConversation(keys).send(True, sip(1, b"secret"))
    talk.send(False, b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
    path.write_bytes(pcap(talk.frames))
    source = open_capture(str(path), keylog=str(keys))
    items = list(source)
    assert [item.transport for item in items] == [Transport.TLS] * 2
    assert [item.source for item in items] == [ALICE, Endpoint(BOB.host, 5_061)]
    assert items[0].message.octets == sip(1, b"secret")
    assert source.health.gaps == []
    native = list(open_capture(str(path)))
    assert [item.reason for item in native] == [GapReason.UNDECRYPTABLE]
