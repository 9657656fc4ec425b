"""Addresses and times of short messages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.sms_fields import (
    ALPHANUMERIC,
    Address,
    BrokenFieldError,
    Octets,
    read_rp_address,
    read_timestamp,
    read_tp_address,
    write_rp_address,
    write_timestamp,
    write_tp_address,
)

DIGITS = st.text(alphabet="0123456789*#abc", max_size=20)
NUMBERS = st.builds(Address, DIGITS, st.sampled_from([0, 1, 2, 3, 4, 6]), st.integers(0, 15))


def test_octets_are_taken_in_turn():
    octets = Octets(b"abc")
    assert (octets.octet("x"), octets.take(2, "x"), octets.left) == (ord("a"), b"bc", 0)
    with pytest.raises(BrokenFieldError, match="field: cut short") as caught:
        octets.octet("field")
    assert caught.value.offset == 3


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        ("00", None),
        ("0791 51552103 00F1", Address("15551230001")),
        ("0681 1032 547698", Address("0123456789", 0)),
    ],
)
def test_rp_addresses(octets, address):
    assert read_rp_address(Octets(bytes.fromhex(octets))) == address
    assert write_rp_address(address) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        ("0B91 51552103 00F1", Address("15551230001")),
        ("0481 2143", Address("1234", 0)),
        ("05A1 2143 F5", Address("12345", 2)),
        ("06D0 41E110", Address("ABC", ALPHANUMERIC, 0)),
    ],
)
def test_tp_addresses(octets, address):
    raw = bytes.fromhex(octets)
    assert read_tp_address(Octets(raw)) == address
    assert write_tp_address(address) == raw


def test_international_numbers_have_a_plus():
    assert Address("15551").number == "+15551"
    assert Address("15551", 0).number == "15551"
    assert Address("Shop", ALPHANUMERIC).number == "Shop"


@given(NUMBERS)
def test_written_numbers_are_read_back(address):
    assert read_tp_address(Octets(write_tp_address(address))) == address
    assert read_rp_address(Octets(write_rp_address(address))) == address


@given(st.text(alphabet="ABCxyz 09@_", max_size=11))
def test_written_names_are_read_back(name):
    address = Address(name, ALPHANUMERIC, 0)
    assert read_tp_address(Octets(write_tp_address(address))) == address


@pytest.mark.parametrize(
    "octets", ["", "04", "0481", "048121", "0481F143", "0381 2143", "0481 21F3"]
)
def test_broken_addresses_are_told(octets):
    with pytest.raises(BrokenFieldError, match="TS 23"):
        read_tp_address(Octets(bytes.fromhex(octets)))


@pytest.mark.parametrize("octets", ["", "05", "0391F121"])
def test_broken_rp_addresses_are_told(octets):
    with pytest.raises(BrokenFieldError, match="TS 24"):
        read_rp_address(Octets(bytes.fromhex(octets)))


@pytest.mark.parametrize(
    "address",
    [
        Address("12x"),
        Address("1" * 21),
        Address("1", 8),
        Address("1", 1, 16),
        Address("ę", ALPHANUMERIC),
        Address("A" * 12, ALPHANUMERIC),
    ],
)
def test_addresses_without_a_form_are_refused(address):
    with pytest.raises(ValueError, match=r"no number|no type|no name"):
        write_tp_address(address)


@pytest.mark.parametrize(
    ("octets", "time"),
    [
        ("62302090000000", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("62302090000080", datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=2)))),
        ("6230209000000A", datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=-5)))),
        (
            "99211332959540",
            datetime(1999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=1))),
        ),
    ],
)
def test_times(octets, time):
    raw = bytes.fromhex(octets)
    assert read_timestamp(Octets(raw)) == time
    assert write_timestamp(time) == raw


ZONES = st.integers(-79, 79).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
TIMES = st.datetimes(datetime(1990, 1, 2), datetime(2089, 12, 30), timezones=ZONES)  # noqa: DTZ001


@given(TIMES)
def test_written_times_are_read_back(time):
    time = time.replace(microsecond=0)
    found = read_timestamp(Octets(write_timestamp(time)))
    assert (found, found.utcoffset()) == (time, time.utcoffset())


@pytest.mark.parametrize("octets", ["62302090", "00000000000000", "62312090000000"])
def test_broken_times_are_told(octets):
    with pytest.raises(BrokenFieldError, match="timestamp"):
        read_timestamp(Octets(bytes.fromhex(octets)))


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 3, 2),  # noqa: DTZ001
        datetime(1989, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 2, microsecond=1, tzinfo=UTC),
        datetime(2026, 3, 2, tzinfo=timezone(timedelta(minutes=7))),
    ],
)
def test_times_without_a_form_are_refused(time):
    with pytest.raises(ValueError, match="no timestamp"):
        write_timestamp(time)
