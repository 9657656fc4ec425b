from random import Random

import pytest

from conformance.capture import ip
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.suite.fragmented import Fragments
from tests.capture.scenes import ALICE, BOB, sip


def pieces(number, identification=7):
    body = bytes(range(256)) * 4
    return udp_frames(
        ALICE, BOB, sip(number, body), identification=identification, mtu=300, link=Link.RAW
    )


def met(packets):
    """The file that these packets make, and the datagrams met in it."""
    original, fragments, at = b"".join(packets), Fragments(), 0
    for packet in packets:
        found = ip.read(original, at, at + len(packet))
        fragments.add(found, at, 0, original)
        at += len(packet)
    return original, fragments.take()


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_and_twice(seed):
    packets = pieces(1) + pieces(1)[1:3]
    Random(seed).shuffle(packets)
    original, (one,) = met(packets)
    whole = one.joined(original)
    assert one.size == len(whole)
    assert whole[8:].startswith(sip(1)[:20])
    changed = bytearray(original)
    one.write(changed, bytes(len(whole)))
    assert changed == b"".join(packet[:20] + bytes(len(packet) - 20) for packet in packets)


def test_an_identification_used_again():
    original, found = met(pieces(1) + pieces(2) + pieces(3, 8))
    assert [
        sip(number)[:60] in one.joined(original)
        for one, number in zip(found, (1, 2, 3), strict=True)
    ]
    assert len({bytes(one.joined(original)) for one in found}) == 3


def test_a_part_that_is_missing():
    packets = pieces(1)
    original, (one,) = met([packets[0], *packets[2:]])
    assert one.joined(original) == packets[0][20:]
    assert one.size > len(packets[0])
    original, (one,) = met(packets[1:])
    assert one.joined(original) == b""


def test_they_are_given_once():
    fragments, packet = Fragments(), pieces(1)[0]
    fragments.add(ip.read(packet, 0, len(packet)), 0, 0, packet)
    assert len(fragments.take()) == 1
    assert fragments.take() == []
