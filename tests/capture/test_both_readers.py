"""Our own reader and Wireshark's give equal messages, whatever carries them."""

import gzip
import lzma
import shutil
from pathlib import Path
from random import Random

import pytest

from conformance.capture.packets import link_frame, udp_frames
from conformance.capture.source import open_capture
from conformance.observation.trace import Closing, Gap, Observation
from tests.capture.scenes import ALICE, ALICE6, BOB, BOB6, SHARED, msrp, pcap, sip
from tests.capture.tunnelled import (
    TUNNELS,
    esp,
    esp_in_udp,
    hep3,
    outer_udp,
    packets,
    sctp_packet,
    shuffled_a_little,
    tcp_packets,
    upgrade,
    websocket_frame,
)

CAPTURES = Path(__file__).resolve().parents[2] / "captures"

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]


def found(path, reader):
    return [
        one
        if isinstance(one, Closing)
        else (one.time, one.source, one.destination, one.message, one.frames, one.transport)
        for one in open_capture(str(path), reader=reader)
        if not isinstance(one, Gap)
    ]


def datagrams(random, number):
    """A SIP message over UDP, perhaps over IPv6, in fragments, in a tunnel, or a copy of one."""
    payload = sip(number, random.randbytes(random.choice([0, 40, 900])))
    ends = random.choice([(ALICE, BOB), (ALICE6, BOB6)])
    mtu = random.choice([65_535, 65_535, 600])
    cut = packets(payload, number, mtu=mtu, source=ends[0], destination=ends[1])
    kind = random.randrange(8)
    if kind == 0:
        return [outer_udp(hep3(sip(number)), 9_060)]
    if kind == 1:
        return [esp(packets(payload, number)[0])]
    if kind == 2:
        return [esp_in_udp(packets(payload, number)[0])]
    if kind == 3:
        return udp_frames(*ends, random.randbytes(60), identification=number)
    tunnel = random.choice(TUNNELS)
    return [tunnel(packet) for packet in random.sample(cut, len(cut))]


def stream(random, number):
    """SIP and MSRP over TCP or WebSocket, in segments of any size, some twice and some late."""
    if random.random() < 0.5:
        hello, welcome = upgrade()
        mask = random.randbytes(4)
        parts = [(True, hello), (False, welcome)]
        parts += [
            (side, websocket_frame(sip(number * 100 + n), mask=mask if side else b""))
            for n, side in enumerate(random.choices([True, False], k=4))
        ]
    else:
        kinds = random.choices([sip, msrp], k=5)
        parts = [
            (random.random() < 0.5, kind(number * 100 + n, random.randbytes(200)))
            for n, kind in enumerate(kinds)
        ]
    cut = tcp_packets(parts, random.choice([60, 300, 1_400]), seed=number)
    cut += random.choices(cut, k=2)
    return [link_frame(packet) for packet in shuffled_a_little(random, cut[:3] + cut[3:])]


@pytest.mark.parametrize("seed", range(3))
def test_random_captures(tmp_path, seed):
    random = Random(seed)
    frames = []
    for number in range(1, 40):
        make = stream if number % 5 == 0 else datagrams
        frames += make(random, number)
    path = tmp_path / "random.pcap"
    path.write_bytes(pcap(frames))
    native = found(path, "native")
    assert len(native) > 30
    assert native == found(path, "tshark")


def test_sctp(tmp_path):
    whole, begin, end = sip(1), sip(2, b"x" * 300)[:200], sip(2, b"x" * 300)[200:]
    frames = [
        link_frame(sctp_packet([(3, 10, whole)])),
        link_frame(sctp_packet([(2, 11, begin)])),
        link_frame(sctp_packet([(1, 12, end), (3, 13, sip(3))])),
    ]
    path = tmp_path / "sctp.pcap"
    path.write_bytes(pcap(frames))
    native = found(path, "native")
    assert [one[3].octets for one in native] == [whole, begin + end, sip(3)]
    assert [one[3] for one in found(path, "tshark")] == [one[3] for one in native]


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_compressed_captures(tmp_path, compress):
    frames = [link_frame(packets(sip(number), number)[0]) for number in range(1, 30)]
    path = tmp_path / "a.cap"
    octets = compress(pcap(frames))
    path.write_bytes(octets)
    native = found(path, "native")
    assert len(native) == 29
    assert native == found(path, "tshark")
    path.write_bytes(octets[: len(octets) * 2 // 3])
    sources = [open_capture(str(path), reader=reader) for reader in ("native", "tshark")]
    messages = [
        [one.message for one in source if isinstance(one, Observation)] for source in sources
    ]
    assert messages[0] == messages[1] != []
    gaps = [[(gap.reason, gap.where) for gap in source.health.gaps] for source in sources]
    assert gaps[0] == gaps[1] != []


def test_our_own_captures_as_the_sections_of_one_file(tmp_path):
    paths = sorted(CAPTURES.rglob("*.pcapng"))
    if not paths:
        pytest.skip("the folder of captures is absent")
    path = tmp_path / "all.pcapng"
    path.write_bytes(b"".join(one.read_bytes() for one in paths))
    native = found(path, "native")
    assert len(native) > len(paths)
    assert native == found(path, "tshark")


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.pcap*")), ids=lambda path: path.name)
def test_every_capture_made_by_others(path):
    assert found(path, "native") == found(path, "tshark")
