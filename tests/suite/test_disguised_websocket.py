import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.capture.websocket import handshake_end, may_upgrade, read_head
from conformance.suite.disguise import Disguise
from conformance.suite.disguised_websocket import WebSocketRun
from conformance.suite.pseudonyms import Pseudonyms
from conformance.suite.redact import Pieces
from tests.capture.scenes import messages, msrp, pcap, sip
from tests.capture.test_websocket import opened
from tests.capture.tunnelled import upgrade, websocket_frame
from tests.sip.samples import MESSAGE

PIECES = Pieces(Disguise(Pseudonyms(bytes(range(32)))))
MASK = b"\x37\xfa\x21\x3d"
HELLO, WELCOME = upgrade()


def changed(octets, start=0, places=(0,)):
    found = WebSocketRun(octets, start, places).disguised(PIECES.disguised, PIECES)
    assert len(found) == len(octets)
    return found


def read_again(octets):
    """The messages that our reader finds in frames behind a handshake."""
    return messages(pcap(opened([(True, octets)])))


@pytest.mark.parametrize("mask", [b"", MASK])
@pytest.mark.parametrize("message", [MESSAGE, msrp(1), sip(1, b"x" * 70_000)])
def test_a_message_in_a_frame(message, mask):
    found = changed(websocket_frame(message, mask=mask))
    is_msrp = message.startswith(b"MSRP ")
    other = PIECES.disguised.msrp if is_msrp else PIECES.disguised.sip
    assert found == websocket_frame(other(message), mask=mask)
    assert read_again(found) == [other(message)]


@settings(max_examples=30)
@given(st.sets(st.integers(1, len(MESSAGE) - 1), max_size=5), st.booleans())
def test_a_message_in_many_frames(cuts, pinged):
    parts = [MESSAGE[low:high] for low, high in pairwise([0, *sorted(cuts), len(MESSAGE)])]
    octets = b""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        octets += websocket_frame(part, mask=MASK, opcode=0 if number else 1, final=last)
        octets += websocket_frame(b"alice?", mask=MASK, opcode=9) if pinged else b""
    found = changed(octets)
    assert read_again(found) == [PIECES.disguised.sip(MESSAGE)]
    assert b"alice" not in found
    assert len(WebSocketRun(octets, 0, (0,)).messages) == 1


def test_a_handshake_cut_short_tells_of_nobody():
    for size in range(5, len(HELLO) - 1):
        found = changed(HELLO[:size], size)
        assert may_upgrade(found)
        assert b"b.example" not in found


def test_a_handshake_tells_of_nobody_and_opens_all_the_same():
    hello = HELLO.replace(b"GET / ", b"GET /alice ").replace(
        b"Upgrade:", b"Cookie: alice=1\r\nOrigin: https://alice.example\r\nUpgrade:"
    )
    for octets in (hello, WELCOME):
        found = changed(octets + websocket_frame(MESSAGE), len(octets))
        assert handshake_end(found) == len(octets)
        assert b"alice" not in found
        assert b"b.example" not in found
        assert found[len(octets) :] == changed(websocket_frame(MESSAGE))


def test_what_is_none_of_ours_is_blotted_out_and_keep_alives_stay():
    octets = websocket_frame(b"alice is here") + websocket_frame(b"\r\n\r\n")
    octets += websocket_frame(b"\x03\xe8alice left", opcode=8)
    end = websocket_frame(b"\x03\xe8" + b"x" * 10, opcode=8)
    assert changed(octets) == websocket_frame(b"x" * 13) + websocket_frame(b"\r\n\r\n") + end


@pytest.mark.parametrize("size", [1, 30, 700, 70_000])
def test_compressed_messages_are_emptied_and_stay_whole(size):
    deflate = zlib.compressobj(wbits=-15, level=0 if size > 1_000 else 9)

    def packed(octets):
        return (deflate.compress(octets) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]

    octets = b"".join(
        websocket_frame(packed(sip(n, bytes(size))), reserved=0x40) for n in range(2)
    )
    run = WebSocketRun(octets, 0, (0,))
    assert (run.messages, run.emptied) == ([], 2)
    found = changed(octets)
    assert read_again(octets) == [sip(n, bytes(size)) for n in range(2)]
    assert read_again(found) == []
    # What stands for them can be decompressed: no fault of the sender appears.
    assert read_again(found + websocket_frame(sip(7))) == [sip(7)]


@pytest.mark.parametrize("size", [0, 1, 6, 65_541, 65_544, 65_546, 65_547, 200_000])
def test_what_stands_for_a_compressed_message_can_be_decompressed(size):
    frame = changed(websocket_frame(bytes(size), reserved=0x40))
    head = read_head(frame, 0)
    octets = frame[head.size :] + b"\x00\x00\xff\xff"
    assert set(zlib.decompressobj(wbits=-15).decompress(octets)) <= {0x78}


def test_a_frame_cut_short_is_disguised_as_far_as_it_goes():
    whole = websocket_frame(MESSAGE, mask=MASK)
    hidden = websocket_frame(PIECES.disguised.sip(MESSAGE[:-9]) + b"x" * 9, mask=MASK)
    assert changed(whole[:-9]) == hidden[:-9]
    assert changed(whole[:5]) == b"x" * 5
    assert changed(websocket_frame(b"alice is here", mask=MASK)[:-3])[6:] == bytes(
        0x78 ^ MASK[at % 4] for at in range(10)
    )


def test_behind_what_is_no_frame_a_segment_may_begin_one():
    strange, frame = b"\x8f\x85alice", websocket_frame(MESSAGE)
    found = changed(strange + frame, 0, (0, len(strange)))
    assert found == b"x" * len(strange) + changed(frame)
    assert changed(strange + frame) == b"x" * (len(strange) + len(frame))


def test_chunks_of_an_msrp_message_are_hidden_whole():
    parts = [msrp(1).replace(b"1-5/5", b"1-5/10").replace(b"$\r\n", b"+\r\n")]
    parts.append(msrp(1, b"world").replace(b"1-5/5", b"6-10/10"))
    octets = b"".join(map(websocket_frame, parts))
    run, pieces = WebSocketRun(octets, 0, (0,)), Pieces(PIECES.disguised.disguise)
    for message in run.messages:
        pieces.add(message)
    pieces.finish()
    first, second = read_again(run.disguised(pieces.disguised, pieces))
    whole = PIECES.disguised.body("text/plain", b"helloworld")
    assert b"\r\n\r\n" + whole[:5] + b"\r\n" in first
    assert b"\r\n\r\n" + whole[5:] + b"\r\n" in second
