"""CPIM messages, tidy and as found in the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.cpim import CORE, IMDN, Cpim, Resolved, message, parse, write
from conformance.body.mime import Headers
from conformance.body.multipart import Part
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear

CHAT = (
    b"From: <sip:anonymous@anonymous.invalid>\r\n"
    b"To: <sip:anonymous@anonymous.invalid>\r\n"
    b"NS: imdn <urn:ietf:params:imdn>\r\n"
    b"imdn.Message-ID: Msg-1\r\n"
    b"DateTime: 2026-03-02T09:00:00.000Z\r\n"
    b"imdn.Disposition-Notification: positive-delivery, Display\r\n"
    b"\r\n"
    b"Content-type: Text/Plain; charset=UTF-8\r\n"
    b"Content-length: 9999\r\n"
    b"\r\n"
    b"hello\r\n\r\nworld"
)


def read(octets):
    found = parse(octets)
    assert isinstance(found, Cpim)
    return found


def headed(*lines):
    return read(b"\r\n".join(lines) + b"\r\n\r\n\r\nx")


def test_a_chat_message_is_read():
    found = read(CHAT)
    assert found.from_ == "<sip:anonymous@anonymous.invalid>"
    assert found.to == ("<sip:anonymous@anonymous.invalid>",)
    assert found.message_id == "Msg-1"
    assert found.datetime == "2026-03-02T09:00:00.000Z"
    assert found.disposition_notification == {"positive-delivery", "display"}
    assert found.content_type == "text/plain"
    assert found.content == b"hello\r\n\r\nworld"
    assert found.text == "hello\r\n\r\nworld"
    assert not found.bare_lf


def test_any_prefix_means_what_its_namespace_means():
    found = headed(
        b"DateTime: 2026-03-02T09:00:00Z",
        b"NS: x <urn:ietf:params:imdn>",
        b"NS: imdn <http://example.com/other>",
        b"imdn.Message-ID: not this",
        b"x.Message-ID: this",
    )
    assert found.message_id == "this"


def test_the_usual_prefix_needs_no_declaration():
    assert headed(b"imdn.Message-ID: m").message_id == "m"


def test_a_prefix_counts_only_below_its_declaration():
    found = headed(b"x.Message-ID: above", b"NS: x <urn:ietf:params:imdn>", b"x.Message-ID: below")
    assert found.message_id == "below"
    assert next(found.resolved()) == Resolved("", "Message-ID", "above")


def test_a_declaration_without_prefix_changes_the_default():
    found = headed(b"From: <sip:a@b>", b"NS: <urn:ietf:params:imdn>", b"Message-ID: m")
    assert (found.from_, found.message_id) == ("<sip:a@b>", "m")


def test_a_declaration_without_brackets_is_tolerated():
    assert headed(b"NS: y urn:ietf:params:imdn", b"y.Message-ID: m").message_id == "m"


def test_the_namespace_is_a_urn_in_any_case():
    assert headed(b"NS: y <URN:ietf:params:IMDN>", b"y.Message-ID: m").message_id == "m"


def test_names_of_message_headers_are_case_sensitive():
    found = headed(b"from: <sip:a@b>", b"imdn.message-id: m")
    assert (found.from_, found.message_id) == (None, None)


def test_repeated_and_listed_headers():
    found = headed(
        b"To: <sip:a@b>", b"To: <sip:c@d>", b"cc: <sip:e@f>", b"Require: a, b,", b"Require: c"
    )
    assert found.to == ("<sip:a@b>", "<sip:c@d>")
    assert found.cc == ("<sip:e@f>",)
    assert found.require == {"a", "b", "c"}
    assert found.get_all("To", IMDN) == ()
    assert found.get("To", CORE) == "<sip:a@b>"
    assert found.get("Nothing") is None


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (b"Subject: plain", "plain"),
        (b"Subject:;lang=fr Objet", "Objet"),
        (b"Subject: a\\u00e9\\n\\\"\\\\ \\'x", "aé\n\"\\ 'x"),
        (b"Subject: \\u00", "u00"),
        ("Subject: é".encode(), "é"),
        (b"From: x", None),
    ],
)
def test_subjects_are_read(value, subject):
    assert headed(value).subject == subject


def test_bare_line_feeds_are_accepted_and_noted():
    found = read(CHAT.replace(b"\r\n", b"\n"))
    assert found.bare_lf
    assert found.message_id == "Msg-1"
    assert found.content == b"hello\n\nworld"


def test_line_feeds_of_the_payload_are_its_own_affair():
    assert not read(CHAT + b"\n\n").bare_lf


def test_a_base64_payload_is_decoded():
    found = read(b"From: x\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=")
    assert (found.content, found.payload.body) == (b"hello", b"aGVsbG8=")


def test_aggregated_payloads_are_opened():
    both = b"--b\r\nContent-Type: message/imdn+xml\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--"
    found = read(b"From: x\r\n\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n" + both)
    assert [(p.content_type, p.body) for p in found.parts] == [
        ("message/imdn+xml", b"1"),
        ("text/plain", b"2"),
    ]
    (only,) = read(CHAT).parts
    assert only.content_type == "text/plain"


def test_a_payload_may_be_empty():
    assert read(b"From: x\r\n\r\nContent-Type: text/plain\r\n\r\n").content == b""
    assert read(b"From: x\r\n\r\nContent-Type: text/plain\r\n").content == b""


@pytest.mark.parametrize(
    ("octets", "offset", "rule"),
    [
        (b"", 0, "no empty line"),
        (b"From: x\r\n", 9, "no empty line"),
        (b"From\r\n\r\n", 0, "section 2.2: header without a colon"),
        (b"From: x\r\n\r\nbad\r\n\r\n", 11, "section 2.4: header without a colon"),
        (b"A: x\n" * 1_025 + b"\n", 5_120, "MAX_HEADER_FIELDS"),
    ],
)
def test_broken_messages_are_values(octets, offset, rule):
    found = parse(octets)
    assert isinstance(found, Malformed)
    assert found.offset == offset
    assert rule in found.rule


def test_a_message_is_built_and_read_back():
    built = message((("From", "<sip:a@b>"),), "text/plain", b"hi")
    assert parse(write(built)) == built


VALUES = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20
).map(lambda value: value.strip(" \t"))
FIELDS = st.lists(
    st.tuples(st.sampled_from(["From", "NS", "imdn.Message-ID", "x.y", "Content-Type"]), VALUES),
    max_size=5,
).map(tuple)


@given(FIELDS, FIELDS.map(Headers), st.binary(max_size=40), st.booleans())
def test_a_written_message_is_read_back(headers, content_headers, body, bare_lf):
    cpim = Cpim(headers, Part(content_headers, body), bare_lf)
    assert parse(write(cpim)) == cpim


@given(st.binary() | st.text(alphabet="NS: imdn.<>\r\n\\;,x").map(str.encode))
def test_any_octets_give_a_value(octets):
    for text in (octets, octets + b"\r\n\r\n\r\nx", b"NS: " + octets + b"\r\n\r\n\r\n"):
        found = parse(text)
        assert isinstance(found, Cpim | Malformed)
        if isinstance(found, Cpim):
            assert isinstance(found.subject, str | None)
            assert isinstance(found.message_id, str | None)
            assert isinstance(found.disposition_notification, frozenset)
            assert isinstance(found.content, bytes)


@pytest.mark.parametrize("unit", [b"\r\n", b"A:\r\n", b" x\r\n", b"\\", b"<", b","])
def test_reading_is_linear(unit):
    def everything(octets):
        found = parse(octets)
        if isinstance(found, Cpim):
            _ = (found.message_id, found.subject, found.require, found.content)

    for name in (b"Subject: ", b"NS: x", b"Require: "):
        assert_linear(everything, lambda size, name=name: name + unit * (size // 16) + b"\r\n\r\n")
