import pytest

from conformance.capture.link import Link
from conformance.capture.packets import ip_packet, link_frame, udp_frames
from conformance.observation.trace import GapReason
from tests.capture.scenes import ALICE, BOB, messages, pcap, read, reasons, sip
from tests.capture.tunnelled import packets, qinq


@pytest.mark.parametrize("link", [Link.ETHERNET, Link.LINUX_SLL, Link.RAW, Link.PPP])
def test_the_payload_is_led_to_the_decoder(link):
    frames = udp_frames(ALICE, BOB, sip(1), identification=1, link=link)
    assert messages(pcap(frames, link)) == [sip(1)]


def test_a_datagram_longer_than_its_frame_was_cut():
    # A capturing host may write the captured length as that on the wire.
    frame = udp_frames(ALICE, BOB, sip(1, b"x" * 100), identification=1)[0]
    for tagged in (frame, qinq(packets(sip(1, b"x" * 100))[0])):
        octets = pcap([tagged[:-30]])
        assert messages(octets) == []
        assert reasons(octets) == [GapReason.SNAPLEN]


def test_frames_without_payload_are_said_once():
    frame = udp_frames(ALICE, BOB, sip(1), identification=1)[0][:42]
    items, _ = read(pcap([frame, frame], Link.ETHERNET))
    assert [one.reason for one in items] == [GapReason.SNAPLEN]
    assert "tcpdump -s 0" in items[0].where


def test_what_would_help_is_said():
    sealed = link_frame(ip_packet(ALICE.host, BOB.host, 50, bytes(60), 1))
    items, _ = read(pcap([sealed]))
    assert "null cipher" in items[0].where


def test_padding_behind_a_short_packet_is_no_payload():
    frame = udp_frames(ALICE, BOB, b"\r\n", identification=1)[0]
    assert messages(pcap([frame + bytes(18)])) == []
