"""Texts in segments and back, numbers and URIs (TS 23.040)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.body import sms_user_data
from conformance.body.sms_fields import ALPHANUMERIC, Address, Octets
from conformance.body.sms_user_data import Concatenation, UserData, of_text
from conformance.reference.legs.short_message import (
    ASSEMBLY_TIME,
    MAX_ASSEMBLIES,
    Assemblies,
    address_of,
    joined,
    segments,
    uri_of_address,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=900) | st.text(
    "abc€[]~ é@", max_size=900
)


@settings(max_examples=80)
@given(TEXTS, st.integers(0, 255))
def test_what_is_cut_into_segments_can_be_written_and_is_whole_again(
    text: str, reference: int
) -> None:
    # Given a text as segments, each of which fits one short message,
    parts = segments(text, reference)
    written = [sms_user_data.write(part) for part in parts]
    again = [
        sms_user_data.read(Octets(octets), part.coding, has_header=bool(part.elements))
        for octets, part in zip(written, parts, strict=True)
    ]
    # when they come in, the last of them first,
    assemblies: Assemblies[str] = Assemblies()
    whole = [assemblies.add("a", part, 0) for part in reversed(again)]
    # then only the last to come makes the text whole.
    assert whole[:-1] == [None] * (len(parts) - 1)
    assert whole[-1] is not None
    assert whole[-1].text == text
    assert len(assemblies) == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),
    ],
)
def test_a_text_takes_as_few_segments_as_can_be(text: str, count: int) -> None:
    assert len(segments(text, 7)) == count


def test_no_character_is_split() -> None:
    for text in ("a" * 152 + "€" + "a" * 20, "ж" * 66 + "😀" + "ж" * 20):
        assert "".join(part.text or "" for part in segments(text, 1)) == text


def test_a_text_for_more_than_255_segments_is_an_error() -> None:
    with pytest.raises(ValueError, match="255 is the most"):
        segments("a" * (255 * 153 + 1), 1)


def test_a_segment_that_is_none_of_its_total_stands_alone() -> None:
    odd = of_text("odd", Concatenation(1, 2, 3))
    assert Assemblies[str]().add("a", odd, 0) is odd


def test_segments_of_two_senders_do_not_mix() -> None:
    assemblies: Assemblies[str] = Assemblies()
    first, second = segments("x" * 200, 9)
    assert assemblies.add("a", first, 0) is None
    assert assemblies.add("b", second, 0) is None
    assert len(assemblies) == 2


def test_segments_do_not_wait_for_ever_and_not_in_any_number() -> None:
    assemblies: Assemblies[str] = Assemblies()
    first = segments("x" * 200, 9)[0]
    for number in range(MAX_ASSEMBLIES):
        assert assemblies.add(str(number), first, 0) is None
    # One too many is shown as it is,
    assert assemblies.add("more", first, 0) is first
    # and after five minutes nobody waits any more.
    assert assemblies.add("later", first, ASSEMBLY_TIME) is None
    assert len(assemblies) == 1


def test_segments_in_different_alphabets_are_joined_as_text() -> None:
    assert joined([of_text("abc"), of_text("жж")]).text == "abcжж"


def test_segments_that_split_a_character_are_joined_before_they_are_read() -> None:
    octets = "ж😀".encode("utf-16-be")
    parts = [UserData(8, (), octets[:4]), UserData(8, (), octets[4:])]
    assert joined(parts).text == "ж😀"


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("tel:+1-555-0177", Address("15550177")),
        ("sip:+15550177@home.example;user=phone", Address("15550177")),
        ("tel:1234;phone-context=home.example", Address("1234", 0)),
        ("sip:bob@home.example", None),
        ("tel:+123456789012345678901", None),
        ("tel:x-ray", None),
        ("", None),
    ],
)
def test_the_number_of_a_uri(uri: str, address: Address | None) -> None:
    assert address_of(uri) == address


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        (Address("15550177"), "tel:+15550177"),
        (Address("1234", 0), "tel:1234;phone-context=home.example"),
        (Address("My Bank", ALPHANUMERIC, 0), "sip:My%20Bank@home.example"),
    ],
)
def test_the_uri_of_a_number(address: Address, uri: str) -> None:
    assert uri_of_address(address, "home.example") == uri
