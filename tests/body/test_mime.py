"""Media types, header blocks and transfer codings."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.mime import (
    ContentType,
    Headers,
    decode_text,
    decode_transfer,
    encode_base64,
    media_type,
    parse_content_type,
    parse_headers,
    split_head,
    write_content_type,
    write_headers,
)
from conformance.wire.limits import MAX_HEAD, MAX_HEADER_FIELDS
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

TOKENS = st.from_regex(r"[a-z0-9!#$&.+^_-]{1,12}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9.-]{0,12}", fullmatch=True)
FIELDS = st.lists(st.tuples(NAMES, VALUES.map(lambda value: value.strip(" \t"))), max_size=5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/plain", ContentType("text/plain")),
        ("Text/Plain; Charset=UTF-8", ContentType("text/plain", (("charset", "UTF-8"),))),
        ("a/b;x=1;y=2", ContentType("a/b", (("x", "1"), ("y", "2")))),
        ('a/b ; x = "1;2" ; ', ContentType("a/b", (("x", "1;2"),))),
        ('a/b;x="q\\"\\\\"', ContentType("a/b", (("x", 'q"\\'),))),
        ("a/b;;x=1", ContentType("a/b", (("x", "1"),))),
        ("a/b;x=", ContentType("a/b", (("x", ""),))),
        (
            "multipart/mixed; boundary=----=_Part_1_2.3",
            ContentType("multipart/mixed", (("boundary", "----=_Part_1_2.3"),)),
        ),
    ],
)
def test_content_types_are_read(value, expected):
    assert parse_content_type(value) == expected


@pytest.mark.parametrize(
    ("value", "offset"),
    [("", 0), ("text", 0), ("/plain", 0), ("a b/c", 0), ("a/b;x", 3), ('a/b;x="1', 6), ("ä/b", 0)],
)
def test_broken_content_types_are_values(value, offset):
    found = parse_content_type(value)
    assert isinstance(found, Malformed)
    assert found.offset == offset
    assert "RFC 2045" in found.rule


def test_a_parameter_is_found_by_name():
    value = ContentType("a/b", (("x", "1"), ("x", "2")))
    assert (value.parameter("x"), value.parameter("y")) == ("1", None)


@given(st.builds(ContentType, st.just("text/x-y"), st.lists(st.tuples(TOKENS, VALUES)).map(tuple)))
def test_a_written_content_type_is_read_back(value):
    assert parse_content_type(write_content_type(value)) == value


@pytest.mark.parametrize(
    "value",
    [ContentType("text"), ContentType("a/b", (("x y", "1"),)), ContentType("a/b", (("x", "\n"),))],
)
def test_what_cannot_be_written_is_refused(value):
    with pytest.raises(ValueError, match=r"no media type|cannot be written"):
        write_content_type(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" Message/CPIM ;x=1", "message/cpim"), ("", ""), ("cpim", ""), ("a/b", "a/b")],
)
def test_the_media_type_alone(value, expected):
    assert media_type(value) == expected


def test_header_names_are_found_in_any_case_and_kept_as_written():
    headers = parse_headers(b"Content-type: a/b\r\nX:1\r\nx : 2\r\n")
    assert headers == Headers((("Content-type", "a/b"), ("X", "1"), ("x", "2")))
    assert headers.get("CONTENT-TYPE") == "a/b"
    assert headers.get_all("x") == ("1", "2")
    assert headers.get("y") is None


def test_folded_fields_are_unfolded():
    headers = parse_headers(b"A:\r\n one\r\n\ttwo \r\nB: three\n four\n")
    assert headers == Headers((("A", "one two"), ("B", "three four")))


@pytest.mark.parametrize(("octets", "offset"), [(b"A: 1\r\nno colon\r\n", 6), (b": x\r\n", 0)])
def test_a_field_without_name_or_colon_is_malformed(octets, offset):
    found = parse_headers(octets)
    assert isinstance(found, Malformed)
    assert (found.offset, found.octets) == (offset, octets)


def test_offsets_count_from_the_start_of_the_octets():
    found = parse_headers(b"xxA: 1\r\nbad\r\nyy", 2, 13)
    assert isinstance(found, Malformed)
    assert found.offset == 8


def test_limits_are_named():
    many = parse_headers(b"A:\n" * (MAX_HEADER_FIELDS + 1))
    long = parse_headers(b"A:" + b"x" * MAX_HEAD)
    assert isinstance(many, Malformed)
    assert isinstance(long, Malformed)
    assert "MAX_HEADER_FIELDS" in many.rule
    assert "MAX_HEAD:" in long.rule


@given(FIELDS, st.sampled_from([b"\r\n", b"\n"]))
def test_written_fields_are_read_back(fields, line_end):
    assert parse_headers(write_headers(fields, line_end)) == Headers(tuple(fields))


@pytest.mark.parametrize("field", [("", "x"), ("A:", "x"), ("A", " x"), ("A", "x\ny"), (" A", "")])
def test_fields_that_cannot_be_written_are_refused(field):
    with pytest.raises(ValueError, match="header field"):
        write_headers([field])


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"A: 1\r\n\r\nbody", (6, 8)),
        (b"A: 1\n\nbody", (5, 6)),
        (b"A: 1\n\r\nbody", (5, 7)),
        (b"A: 1\r\n\nbody", (6, 7)),
        (b"\r\nbody", (0, 2)),
        (b"\nbody", (0, 1)),
        (b"A: 1\r\n", (6, 6)),
        (b"", (0, 0)),
    ],
)
def test_the_head_ends_before_an_empty_line(octets, expected):
    assert split_head(octets) == expected


@pytest.mark.parametrize("coding", ["", "7bit", "8BIT", " binary "])
def test_identity_codings_change_nothing(coding):
    assert decode_transfer(coding, b"\x00=3D") == b"\x00=3D"


def test_codings_are_undone():
    assert decode_transfer("Base64", b"aGVs\r\nbG8=\r\n") == b"hello"
    assert decode_transfer("base64", b"aGVsbG8") == b"hello"
    assert decode_transfer("quoted-printable", b"a=3Db=\r\nc") == b"a=bc"


@pytest.mark.parametrize(
    ("coding", "octets"), [("base64", b"a"), ("base64", b"aG=k"), ("uuencode", b"x")]
)
def test_broken_codings_are_values(coding, octets):
    assert isinstance(decode_transfer(coding, octets), Malformed)


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        (b"\xc3\xa4", None, "ä"),
        (b"\xc3\xa4", "UTF8", "ä"),
        (b"\xc3\xa4", " 'utf-8' ", "ä"),
        (b"\xe4", "ISO-8859-1", "ä"),
        (b"\x00\xe4", "utf-16-be", "ä"),
        (b"\xe4", "us-ascii", "\ufffd"),
        (b"\xe4", "UTF-8", "\ufffd"),
        (b"a", "punycode", "a"),
        (b"YQ==", "base64", "YQ=="),
        (b"a", "no such", "a"),
        (b"a", "nul\x00", "a"),
    ],
)
def test_text_is_decoded_however_the_charset_is_spelled(octets, charset, text):
    assert decode_text(octets, charset) == text


@given(st.binary())
def test_base64_is_read_back(octets):
    assert decode_transfer("base64", encode_base64(octets)) == octets
    assert base64.b64decode(encode_base64(octets)) == octets


@given(st.binary() | st.text(alphabet=':;"\\/= \r\n\tab').map(str.encode))
def test_any_octets_give_a_value(octets):
    text = octets.decode("utf-8", "surrogateescape")
    assert isinstance(parse_headers(octets), Headers | Malformed)
    assert isinstance(parse_content_type(text), ContentType | Malformed)
    for coding in ("base64", "quoted-printable"):
        assert isinstance(decode_transfer(coding, octets), bytes | Malformed)


@pytest.mark.parametrize("unit", [";", " ", ';x="', '"\\', ";x=1", "\\", ";x "])
def test_content_types_are_read_in_linear_time(unit):
    assert_linear(parse_content_type, lambda size: "a/b;x=" + unit * size)


@pytest.mark.parametrize("unit", [b"A:\r\n ", b"\r\n", b" x\n", b"\r"])
def test_heads_are_split_in_linear_time(unit):
    assert_linear(split_head, lambda size: b"A: 1" + unit * size)
    assert_linear(parse_headers, lambda size: b"A: 1" + unit * (size // 20))
