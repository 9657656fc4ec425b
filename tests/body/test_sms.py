"""RP messages as SIP carries them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body import tpdu
from conformance.body.sms import RpAck, RpData, RpError, RpSmma, parse, write
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import of_text
from conformance.wire.malformed import Malformed

CENTRE = Address("15559990000")
ALICE = Address("15551230001")
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("00 2A 00 0791 51559 90900 F0 03 010203", RpData(42, b"\1\2\3", True, None, CENTRE)),
        ("01 2A 0791 51559 90900 F0 00 00", RpData(42, b"", False, CENTRE)),
        ("02 2A", RpAck(42, True)),
        ("03 2A 41 02 0100", RpAck(42, False, b"\1\0")),
        ("04 2A 01 16", RpError(42, True, 22)),
        ("05 2A 02 5F07 41 01 01", RpError(42, False, 95, b"\7", b"\1")),
        ("06 2A", RpSmma(42)),
    ],
)
def test_messages_are_read_and_written(octets, message):
    raw = bytes.fromhex(octets.replace(" ", ""))
    assert parse(raw) == message
    assert write(message) == raw


def test_types_have_the_names_of_the_specification():
    types = [RpData.type, RpAck.type, RpError.type, RpSmma(1).type]
    assert types == ["RP-DATA", "RP-ACK", "RP-ERROR", "RP-SMMA"]


def test_spare_bits_play_no_part():
    assert parse(b"\xfa\x01") == RpAck(1, True)


def test_a_submitted_message_is_found_inside():
    submit = tpdu.Submit(ALICE, of_text("hello"), 3)
    found = parse(write(RpData(1, tpdu.write(submit), True, None, CENTRE)))
    assert isinstance(found, RpData)
    assert found.tpdu == submit


def test_a_delivered_message_is_found_inside():
    deliver = tpdu.Deliver(ALICE, NINE, of_text("hello"))
    found = parse(write(RpData(1, tpdu.write(deliver), False, CENTRE)))
    assert isinstance(found, RpData)
    assert found.tpdu == deliver


def test_reports_are_found_inside():
    assert RpAck(1, True).tpdu is None
    assert RpAck(1, True, b"\0\0").tpdu == tpdu.DeliverReport()
    assert RpError(1, True, 22, b"", b"\0\xd3\0").tpdu == tpdu.DeliverReport(0xD3)
    assert RpError(1, False, 22).tpdu is None


def test_user_data_that_is_no_message_is_a_value():
    assert isinstance(RpData(1, b"\xff", True).tpdu, Malformed)


@pytest.mark.parametrize(
    ("octets", "offset", "rule"),
    [
        ("", 0, "cut short"),
        ("02", 1, "cut short"),
        ("07 01", 0, "reserved"),
        ("00 01 00 00 05 01", 5, "RP-User-Data"),
        ("00 01 02 81", 3, "RP address"),
        ("02 01 42 00", 2, "unknown element"),
        ("04 01 00", 2, "without a cause"),
        ("06 01 00", 2, "behind the last element"),
    ],
)
def test_broken_messages_are_values(octets, offset, rule):
    found = parse(bytes.fromhex(octets))
    assert isinstance(found, Malformed)
    assert found.offset == offset
    assert rule in found.rule


OCTET = st.integers(0, 255)
ADDRESSES = st.none() | st.builds(
    Address, st.text(alphabet="0123456789", max_size=12), st.integers(0, 7), st.integers(0, 15)
)
USER_DATA = st.binary(max_size=233)
OPTIONAL = st.none() | USER_DATA
MESSAGES = (
    st.builds(RpData, OCTET, USER_DATA, st.booleans(), ADDRESSES, ADDRESSES)
    | st.builds(RpAck, OCTET, st.booleans(), OPTIONAL)
    | st.builds(RpError, OCTET, st.booleans(), OCTET, st.binary(max_size=2), OPTIONAL)
    | st.builds(RpSmma, OCTET)
)


@given(MESSAGES)
def test_a_written_message_is_read_back(message):
    assert parse(write(message)) == message


@given(st.binary())
def test_any_octets_give_a_value(octets):
    found = parse(octets)
    assert isinstance(found, RpData | RpAck | RpError | RpSmma | Malformed)
    if not isinstance(found, RpSmma | Malformed):
        assert found.tpdu is None or found.tpdu == found.tpdu
