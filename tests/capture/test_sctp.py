from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.packets import link_frame
from conformance.capture.sctp import Associations
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import GapReason
from tests.capture.scenes import messages, observations, pcap, read, sip
from tests.capture.tunnelled import sctp_packet

TEXT = sip(1, b"x" * 500)


@given(
    cuts=st.sets(st.integers(40, len(TEXT) - 1), max_size=6),
    first=st.sampled_from([1, 2**32 - 2]),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_parts_in_any_order_and_twice(cuts, first, data):
    edges = [0, *sorted(cuts), len(TEXT)]
    chunks = []
    for place, (begin, end) in enumerate(pairwise(edges)):
        flags = (2 if begin == 0 else 0) | (1 if end == len(TEXT) else 0)
        chunks.append((flags, (first + place) % 2**32, TEXT[begin:end]))
    order = data.draw(st.permutations(chunks + chunks[:1]))
    frames = [link_frame(sctp_packet([chunk])) for chunk in order]
    (found,) = observations(pcap(frames))
    assert (found.message.octets, found.transport) == (TEXT, Transport.SCTP)
    assert found.source == Endpoint("10.0.0.1", 5_060)


def test_what_is_no_sip_is_passed_over():
    assert messages(pcap([link_frame(sctp_packet([(3, 1, b"diameter or so")]))])) == []


def test_a_message_that_never_ends_is_a_gap():
    items, _ = read(pcap([link_frame(sctp_packet([(2, 1, TEXT[:300])]))]))
    assert [one.reason for one in items] == [GapReason.FRAGMENT_MISSING]


@given(octets=st.binary(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_octets_never_raise(octets):
    Associations().take(bytes(8), octets, (1,), 0)
