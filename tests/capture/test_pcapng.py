from io import BytesIO
from struct import pack

import pytest

from conformance.capture.chunks import Chunks
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.pcap import Batch, Interface, Secrets
from conformance.capture.pcapng import read_pcapng
from conformance.capture.writer import PcapngWriter
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation
from tests.capture.scenes import ALICE, BOB, START, messages, observations, read, reasons, sip


def frame(number, link=Link.ETHERNET):
    return udp_frames(ALICE, BOB, sip(number), identification=number, link=link)[0]


def section(order="<"):
    return block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    return pack(order + "II", kind, len(body) + 12) + body + pack(order + "I", len(body) + 12)


def interface(options=b"", order="<", link=1, snaplen=0):
    return block(1, pack(order + "HHI", link, 0, snaplen) + options, order)


def option(code, value, order="<"):
    return pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def packet(octets, ticks=0, options=b"", order="<"):
    head = pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), len(octets))
    return block(6, head + octets + bytes(-len(octets) % 4) + options, order)


def small():
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET, interface="a", comment="here")
    second = writer.add_interface(Link.LINUX_SLL, "b")
    writer.write(START, frame(1), "first")
    writer.write(START, frame(2, Link.LINUX_SLL), interface=second)
    writer.write(START, frame(3))
    return file.getvalue()


def test_interfaces_of_several_link_types_take_turns():
    items, health = read(small())
    assert [item.message.octets for item in items] == [sip(1), sip(2), sip(3)]
    assert [item.frames for item in items] == [(1,), (2,), (3,)]
    assert health.interfaces == ["a:1", "b:113"]


def test_sections_of_both_byte_orders_follow_one_another():
    octets = b""
    for number, order in ((1, "<"), (2, ">"), (3, "<")):
        octets += section(order) + interface(order=order) + packet(frame(number), order=order)
    assert messages(octets) == [sip(1), sip(2), sip(3)]


def test_a_file_cut_at_every_octet_is_a_gap_and_never_an_error():
    octets = small()
    borders, at = {0}, 0
    while at < len(octets):
        at += int.from_bytes(octets[at + 4 : at + 8], "little")
        borders.add(at)
    whole = messages(octets)
    for stop in range(4, len(octets)):
        items, _ = read(octets[:stop])
        found = [item.message.octets for item in items if isinstance(item, Observation)]
        assert found == whole[: len(found)]
        gaps = [item.reason for item in items if isinstance(item, Gap)]
        assert gaps == ([] if stop in borders else [GapReason.CUT_FILE])


@pytest.mark.parametrize(
    ("options", "ticks", "time"),
    [
        (b"", 5, 5_000),
        (option(9, b"\x09"), 5, 5),
        (option(9, b"\x03"), 5, 5_000_000),
        (option(9, b"\x8a"), 512, 500_000_000),
        (option(9, b"\x0c"), 7_000, 7),
        (option(14, pack("<q", 10)), 1, 10_000_001_000),
        (option(14, pack("<q", -1)), 2_000_000, 1_000_000_000),
    ],
)
def test_resolutions_and_offsets(options, ticks, time):
    octets = section() + interface(options) + packet(frame(1), ticks)
    assert observations(octets)[0].time == time


def test_simple_and_obsolete_packet_blocks():
    octets = frame(1)
    simple = block(3, pack("<I", len(octets)) + octets)
    old = block(2, pack("<HHIIII", 0, 3, 0, 9, len(frame(2)), len(frame(2))) + frame(2))
    items, health = read(section() + interface() + packet(frame(3), 4) + simple + old)
    found = [item for item in items if isinstance(item, Observation)]
    assert [(item.message.cseq, item.time) for item in found] == [
        (3, 4_000),
        (1, 4_000),
        (2, 9_000),
    ]
    assert health.gaps[0].where == "the capturing host lost 3 packets here"


def test_dropped_packets_are_gaps():
    lost = option(4, pack("<Q", 5)) + bytes(4)
    statistics = block(
        5, pack("<III", 0, 0, 0) + option(5, pack("<Q", 2)) + option(7, pack("<Q", 0))
    )
    octets = (
        section() + interface() + packet(frame(1)) + packet(frame(2), options=lost) + statistics
    )
    gaps = [item for item in read(octets)[0] if isinstance(item, Gap)]
    assert [(gap.reason, gap.after_frame) for gap in gaps] == [
        (GapReason.DROPPED, 1),
        (GapReason.DROPPED, 0),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        packet(frame(1))[:8] + pack("<I", 7) + packet(frame(1))[12:],
        block(6, bytes(8)),
        block(2, bytes(8)),
        block(3, b""),
        block(1, b""),
        block(6, pack("<IIIII", 0, 0, 0, 4_000, 4_000)),
    ],
)
def test_a_block_that_contradicts_itself_is_passed_over(bad):
    octets = section() + interface() + bad + packet(frame(2))
    assert messages(octets) == [sip(2)]
    assert reasons(octets) == [GapReason.CUT_FILE]


@pytest.mark.parametrize(
    "bad", [pack("<II", 6, 3) + bytes(40), pack("<II", 6, 1 << 31) + bytes(40)]
)
def test_a_block_of_absurd_length_ends_the_reading(bad):
    octets = section() + interface() + packet(frame(1)) + bad
    assert messages(octets) == [sip(1)]
    assert reasons(octets) == [GapReason.CUT_FILE]


def test_a_section_without_a_byte_order_is_damage():
    assert reasons(b"\x0a\x0d\x0d\x0a" + bytes(40)) == [GapReason.CUT_FILE]


def test_blocks_unknown_are_passed_over():
    octets = section() + interface() + block(0xBAD, bytes(100)) + packet(frame(1))
    assert messages(octets) == [sip(1)]
    assert reasons(octets) == []


def test_blocks_that_hold_no_frames_are_passed_over():
    # Name resolution, a custom block, a journal entry, and keys, as which they are known.
    octets = b"".join(
        pack("<II", kind, 20) + bytes(8) + pack("<I", 20) for kind in (4, 0xBAD, 9, 10)
    )
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET)
    file.write(octets)
    writer.write(START, udp_frames(ALICE, BOB, sip(1), identification=1)[0], "a comment")
    items, health = read(file.getvalue())
    assert [item.message.octets for item in items] == [sip(1)]
    assert health.gaps == []
    chunks = Chunks(BytesIO(file.getvalue()), CaptureHealth("", ""))
    assert [type(item) for item in read_pcapng(chunks)] == [Interface, Secrets, Batch]
