from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.framing import Mode
from conformance.capture.tcp import Direction, Segment
from conformance.observation.trace import GapReason
from tests.capture.scenes import ALICE, BOB, sip

STREAM = b"".join(sip(n, b"x" * n) for n in range(1, 6))
FIRST = 2**32 - 100


def direction():
    return Direction((ALICE, BOB), FIRST, Mode.ALIGNED)


def put(stream, begin, end, number):
    sequence = (FIRST + begin) % 2**32
    segment = Segment(sequence, 0, 16, STREAM[begin:end], (number,), number)
    return stream.feed(stream.place(sequence), segment)


@given(st.data())
def test_order_overlap_and_repetition_do_not_matter(data):
    cuts = data.draw(st.sets(st.integers(1, len(STREAM) - 1), max_size=8))
    borders = [0, *sorted(cuts), len(STREAM)]
    spans = list(pairwise(borders))
    bound = st.integers(0, len(STREAM))
    overlaps = data.draw(
        st.lists(st.tuples(bound, bound).filter(lambda s: s[0] < s[1]), max_size=4)
    )
    stream = direction()
    found = []
    for number, (begin, end) in enumerate(data.draw(st.permutations(spans + overlaps)), 1):
        found += put(stream, begin, end, number)
    assert b"".join(f.message.octets for f in found) == STREAM
    assert len(found) == 5
    assert stream.grown() == 0
    assert stream.held == 0
    assert stream.hole_since is None
    assert [stream.sequence(f.position) for f in found] == [
        (FIRST + STREAM.index(f.message.octets)) % 2**32 for f in found
    ]


def test_a_hole_is_given_up_at_last_and_reading_goes_on():
    stream = direction()
    size = len(sip(1, b"x"))
    put(stream, size, 2 * size + 1, 5)
    assert stream.hole_since == 5
    assert not stream.gives_up(10)
    assert stream.gives_up(31 * 10**9)
    hole, found = stream.skip_hole()
    assert (hole.size, hole.reason) == (size, GapReason.TCP_HOLE)
    assert [f.message.octets for f in found] == [sip(2, b"xx")]


def test_what_the_peer_acknowledged_is_not_waited_for():
    stream = direction()
    put(stream, 400, 500, 5)
    stream.acknowledge((FIRST + 300) % 2**32)
    assert not stream.acknowledged
    stream.acknowledge((FIRST + 500) % 2**32)
    assert stream.acknowledged
    assert not stream.gives_up(50_000_000)
    assert stream.gives_up(200_000_000)


def test_a_cut_segment_makes_the_hole_its_own():
    stream = direction()
    stream.cut = True
    put(stream, 0, 10, 1)
    put(stream, 20, 30, 2)
    assert stream.gives_up(2)
    assert stream.skip_hole()[0].reason is GapReason.SNAPLEN


def test_far_away_is_another_connection():
    stream = direction()
    assert not stream.is_far(stream.place((FIRST + 65_535) % 2**32))
    assert stream.is_far(stream.place((FIRST + 2**30) % 2**32))


def test_a_longer_retransmission_replaces_the_shorter_one():
    stream = direction()
    put(stream, 10, 20, 1)
    put(stream, 10, len(STREAM), 2)
    put(stream, 10, 15, 3)
    assert b"".join(f.message.octets for f in put(stream, 0, 10, 4)) == STREAM
