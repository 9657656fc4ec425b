"""Identities as real header fields write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cpm.identity import (
    is_anonymous,
    is_store_and_forward,
    same_user,
    uri_of,
    user_key,
)


@pytest.mark.parametrize(
    "value",
    [
        "tel:+15551230001",
        "tel:+1-555-123-0001",
        "tel:+1(555)123.0001;phone-context=example.com",
        "TEL:+15551230001",
        "<tel:+15551230001>",
        "<tel:+15551230001>;tag=1",
        "tel:+15551230001;tag=88",
        "sip:+15551230001@ims.example.com;user=phone",
        "sip:+15551230001@other.example.com;user=phone",
        "sips:+15551230001@ims.example.com",
        "<sip:+1-555-123-0001@ims.example.com;user=phone>;tag=abc",
        '"Alice; <sip:x@y>" <sip:+15551230001@ims.example.com>',
        '"A \\" <sip:x@y>" <sip:+15551230001@ims.example.com>',
        "Alice <sip:%2B15551230001@ims.example.com:5060;transport=tcp>",
        "<sip:+15551230001;npdi@ims.example.com>",
        "<sip:+15551230001;phone-context=x@ims.example.com;user=phone>",
        "sip:+15551230001:secret@ims.example.com",
        "+1 555 123 0001",
        " +15551230001 ",
    ],
)
def test_one_number_has_one_key(value):
    assert user_key(value) == "tel:+15551230001"


@pytest.mark.parametrize(
    "value",
    [
        "sip:alice@example.com",
        "sip:alice@EXAMPLE.com",
        "SIP:alice@example.com.",
        "<sip:alice@example.com>",
        '"Alice" <sip:alice@example.com:5070;transport=udp;lr>;tag=1',
        "sips:alice@example.com",
        "sip:%61lice@example.com?subject=x",
        "sip:alice@example.com;tag=x@y",
    ],
)
def test_one_name_has_one_key(value):
    assert user_key(value) == "sip:alice@example.com"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("tel:1234;phone-context=+1-555", "tel:1234;phone-context=+1555"),
        ("sip:1234;phone-context=+1555@example.com;user=phone", "tel:1234;phone-context=+1555"),
        ("tel:863-1234;phone-context=Example.com", "tel:8631234;phone-context=example.com"),
        ("sip:1234@example.com;user=phone", "sip:1234@example.com"),
        ("sip:pf.example.com;lr", "sip:pf.example.com"),
        ("<sip:pf.example.com:5060;lr>", "sip:pf.example.com"),
        ("sip:alice@[2001:DB8::1]:5060", "sip:alice@[2001:db8::1]"),
        ("sip:a%40b@example.com", "sip:a%40b@example.com"),
        ("tel:nobody", "tel:nobody"),
        ("urn:service:sos", "urn:service:sos"),
        ("*", "*"),
        ("*21#", "tel:*21#"),
        ("", ""),
        ("Alice Example", "alice example"),
    ],
)
def test_other_keys(value, key):
    assert user_key(value) == key


def test_a_user_part_keeps_its_case():
    assert not same_user("sip:Alice@example.com", "sip:alice@example.com")


def test_numbers_are_the_same_user_whatever_the_scheme():
    assert same_user("tel:+1-555-1", "sip:+15551@example.com;user=phone")


def test_nobody_is_the_same_as_nobody():
    assert not same_user("", "")
    anonymous = "<sip:anonymous@anonymous.invalid>"
    assert not same_user(anonymous, anonymous)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<sip:anonymous@anonymous.invalid>", True),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', True),
        ("sip:Anonymous@example.com", True),
        ("sip:unavailable@unknown.invalid", True),
        ("sip:thisis@invalid", True),
        ('"Anonymous" <sip:alice@example.com>', False),
        ("sip:alice@invalid.example.com", False),
        ("tel:+15551", False),
        ("", False),
    ],
)
def test_anonymous_is_recognised(value, expected):
    assert is_anonymous(value) is expected


def test_the_store_and_forward_identity_is_recognised():
    assert is_store_and_forward("<sip:rcse-standfw@example.com>")
    assert is_store_and_forward("sip:RCSE-standfw@example.com")
    assert not is_store_and_forward("<sip:alice@rcse-standfw.example.com>")


@pytest.mark.parametrize(
    ("value", "uri"),
    [
        ("sip:a@b;tag=1", "sip:a@b"),
        ("<sip:a@b;lr>;tag=1", "sip:a@b;lr"),
        ('"<" <sip:a@b>', "sip:a@b"),
        ('"open <sip:a@b>', '"open <sip:a@b>'),
        ("<sip:a@b", "sip:a@b"),
        ("tel:1;phone-context=x", "tel:1;phone-context=x"),
    ],
)
def test_the_uri_is_found(value, uri):
    assert uri_of(value) == uri


@given(st.text(alphabet='<>"\\;:@%+1aA[]?= \udc80sipte.') | st.text())
def test_any_text_has_a_key(text):
    for value in (text, f"sip:{text}", f"<sip:{text}>", f"tel:{text}"):
        assert isinstance(user_key(value), str)
        assert isinstance(is_anonymous(value), bool)


@given(st.from_regex(r"\+[0-9]{3,15}", fullmatch=True), st.sampled_from("-. ()"))
def test_separators_play_no_part(number, separator):
    assert user_key(f"tel:{separator.join(number)}") == f"tel:{number}"


@pytest.mark.parametrize("unit", ['"', '\\"', "<", ";", "@", "%4", ":"])
def test_long_values_are_read_in_linear_time(unit):
    # Were reading quadratic, this would not come to an end.
    assert isinstance(user_key("sip:" + unit * 300_000), str)
    assert isinstance(user_key('"' + unit * 300_000), str)
