import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture import websocket
from conformance.capture.messages import Mode
from conformance.capture.packets import TcpConversation, tcp_segment
from conformance.capture.websocket import WebSocketFramer, begins_frame, may_upgrade
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason
from conformance.wire.malformed import Malformed
from tests.capture.scenes import (
    ALICE,
    BOB,
    closings,
    messages,
    msrp,
    observations,
    pcap,
    reasons,
    sip,
)
from tests.capture.tunnelled import upgrade, websocket_frame

MASK = b"\x37\xfa\x21\x3d"
HELLO, WELCOME = upgrade()


def opened(parts, mss=1_400):
    tcp = TcpConversation(ALICE, BOB)
    frames = tcp.open() + tcp.send(True, HELLO, mss=mss) + tcp.send(False, WELCOME, mss=mss)
    for from_client, octets in parts:
        frames += tcp.send(from_client, octets, mss=mss)
    return frames + tcp.close(True)


@pytest.mark.parametrize("mss", [1, 7, 1_400])
def test_sip_and_msrp_in_both_directions(mss):
    parts = [
        (True, websocket_frame(sip(1), mask=MASK)),
        (False, websocket_frame(b"", opcode=9) + websocket_frame(sip(2, b"x" * 200))),
        (True, websocket_frame(msrp(3), mask=MASK, opcode=2)),
        (True, websocket_frame(b"\r\n\r\n", mask=MASK) + websocket_frame(b"\x03\xe8", opcode=8)),
    ]
    found = observations(pcap(opened(parts, mss)))
    assert [one.message.octets for one in found] == [sip(1), sip(2, b"x" * 200), msrp(3)]
    assert {one.transport for one in found} == {Transport.WS}


def test_who_says_that_it_closes_is_told_before_tcp_is_closed():
    parts = [
        (True, websocket_frame(msrp(3), mask=MASK)),
        (False, websocket_frame(msrp(4)) + websocket_frame(b"\x03\xe8", opcode=8)),
        (True, websocket_frame(b"\x03\xe8", opcode=8, mask=MASK)),
    ]
    found = closings(pcap(opened(parts)))
    assert [one.source for one in found] == [BOB, ALICE, ALICE, BOB]


@given(cuts=st.sets(st.integers(1, 900), max_size=8))
@settings(max_examples=60)
def test_any_segmentation_gives_the_same(cuts):
    stream = HELLO + b"".join(websocket_frame(sip(n), mask=MASK) for n in range(4))
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    framer = WebSocketFramer(0)
    found = []
    for number, at in enumerate(range(len(edges) - 1), 1):
        found += framer.feed(stream[edges[at] : edges[at + 1]], (number,), number)
    assert [one.message.octets for one in found] == [sip(n) for n in range(4)]
    assert framer.held == 0
    assert not framer.inside


def test_fragments_with_a_ping_between():
    text = sip(1)
    octets = (
        websocket_frame(text[:50], final=False)
        + websocket_frame(b"?", opcode=9)
        + websocket_frame(text[50:80], opcode=0, final=False)
        + websocket_frame(text[80:], opcode=0)
    )
    assert messages(pcap(opened([(False, octets)], 40))) == [text]


def test_compressed_messages_share_a_window():
    deflate = zlib.compressobj(wbits=-15)

    def packed(octets):
        return (deflate.compress(octets) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]

    frames = [websocket_frame(packed(sip(n)), reserved=0x40) for n in (1, 2)]
    assert len(frames[1]) < len(frames[0]) // 2
    assert messages(pcap(opened([(False, b"".join(frames))]))) == [sip(1), sip(2)]


def test_what_cannot_be_decompressed_is_malformed():
    broken = websocket_frame(b"\xff" * 30, reserved=0x40)
    first, second = observations(pcap(opened([(False, broken + websocket_frame(sip(3)))])))
    assert first.message.rule.startswith("RFC 7692")
    assert second.message.octets == sip(3)


def test_what_cannot_be_decompressed_behind_a_loss_blames_nobody():
    framer = WebSocketFramer(0, upgraded=True)
    octets = websocket_frame(sip(1)) + websocket_frame(b"\xff" * 30, reserved=0x40)
    found = framer.feed(octets + websocket_frame(sip(2)), (1,), 1)
    assert [one.message.octets for one in found] == [sip(1), sip(2)]


def test_a_connection_seen_from_its_middle():
    whole = websocket_frame(sip(2), mask=MASK)
    frames = [
        tcp_segment(ALICE, BOB, websocket_frame(sip(1), mask=MASK)[60:], sequence=1_000),
        tcp_segment(ALICE, BOB, whole, sequence=1_000 + len(whole) - 60),
    ]
    assert messages(pcap(frames)) == [sip(2)]
    assert reasons(pcap(frames)) == [GapReason.MID_STREAM]


def test_a_hole_is_a_gap_and_reading_goes_on():
    frames = opened([(True, websocket_frame(sip(n), mask=MASK)) for n in (1, 2, 3)])
    lost = websocket_frame(sip(2), mask=MASK)
    frames = [frame for frame in frames if lost not in frame]
    octets = pcap(frames)
    assert messages(octets) == [sip(1), sip(3)]
    assert reasons(octets) == [GapReason.TCP_HOLE]


def test_other_protocols_over_websocket_and_http_are_let_be():
    chat, answer = upgrade("chat")
    tcp = TcpConversation(ALICE, BOB)
    frames = tcp.open() + tcp.send(True, chat) + tcp.send(False, answer)
    frames += tcp.send(True, websocket_frame(b"hello", mask=MASK))
    assert messages(pcap(frames)) == reasons(pcap(frames)) == []
    tcp = TcpConversation(ALICE, BOB)
    frames = tcp.open() + tcp.send(True, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
    assert messages(pcap(frames)) == reasons(pcap(frames)) == []


def test_a_method_that_begins_like_http():
    text = sip(1, method="GETTING")
    tcp = TcpConversation(ALICE, BOB)
    assert messages(pcap(tcp.open() + tcp.send(True, text, mss=2))) == [text]


def test_a_frame_beyond_the_limit_is_malformed_and_passed_over(monkeypatch):
    monkeypatch.setattr(websocket, "MAX_WEBSOCKET", 1_000)
    octets = websocket_frame(sip(1, b"x" * 2_000)) + websocket_frame(sip(2))
    first, second = observations(pcap(opened([(False, octets)])))
    assert isinstance(first.message, Malformed)
    assert "limit" in first.message.rule
    assert second.message.octets == sip(2)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_message_beyond_the_limit_is_malformed_and_reading_goes_on(monkeypatch, compressed):
    monkeypatch.setattr(websocket, "MAX_WEBSOCKET", 1_000)
    text = sip(1, b"x" * 2_000)
    if compressed:
        deflate = zlib.compressobj(wbits=-15)
        packed = (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert len(packed) < 500
        octets = websocket_frame(packed, reserved=0x40)
    else:
        octets = websocket_frame(text[:900], final=False)
        octets += websocket_frame(text[900:1_800], opcode=0, final=False)
        octets += websocket_frame(text[1_800:], opcode=0)
    first, second = observations(pcap(opened([(False, octets + websocket_frame(sip(2)))])))
    assert isinstance(first.message, Malformed)
    assert "limit: a WebSocket message" in first.message.rule
    assert second.message.octets == sip(2)


def test_closing_inside_a_message_is_the_senders_fault():
    octets = websocket_frame(sip(1)[:60], final=False)
    (found,) = observations(pcap(opened([(True, octets)])))
    assert "closed inside" in found.message.rule


@given(octets=st.binary(max_size=120), cut=st.integers(0, 120))
def test_any_octets_never_raise(octets, cut):
    framer = WebSocketFramer(0, upgraded=True)
    framer.feed(octets[:cut], (1,), 1)
    framer.lose(5)
    framer.feed(octets[cut:], (2,), 2)
    begins_frame(octets)
    may_upgrade(octets)


def test_work_grows_with_the_octets_only():
    # One octet at a time: what is held must not be looked at again for each of them.
    looked = 0
    original = websocket.read_head

    def counting(buffer, at):
        nonlocal looked
        looked += 1
        return original(buffer, at)

    websocket.read_head = counting
    try:
        framer = WebSocketFramer(0, upgraded=True)
        stream = websocket_frame(sip(1, b"x" * 5_000))
        for number, octet in enumerate(stream, 1):
            framer.feed(bytes([octet]), (number,), number)
    finally:
        websocket.read_head = original
    assert looked <= 2 * len(stream)
    assert framer.mode is Mode.ALIGNED
