from struct import pack

import pytest

from conformance.capture.link import IP_START, NO_IP, Link

IPV4 = b"\x45" + bytes(19)
MACS = bytes(12)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\x00"
WIRELESS = b"\x08\x01" + bytes(22) + SNAP


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (Link.ETHERNET, MACS + b"\x08\x00"),
        (Link.ETHERNET, MACS + b"\x81\x00\x00\x05\x08\x00"),
        (Link.ETHERNET, MACS + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"),
        (Link.ETHERNET, MACS + b"\x88\x64\x11\x00\x00\x07\x00\x16\x00\x21"),
        (Link.ETHERNET, MACS + b"\x88\x47\x00\x01\x00\xff\x00\x02\x01\xff"),
        (Link.LINUX_SLL, bytes(14) + b"\x08\x00"),
        (Link.LINUX_SLL2, b"\x08\x00" + bytes(18)),
        (Link.LINUX_SLL2, b"\x81\x00" + bytes(20) + b"\x08\x00"),
        (Link.NULL, b"\x02\x00\x00\x00"),
        (Link.LOOP, b"\x00\x00\x00\x02"),
        (Link.PPP, b"\xff\x03\x00\x21"),
        (Link.PPP, b"\x21"),
        (51, bytes(6) + b"\x00\x21"),
        (Link.RAW, b""),
        (12, b""),
        (Link.ETHERNET, MACS + b"\x00\x1c" + SNAP),
        (100, SNAP),
        (104, b"\x0f\x00\x08\x00"),
        (119, pack("<II", 0x44, 144) + bytes(136) + WIRELESS),
        (163, pack(">II", 0x80211001, 64) + bytes(56) + WIRELESS),
        (192, pack("<BBHI", 0, 0, 12, 105) + bytes(4) + WIRELESS),
        (204, b"\x01\xff\x03\x00\x21"),
        (239, b"\x02\0\0\0" + pack("<HH", 7, 10) + b"abc\0" + pack("<HH", 24, 9)),
        (258, pack("<III", 16, 1, 1) + bytes(4) + MACS + b"\x08\x00"),
    ],
)
def test_the_ip_packet_is_found(link, head):
    frame = b"before" + head + IPV4
    assert IP_START[link](frame, 6, len(frame)) == 6 + len(head)


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (Link.ETHERNET, MACS + b"\x08\x06" + bytes(28)),
        (Link.ETHERNET, MACS + b"\x08\x00\x95" + bytes(28)),
        (Link.PPP, b"\xc0\x21" + bytes(20)),
        (Link.RAW, b"\x95" + bytes(20)),
        (Link.ETHERNET, MACS + b"\x00\x1c\x42\x42\x03" + bytes(30)),
        (192, pack("<BBHI", 0, 0, 8, 192) + IPV4),
        (192, pack("<BBHI", 0, 0, 0, 101) + IPV4),
        (258, pack("<III", 8, 1, 1) + IPV4),
        (119, bytes(60)),
        (Link.LINUX_SLL2, b"\x08\x06" + bytes(30)),
    ],
)
def test_other_protocols_are_none(link, frame):
    assert IP_START[link](frame, 0, len(frame)) == NO_IP


@pytest.mark.parametrize("link", list(IP_START))
def test_a_frame_cut_anywhere_is_none(link):
    whole = MACS + b"\x81\x00\x00\x05\x88\x47\x00\x01\x00\xff" + IPV4
    for stop in range(10):
        assert IP_START[link](whole, 0, stop) in (NO_IP, *range(stop))
