"""Multipart bodies, tidy and as found in the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.mime import Headers
from conformance.body.multipart import Multipart, Part, faults, find, parse, walk, write
from conformance.wire.limits import MAX_NESTING, MAX_PARTS
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

MIXED = "multipart/mixed;boundary=b1"

OFFER_AND_FIRST_MESSAGE = (
    b"------=_Part_7_99.1\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 9999\r\n"
    b"\r\n"
    b"v=0\r\n"
    b"\r\n"
    b"------=_Part_7_99.1\r\n"
    b"Content-type: Message/CPIM\r\n"
    b"\r\n"
    b"From: <sip:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
    b"------=_Part_7_99.1--"
)


def part(body, *fields):
    return Part(Headers(fields), body)


def test_an_offer_with_a_first_message():
    found = parse(OFFER_AND_FIRST_MESSAGE, 'Multipart/Mixed; boundary="----=_Part_7_99.1"')
    assert isinstance(found, Multipart)
    assert [p.content_type for p in found.parts] == ["application/sdp", "message/cpim"]
    assert found.parts[0].body == b"v=0\r\n"
    assert found.parts[1].body.endswith(b"hi")
    assert found.closed


def test_the_boundary_need_not_be_quoted():
    unquoted = parse(OFFER_AND_FIRST_MESSAGE, "multipart/mixed; boundary=----=_Part_7_99.1")
    quoted = parse(OFFER_AND_FIRST_MESSAGE, 'multipart/mixed; boundary="----=_Part_7_99.1"')
    assert unquoted == quoted


def test_preamble_epilogue_and_padding():
    found = parse(b"hello\r\n--b1 \t\r\n\r\nx\r\n--b1-- \r\nbye", MIXED)
    assert found == Multipart("b1", (part(b"x"),), b"hello", b"bye")


def test_bare_line_feeds():
    found = parse(b"--b1\nA: 1\n\nx\n\n--b1\n\ny\n--b1--\n", MIXED)
    assert found == Multipart("b1", (part(b"x\n", ("A", "1")), part(b"y")))


def test_a_longer_line_is_no_delimiter():
    found = parse(b"--b1\r\n\r\n--b12\r\n x --b1\r\n--b1--", MIXED)
    assert found == Multipart("b1", (part(b"--b12\r\n x --b1"),))


def test_empty_parts():
    found = parse(b"--b1\r\n--b1\r\n\r\n\r\n--b1\r\nA: 1\r\n--b1--", MIXED)
    assert found == Multipart("b1", (part(b""), part(b""), part(b"", ("A", "1"))))


def test_a_missing_closing_delimiter_is_noted():
    found = parse(b"--b1\r\n\r\nx\r\n", MIXED)
    assert found == Multipart("b1", (part(b"x\r\n"),), closed=False)


@pytest.mark.parametrize(
    ("octets", "content_type", "rule"),
    [
        (b"", MIXED, "does not occur"),
        (b"x--b1\r\n", MIXED, "does not occur"),
        (b"--b1--", "multipart/mixed", "boundary"),
        (b"--b1--", "text/plain;boundary=b1", "boundary"),
        (b"--b1--", "nonsense", "type/subtype"),
        (b"--b1\r\nbad\r\n\r\n--b1--", MIXED, "without a name and a colon"),
        (b"--b1\n" * (MAX_PARTS + 2) + b"--b1--", MIXED, "MAX_PARTS"),
    ],
)
def test_broken_multiparts_are_values(octets, content_type, rule):
    found = parse(octets, content_type)
    assert isinstance(found, Malformed)
    assert rule in found.rule


def test_the_offset_of_a_broken_field_counts_from_the_body():
    found = parse(b"--b1\r\nA: 1\r\nbad\r\n\r\n--b1--", MIXED)
    assert isinstance(found, Malformed)
    assert found.offset == 12


def test_content_undoes_the_transfer_encoding():
    coded = part(b"aGVsbG8=", ("content-transfer-encoding", "BASE64"))
    assert (coded.content, coded.body, coded.fault) == (b"hello", b"aGVsbG8=", None)


def test_a_broken_transfer_encoding_is_noted():
    broken = part(b"a", ("Content-Transfer-Encoding", "base64"))
    assert broken.content == b"a"
    assert isinstance(broken.fault, Malformed)
    assert faults(MIXED, write(Multipart("b1", (broken,)))) == (broken.fault,)


def test_a_part_without_a_type_is_text():
    assert part(b"x").content_type == "text/plain"


def test_text_follows_the_charset():
    assert part(b"\xe4", ("Content-Type", "text/plain; charset=iso-8859-1")).text == "ä"
    assert part("ä".encode(), ("Content-Type", "nonsense;")).text == "ä"


def test_the_disposition_has_no_parameters():
    assert (
        part(b"", ("Content-Disposition", "Recipient-List; x=1")).disposition == "recipient-list"
    )
    assert part(b"").disposition == ""


def nested(depth):
    content_type, body = "text/plain", b"x"
    for level in range(depth):
        inner = part(body, ("Content-Type", content_type))
        content_type, body = f"multipart/mixed;boundary=b{level}.", b""
        body = write(Multipart(f"b{level}.", (inner, part(str(level).encode()))))
    return content_type, body


def test_nested_multiparts_are_flattened_in_order():
    assert [p.body for p in walk(*nested(3))] == [b"x", b"0", b"1", b"2"]
    assert faults(*nested(3)) == ()


def test_nesting_has_a_limit_that_is_named():
    assert next(walk(*nested(MAX_NESTING))).body == b"x"
    content_type, body = nested(MAX_NESTING + 1)
    assert next(walk(content_type, body)).content_type == "multipart/mixed"
    assert "MAX_NESTING" in faults(content_type, body)[0].rule


def test_a_single_body_is_one_part():
    (only,) = walk("message/cpim; charset=x", b"body")
    assert (only.content_type, only.content) == ("message/cpim", b"body")


def test_a_multipart_that_cannot_be_opened_stays_closed_and_says_why():
    (only,) = walk(MIXED, b"no delimiter")
    assert (only.content_type, only.body) == ("multipart/mixed", b"no delimiter")
    assert "does not occur" in faults(MIXED, b"no delimiter")[0].rule


def test_a_part_is_found_by_type():
    value = "multipart/mixed;boundary=----=_Part_7_99.1"
    found = find(value, OFFER_AND_FIRST_MESSAGE, "message/cpim")
    assert found is not None
    assert found.body.startswith(b"From:")
    assert find(value, OFFER_AND_FIRST_MESSAGE, "text/html") is None
    whole = find("message/cpim", b"x", "message/cpim")
    assert whole is not None
    assert whole.body == b"x"


FIELDS = st.lists(
    st.tuples(st.sampled_from(["A", "Content-Type"]), st.sampled_from(["", "1", "a/b;c=d"])),
    max_size=3,
).map(lambda fields: Headers(tuple(fields)))
PARTS = st.builds(Part, FIELDS, st.binary(max_size=40))


@given(
    st.lists(PARTS, max_size=4).map(tuple),
    st.sampled_from([b"", b"preamble", b"\r\n"]),
    st.sampled_from([b"", b"epilogue", b"--b1"]),
)
def test_a_written_multipart_is_read_back(parts, preamble, epilogue):
    multipart = Multipart("b1'()+_,-./:=?", parts, preamble, epilogue)
    assert parse(write(multipart), f'multipart/mixed;boundary="{multipart.boundary}"') == multipart


def test_a_multipart_without_its_end_is_written_so():
    multipart = Multipart("b1", (part(b"x"), part(b"y")), closed=False)
    assert parse(write(multipart), MIXED) == multipart


def test_a_boundary_inside_a_part_is_refused():
    with pytest.raises(ValueError, match="does not delimit"):
        write(Multipart("b1", (part(b"x\r\n--b1\r\ny"),)))


@given(st.binary() | st.text(alphabet="-b1\r\n: A").map(str.encode))
def test_any_octets_give_a_value(octets):
    assert isinstance(parse(octets, MIXED), Multipart | Malformed)
    assert isinstance(parse(b"--b1\r\n" + octets + b"\r\n--b1--", MIXED), Multipart | Malformed)
    assert list(walk(MIXED, octets))


@pytest.mark.parametrize(
    "unit", [b"--b1", b"\r\n--b1x", b"--b1 ", b"\r\n--b1 \t", b"\n", b"\r\n", b"-"]
)
def test_parsing_is_linear(unit):
    assert_linear(lambda octets: parse(octets, MIXED), lambda size: b"--b1\r\n" + unit * size)


def test_padding_is_read_in_linear_time():
    assert_linear(lambda octets: parse(octets, MIXED), lambda size: b"--b1" + b" " * size)
