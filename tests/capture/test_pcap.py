from struct import pack

import pytest

from conformance.capture.packets import udp_frames
from conformance.capture.pcap import MAGIC
from conformance.observation.trace import Gap, GapReason, Observation
from tests.capture.scenes import ALICE, BOB, START, STEP, conversation, pcap, read, reasons, sip

FRAMES = [
    *udp_frames(ALICE, BOB, sip(1), identification=1),
    *conversation([(True, sip(2))]),
    *udp_frames(ALICE, BOB, sip(3), identification=3, mtu=100),
]


def test_health_tells_what_was_read():
    octets = pcap(FRAMES)
    items, health = read(octets)
    assert [item.number for item in items] == [1, 2, 3]
    assert (health.octets, health.packets) == (len(octets), len(FRAMES))
    assert health.first_time == START
    assert health.last_time == START + (len(FRAMES) - 1) * STEP
    assert (health.sip_messages, health.msrp_messages, health.malformed) == (3, 0, 0)
    assert len(health.sha256) == 64


def test_a_file_cut_at_every_octet_is_a_gap_and_never_an_error():
    octets = pcap(FRAMES)
    whole = [item.message for item in read(octets)[0]]
    borders = set()
    at = 24
    for frame in FRAMES:
        borders.add(at)
        at += 16 + len(frame)
    for stop in range(4, len(octets)):
        items, health = read(octets[:stop])
        found = [item.message for item in items if isinstance(item, Observation)]
        assert found == whole[: len(found)]
        if stop not in borders:
            cut = [gap for gap in items if isinstance(gap, Gap)]
            assert cut[0].reason is GapReason.CUT_FILE
            assert cut[0].after_frame == health.packets
            assert health.gaps == cut
            assert health.octets == stop


def test_an_absurd_record_is_damage():
    octets = pcap(FRAMES[:1]) + pack("<IIII", 1, 1, 1 << 30, 1 << 30) + bytes(100)
    items, health = read(octets)
    assert isinstance(items[0], Observation)
    assert "damaged" in items[1].where
    assert health.octets == len(octets)


def test_more_than_one_chunk():
    frames = [udp_frames(ALICE, BOB, sip(n), identification=n)[0] for n in range(1, 1_000)]
    items, health = read(pcap(frames))
    assert [item.frames for item in items] == [(n,) for n in range(1, 1_000)]
    assert [item.message.cseq for item in items] == list(range(1, 1_000))
    assert health.packets == 999


@pytest.mark.parametrize("magic", [b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"])
def test_a_header_alone_is_cut(magic):
    assert reasons(magic + bytes(10)) == [GapReason.CUT_FILE]
    assert reasons(magic + bytes(20)) == []


def variant(magic, layout):
    records = b"".join(
        pack(layout.order + "IIII", 1_700_000_000, 250, len(frame), len(frame))
        + bytes(layout.record - 16)
        + frame
        for frame in FRAMES
    )
    head = magic + pack(layout.order + "HHiIII", 2, 4, 0, 0, 65_535, 1)
    extra = pack(layout.order + "I", len(records)) if layout.header == 28 else b""
    return head + extra + records


@pytest.mark.parametrize("magic", MAGIC)
def test_every_variant_of_the_format(magic):
    octets = variant(magic, MAGIC[magic])
    items, health = read(octets)
    assert [item.message.octets for item in items] == [sip(1), sip(2), sip(3)]
    assert health.first_time == 1_700_000_000_000_000_000 + 250 * MAGIC[magic].unit
    for stop in range(4, 120):
        read(octets[:stop])
