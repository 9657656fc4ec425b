from struct import pack

import pytest

from conformance.capture.errors import CaptureError
from conformance.capture.source import open_capture
from conformance.suite.repackage import unpack
from tests.scenarios import catalogue


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = pack(f"{order}I", len(body) + 12)
    return pack(f"{order}I", kind) + size + body + size


def option(code, value, order="<"):
    return pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def pcapng(order="<"):
    section = pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + option(3, b"alice's host", order)
    interface = pack(f"{order}HHI", 1, 0, 0) + option(2, b"alice0", order)
    interface += option(9, b"\x09", order) + option(0, b"", order)
    packet = pack(f"{order}IIIII", 0, 0, 7, 5, 9) + b"FRAME\0\0\0" + option(1, b"of alice", order)
    old = pack(f"{order}HHIIII", 0, 0, 0, 7, 5, 5) + b"OLDER\0\0\0"
    simple = pack(f"{order}I", 6) + b"SIMPLE"
    statistics = pack(f"{order}III", 0, 0, 7) + option(1, b"alice", order)
    statistics += option(5, pack(f"{order}Q", 3), order)
    return [
        block(0x0A0D0D0A, section, order),
        block(1, interface, order),
        block(10, b"alice's keys", order),
        block(4, b"alice's names", order),
        block(6, packet, order),
        block(2, old, order),
        block(3, simple, order),
        block(5, statistics, order),
    ]


@pytest.mark.parametrize("order", ["<", ">"])
def test_frames_stay_and_names_go(order):
    octets = b"".join(pcapng(order))
    package = unpack("c", octets)
    assert b"alice" not in package.octets
    shown = [bytes(package.octets[one.start : one.stop]) for one in package.frames]
    assert shown == [b"FRAME", b"OLDER", b"SIMPLE"]
    assert [one.cut for one in package.frames] == [True, False, False]
    assert {one.link for one in package.frames} == {1}
    assert option(9, b"\x09", order) in package.octets
    assert option(5, pack(f"{order}Q", 3), order) in package.octets


def test_every_cut_is_seen_to_be_cut(tmp_path):
    octets = b"".join(pcapng())
    path = tmp_path / "c.pcapng"
    for end in range(28, len(octets)):
        package = unpack("c", octets[:end])
        assert b"alice" not in package.octets
        path.write_bytes(octets[:end])
        before = open_capture(str(path), reader="native")
        list(before)
        path.write_bytes(package.octets)
        after = open_capture(str(path), reader="native")
        list(after)
        # A cut inside a block that is left out may hide behind the block's own end.
        assert [gap.reason for gap in after.health.gaps] == [
            gap.reason for gap in before.health.gaps
        ]
        assert after.health.packets == before.health.packets


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcap(order):
    head = pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101)
    record = pack(f"{order}IIII", 1, 2, 5, 9) + b"FRAME"
    package = unpack("c", head + record + record[:-2])
    assert package.octets == head + record + record[:16] + bytes(3)
    assert [(one.link, one.cut) for one in package.frames] == [(101, True)]
    assert unpack("c", head[:10]).frames == []


@pytest.mark.parametrize("octets", [b"", b"\x1f\x8bgzip", b"no capture"])
def test_what_is_no_capture(octets):
    with pytest.raises(CaptureError, match="neither pcap nor pcapng"):
        unpack("c", octets)


def test_frames_are_those_that_the_reader_counts(tmp_path):
    ladder = catalogue.ladder("VARIANTS", *catalogue.names("VARIANTS")[0])
    path = tmp_path / "c.pcapng"
    ladder.write_pcapng(path)
    source = open_capture(str(path))
    list(source)
    assert len(unpack("c", path.read_bytes()).frames) == source.health.packets
