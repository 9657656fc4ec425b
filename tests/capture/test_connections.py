from itertools import combinations, pairwise
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture import connections
from conformance.capture.packets import ACK, FIN, RST, SYN, TcpConversation, tcp_segment
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Gap, GapReason, Observation
from conformance.wire.malformed import Malformed
from tests.capture.scenes import (
    ALICE,
    BOB,
    START,
    STEP,
    conversation,
    messages,
    msrp,
    observations,
    pcap,
    read,
    reasons,
    sip,
)
from tests.capture.tunnelled import shuffled_a_little

CAROL = Endpoint("10.0.0.3", 9)
STREAM = b"".join([sip(1), msrp(2, b"y" * 500), sip(3, b"z" * 300), sip(4)])
WANTED = [sip(1), msrp(2, b"y" * 500), sip(3, b"z" * 300), sip(4)]


def data(begin, end, first=1_000, source=ALICE, destination=BOB, stream=STREAM, flags=ACK):
    return tcp_segment(
        source,
        destination,
        stream[begin:end],
        sequence=first + begin,
        flags=flags,
        identification=1,
    )


def syn(first=1_000, source=ALICE, destination=BOB):
    return tcp_segment(source, destination, sequence=first - 1, flags=SYN)


@given(st.data())
def test_segmentation_order_and_repetition_do_not_matter(data_source):
    cuts = data_source.draw(st.sets(st.integers(1, len(STREAM) - 1), max_size=12))
    borders = [0, *sorted(cuts), len(STREAM)]
    segments = [data(*span) for span in pairwise(borders)]
    extra = data_source.draw(st.lists(st.sampled_from(segments), max_size=4))
    order = data_source.draw(st.permutations(segments + extra))
    octets = pcap([syn(), *order])
    found = observations(octets)
    assert [item.message.octets for item in found] == WANTED
    assert reasons(octets) == []
    assert [item.mirror for item in found] == [1_000 + STREAM.index(m) for m in WANTED]
    assert [item.number for item in found] == [1, 2, 3, 4]


def test_both_directions_and_their_ends():
    frames = conversation([(True, sip(1)), (False, b"SIP/2.0 200 OK\r\n\r\n"), (True, msrp(2))])
    found = observations(pcap(frames))
    assert [(item.source, item.destination) for item in found] == [
        (ALICE, BOB),
        (BOB, ALICE),
        (ALICE, BOB),
    ]
    assert {item.transport for item in found} == {Transport.TCP}


def test_ports_are_no_criterion():
    ends = (Endpoint("10.0.0.1", 22), Endpoint("10.0.0.2", 443))
    tcp = TcpConversation(*ends)
    assert messages(pcap(tcp.open() + tcp.send(True, msrp(1), mss=7))) == [msrp(1)]


def test_sequence_numbers_wrap():
    first = 2**32 - 700
    frames = [syn(first)] + [data(at, at + 100, first) for at in range(0, len(STREAM), 100)]
    found = observations(pcap(frames))
    assert [item.message.octets for item in found] == WANTED
    assert found[-1].mirror == (first + STREAM.index(sip(4))) % 2**32


def test_a_hole_is_a_gap_and_reading_goes_on_behind_it():
    frames = [syn()] + [data(at, at + 100) for at in range(0, len(STREAM), 100)]
    del frames[4]
    items = read(pcap(frames))[0]
    gap = next(item for item in items if isinstance(item, Gap))
    assert gap.reason is GapReason.TCP_HOLE
    assert (gap.source, gap.destination) == (ALICE, BOB)
    assert gap.after_frame == 4
    found = [item.message.octets for item in items if isinstance(item, Observation)]
    assert found == [sip(1), sip(3, b"z" * 300), sip(4)]


def test_every_hole_keeps_the_messages_beyond_it():
    whole = [syn()] + [data(at, at + 100) for at in range(0, len(STREAM), 100)]
    for missing in range(1, len(whole)):
        frames = whole[:missing] + whole[missing + 1 :]
        items = read(pcap(frames))[0]
        found = [item.message.octets for item in items if isinstance(item, Observation)]
        assert set(found) < set(WANTED)
        assert found
        if missing < len(whole) - 1:
            assert any(isinstance(item, Gap) for item in items)


def test_an_acknowledged_hole_is_given_up_while_the_capture_runs():
    frames = [syn(), data(0, 100), data(200, len(STREAM))]
    ack = tcp_segment(BOB, ALICE, sequence=5, acknowledgement=1_000 + len(STREAM))
    frames += [ack] * 150
    frames += [data(0, 400, 1_000 + len(STREAM), stream=sip(9))]
    items = read(pcap(frames))[0]
    assert [type(item).__name__ for item in items] == ["Gap"] + ["Observation"] * 3


def test_a_capture_begun_inside_a_message():
    frames = [data(at, at + 100) for at in range(0, len(STREAM), 100)][1:]
    items = read(pcap(frames))[0]
    assert items[0].reason is GapReason.MID_STREAM
    assert items[0].after_frame == 0
    assert [item.message.octets for item in items[1:]] == WANTED[1:]


def test_a_capture_begun_between_messages_has_no_gap():
    assert reasons(pcap([data(0, len(STREAM))])) == []


def test_a_connection_that_is_something_else_leaves_no_trace():
    tcp = TcpConversation(ALICE, BOB)
    frames = (
        tcp.open()
        + tcp.send(True, b"GET / HTTP/1.1\r\n\r\n")
        + tcp.send(False, b"\0\xff" * 90_000)
    )
    frames += tcp.close(True)
    assert read(pcap(frames))[0] == []


def test_a_start_line_after_much_else_is_still_found():
    tcp = TcpConversation(ALICE, BOB)
    frames = tcp.open() + tcp.send(True, b"\0" * 100_000) + tcp.send(True, sip(1))
    assert messages(pcap(frames)) == [sip(1)]


def test_tls_without_keys_is_said_once_for_two_hosts():
    frames = []
    for port in (1, 2, 3):
        tcp = TcpConversation(Endpoint("10.0.0.1", port), BOB)
        hello = b"\x16\x03\x01\x00\x10" + bytes(16)
        frames += tcp.open() + tcp.send(True, hello) + tcp.send(False, hello)
    assert reasons(pcap(frames)) == [GapReason.UNDECRYPTABLE]


def test_retransmissions_after_the_end_are_not_read_again():
    frames = conversation([(True, sip(1))])
    again = frames[3]
    assert messages(pcap([*frames, again, again])) == [sip(1)]


def test_a_port_used_again_is_a_new_connection():
    frames = conversation([(True, sip(1))], seed=1) + conversation([(True, sip(2))], seed=2)
    assert messages(pcap(frames)) == [sip(1), sip(2)]


def test_a_port_used_again_without_an_end():
    first, second = TcpConversation(ALICE, BOB, seed=1), TcpConversation(ALICE, BOB, seed=9)
    frames = first.open() + first.send(True, sip(1) + sip(2)[:50])
    frames += second.open() + second.send(True, sip(3))
    octets = pcap(frames)
    assert messages(octets) == [sip(1), sip(3)]
    assert reasons(octets) == [GapReason.TCP_HOLE]


def test_a_port_used_again_without_its_handshake():
    frames = [syn(), data(0, len(STREAM)), data(0, 400, 2_000_000_000, stream=sip(9))]
    assert messages(pcap(frames)) == [*WANTED, sip(9)]


def test_closed_inside_a_message_is_the_senders_fault():
    frames = conversation([(True, sip(1) + sip(2, b"12345")[:-3])])
    found = observations(pcap(frames))
    assert isinstance(found[1].message, Malformed)
    assert "18.3" in found[1].message.rule
    frames = conversation([(True, msrp(1)[:-3])])
    assert "RFC 4975" in observations(pcap(frames))[0].message.rule


def test_reset_inside_a_message_is_a_gap():
    tcp = TcpConversation(ALICE, BOB)
    frames = tcp.open() + tcp.send(True, sip(1) + sip(2)[:-3]) + tcp.reset(True)
    octets = pcap(frames)
    assert messages(octets) == [sip(1)]
    assert reasons(octets) == [GapReason.TCP_HOLE]


def test_a_capture_that_ends_inside_a_message():
    octets = pcap([syn(), data(0, len(STREAM) - 5)])
    assert messages(octets) == WANTED[:-1]
    assert reasons(octets) == [GapReason.CUT_FILE]


def test_a_fin_that_comes_early_waits_for_what_is_missing():
    half = len(STREAM) // 2
    frames = [syn(), data(half, len(STREAM), flags=ACK | FIN), data(0, half)]
    assert messages(pcap(frames)) == WANTED


def test_a_fin_behind_octets_that_never_came_is_a_gap():
    first, last = len(sip(1)), len(STREAM)
    octets = pcap([syn(), data(0, first), data(last, last, flags=ACK | FIN)])
    assert messages(octets) == [sip(1)]
    assert reasons(octets) == [GapReason.TCP_HOLE]


def dialogue():
    """A connection with a message and its answer, twice; which frames carry a payload."""
    answer = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    frames = conversation([(True, sip(1)), (False, answer), (True, msrp(2)), (False, sip(3))])
    return frames, [number for number, frame in enumerate(frames) if len(frame) > 54]


def gaps(frames):
    return [item for item in read(pcap(frames))[0] if isinstance(item, Gap)]


def test_lost_segments_are_a_gap_each_way_where_some_message_was_known_before():
    frames, full = dialogue()
    for lost in (one for count in (1, 2, 3) for one in combinations(full, count)):
        found = gaps([frame for at, frame in enumerate(frames) if at not in lost])
        assert {gap.reason for gap in found} == {GapReason.TCP_HOLE}
        assert len(found) <= len(lost)
        if not {*full[:2]} <= {*lost}:
            senders = {ALICE if at in (full[0], full[2]) else BOB for at in lost}
            assert {gap.source for gap in found} == senders


def test_a_fin_that_was_acknowledged_before_the_last_octets_is_no_gap():
    frames, full = dialogue()
    early = [*frames[: full[3]], frames[-1], frames[full[3]]]
    assert gaps(early) == []
    assert messages(pcap(early)) == messages(pcap(frames))


@given(st.sets(st.integers(0, 20)), st.randoms())
def test_where_all_octets_are_there_is_no_gap(lost, random):
    frames, full = dialogue()
    kept = [frame for at, frame in enumerate(frames) if at in full or at not in lost]
    found = pcap(shuffled_a_little(random, kept, 2))
    assert not [item for item in read(found)[0] if isinstance(item, Gap)]
    assert sorted(messages(found)) == sorted(messages(pcap(frames)))


def test_the_last_segment_lost_is_told_by_its_acknowledgement_where_the_fin_is_lost_too():
    frames, full = dialogue()
    for lost in full[2:]:
        # The sender's side is not heard any more after it: only the receiver's is.
        kept = [*frames[:lost], frames[lost + 1]]
        (gap,) = gaps(kept)
        sender = (ALICE, BOB) if lost == full[2] else (BOB, ALICE)
        assert (gap.source, gap.destination) == sender
        assert gap.time < START + lost * STEP
        assert gap.after_frame <= lost


def test_a_sender_that_goes_on_tells_of_its_own_octets():
    frames, full = dialogue()
    alone = [frame for frame in frames if frame[26:30] == frames[0][26:30]]
    assert gaps(alone) == []
    lost = alone.index(frames[full[2]])
    del alone[lost]
    (gap,) = gaps(alone[:-2])
    assert gap.reason is GapReason.TCP_HOLE
    assert (gap.source, gap.destination) == (ALICE, BOB)


def test_one_direction_alone_has_no_gap():
    frames, _ = dialogue()
    for end in (0, 1):
        assert gaps([frame for frame in frames if frame[26:30] == frames[end][26:30]]) == []


def test_no_octets_seen_of_a_direction_but_its_beginning():
    frames, full = dialogue()
    (gap,) = gaps(frames[: full[0]] + frames[full[0] + 1 : full[1] + 2])
    assert (gap.source, gap.destination) == (ALICE, BOB)
    assert gap.time == START
    assert gap.after_frame == 1


def test_an_acknowledgement_that_comes_before_its_octets_is_no_gap():
    frames, full = dialogue()
    for late in full:
        early = [*frames[:late], frames[late + 1], frames[late], *frames[late + 2 :]]
        assert gaps(early) == []
        assert messages(pcap(early)) == messages(pcap(frames))


def test_what_was_acknowledged_and_never_came_is_told_while_the_capture_runs():
    frames, full = dialogue()
    more = [frames[full[0] + 1]] * 150 + [data(0, 400, source=CAROL, stream=sip(9))]
    items = read(pcap(frames[: full[0]] + frames[full[0] + 1 : full[1] + 2] + more))[0]
    assert [type(item).__name__ for item in items] == ["Observation", "Gap", "Observation"]


def test_of_strangers_nothing_is_missed():
    tcp = TcpConversation(ALICE, BOB)
    get = tcp.send(True, b"GET / HTTP/1.1\r\n\r\n")
    page = tcp.send(False, b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5_000))
    assert gaps(tcp.open()[:2] + get[1:] + page[1:]) == []


def test_the_first_segment_lost_before_others():
    second = len(sip(1))
    frames = [syn(), data(second, len(STREAM))]
    assert messages(pcap(frames)) == WANTED[1:]
    (gap,) = gaps(frames)
    assert (gap.reason, gap.time, gap.after_frame) == (GapReason.TCP_HOLE, START, 1)


def test_a_hole_in_a_stream_that_began_before_the_capture():
    tail = data(100, 200, stream=msrp(2))
    later = data(300, 900, stream=bytes(300) + sip(9))
    answer = data(0, 900, source=BOB, destination=ALICE, stream=sip(5))
    for frames in ([tail, answer, later], [answer, tail, later], [tail, later, answer]):
        assert len(messages(pcap(frames))) == 2
        (gap,) = gaps(frames)
        assert (gap.reason, gap.source) == (GapReason.TCP_HOLE, ALICE)
        assert gap.time == START + frames.index(tail) * STEP


def test_an_answered_stream_of_which_no_message_is_left():
    answer = data(0, 700, source=BOB, destination=ALICE, stream=sip(5))
    for frames in ([syn(), data(100, 200), answer], [syn(), answer, data(100, 200)]):
        (gap,) = gaps(frames)
        assert (gap.reason, gap.source, gap.time) == (GapReason.TCP_HOLE, ALICE, START)


def test_keep_alive_probes_do_not_disturb():
    probe = tcp_segment(ALICE, BOB, b"\0", sequence=1_000 + len(STREAM) - 1)
    frames = [syn(), data(0, len(STREAM)), probe, data(0, 400, 1_000 + len(STREAM), stream=sip(8))]
    assert messages(pcap(frames)) == [*WANTED, sip(8)]


def test_tables_are_bounded(monkeypatch):
    monkeypatch.setattr(connections, "MAX_STREAMS", 4)
    monkeypatch.setattr(connections, "_MAX_UNDECIDED", 3)
    monkeypatch.setattr(connections, "_MAX_OPENING", 5)
    frames = []
    for port in range(1, 40):
        ends = (Endpoint("10.0.0.1", port), BOB)
        frames += TcpConversation(*ends).open()
        frames.append(data(0, 450, source=ends[0]))
    items = read(pcap(frames))[0]
    gaps = [item.reason for item in items if isinstance(item, Gap)]
    assert gaps.count(GapReason.LIMIT) > 20
    assert gaps.count(GapReason.LIMIT) + gaps.count(GapReason.CUT_FILE) == 39


def test_octets_held_are_bounded(monkeypatch):
    monkeypatch.setattr(connections, "_MAX_HELD", 5_000)
    long = sip(1, bytes(2_000))
    ends = [Endpoint("10.0.0.1", port) for port in range(1, 10)]
    frames = [data(0, 1_000, source=source, stream=long) for source in ends]
    assert GapReason.LIMIT in reasons(pcap(frames))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2**32 - 1), st.integers(0, 31)), max_size=25
    )
)
@settings(max_examples=80)
def test_any_segments_never_raise(segments):
    frames = []
    for kind, sequence, flags in segments:
        payload = (b"", sip(1)[:80], sip(1), bytes(50))[kind]
        frames.append(tcp_segment(ALICE, BOB, payload, sequence=sequence, flags=flags))
        frames.append(
            tcp_segment(BOB, ALICE, payload, sequence=sequence + kind, flags=RST ^ flags)
        )
    read(pcap(frames))


def test_a_snap_length_cuts_messages_but_not_the_reading():
    frames = [syn(), data(0, len(STREAM))]
    tail = data(0, 400, 1_000 + len(STREAM), stream=sip(9))
    octets = pcap([*frames, tail])
    at = 24 + 16 + len(frames[0])
    cut = len(sip(1)) + 54 + 30
    record = octets[at : at + 8] + pack("<II", cut, len(frames[1])) + frames[1][:cut]
    octets = octets[:at] + record + octets[at + 16 + len(frames[1]) :]
    assert messages(octets) == [sip(1), sip(9)]
    assert reasons(octets) == [GapReason.SNAPLEN]
