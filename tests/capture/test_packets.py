import pytest

from conformance.capture.link import Link
from conformance.capture.packets import (
    TcpConversation,
    checksum,
    fragment,
    ip_packet,
    link_frame,
    tcp_segment,
    udp_frames,
)
from conformance.observation.packet import Endpoint
from tests.capture.scenes import ALICE, ALICE6, BOB, BOB6, messages, observations, pcap, sip


def test_checksum_of_rfc_1071():
    # RFC 1071 section 3: the sum of these words is ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


def test_a_packet_with_its_checksum_sums_to_zero():
    packet = ip_packet(ALICE.host, BOB.host, 17, b"x" * 13, 99)
    assert checksum(packet[:20]) == 0


@pytest.mark.parametrize(("source", "destination"), [(ALICE, BOB), (ALICE6, BOB6)])
def test_a_datagram_with_its_pseudo_header_sums_to_zero(source, destination):
    packet = udp_frames(source, destination, b"odd", identification=1, link=Link.RAW)[0]
    size = 20 if ":" not in source.host else 40
    addresses = packet[12:20] if size == 20 else packet[8:40]
    datagram = packet[size:]
    assert checksum(addresses + bytes([0, 17, 0, len(datagram)]) + datagram) == 0


def test_identification_zero_sets_dont_fragment():
    assert ip_packet(ALICE.host, BOB.host, 17, b"", 0)[6] == 0x40
    assert observations(pcap(udp_frames(ALICE, BOB, sip(), identification=0)))[0].mirror is None


@pytest.mark.parametrize("link", list(Link))
def test_every_link_is_read_back(link):
    ends = (ALICE6, BOB6) if link is Link.IPV6 else (ALICE, BOB)
    frames = udp_frames(*ends, sip(), identification=1, mtu=200, link=link)
    assert len(frames) > 1
    assert messages(pcap(frames, link)) == [sip()]


def test_fragments_fit_the_mtu_and_hold_everything():
    packet = ip_packet(ALICE.host, BOB.host, 17, bytes(range(256)) * 8, 5)
    parts = fragment(packet, 300)
    assert all(len(part) <= 300 for part in parts)
    assert b"".join(part[20:] for part in parts) == packet[20:]
    assert all(checksum(part[:20]) == 0 for part in parts)


def test_a_packet_that_fits_is_no_fragment():
    packet = ip_packet(ALICE.host, BOB.host, 17, b"x", 5)
    assert fragment(packet, 1_500) == [packet]


def test_vlan():
    frames = udp_frames(ALICE, BOB, sip(), identification=1, vlan=42)
    assert frames[0][12:16] == b"\x81\x00\x00\x2a"
    assert messages(pcap(frames)) == [sip()]


def test_wrong_arguments():
    with pytest.raises(ValueError, match="different IP versions"):
        udp_frames(ALICE, BOB6, b"", identification=1)
    with pytest.raises(ValueError, match="do not fit"):
        udp_frames(ALICE, BOB, bytes(65_508), identification=1)
    with pytest.raises(ValueError, match="no room"):
        fragment(ip_packet(ALICE.host, BOB.host, 17, bytes(100), 1), 27)
    with pytest.raises(ValueError, match="VLAN"):
        link_frame(b"\x45" + bytes(19), link=Link.RAW, vlan=1)


def test_a_conversation_counts_its_octets():
    tcp = TcpConversation(ALICE, BOB, seed=3, link=Link.RAW)
    opening = tcp.open()
    data, answer = tcp.send(True, b"12345")
    closing = tcp.close(False)
    sequences = [int.from_bytes(frame[24:28]) for frame in (opening[0], opening[2], data)]
    assert sequences[1] == sequences[0] + 1 == sequences[2]
    assert int.from_bytes(answer[28:32]) == sequences[2] + 5
    assert [frame[33] for frame in closing] == [0x11, 0x11, 0x10]
    assert tcp.reset(True)[0][33] == 0x14


def test_segments_of_equal_seed_are_equal():
    first = TcpConversation(ALICE, BOB, seed=8)
    assert first.open() == TcpConversation(ALICE, BOB, seed=8).open()
    other = Endpoint(BOB.host, 1)
    assert tcp_segment(ALICE, other, sequence=1) != tcp_segment(ALICE, BOB, sequence=1)
