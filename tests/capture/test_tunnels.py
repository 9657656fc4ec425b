import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture import tunnels
from conformance.capture.packets import link_frame
from conformance.observation.trace import GapReason
from tests.capture.scenes import ALICE, ALICE6, BOB, BOB6, messages, pcap, reasons, sip
from tests.capture.tunnelled import (
    TUNNELS,
    esp,
    esp_in_udp,
    esp_octets,
    gre,
    outer_udp,
    packets,
    tcp_packets,
)


@pytest.mark.parametrize("tunnel", [*TUNNELS, esp, esp_in_udp])
def test_a_message_in_a_tunnel(tunnel):
    assert messages(pcap([tunnel(packets(sip(1))[0])])) == [sip(1)]


@pytest.mark.parametrize("tunnel", TUNNELS)
def test_fragments_of_ipv6_in_a_tunnel(tunnel):
    cut = packets(sip(1, b"x" * 900), mtu=500, source=ALICE6, destination=BOB6)
    assert len(cut) > 2
    assert messages(pcap([tunnel(packet) for packet in reversed(cut)])) == [sip(1, b"x" * 900)]


@pytest.mark.parametrize("tunnel", [*TUNNELS, esp, esp_in_udp])
def test_a_stream_in_a_tunnel(tunnel):
    cut = tcp_packets([(True, sip(1)), (False, sip(2))], 100)
    assert messages(pcap([tunnel(packet) for packet in cut])) == [sip(1), sip(2)]


def test_frames_of_fragments_inside_and_outside():
    from conformance.capture.packets import fragment, ip_packet
    from tests.capture.scenes import observations
    from tests.capture.tunnelled import OUTER

    inner = packets(sip(1, b"x" * 900), mtu=800)
    frames = []
    for packet in inner:
        outer = ip_packet(*OUTER, 4, packet, len(frames) + 7)
        frames += [link_frame(part) for part in fragment(outer, 500)]
    assert [one.frames for one in observations(pcap(frames))] == [(1, 2, 3)]


def test_tunnels_inside_one_another_are_bounded():
    packet = packets(sip(1))[0]
    for _ in range(4):
        packet = gre(packet)[14:]
    assert messages(pcap([link_frame(packet)])) == [sip(1)]
    for _ in range(10):
        packet = gre(packet)[14:]
    assert reasons(pcap([link_frame(packet)] * 2)) == [GapReason.LIMIT]


@pytest.mark.parametrize("icv", [0, 12, 16, 24, 32])
def test_every_size_of_check_value(icv):
    octets = esp_octets(packets(sip(1))[0], icv)
    protocol, begin, end = tunnels.in_esp(octets, 0, len(octets))
    assert (protocol, octets[begin + 8 : end]) == (17, sip(1))


def test_encrypted_esp_is_sealed():
    octets = bytes(range(7, 250)) * 3
    assert tunnels.in_esp(octets, 0, len(octets)) is None
    frame = outer_udp(octets, 4_500)
    assert reasons(pcap([frame])) == [GapReason.UNDECRYPTABLE]
    keep_alive, ike = outer_udp(b"\xff", 4_500), outer_udp(bytes(40), 4_500)
    assert reasons(pcap([keep_alive, ike])) == []


@pytest.mark.parametrize("port", [2_152, 4_789, 6_081, 4_500])
def test_a_message_on_the_port_of_a_tunnel(port):
    assert messages(pcap([outer_udp(sip(1), port)])) in ([sip(1)], [])
    if port != 4_500:
        assert messages(pcap([outer_udp(sip(1), port)])) == [sip(1)]


@given(
    octets=st.binary(max_size=80),
    port=st.sampled_from(sorted(tunnels.PORTS)),
    cut=st.integers(0, 80),
)
def test_any_octets_never_raise(octets, port, cut):
    stop = min(cut, len(octets))
    tunnels.in_gre(octets, 0, stop)
    tunnels.in_udp(b"\0\0" + port, octets, 0, stop)
    tunnels.in_esp(octets, 0, stop)


@pytest.mark.parametrize("tunnel", [*TUNNELS, esp, esp_in_udp])
def test_a_frame_cut_anywhere_never_raises(tunnel):
    frame = tunnel(packets(sip(1), source=ALICE, destination=BOB)[0])
    for size in range(len(frame)):
        assert messages(pcap([frame[:size]])) in ([], [sip(1)])
