from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.hep import unwrap
from conformance.capture.packets import TcpConversation
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason
from tests.capture.scenes import ALICE, BOB, messages, observations, pcap, reasons, sip
from tests.capture.tunnelled import hep3, hep_old, outer_udp


@pytest.mark.parametrize(
    "packet",
    [
        hep3(sip(1)),
        hep3(sip(1), compressed=True),
        hep_old(sip(1)),
        hep_old(sip(1), 2),
        hep_old(sip(1), 2, 12),
    ],
)
def test_a_copied_message_has_its_own_endpoints(packet):
    (found,) = observations(pcap([outer_udp(packet, 9_060)]))
    assert (found.source, found.destination, found.transport) == (ALICE, BOB, Transport.UDP)
    assert found.message.octets == sip(1)
    assert found.copied


def test_version_3_is_known_on_any_port():
    assert messages(pcap([outer_udp(hep3(sip(1)), 9_999)])) == [sip(1)]


def test_other_copies_are_none_of_ours():
    assert unwrap(hep3(b"v=0", kind=5)) is None
    assert messages(pcap([outer_udp(hep3(b"v=0"), 9_060)])) == []


@pytest.mark.parametrize("over_tcp", [False, True])
def test_a_compressed_copy_beyond_the_limit_is_malformed_and_names_it(over_tcp):
    packet = hep3(sip(1, bytes(200_000)), compressed=True)
    if over_tcp:
        tcp = TcpConversation(ALICE, BOB)
        frames = tcp.open() + tcp.send(True, packet + hep3(sip(2)))
    else:
        frames = [outer_udp(packet, 9_060), outer_udp(hep3(sip(2)), 9_060)]
    first, second = observations(pcap(frames))
    assert first.message.rule.startswith("limit: a compressed copy")
    assert len(first.message.octets) < 70_000
    assert second.message.octets == sip(2)


@given(octets=st.binary(max_size=60))
def test_any_octets_never_raise(octets):
    unwrap(octets)
    unwrap(b"HEP3" + octets)


def test_a_packet_cut_anywhere_never_raises():
    whole = hep3(sip(1), compressed=True)
    for size in range(len(whole)):
        found = unwrap(whole[:size])
        assert found is None or found.payload == b""


def test_a_copy_cut_by_the_snap_length_is_a_gap():
    frame = outer_udp(hep3(sip(1)), 9_060)
    assert reasons(pcap([frame[:-30]])) == [GapReason.SNAPLEN]


@pytest.mark.parametrize(("kind", "size"), [(3, 9), (4, 3), (5, 4), (7, 3), (8, 1)])
def test_an_address_or_port_of_another_size_is_damage(kind, size):
    packet = bytearray(hep3(sip(1)))
    wrong = pack("!HHH", 0, kind, 6 + size) + bytes(size)
    packet += wrong
    packet[4:6] = len(packet).to_bytes(2)
    found = unwrap(bytes(packet))
    # What is there twice counts as it came last; of the other family it matters not.
    assert (found is None) == (kind != 5)
