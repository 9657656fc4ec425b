import pytest

from conformance.capture.link import IP_START, NO_IP, Link

IPV4 = b"\x45" + bytes(19)
MACS = bytes(12)


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
