from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.capture.framing import Framer, Mode, begins_message, may_become_message
from conformance.wire.malformed import Malformed
from tests.capture.scenes import msrp, sip

STUN = b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12) + b"abcd"
STREAM = (
    sip(1, b"body")
    + b"\r\n\r\n"
    + msrp(2, b"x\r\n-------other$\r\ny")
    + STUN
    + b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
    + b"junk in between\r\n\r\n"
    + sip(3)
    + sip(4).replace(b"Content-Length: 0", b"Content-Length: x")
    + sip(5, b"INVITE sip:inner SIP/2.0\r\n\r\n", "MESSAGE")
    + msrp(6)
)


def feed(framer, pieces):
    found = []
    for number, piece in enumerate(pieces, 1):
        found += framer.feed(piece, (number,), number * 10)
    return found


def split(octets, cuts):
    borders = [0, *sorted(cuts), len(octets)]
    return [octets[a:b] for a, b in pairwise(borders)]


def whole():
    return feed(Framer(Mode.ALIGNED), [STREAM])


def test_messages_of_both_protocols_and_what_lies_between():
    found = whole()
    kinds = [type(item.message).__name__ for item in found]
    assert kinds == [
        "SipRequest",
        "MsrpRequest",
        "SipResponse",
        "Malformed",
        "SipRequest",
        "Malformed",
        "SipRequest",
        "MsrpRequest",
    ]
    assert [STREAM[f.position :][: len(f.message.octets)] for f in found] == [
        f.message.octets for f in found
    ]


@given(st.sets(st.integers(1, len(STREAM) - 1), max_size=40))
def test_any_split_gives_the_same_messages(cuts):
    found = feed(Framer(Mode.ALIGNED), split(STREAM, cuts))
    assert [(f.message, f.position) for f in found] == [(f.message, f.position) for f in whole()]


def test_octet_by_octet_gives_the_same_messages():
    found = feed(Framer(Mode.ALIGNED), split(STREAM, range(1, len(STREAM))))
    assert [(f.message, f.position) for f in found] == [(f.message, f.position) for f in whole()]
    assert [f.frames[-1] * 10 for f in found] == [f.time for f in found]
    for f in found:
        assert f.frames == tuple(range(f.position + 1, f.position + 1 + len(f.message.octets)))


@given(st.binary(max_size=300), st.sets(st.integers(1, 299), max_size=10))
def test_any_octets_never_raise_and_cuts_do_not_matter(octets, cuts):
    stream = octets + b"\r\n" + sip(1)
    together = feed(Framer(Mode.ALIGNED), [stream])
    apart = feed(Framer(Mode.ALIGNED), split(stream, {cut for cut in cuts if cut < len(stream)}))
    assert [f.message for f in together] == [f.message for f in apart]


def test_a_blind_beginning_skips_to_the_next_start_line():
    framer = Framer(Mode.BLIND)
    found = feed(framer, [b"rest of a body\r\n" + sip(1), sip(2)])
    assert [f.message.octets for f in found] == [sip(1), sip(2)]
    assert framer.skipped == 16


def test_a_blind_beginning_trusts_a_segment_that_begins_with_a_start_line():
    found = feed(Framer(Mode.BLIND), [b"no line end", sip(1)])
    assert [(f.message.octets, f.position) for f in found] == [(sip(1), 11)]


def test_a_hole_in_a_body_of_known_length_is_bridged():
    framer = Framer(Mode.ALIGNED)
    message = sip(1, b"OPTIONS sip:x SIP/2.0\r\n" * 20)
    feed(framer, [message[:250]])
    framer.lose(50)
    assert framer.inside
    found = feed(framer, [message[300:400], message[400:] + sip(2)])
    assert [(f.message.octets, f.position) for f in found] == [(sip(2), len(message))]


def test_a_hole_beyond_the_message_makes_blind():
    framer = Framer(Mode.ALIGNED)
    feed(framer, [sip(1, b"x" * 100)[:-50]])
    framer.lose(60)
    assert framer.mode is Mode.BLIND
    assert framer.remains() == b""


def test_a_stream_of_something_else_is_never_established():
    framer = Framer(Mode.ALIGNED)
    assert feed(framer, [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" * 90]) == []
    assert not framer.established
    assert framer.skipped > 0


def test_octets_held_grow_with_the_message_only():
    framer = Framer(Mode.ALIGNED)
    feed(framer, [b"\x00" * 50_000] * 40)
    assert framer.held < 70_000
    framer = Framer(Mode.ALIGNED)
    feed(framer, [sip(1), sip(2)[:40]])
    assert 40 <= framer.held < 1_000
    assert framer.remains() == sip(2)[:40]


def test_a_head_beyond_the_limit_is_malformed():
    framer = Framer(Mode.ALIGNED)
    endless = b"OPTIONS sip:x SIP/2.0\r\n" + b"X: y\r\n" * 15_000
    found = feed(framer, [endless[at : at + 1_400] for at in range(0, len(endless), 1_400)])
    assert isinstance(found[0].message, Malformed)
    assert "limit" in found[0].message.rule


@pytest.mark.parametrize("octets", [sip(), msrp(), b"SIP/2.0 200 OK\r\n"])
def test_what_begins_a_message(octets):
    assert begins_message(octets)
    assert may_become_message(octets[:6])
    assert not begins_message(b" " + octets)
