import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture import ip
from conformance.capture.ip import Reassembly, address, endpoints, read, reverse
from conformance.capture.link import Link
from conformance.capture.packets import fragment, ip_packet, link_frame, udp_frames
from conformance.observation.packet import Endpoint
from conformance.observation.trace import GapReason
from tests.capture.scenes import (
    ALICE,
    ALICE6,
    BOB,
    BOB6,
    messages,
    observations,
    pcap,
    reasons,
    sip,
)
from tests.capture.scenes import read as read_capture

BODY = bytes(range(32, 127)) * 12


def parts_of(source, destination, number=1, mtu=200):
    return udp_frames(
        source, destination, sip(number, BODY), identification=number, mtu=mtu, link=Link.RAW
    )


@pytest.mark.parametrize(("source", "destination"), [(ALICE, BOB), (ALICE6, BOB6)])
@given(st.data())
@settings(max_examples=60)
def test_any_order_and_repetition_of_fragments_gives_the_datagram(source, destination, data):
    parts = [*enumerate(parts_of(source, destination))]
    extra = data.draw(st.lists(st.sampled_from(parts), max_size=5))
    order = data.draw(st.permutations(parts + extra))
    found = observations(pcap([frame for _, frame in order], Link.RAW))
    assert [item.message.octets for item in found][:1] == [sip(1, BODY)]
    assert found[0].mirror == 1
    assert len(found[0].frames) == len(parts)
    assert reasons(pcap([frame for _, frame in order], Link.RAW)) == []


def test_a_mirrored_datagram_is_seen_twice():
    parts = parts_of(ALICE, BOB)
    assert messages(pcap(parts + parts, Link.RAW)) == [sip(1, BODY)] * 2


def test_overlapping_fragments_keep_what_came_first():
    packet = ip_packet(ALICE.host, BOB.host, 17, udp_payload(sip(1, BODY)), 9)
    first, second = fragment(packet, 800)[:2]
    overlapping = fragment(packet, 400)
    frames = [first, overlapping[1], overlapping[2], *overlapping[3:]]
    assert messages(pcap(frames, Link.RAW)) == [sip(1, BODY)]
    assert second not in frames


def udp_payload(payload):
    return udp_frames(ALICE, BOB, payload, identification=1, link=Link.RAW)[0][20:]


def test_a_missing_fragment_is_a_gap_once_the_capture_ends():
    frames = parts_of(ALICE, BOB)
    assert reasons(pcap(frames[:-1], Link.RAW)) == [GapReason.FRAGMENT_MISSING]
    assert reasons(pcap(frames[1:], Link.RAW)) == [GapReason.FRAGMENT_MISSING]


def test_fragments_seen_to_be_no_sip_are_no_gap():
    frames = udp_frames(ALICE, BOB, bytes(2_000), identification=1, mtu=600, link=Link.RAW)
    assert reasons(pcap(frames[:-1], Link.RAW)) == []


def test_interleaved_datagrams_do_not_mix():
    one, two = parts_of(ALICE, BOB, 1), parts_of(ALICE, BOB, 2)
    mixed = [frame for pair in zip(one, two, strict=True) for frame in pair]
    assert messages(pcap(mixed, Link.RAW)) == [sip(1, BODY), sip(2, BODY)]


def test_an_identification_is_used_again_after_its_lifetime():
    table = Reassembly()
    first = fragment(ip_packet(ALICE.host, BOB.host, 17, bytes(64), 3), 60)
    whole = None
    for frame, time in ((first[0], 0), (first[0], 61 * 10**9), (first[1], 61 * 10**9)):
        packet = read(frame, 0, len(frame))
        whole = table.add(packet, frame, (1,), time)
    assert whole.octets == bytes(64)
    assert len(table.overdue) == 1


def test_the_table_is_bounded(monkeypatch):
    monkeypatch.setattr(ip, "MAX_FRAGMENTS", 3)
    frames = [parts_of(ALICE, BOB, number)[0] for number in range(1, 9)]
    assert (
        reasons(pcap(frames, Link.RAW)) == [GapReason.LIMIT] * 5 + [GapReason.FRAGMENT_MISSING] * 3
    )


def test_the_octets_held_are_bounded(monkeypatch):
    monkeypatch.setattr(ip, "_MAX_HELD", 500)
    table = Reassembly()
    for number in range(1, 9):
        frame = parts_of(ALICE, BOB, number)[0]
        table.add(read(frame, 0, len(frame)), frame, (number,), 0)
    assert len(table.overdue) == 6


def test_extension_headers_are_passed_over():
    datagram = udp_frames(ALICE6, BOB6, sip(), identification=1, link=Link.RAW)[0][40:]
    options = bytes([60, 0]) + bytes(6) + bytes([17, 1]) + bytes(14)
    frame = ip_packet(ALICE6.host, BOB6.host, 0, options + datagram, 0)
    assert messages(pcap([frame], Link.RAW)) == [sip()]


def test_ip_in_ip_is_followed():
    inner = udp_frames(ALICE6, BOB6, sip(), identification=1, link=Link.RAW)[0]
    outer = ip_packet("192.0.2.1", "192.0.2.2", 41, inner, 5)
    assert observations(pcap([outer], Link.RAW))[0].source == ALICE6


@given(st.binary(max_size=120))
def test_any_octets_are_read_without_error(octets):
    for first in (b"", b"\x45", b"\x60"):
        frame = first + octets
        packet = read(frame, 0, len(frame))
        assert packet is None or 0 <= packet.start <= packet.stop <= len(frame)


def test_an_offloaded_segment_without_a_length_reaches_to_the_frame_end():
    frame = bytearray(ip_packet(ALICE.host, BOB.host, 6, b"x" * 30, 1))
    frame[2:4] = b"\0\0"
    packet = read(bytes(frame), 0, len(frame))
    assert (packet.start, packet.stop, packet.cut) == (20, 50, False)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("0a000001", "10.0.0.1"),
        ("20010db8000000000000000000000001", "2001:db8::1"),
        ("00000000000000000000ffff0a000001", "::ffff:10.0.0.1"),
    ],
)
def test_addresses_in_canonical_form(octets, text):
    assert address(bytes.fromhex(octets)) == text


def test_keys():
    key = bytes.fromhex("0a0000010a00000213c413c5")
    assert endpoints(key) == (Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5061))
    assert endpoints(reverse(key)) == endpoints(key)[::-1]


def test_ethernet_padding_is_no_payload():
    frame = link_frame(ip_packet(ALICE.host, BOB.host, 17, udp_payload(b"\r\n"), 1)) + b"OPTIONS"
    assert messages(pcap([frame])) == []


def test_a_part_beyond_the_largest_datagram_is_said_and_not_held():
    packet = bytearray(parts_of(ALICE, BOB)[1])
    packet[6:8] = (0x1FFF | 0x2000).to_bytes(2)
    found, _ = read_capture(pcap([bytes(packet)] * 2, Link.RAW))
    assert [gap.reason for gap in found] == [GapReason.FRAGMENT_MISSING] * 2
    reassembly = Reassembly()
    part = ip.read(bytes(packet), 0, len(packet))
    assert reassembly.add(part, bytes(packet), (1,), 0) is None
    assert len(list(reassembly.finish())) == 1
