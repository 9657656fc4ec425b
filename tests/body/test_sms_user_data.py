"""User data: alphabets, headers, and the parts of longer messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.sms_fields import BrokenFieldError, Octets
from conformance.body.sms_user_data import (
    DATA,
    GSM7,
    MAX_OCTETS,
    UCS2,
    UCS2_CODING,
    Concatenation,
    UserData,
    alphabet,
    of_text,
    read,
    write,
)


def from_hex(text, coding=0, *, has_header=False):
    return read(Octets(bytes.fromhex(text)), coding, has_header=has_header)


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        (0x00, GSM7),
        (0x04, DATA),
        (0x08, UCS2),
        (0x0C, GSM7),
        (0x11, GSM7),
        (0x19, UCS2),
        (0x20, DATA),
        (0x48, UCS2),
        (0x80, GSM7),
        (0xC8, GSM7),
        (0xD0, GSM7),
        (0xE0, UCS2),
        (0xF0, GSM7),
        (0xF4, DATA),
    ],
)
def test_what_a_coding_scheme_means(coding, expected):
    assert alphabet(coding) == expected


def test_text_of_the_default_alphabet():
    assert from_hex("0AE8329BFD4697D9EC37").text == "hellohello"


def test_text_of_ucs2():
    assert from_hex("04 00E9 0119", UCS2_CODING).text == "éę"
    assert of_text("\N{PARTY POPPER}").text == "\N{PARTY POPPER}"


def test_data_have_no_text():
    assert from_hex("02 0102", 0x04) == UserData(0x04, (), b"\x01\x02")
    assert from_hex("02 0102", 0x04).text is None


def test_a_national_table_is_not_read_as_the_default_one():
    assert UserData(0, ((0x24, b"\x01"),), b"abc").text is None


def test_septets_begin_behind_fill_bits_after_a_header():
    data = from_hex("11 050003CC0201 D06536FB8D2EB3D96F", has_header=True)
    assert data.text == "hellohello"
    assert data.concatenation == Concatenation(0xCC, 2, 1)


def test_references_of_sixteen_bits():
    part = Concatenation(0x1234, 3, 2)
    assert of_text("x", part).elements == ((0x08, bytes.fromhex("12340302")),)
    assert of_text("x", part).concatenation == part


def test_a_whole_message_is_no_part():
    assert of_text("x").concatenation is None
    assert UserData(0, ((0, b"short"),)).concatenation is None


@pytest.mark.parametrize(
    ("octets", "coding", "has_header"),
    [
        ("", 0, False),
        ("0AE832", 0, False),
        ("03 0102", 4, False),
        ("00", 4, True),
        ("02 0500", 4, True),
        ("03 020001", 4, True),
        ("02 0100", 4, True),
    ],
)
def test_broken_user_data_are_told(octets, coding, has_header):
    with pytest.raises(BrokenFieldError, match=r"TS 23\.040"):
        from_hex(octets, coding, has_header=has_header)


ELEMENTS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=6)), max_size=3).map(tuple)
SEPTETS = st.lists(st.integers(0, 127), max_size=100).map(bytes)
USER_DATA = st.builds(UserData, st.sampled_from([0, 0xF1]), ELEMENTS, SEPTETS) | st.builds(
    UserData, st.sampled_from([0x04, 0x08, 0x20]), ELEMENTS, st.binary(max_size=100)
)


@given(USER_DATA)
def test_written_user_data_are_read_back(data):
    octets = Octets(write(data))
    assert read(octets, data.coding, has_header=bool(data.elements)) == data
    assert octets.left == 0


@given(st.text(max_size=60))
def test_the_text_of_user_data_is_what_was_put_in(text):
    text = text.encode("utf-8", "ignore").decode()
    assert of_text(text).text == text


def test_one_message_takes_160_characters_of_the_default_alphabet():
    assert len(write(of_text("x" * 160))) == MAX_OCTETS + 1
    with pytest.raises(ValueError, match="141 octets"):
        write(of_text("x" * 161))


def test_a_septet_has_seven_bits():
    with pytest.raises(ValueError, match="no septet"):
        write(UserData(0, (), b"\x80"))


@given(st.binary(), st.integers(0, 255), st.booleans())
def test_any_octets_give_user_data_or_are_told(octets, coding, has_header):
    try:
        data = read(Octets(octets), coding, has_header=has_header)
    except BrokenFieldError:
        return
    assert isinstance(data.text, str | None)
    assert isinstance(data.concatenation, Concatenation | None)
