"""The default alphabet and its packing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.gsm7 import decode, encode, pack, unpack

SEPTETS = st.lists(st.integers(0, 127), max_size=40).map(bytes)
ALPHABET = "".join(
    char for char in decode(bytes(range(128))) + "^{}\\[~]|€\f" if char not in ("\x1b", " ")
)


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("@", b"\x00"),
        ("£$¥", b"\x01\x02\x03"),
        ("ÄÖÑÜ§¿", b"\x5b\x5c\x5d\x5e\x5f\x60"),
        ("äöñüà", b"\x7b\x7c\x7d\x7e\x7f"),
        ("ΔΦΓΛΩΠΨΣΘΞ", b"\x10\x12\x13\x14\x15\x16\x17\x18\x19\x1a"),
        ("Az 09", b"Az 09"),
        ("€", b"\x1b\x65"),
        ("{[~]}\\|^", b"\x1b\x28\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x29\x1b\x2f\x1b\x40\x1b\x14"),
    ],
)
def test_places_in_the_tables(text, septets):
    assert encode(text) == septets
    assert decode(septets) == text


def test_an_unknown_escape_shows_the_default_character():
    assert decode(b"\x1bA\x1b\x1b\x1b") == "A  "


def test_what_is_in_neither_table_has_no_septets():
    assert encode("ę") is None


def test_packing_of_a_known_text():
    octets = bytes.fromhex("E8329BFD4697D9EC37")
    assert pack(b"hellohello") == octets
    assert unpack(octets, 10) == b"hellohello"


@given(SEPTETS, st.integers(0, 6))
def test_packed_septets_are_unpacked(septets, fill):
    packed = pack(septets, fill)
    assert len(packed) == (len(septets) * 7 + fill + 7) // 8
    assert unpack(packed, len(septets), fill) == septets


@given(st.binary(max_size=40), st.integers(0, 80), st.integers(0, 6))
def test_unpacking_gives_no_more_than_there_is(octets, count, fill):
    septets = unpack(octets, count, fill)
    assert len(septets) == min(count, max(0, len(octets) * 8 - fill) // 7)


@given(st.text(alphabet=ALPHABET + " "))
def test_encoded_text_is_decoded(text):
    septets = encode(text)
    assert septets is not None
    assert decode(septets) == text


@given(st.binary())
def test_any_octets_have_a_text(octets):
    assert isinstance(decode(octets), str)
