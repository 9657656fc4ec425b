import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp import frames
from conformance.msrp.frames import (
    Incomplete,
    MsrpStream,
    looks_like_msrp,
    may_become_msrp,
    next_frame,
    next_start,
)
from conformance.msrp.parser import parse
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear, calls
from tests.msrp.samples import BIND, OK, REPORT, SEND, messages

JUNK = b"\x00junk without a start\r\nmore\r\n"
LONG_ID = SEND.replace(b"a786hjs2", b"a" * 40)


@pytest.mark.parametrize(
    "octets", [SEND, OK, b"MSRP t123 SEND\r\n", b"MSRP t123 SEND", b"MSRP t123 200", LONG_ID]
)
def test_looks_like_msrp(octets):
    assert looks_like_msrp(octets)
    assert looks_like_msrp(memoryview(b"--" + octets), 2)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"MSRP",
        b"MSRP t123",
        b"msrp t123 SEND\r\n",
        b"MSRP t123 2000\r\n",
        b"MSRP  t SEND\r\n",
    ],
)
def test_does_not_look_like_msrp(octets):
    assert not looks_like_msrp(octets)


@given(messages)
def test_every_beginning_of_a_start_line_may_become_msrp(octets):
    line = octets[: octets.index(b"\n")]
    assert all(may_become_msrp(line[:size]) for size in range(1, len(line) + 1))


@pytest.mark.parametrize("octets", [b"", b"MSR-", b"INVITE", b"MSRP t123 SEND\r\nTo-Path"])
def test_may_not_become_msrp(octets):
    assert not may_become_msrp(octets)


def test_next_start_follows_a_line_end():
    octets = SEND + OK + b"x" + OK
    assert next_start(octets) == len(SEND)
    assert next_start(bytearray(octets), len(SEND)) is None


@pytest.mark.parametrize("octets", [SEND, BIND, REPORT, OK, LONG_ID])
def test_next_frame_takes_its_hint_back(octets):
    assert next_frame(b"ab" + octets + SEND, 2) == 2 + len(octets)
    hint = None
    for size in range(len(octets)):
        hint = next_frame(octets[:size], 0, hint)
        assert isinstance(hint, Incomplete)
    assert next_frame(b"----" + octets + b"----", 4, hint) == 4 + len(octets)


def test_a_line_of_hyphens_with_another_identifier_belongs_to_the_body():
    body = SEND.replace(b"are you", b"-------a786hjs22$\r\n-------a786hjs$\r\nare you")
    assert next_frame(body, 0) == len(body)


@pytest.mark.parametrize("octets", [JUNK, b"MSRP t123\r\n", b"M" * 5_000])
def test_next_frame_says_why_there_is_no_end(octets):
    found = next_frame(octets, 0)
    assert isinstance(found, Malformed)
    assert "start line" in found.rule
    assert octets.startswith(found.octets)


def test_a_message_has_a_limit(monkeypatch):
    monkeypatch.setattr(frames, "_MAX_FRAME", 100)
    found = next_frame(SEND[:101], 0)
    assert isinstance(found, Malformed)
    assert found.rule == "limit: no end-line within 100 octets"
    assert len(found.octets) == 100


def fed(octets, cuts):
    """What a stream gives that is fed `octets` cut at each of `cuts`."""
    stream = MsrpStream()
    found = []
    for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += stream.feed(octets[begin:end])
    return found, stream.pending


def test_a_stream_finds_its_way_again():
    found, pending = fed(JUNK + SEND + LONG_ID + JUNK + OK + SEND[:30], [])
    kinds = [type(message).__name__ for message in found]
    assert kinds == ["Malformed", "MsrpRequest", "Malformed", "Malformed", "MsrpResponse"]
    assert pending == 30


pieces = st.one_of(
    messages, st.sampled_from([SEND, OK, BIND, LONG_ID, JUNK, b"\r\n"]), st.binary(max_size=30)
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
    octets = JUNK + b"MSRP t123 200 " + b"a" * 5_000 + b"\r\n" + OK
    whole = fed(octets, [])
    assert [type(message).__name__ for message in whole[0]] == ["Malformed", "MsrpResponse"]
    assert fed(octets, range(500, len(octets), 500)) == whole


@pytest.mark.parametrize(
    "octets",
    [
        SEND[:-20] + b"\r\n" * 2_000,
        SEND[:-20] + b"\r\n-------a786hjs2" * 250,
        b"MSRP t123 200 " + b"a" * 4_000,
        b"junk\n" + b"a b " * 1_000,
        b"junk\n" + b"a\n" * 2_000,
    ],
)
def test_feeding_octet_by_octet_is_linear(octets):
    def feed(part):
        stream = MsrpStream()
        for at in range(len(part)):
            stream.feed(part[at : at + 1])

    assert calls(lambda: feed(octets)) <= 5 * calls(lambda: feed(octets[: len(octets) // 4])) + 100


@pytest.mark.parametrize(
    "piece", [b"a", b"\n", b"\nMSRP ", b"\nMSRP a SEND", b"MSRP ", b"-------a"]
)
def test_searching_is_linear(piece):
    def search(octets):
        return (
            looks_like_msrp(octets),
            may_become_msrp(octets),
            next_start(octets),
            fed(octets, []),
        )

    assert_linear(search, lambda n: piece * n, 200)
    assert_linear(search, lambda n: SEND[:-20] + piece * n, 200)
