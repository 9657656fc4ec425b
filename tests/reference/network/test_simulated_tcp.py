"""The little TCP, alone and under every condition."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Accepted, Closed, Connection, Octets, Opened
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.simulated_tcp import (
    ACK,
    FIN,
    MAX_OPEN_TRIES,
    PSH,
    RST,
    SYN,
    Segment,
    TcpEnd,
    refusal,
)
from tests.reference.stations import ROUGH, pair

CLIENT, SERVER = Endpoint("10.0.2.20", 40_000), Endpoint("10.0.3.1", 5060)
HIGHEST = (1 << 32) - 1


class Line:
    """Two ends with nothing but time between them."""

    def __init__(self, first: int = HIGHEST, second: int = 77) -> None:
        self.client = TcpEnd(Connection(CLIENT, SERVER), first)
        self.server = TcpEnd(Connection(SERVER, CLIENT), second)
        self.now = 0
        self.passed: list[Segment] = []

    def opened(self) -> "Line":
        self.client.open(self.now)
        return self.exchange()

    def exchange(self) -> "Line":
        """Until neither has anything to send."""
        while True:
            self.client.flush(self.now)
            self.server.flush(self.now)
            if not (self.client.segments or self.server.segments):
                return self
            self.deliver(self.client, self.server)
            self.deliver(self.server, self.client)

    def deliver(self, sender: TcpEnd, receiver: TcpEnd) -> None:
        segments, sender.segments = sender.segments, []
        self.now += MILLISECOND
        for segment in segments:
            self.passed.append(segment)
            receiver.receive(self.now, segment)
            receiver.flush(self.now)


def received(end: TcpEnd) -> bytes:
    return b"".join(event.octets for event in end.events if isinstance(event, Octets))


def test_the_handshake_tells_both_sides():
    # when
    line = Line().opened()
    # then
    assert [segment.flags for segment in line.passed] == [SYN, SYN | ACK, ACK]
    assert line.client.events == [Opened(Connection(CLIENT, SERVER))]
    assert line.server.events == [Accepted(Connection(SERVER, CLIENT))]
    assert line.client.deadline is None
    assert line.server.deadline is None


def test_sequence_numbers_go_on_behind_the_highest():
    # given
    line = Line(first=HIGHEST).opened()
    # when
    line.client.write(b"abc")
    line.exchange()
    # then
    data = next(segment for segment in line.passed if segment.octets)
    assert (data.sequence, data.flags) == (0, PSH | ACK)
    assert line.passed[-1].acknowledgement == 3
    assert received(line.server) == b"abc"


def test_octets_are_cut_into_segments_of_the_size_for_their_address():
    # given
    line = Line().opened()
    # when
    line.client.write(bytes(3_000))
    line.exchange()
    # then
    data = [segment for segment in line.passed if segment.octets]
    assert [len(segment.octets) for segment in data] == [1_400, 1_400, 200]
    assert [bool(segment.flags & PSH) for segment in data] == [False, False, True]


def test_no_more_is_under_way_than_the_window():
    # given
    line = Line().opened()
    # when
    line.client.write(bytes(200_000))
    line.client.flush(line.now)
    # then
    assert sum(len(segment.octets) for segment in line.client.segments) < 65_535
    line.exchange()
    assert received(line.server) == bytes(200_000)


def test_octets_behind_a_hole_wait_and_nothing_is_given_twice():
    # given
    line = Line().opened()
    line.client.write(bytes(1_400) + b"b" * 1_400)
    line.client.flush(line.now)
    first, second = line.client.segments
    # when
    for segment in (second, second, first, first, second):
        line.server.receive(line.now, segment)
    # then
    assert received(line.server) == bytes(1_400) + b"b" * 1_400


def test_three_acknowledgements_of_the_same_ask_for_what_is_missing():
    # given
    line = Line().opened()
    line.client.write(bytes(1_400 * 5))
    line.client.flush(line.now)
    line.client.segments.pop(0)
    # when
    line.exchange()
    # then
    assert received(line.server) == bytes(1_400 * 5)


def test_what_nobody_acknowledges_is_sent_again_ever_more_rarely_until_it_is_given_up():
    # given
    line = Line().opened()
    line.client.write(b"lost")
    # when
    pauses, before = [], line.now
    line.client.flush(before)
    while line.client.deadline is not None:
        deadline = line.client.deadline
        pauses.append(deadline - before)
        before = deadline
        line.client.wake(deadline - 1)
        line.client.wake(deadline)
    # then
    assert pauses[:4] == [200 * MILLISECOND * 2**n for n in range(4)]
    assert pauses[-1] == 60 * SECOND
    assert [segment.octets for segment in line.client.segments[:-1]] == [b"lost"] * 16
    assert line.client.segments[-1].flags & RST
    why = "the peer acknowledges nothing: given up after 16 tries"
    assert line.client.events[-1] == Closed(Connection(CLIENT, SERVER), why)
    assert line.client.gave_up


def test_who_gave_up_answers_with_resets():
    # given
    line = Line().opened()
    line.client.abort("power is off")
    # when
    line.server.write(b"are you there?")
    line.exchange()
    # then
    assert line.passed[-1].flags & RST
    assert line.server.events[-1] == Closed(
        Connection(SERVER, CLIENT), "the peer has reset the connection"
    )


def test_a_peer_that_never_answers_is_given_up():
    # given
    end = TcpEnd(Connection(CLIENT, SERVER), 5)
    end.open(0)
    # when
    while end.deadline is not None:
        end.wake(end.deadline)
    # then
    assert [segment.flags for segment in end.segments] == [SYN] * (1 + MAX_OPEN_TRIES)
    assert isinstance(end.events[0], Closed)
    assert "does not answer" in end.events[0].why


def test_a_refusal_closes():
    # given
    end = TcpEnd(Connection(CLIENT, SERVER), 5)
    end.open(0)
    # when
    end.receive(1, refusal(end.segments[0]))
    # then
    assert end.events == [Closed(Connection(CLIENT, SERVER), "the connection was refused")]


def test_what_was_written_leaves_before_the_end_and_both_sides_close():
    # given
    line = Line().opened()
    # when
    line.client.write(b"last words")
    line.client.close()
    line.exchange()
    # then
    assert line.server.events[1:] == [
        Octets(Connection(SERVER, CLIENT), b"last words"),
        Closed(Connection(SERVER, CLIENT)),
    ]
    assert line.client.events == [Opened(Connection(CLIENT, SERVER))]
    assert sum(bool(segment.flags & FIN) for segment in line.passed) == 2
    assert line.client.is_over
    assert line.server.is_over


def test_both_may_close_at_once():
    # given
    line = Line().opened()
    # when
    line.client.close()
    line.server.close()
    line.exchange()
    # then
    assert line.client.is_over
    assert line.server.is_over
    assert line.client.deadline is None


def test_a_last_segment_that_comes_again_is_acknowledged_again():
    # given
    line = Line().opened()
    line.client.close()
    line.exchange()
    last = next(s for s in line.passed if s.flags & FIN and s.source == SERVER)
    # when
    line.client.receive(line.now, last)
    line.client.flush(line.now)
    # then
    assert [segment.flags for segment in line.client.segments] == [ACK]


def test_a_reset_out_of_place_is_ignored():
    # given
    line = Line().opened()
    # when
    line.server.receive(line.now, Segment(CLIENT, SERVER, 1 << 30, 0, RST))
    # then
    assert not line.server.is_over


def test_a_handshake_whose_segments_come_twice_is_one_handshake():
    # given
    line = Line()
    line.client.open(0)
    (syn,) = line.client.segments
    # when
    line.server.receive(0, syn)
    line.server.receive(0, syn)
    line.server.flush(0)
    line.exchange()
    # then
    assert line.client.events == [Opened(Connection(CLIENT, SERVER))]
    assert line.server.events == [Accepted(Connection(SERVER, CLIENT))]


@settings(max_examples=60)
@given(
    pieces=st.lists(st.binary(max_size=4_000), max_size=6),
    answer=st.binary(max_size=5_000),
    loss=st.sampled_from([0.0, 0.05, 0.3]),
    duplication=st.sampled_from([0.0, 0.2]),
    reordering=st.sampled_from([0.0, 0.3]),
    high=st.integers(1, 120),
    seed=st.integers(0, 1 << 20),
    closes=st.booleans(),
)
def test_law_octets_arrive_exactly_or_the_end_is_told(
    pieces, answer, loss, duplication, reordering, high, seed, closes
):
    # given
    conditions = Conditions(
        low=MILLISECOND,
        high=high * MILLISECOND,
        loss=loss,
        duplication=duplication,
        reordering=reordering,
        delay=300 * MILLISECOND,
    )
    simulation, one, other = pair(conditions, str(seed))
    other.replies = {b"?": answer}
    # when
    sent = b"".join(pieces)
    simulation.after(0, lambda: one.call(other, *pieces, b"?", close=closes))
    simulation.run(max_events=20_000)
    # then
    whys = [why for what, why in one.events + other.events if what == "closed"]
    if any(whys):
        assert sent.startswith(other.all_heard[: len(sent)])
    else:
        assert other.all_heard == sent + b"?"
        assert closes or one.all_heard == answer
    if not (loss or reordering):
        assert not any(whys)


def test_under_rough_conditions_a_long_exchange_arrives():
    # given
    simulation, one, other = pair(ROUGH)
    # when
    sent = bytes(range(256)) * 800
    simulation.after(0, lambda: one.call(other, sent, close=True))
    simulation.run()
    # then
    assert other.all_heard == sent
    assert other.events == [("opened", ""), ("closed", "")]
