from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.packets import link_frame
from conformance.capture.sctp import Associations
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Gap, GapReason
from conformance.wire.limits import MAX_FRAGMENTS
from tests.body.growth import assert_linear
from tests.capture.scenes import messages, observations, pcap, read, reasons, sip
from tests.capture.tunnelled import sctp_packet

TEXT = sip(1, b"x" * 500)


@given(
    cuts=st.sets(st.integers(40, len(TEXT) - 1), max_size=6),
    first=st.sampled_from([1, 2**32 - 2]),
    data=st.data(),
)
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
def test_any_octets_never_raise(octets):
    Associations().take(bytes(8), octets, (1,), 0)


def many(count, begin=0):
    """A message in so many parts of one octet behind the first."""
    text = sip(1, b"x" * (count - 1))
    cut = len(text) - count + 1
    parts = [(2, 0, text[:cut])]
    parts += [
        (1 if at == len(text) - 1 else 0, at - cut + 1, text[at : at + 1])
        for at in range(cut, len(text))
    ]
    return text, [(flags, begin + number, octets) for flags, number, octets in parts]


@pytest.mark.parametrize("order", ["forwards", "backwards", "odd-first"])
def test_a_message_in_thousands_of_parts(order):
    text, chunks = many(3_000)
    if order == "backwards":
        chunks.reverse()
    elif order == "odd-first":
        chunks = chunks[1::2] + chunks[::2]
    frames = [link_frame(sctp_packet([chunk])) for chunk in chunks]
    assert messages(pcap(frames)) == [text]
    assert reasons(pcap(frames)) == []


def test_parts_beyond_the_limit_are_let_go_with_their_message_and_said():
    text, chunks = many(MAX_FRAGMENTS + 100)
    _, later = many(20, begin=100_000)
    frames = [link_frame(sctp_packet([chunk])) for chunk in (*chunks[:-1], *later)]
    found, _ = read(pcap(frames))
    assert [one.reason for one in found if isinstance(one, Gap)] == [GapReason.LIMIT]
    assert text not in messages(pcap(frames))
    assert len(messages(pcap(frames))) == 1


def test_time_is_linear_in_the_parts():
    def take(chunks):
        associations = Associations()
        for chunk in chunks:
            associations.take(bytes(8), sctp_packet([chunk])[20:], (1,), 0)

    assert_linear(take, lambda count: many(count)[1][1:], 100)
