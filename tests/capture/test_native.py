import sys
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.link import Link
from conformance.capture.native import NativeSource
from conformance.capture.packets import (
    TcpConversation,
    ip_packet,
    link_frame,
    tcp_segment,
    udp_frames,
)
from conformance.capture.source import open_capture
from conformance.capture.writer import PcapngWriter, PcapWriter
from conformance.observation.trace import CaptureHealth, GapReason
from tests.capture.scenes import (
    ALICE,
    ALICE6,
    BOB,
    BOB6,
    SHARED,
    START,
    conversation,
    messages,
    pcap,
    read,
    reasons,
    sip,
)

# What tshark 4.0.17 counts in each file, SIP and MSRP; docs/counting.md tells why we differ.
COUNTS = {
    "made-here-linphone_kamailio_chat.pcapng": (20, 0),
    "made-here-msrp-java_SimpleProfileTest.pcapng": (0, 4),
    "made-here-msrp-java_TestSendingStatusMessages.pcapng": (0, 4),
    "pkts-cancel.pcap": (7, 0),
    "pkts-fragmented_tcp_sip.pcap": (6, 0),
    "pkts-fragmented_udp_sip.pcap": (5, 0),
    "pkts-sipp_sll.pcap": (30, 0),
    "sipnab-DTMFsipinfo.pcap": (32, 0),
    "sipnab-b2bua-asterisk.pcapng": (60, 0),
    "sipnab-rtp-protocol.pcap": (9, 0),
    "sipnab-sip-auth-failure.pcapng": (8, 0),
    "sipnab-sip-over-tcp.pcap": (7, 0),
    "suricata-verify-public-cloudshark-sip-s0.pcap": (10, 0),
    "suricata-verify-sip-body-large.pcap": (2, 0),
    "suricata-verify-sip-tcp.pcap": (2, 0),
    "suricata-verify-sip_compact_form.pcap": (1, 0),
    "zeek-invalid-content-length.pcap": (2, 0),
    "zeek-sip-junk-before-request.pcap": (1, 0),
    "zeek-sip-long-request-response-paths.pcap": (2, 0),
    "zeek-wireshark.pcap": (81, 0),
}
# tshark passes over a REPORT that shares its segment with the response before it.
MORE = {"made-here-msrp-java_SimpleProfileTest.pcapng": (0, 1)}
GAPS = {"pkts-fragmented_udp_sip.pcap": [GapReason.FRAGMENT_MISSING]}


@pytest.mark.parametrize("name", COUNTS)
def test_captures_made_by_others_are_counted_as_tshark_counts(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip("the folder of captures made by others is absent")
    source = open_capture(str(path))
    list(source)
    health = source.health
    more = MORE.get(name, (0, 0))
    assert (health.sip_messages - more[0], health.msrp_messages - more[1]) == COUNTS[name]
    assert [gap.reason for gap in health.gaps] == GAPS.get(name, [])
    assert health.octets == path.stat().st_size


@pytest.mark.skipif(not SHARED.exists(), reason="the folder of captures made by others is absent")
def test_every_capture_made_by_others_is_in_the_table():
    assert {path.name for path in SHARED.glob("*.pcap*")} == set(COUNTS)


def test_an_unknown_link_type_is_said_once_with_its_number():
    frame = udp_frames(ALICE, BOB, sip(), identification=1)[0]
    octets = bytearray(pcap([frame, frame]))
    octets[20:24] = (147).to_bytes(4, "little")
    items, health = read(bytes(octets))
    assert [item.reason for item in items] == [GapReason.UNREADABLE_LINK]
    assert "147" in items[0].where
    assert health.packets == 2


def test_esp_is_said_once_for_two_hosts():
    frame = link_frame(ip_packet(ALICE.host, BOB.host, 50, bytes(60), 1))
    assert reasons(pcap([frame, frame])) == [GapReason.UNDECRYPTABLE]


def test_slow_and_fast_paths_agree():
    frames = udp_frames(ALICE, BOB, sip(1), identification=1)
    frames += udp_frames(ALICE, BOB, sip(2), identification=2, vlan=7)
    frames += udp_frames(ALICE6, BOB6, sip(3), identification=3)
    frames += udp_frames(ALICE, BOB, sip(4), identification=4, mtu=100)
    frames += conversation([(True, sip(5)), (False, sip(6))], mss=33)
    assert messages(pcap(frames)) == [sip(n) for n in range(1, 7)]


def test_ipv6_over_tcp_and_time_of_the_completing_frame():
    from conformance.capture.packets import TcpConversation

    tcp = TcpConversation(ALICE6, BOB6)
    frames = tcp.open() + tcp.send(True, sip(1), mss=60)
    items, _ = read(pcap(frames))
    assert items[0].frames == tuple(range(4, len(frames)))
    assert items[0].time == START + (len(frames) - 2) * 1_000_000


@pytest.mark.parametrize("writer_class", [PcapWriter, PcapngWriter])
@given(octets=st.lists(st.binary(max_size=120), max_size=12), link=st.sampled_from(list(Link)))
@settings(max_examples=80)
def test_any_frames_never_raise(writer_class, octets, link):
    file = BytesIO()
    writer = writer_class(file, link=link)
    for frame in octets:
        writer.write(START, frame)
    assert read(file.getvalue())[1].packets == len(octets)


@given(st.data())
def test_any_changed_octet_never_raises(data):
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET, interface="x")
    for frame in conversation([(True, sip(1)), (False, sip(2))], mss=200):
        writer.write(START, frame, "note")
    octets = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(octets))


def test_reading_may_stop_early():
    closed = []

    class File(BytesIO):
        def close(self):
            closed.append(True)
            super().close()

    octets = pcap(udp_frames(ALICE, BOB, sip(1), identification=1) * 3)
    items = iter(NativeSource(CaptureHealth("memory", "native"), 0, lambda: File(octets)))
    assert next(items).number == 1
    items.close()
    assert closed == [True]


def calls(octets):
    """Function calls, of Python and of C, that reading takes."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        read(octets)
    finally:
        sys.setprofile(None)
    return count


def segments_behind_a_hole(size):
    return [tcp_segment(ALICE, BOB, b"abc", sequence=5 * n) for n in range(size, 0, -1)]


def one_octet_segments(size):
    stream = sip(1, b"x" * size)
    return [tcp_segment(ALICE, BOB, stream[at : at + 1], sequence=at) for at in range(len(stream))]


def fragments_without_an_end(size):
    frames = udp_frames(ALICE, BOB, sip(1, bytes(size * 8)), identification=1, mtu=68)
    return frames[:-1] * 3


def holes(size):
    stream = b"".join(sip(n) for n in range(size // 2))
    return [
        tcp_segment(ALICE, BOB, stream[at : at + 100], sequence=at)
        for at in range(0, len(stream), 110)
    ]


@pytest.mark.parametrize(
    "frames", [segments_behind_a_hole, one_octet_segments, fragments_without_an_end, holes]
)
def test_work_grows_with_the_size_only(frames):
    # A capture twice as long may take little more than twice the work.
    assert calls(pcap(frames(1_000))) < 2.6 * calls(pcap(frames(500)))


@pytest.mark.parametrize("border", range(1, 7))
def test_what_a_file_of_a_ring_begins_the_next_one_ends(border):
    """A datagram in fragments, and a message in segments, over the border of two files."""
    frames = udp_frames(ALICE, BOB, sip(1, b"x" * 900), identification=1, mtu=400)
    talk = TcpConversation(ALICE, BOB)
    frames += talk.open()[:1] + talk.send(True, sip(2, b"y" * 900), mss=600)[:2]
    parts = frames[:border], frames[border:]
    healths = [CaptureHealth(name, "native") for name in ("one", "two")]
    first, second = (
        NativeSource(health, place, lambda part=part: BytesIO(pcap(part)))
        for place, (health, part) in enumerate(zip(healths, parts, strict=True))
    )
    second.follow(first)
    found = [*first, *second]
    assert [one.message.octets for one in found] == [sip(1, b"x" * 900), sip(2, b"y" * 900)]
    for one in found:
        assert max(one.frames) <= len(parts[one.capture])
