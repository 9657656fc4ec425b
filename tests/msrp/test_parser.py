import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp import parser
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.parser import find_end, parse
from conformance.wire.limits import MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear
from tests.msrp.samples import BIND, OK, REPORT, SEND, messages


@pytest.mark.parametrize("octets", [SEND, BIND, REPORT, OK])
def test_messages(octets):
    found = parse(octets)
    assert isinstance(found, MsrpRequest | MsrpResponse)
    assert found.octets == octets


HEAD = b"MSRP t123 SEND\r\nTo-Path: a\r\nFrom-Path: b\r\n"
END = b"-------t123$\r\n"


@pytest.mark.parametrize(
    ("octets", "offset", "words"),
    [
        (b"", 0, "start line"),
        (b"MSRP t12 SEND\r\n-------t12$\r\n", 0, "start line"),
        (b"MSRP " + b"t" * 33 + b" SEND\r\n", 0, "start line"),
        (b"MSRP .123 SEND\r\n", 0, "start line"),
        (b"MSRP t123 send\r\n", 0, "start line"),
        (b"MSRP t123 20 OK\r\n", 0, "start line"),
        (b"msrp t123 SEND\r\n", 0, "start line"),
        (HEAD, 42, "end-line"),
        (HEAD + END[:-1], 55, "end-line"),
        (HEAD + END + b"x", 57, "end-line"),
        (HEAD + END + END, 70, "end-line"),
        (HEAD + b"-------t124$\r\n", 56, "end-line"),
        (HEAD + b"-------t123?\r\n", 56, "end-line"),
        (HEAD + b"nonsense\r\n" + END, 42, "colon"),
        (HEAD + b" folded\r\n" + END, 42, "colon"),
        (b"MSRP t123 SEND\r\n" + END, 16, "To-Path"),
        (b"MSRP t123 SEND\r\nFrom-Path: b\r\nTo-Path: a\r\n" + END, 16, "To-Path"),
        (b"MSRP t123 SEND\r\nTo-Path:\r\nFrom-Path: b\r\n" + END, 16, "To-Path"),
        (HEAD + b"A: b\r\n" * MAX_HEADER_FIELDS + END, 42 + 6 * MAX_HEADER_FIELDS, "limit"),
        (HEAD + b"A: " + b"b" * MAX_HEAD + b"\r\n" + END, MAX_HEAD, "limit"),
    ],
)
def test_what_is_no_message(octets, offset, words):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert (found.protocol, found.octets, found.offset) == ("MSRP", octets, offset)
    assert words in found.rule


def test_a_body_has_a_limit(monkeypatch):
    monkeypatch.setattr(parser, "MAX_BODY", 10)
    found = parse(SEND)
    assert isinstance(found, Malformed)
    assert found.rule == "limit: body exceeds 10 octets"
    assert parse(BIND).octets == BIND


def test_find_end():
    mark = b"\r\n-------t123"
    octets = b"a" + mark + b"4$\r\n" + mark + b"?\r\n" + mark + b"#\r\nrest"
    assert find_end(octets, mark, 0) == len(octets) - 4
    assert find_end(octets[:-5], mark, 0) == -1


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=120).map(lambda o: HEAD + o + END)))
def test_any_octets_give_a_message_or_the_rule_they_break(octets):
    found = parse(octets)
    if isinstance(found, Malformed):
        assert 0 <= found.offset <= len(octets)
        assert found.rule.startswith(("RFC ", "limit: "))
    assert isinstance(found, MsrpRequest | MsrpResponse | Malformed)


@given(messages, st.data())
def test_a_damaged_message_never_raises(octets, data):
    at = data.draw(st.integers(0, len(octets) - 1))
    assert parse(octets[:at] + data.draw(st.binary(max_size=3)) + octets[at + 1 :]) is not None


@pytest.mark.parametrize(
    "piece", [b"a", b" ", b"\r\n", b":", b"\r\n-------t123", b"\r\n-------t123$", b"\r\na:", b"-"]
)
def test_parsing_is_linear(piece):
    assert_linear(parse, lambda n: piece * n, 200)
    assert_linear(parse, lambda n: HEAD + piece * n + b"\r\n" + END, 200)
    assert_linear(parse, lambda n: HEAD + b"A: b\r\n\r\n" + piece * n + b"\r\n" + END, 200)


@pytest.mark.parametrize("octets", [SEND, OK, REPORT, BIND])
def test_a_message_that_is_framed_already(octets, monkeypatch):
    whole = parse(octets)
    monkeypatch.setattr(parser, "find_end", None)
    assert parse(octets, framed=True) == whole
    assert isinstance(parse(b"MSRP " + octets, framed=True), Malformed)
