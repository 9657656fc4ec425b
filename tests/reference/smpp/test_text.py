from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.engine.timer import SECOND
from conformance.reference.smpp.pdu import Command, Pdu, ShortMessage, Tag, Tlv, parse, write
from conformance.reference.smpp.text import (
    ASCII,
    BINARY,
    GSM7,
    LATIN1,
    RECEIPT,
    UCS2,
    USER_DATA_HEADER,
    MessageState,
    Receipt,
    SmppAddress,
    addresses_of,
    compose,
    content_of,
    decode_text,
    encode_text,
    read_relative_time,
    receipt_of,
    relative_time,
    text_of,
)
from tests.reference.wired import START

MINUTE = 60 * SECOND
EXPIRED = Receipt("7", MessageState.EXPIRED)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("tel:+15550177", (1, 1, "15550177"), "+15550177"),
        ("+1-555-0177", (1, 1, "15550177"), "+15550177"),
        ("tel:4711;phone-context=+1", (0, 1, "4711"), "4711"),
        ("Example Bank", (5, 0, "Example Bank"), "Example Bank"),
        ("+49example", (5, 0, "+49example"), "+49example"),
        ("", (5, 0, ""), ""),
        ("é\0x", (5, 0, "??x"), "??x"),
        ("+" + "1" * 40, (1, 1, "1" * 20), "+" + "1" * 20),
    ],
)
def test_what_an_address_is(text, address, shown):
    assert SmppAddress.of(text) == address
    assert str(SmppAddress.of(text)) == shown


@given(st.text(max_size=40))
def test_that_any_text_makes_an_address_that_can_be_written(text):
    body, _ = compose(text, text, "x")
    assert isinstance(parse(write(Pdu(Command.SUBMIT_SM, 1, body))), Pdu)


@given(texts)
def test_that_a_text_arrives_whatever_its_letters_and_length(text):
    body, tlvs = compose("+15550100", "+15550177", text)
    pdu = parse(write(Pdu(Command.SUBMIT_SM, 1, body, 0, tlvs)))
    assert text_of(pdu) == text
    assert addresses_of(pdu.body) == ("+15550100", "+15550177")


@pytest.mark.parametrize(
    ("content", "coding", "is_long"),
    [
        ("a" * 160, GSM7, False),
        ("a" * 161, GSM7, True),
        ("я" * 70, UCS2, False),
        ("я" * 71, UCS2, True),
        (bytes(254), BINARY, False),
        (bytes(255), BINARY, True),
    ],
)
def test_when_content_is_a_payload(content, coding, is_long):
    body, tlvs = compose("1", "2", content)
    assert body.data_coding == coding
    assert [tlv.tag for tlv in tlvs] == [Tag.MESSAGE_PAYLOAD] * is_long
    octets = content_of(Pdu(Command.SUBMIT_SM, 1, body, 0, tlvs))
    assert decode_text(coding, octets) == content if isinstance(content, str) else octets


@pytest.mark.parametrize(
    ("coding", "octets", "text"),
    [
        (GSM7, b"\x00\x1b\x65", "@€"),
        (ASCII, b"a\xff", "a\N{REPLACEMENT CHARACTER}"),
        (LATIN1, b"\xe9", "é"),
        (UCS2, b"\x04\x2f\xd8", "Я\N{REPLACEMENT CHARACTER}"),
        (BINARY, b"\x80", "\x80"),
    ],
)
def test_that_octets_are_shown_by_their_coding(coding, octets, text):
    assert decode_text(coding, octets) == text


def test_that_a_text_in_the_default_alphabet_is_not_widened():
    assert encode_text("Hello @ €") == (GSM7, b"Hello \x00 \x1be")


def test_that_a_user_data_header_is_no_text():
    body = ShortMessage(esm_class=USER_DATA_HEADER, short_message=b"\x05\x00\x03\x01\x02\x01Hello")
    assert text_of(Pdu(Command.DELIVER_SM, 1, body)) == "Hello"
    assert text_of(Pdu(Command.DELIVER_SM, 1, replace(body, short_message=b""))) == ""


def receipt_pdu(text, tlvs=(), esm_class=RECEIPT):
    body, _ = compose("+15550177", "+15550100", text, ASCII)
    return Pdu(Command.DELIVER_SM, 1, replace(body, esm_class=esm_class), 0, tlvs)


def test_that_the_text_of_a_receipt_is_that_of_appendix_b():
    receipt = Receipt("0123456789", MessageState.DELIVERED, START, START + 5 * MINUTE)
    assert receipt.write() == (
        b"id:0123456789 sub:001 dlvrd:001 submit date:2603020900 done date:2603020905"
        b" stat:DELIVRD err:000 text:"
    )


@given(
    st.text("abc019", min_size=1, max_size=20),
    st.sampled_from(MessageState),
    st.none() | st.integers(0, 10**7).map(MINUTE.__mul__),
    st.text("abc :\n", max_size=20),
    st.booleans(),
)
@settings(max_examples=80)
def test_that_a_receipt_is_read_as_it_was_written(identity, state, time, text, has_tlvs):
    receipt = Receipt(identity, state, time, time, "00a", text)
    pdu = receipt_pdu(receipt.write(), receipt.tlvs if has_tlvs else ())
    assert receipt_of(parse(write(pdu))) == receipt


@pytest.mark.parametrize(
    ("text", "tlvs", "expected"),
    [
        ("id:7 stat:delivrd", (), ("7", MessageState.DELIVERED)),
        ("ID: 7 STAT: UNDELIV ERR:001 Text:hi", (), ("7", MessageState.UNDELIVERABLE)),
        ("", Receipt("7", MessageState.EXPIRED).tlvs, ("7", MessageState.EXPIRED)),
        (
            "id:8 stat:DELIVRD",
            Receipt("7", MessageState.EXPIRED).tlvs,
            ("7", MessageState.EXPIRED),
        ),
        (
            "id:8 stat:DELIVRD",
            (Tlv(Tag.MESSAGE_STATE, b"\x63"),),
            ("8", MessageState.DELIVERED),
        ),
        ("id:1 stat:REJECTD text:id:2 stat:DELIVRD", (), ("1", MessageState.REJECTED)),
    ],
)
def test_that_receipts_of_others_are_understood(text, tlvs, expected):
    found = receipt_of(receipt_pdu(text.encode(), tlvs))
    assert (found.message_id, found.state) == expected


@pytest.mark.parametrize("text", ["", "Hello", "id:7", "stat:DELIVRD", "id:7 stat:LOST"])
def test_that_what_tells_nothing_is_no_receipt(text):
    assert receipt_of(receipt_pdu(text.encode())) is None


def test_that_a_message_is_no_receipt_whatever_its_text():
    assert receipt_of(receipt_pdu(b"id:7 stat:DELIVRD", esm_class=0)) is None
    assert receipt_of(Pdu(Command.ENQUIRE_LINK, 1)) is None


def test_that_dates_that_are_none_are_unknown():
    found = receipt_of(receipt_pdu(b"id:7 submit date:9999999999 done date:26 stat:DELIVRD"))
    assert (found.submitted_at, found.done_at) == (None, None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "000000000001000R"),
        (90, "000000000130000R"),
        (86_400, "000001000000000R"),
        (31 * 86_400, "000101000000000R"),
        (365 * 86_400, "010000000000000R"),
        (10**12, "991129235959000R"),
    ],
)
def test_how_a_lifetime_is_written(seconds, text):
    assert relative_time(seconds * SECOND) == text


@given(st.integers(1, 300 * 86_400))
@settings(max_examples=60)
def test_that_a_lifetime_is_read_as_it_was_written(seconds):
    assert read_relative_time(relative_time(seconds * SECOND)) == seconds * SECOND


@pytest.mark.parametrize("text", ["", "260302090000000+", "000000000130000R1", "x" * 16])
def test_that_what_is_no_lifetime_is_none(text):
    assert read_relative_time(text) is None
