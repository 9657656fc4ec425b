import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip.frames import (
    Incomplete,
    SipStream,
    looks_like_sip,
    may_become_sip,
    next_frame,
    next_start,
)
from conformance.sip.parser import parse
from conformance.wire.limits import MAX_BODY, MAX_HEAD
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear, calls
from tests.sip.samples import MESSAGE, OK, messages

ODD = (
    b"NOTIFY sip:b@example.org SIP/2.0\r\nv :SIP/2.0/UDP h1;\r\n branch=z9hG4bKodd\r\n"
    b"t:\r\n <sip:b@h>\r\nl:2\r\n\r\nok"
)
JUNK = b"\r\n\x00junk without a start\r\nmore\r\n"
HEADLESS = b"BYE sip:a@b SIP/2.0\r\nContent-Length: many\r\n\r\nbody\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        MESSAGE,
        OK,
        b"SIP/2.0 100 Trying\r\n",
        b"SIP/2.0 100\r\n",
        b"SIP/2.0 100",
        b"X-Y!~ tel:+1 SIP/2.0\r\n",
        b"BYE sip:a SIP/2.0\n",
        b"BYE sip:a SIP/2.0",
        b"bye sip:a sip/2.0\r\n",
        b"BYE  sip:a  SIP/2.0 \r\n",
        b"BYE sip:a b SIP/2.0\r\n",
        b"BYE sip:a SIP/7.0\r\n",
        b"SIP/2.0 4294967301 x\r\n",
    ],
)
def test_looks_like_sip(octets):
    assert looks_like_sip(octets)
    assert looks_like_sip(memoryview(b"--" + octets), 2)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n",
        b"\x80\x00\x01\x02" * 300,
        b"GET / HTTP/1.1\r\n",
        b"OPTIONS rtsp://h RTSP/1.0\r\n",
        b"MSRP a786hjs2 SEND\r\n",
        b"SIP/2.0 OK\r\n",
        b"BYE sip:a SIP/2.0 x\r\n",
        b"BYE SIP/2.0\r\n",
        b" BYE sip:a SIP/2.0\r\n",
    ],
)
def test_does_not_look_like_sip(octets):
    assert not looks_like_sip(octets)


@given(messages)
def test_every_beginning_of_a_start_line_may_become_sip(octets):
    line = octets[: octets.index(b"\n")]
    assert all(may_become_sip(line[:size]) for size in range(1, len(line) + 1))


@pytest.mark.parametrize(
    "octets", [b"", b"\x16\x03\x01", b"GET / HTTP", b"BYE sip:a SIP/2.0\r\nVia"]
)
def test_may_not_become_sip(octets):
    assert not may_become_sip(octets)


def test_next_start_follows_a_line_end():
    octets = MESSAGE + b"\r\n" + OK + b"x" + OK
    assert next_start(octets) == len(MESSAGE) + 2
    assert next_start(bytearray(octets), len(MESSAGE) + 2) is None
    assert next_start(octets, len(MESSAGE)) == len(MESSAGE) + 2


def test_next_frame_gives_the_end():
    octets = b"ab" + MESSAGE + OK
    assert next_frame(octets, 2) == 2 + len(MESSAGE)
    assert next_frame(bytearray(octets), 2 + len(MESSAGE)) == len(octets)
    without_length = MESSAGE.replace(b"Content-Length: 5\r\n", b"")
    assert next_frame(without_length, 0) == len(without_length) - 5


def test_next_frame_takes_its_hint_back():
    hint = None
    for size in range(len(MESSAGE)):
        hint = next_frame(MESSAGE[:size], 0, hint)
        assert isinstance(hint, Incomplete)
    assert hint.end == len(MESSAGE)
    assert next_frame(b"----" + MESSAGE + b"----", 4, hint) == 4 + len(MESSAGE)


@pytest.mark.parametrize(
    ("octets", "claimed", "words"),
    [
        (JUNK[2:], JUNK[2:25], "request line"),
        (HEADLESS + MESSAGE, HEADLESS[:-6], "Content-Length"),
        (b"BYE sip:a SIP/2.0\r\nl: %d\r\n\r\n" % (MAX_BODY + 1), None, "limit"),
        (b"BYE sip:a SIP/2.0\r\nA: " + b"b" * MAX_HEAD, None, "limit"),
        (b"B" * MAX_HEAD, None, "without an end"),
    ],
)
def test_next_frame_says_why_there_is_no_end(octets, claimed, words):
    found = next_frame(octets, 0)
    assert isinstance(found, Malformed)
    assert words in found.rule
    assert octets.startswith(found.octets)
    assert claimed is None or found.octets == claimed


def fed(octets, cuts):
    """What a stream gives that is fed `octets` cut at each of `cuts`."""
    stream = SipStream()
    found = []
    for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += stream.feed(octets[begin:end])
    return found, stream.pending


def test_a_stream_of_messages_and_keep_alives():
    found, pending = fed(
        b"\r\n\r\n" + MESSAGE + b"\r\n\r\n" + OK + ODD + b"\r\n" + MESSAGE[:50], []
    )
    assert found == [parse(MESSAGE), parse(OK), parse(ODD)]
    assert pending == 50


def test_a_stream_finds_its_way_again():
    found, pending = fed(JUNK + MESSAGE + HEADLESS + OK, [])
    assert [type(message).__name__ for message in found] == [
        "Malformed",
        "SipRequest",
        "Malformed",
        "SipResponse",
    ]
    assert pending == 0


def test_a_broken_header_line_loses_nothing_else():
    broken = MESSAGE.replace(b"Subject: one", b"Subject one")
    found, _ = fed(broken + OK, [])
    assert isinstance(found[0], Malformed)
    assert found[1] == parse(OK)


pieces = st.one_of(
    messages,
    st.sampled_from([MESSAGE, OK, ODD, JUNK, HEADLESS, b"\r\n", b"\r\n\r\n", b"\n", b"x"]),
    st.binary(max_size=30),
)


@given(st.lists(pieces, max_size=5).map(b"".join), st.data())
def test_any_split_gives_the_same_messages(octets, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    whole = fed(octets, [])
    assert fed(octets, cuts) == whole
    assert fed(octets, range(1, len(octets))) == whole


@given(st.lists(messages, max_size=4))
def test_messages_end_where_they_were_put_together(parts):
    found, pending = fed(b"".join(parts), [])
    assert found == [parse(part) for part in parts]
    assert pending == 0


def test_an_overlong_line_is_dropped_however_it_comes():
    line = b"BYE sip:" + b"a" * (MAX_HEAD + 10) + b" SIP/2.0\r\n\r\n"
    octets = JUNK + line + OK
    whole = fed(octets, [])
    assert [type(message).__name__ for message in whole[0]] == ["Malformed", "SipResponse"]
    assert fed(octets, range(5_000, len(octets), 5_000)) == whole


@pytest.mark.parametrize(
    "octets",
    [
        b"BYE sip:" + b"a" * 4_000,
        b"BYE sip:a SIP/2.0\r\nA: " + b"\nb" * 2_000,
        b"BYE sip:a SIP/2.0\r\nl: 9999\r\n\r\n" + b"\n" * 4_000,
        b"\n" * 4_000,
        b"junk\n" + b"a b " * 1_000,
        b"junk\n" + b"a\n" * 2_000,
    ],
)
def test_feeding_octet_by_octet_is_linear(octets):
    def feed(part):
        stream = SipStream()
        for at in range(len(part)):
            stream.feed(part[at : at + 1])

    assert calls(lambda: feed(octets)) <= 5 * calls(lambda: feed(octets[: len(octets) // 4])) + 100


@pytest.mark.parametrize(
    "piece",
    [
        b"SIP/2.0 a ",
        b" SIP/2",
        b"a",
        b"a ",
        b"\n",
        b"\nA",
        b"\nA B ",
        b"\nA B SIP/2.0",
        b"SIP/2.0 ",
        b"\nSIP/2.0 1",
    ],
)
def test_searching_is_linear(piece):
    def search(octets):
        return looks_like_sip(octets), may_become_sip(octets), next_start(octets), fed(octets, [])

    assert_linear(search, lambda n: piece * n, 200)
