import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.msrp.uri import MsrpUri, equivalent, parse_uri, session_id
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear


def test_a_uri_in_its_parts():
    found = parse_uri("MSRPS://Ann@Example.ORG:2855/aB/c~+=d;TCP;X=1;y")
    params = (("x", "1"), ("y", None))
    assert found == MsrpUri("msrps", "Ann", "example.org", 2855, "aB/c~+=d", "tcp", params)
    assert parse_uri("msrp://[::1]:9;tcp") == MsrpUri("msrp", None, "[::1]", 9, "", "tcp")


@pytest.mark.parametrize(
    "text",
    ["", "msrp:a;tcp", "msrp://a/b", "sip://a/b;tcp", "msrp://a:port/b;tcp", "msrp:// a/b;tcp"],
)
def test_no_uri(text):
    assert isinstance(parse_uri(text), Malformed)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("msrp://a:1/s1;tcp", "s1"),
        ("msrp://a/s1/x", "s1/x"),
        ("msrp://a;tcp", ""),
        ("msrp://a;tcp;x=/y", ""),
        ("msrp://", ""),
        ("", ""),
    ],
)
def test_session_id(text, found):
    assert session_id(text) == found


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("msrp://h.example:1/s;tcp", True),
        ("MSRP://x@H.EXAMPLE:1/s;TCP;p=1", True),
        ("msrps://h.example:1/s;tcp", False),
        ("msrp://i.example:1/s;tcp", False),
        ("msrp://h.example:2/s;tcp", False),
        ("msrp://h.example/s;tcp", False),
        ("msrp://h.example:1/S;tcp", False),
        ("msrp://h.example:1/s;sctp", False),
    ],
)
def test_equivalent(other, same):
    assert equivalent(parse_uri("msrp://h.example:1/s;tcp"), parse_uri(other)) is same


@given(st.text(alphabet="msrp:/@;=[].1aé", max_size=40))
def test_any_text_gives_a_uri_or_says_why_not(text):
    found = parse_uri("msrp://" + text)
    assert isinstance(found, MsrpUri | Malformed)
    if isinstance(found, MsrpUri) and not found.userinfo:
        assert session_id("msrp://" + text) == found.session_id


@pytest.mark.parametrize("piece", ["a", "@", "/", ";", ":", ";a=b", "["])
def test_reading_is_linear(piece):
    assert_linear(parse_uri.__wrapped__, lambda n: "msrp://h" + piece * n, 200)
    assert_linear(parse_uri.__wrapped__, lambda n: "msrp://h/s;tcp" + piece * n, 200)
