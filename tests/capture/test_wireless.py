from struct import pack

import pytest

from conformance.capture.link import IP_START, NO_IP, SEALED, Link
from conformance.capture.packets import link_frame
from conformance.capture.wireless import radiotap
from conformance.observation.trace import GapReason
from tests.capture.scenes import messages, pcap, reasons, sip
from tests.capture.tunnelled import packets

SNAP = b"\xaa\xaa\x03\0\0\0\x08\x00"
IPV4 = b"\x45" + bytes(19)


def frame(control, flags, extra=b""):
    return bytes([control, flags]) + bytes(22) + extra + SNAP + IPV4


@pytest.mark.parametrize(
    ("octets", "at"),
    [
        (frame(0x08, 0x01), 32),
        (frame(0x08, 0x03, bytes(6)), 38),
        (frame(0x88, 0x02, bytes(2)), 34),
        (frame(0x88, 0x82, bytes(6)), 38),
        (frame(0x88, 0x03, bytes(8)), 40),
        (frame(0x88, 0x02, b"\x80\0" + bytes(14)), 48),
        (frame(0x48, 0x01), NO_IP),
        (frame(0x80, 0x00), NO_IP),
        (frame(0x08, 0x41), SEALED),
        (frame(0x08, 0x01)[:20], NO_IP),
    ],
)
def test_data_frames(octets, at):
    assert IP_START[Link.IEEE802_11](octets, 0, len(octets)) == at


def test_radiotap_with_time_stamp_more_words_and_padding():
    # Two words of fields, a time stamp aligned to 8 octets, then the flags: 0x20 means padding.
    head = pack("<BBHII", 0, 0, 25, 0x80000003, 0) + bytes(4) + bytes(8) + b"\x20"
    assert radiotap(head, 0, len(head)) == (25, True)
    octets = head + bytes([0x88, 2]) + bytes(24) + bytes(2) + SNAP + IPV4
    assert IP_START[Link.RADIOTAP](octets, 0, len(octets)) == 25 + 28 + 8
    for stop in range(len(head)):
        assert IP_START[Link.RADIOTAP](octets, 0, stop) == NO_IP


@pytest.mark.parametrize("link", [Link.IEEE802_11, Link.RADIOTAP])
def test_a_message_over_the_air(link):
    assert messages(pcap([link_frame(packets(sip(1))[0], link=link)], link)) == [sip(1)]


def test_encrypted_frames_are_said_once():
    sealed = frame(0x08, 0x41)
    assert reasons(pcap([sealed, sealed], Link.IEEE802_11)) == [GapReason.UNDECRYPTABLE]
