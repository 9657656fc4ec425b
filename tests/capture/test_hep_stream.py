"""HEP over TCP: copies come out whole however the stream was cut; what is lost is passed over."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.hep_stream import HepFramer, begins_copy
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason
from conformance.wire.limits import MAX_STREAM_HOLD
from tests.capture.scenes import ALICE, BOB, conversation, observations, pcap, reasons, sip
from tests.capture.tunnelled import hep3

COPIES = [hep3(sip(number)) for number in (1, 2, 3)]
STREAM = b"".join(COPIES)


def test_copies_have_their_own_endpoints():
    found = observations(pcap(conversation([(True, STREAM)], mss=200)))
    assert [one.message.octets for one in found] == [sip(1), sip(2), sip(3)]
    assert {(one.source, one.destination, one.transport) for one in found} == {
        (ALICE, BOB, Transport.UDP)
    }
    assert all(one.copied for one in found)
    assert reasons(pcap(conversation([(True, STREAM)], mss=200))) == []


def test_a_capture_that_begins_in_the_middle():
    frames = conversation([(True, STREAM)], mss=len(COPIES[0]))
    found = observations(pcap(frames[4:]))
    assert [one.message.octets for one in found] == [sip(2), sip(3)]


def test_a_segment_that_is_missing_costs_its_copies_only():
    frames = conversation([(True, STREAM)], mss=-(-len(COPIES[0]) // 2))
    data = [place for place, frame in enumerate(frames) if len(frame) > 100]
    del frames[data[2]]
    found = observations(pcap(frames))
    assert [one.message.octets for one in found] == [sip(1), sip(3)]
    assert GapReason.TCP_HOLE in reasons(pcap(frames))


def test_what_is_no_copy_of_sip_is_passed_over():
    stream = hep3(b"v=0", kind=5) + b"HEP3\0\0" + b"nonsense" + STREAM
    found = observations(pcap(conversation([(True, stream)])))
    assert [one.message.octets for one in found] == [sip(1), sip(2), sip(3)]


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_it_does_not_matter_how_the_stream_is_cut(cuts):
    framer = HepFramer(0)
    edges = [0, *sorted(set(cuts)), len(STREAM)]
    found = []
    for number, (begin, end) in enumerate(pairwise(edges), 1):
        found += framer.feed(STREAM[begin:end], (number,), number)
    assert [one.message.octets for one in found] == [sip(1), sip(2), sip(3)]
    assert [one.position for one in found] == [0, len(COPIES[0]), 2 * len(COPIES[0])]
    assert not framer.held
    assert not framer.inside


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_octets_never_raise_and_little_is_held(pieces):
    framer = HepFramer(0)
    for piece in [b"HEP3", *pieces]:
        framer.feed(piece, (1,), 0)
        assert framer.held <= MAX_STREAM_HOLD
    framer.lose(5)
    assert framer.remains() == b""


@pytest.mark.parametrize(("octets", "is_one"), [(COPIES[0], True), (b"HEP2", False)])
def test_how_a_copy_begins(octets, is_one):
    assert begins_copy(octets) is is_one
