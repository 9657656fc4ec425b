import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.sip.uri import Uri, equivalent, identity, parse_uri, same_user, unescape
from conformance.wire.malformed import Malformed
from tests.body.growth import assert_linear


def test_a_sip_uri_in_its_parts():
    found = parse_uri("SIP:al%69ce;x=1?y:s%40t@Example.ORG:5070;Transport=TCP;lr?Subject=a%20b&x=")
    assert found == Uri(
        "sip",
        "al%69ce;x=1?y",
        "s%40t",
        "example.org",
        5070,
        (("transport", "TCP"), ("lr", None)),
        (("subject", "a b"), ("x", "")),
    )
    assert found.param("LR") == ""
    assert found.param("maddr") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sip:h", Uri("sip", host="h")),
        ("sips:a@[2001:db8::1]:5061", Uri("sips", "a", host="[2001:db8::1]", port=5061)),
        ("tel:+34-600.1;isub=1", Uri("tel", "+34-600.1", params=(("isub", "1"),))),
        ("urn:service:sos", Uri("urn", opaque="service:sos")),
        ("soap.beep://192.0.2.103:3002", Uri("soap.beep", opaque="//192.0.2.103:3002")),
    ],
)
def test_other_uris(text, found):
    assert parse_uri(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "<sip:a@b>",
        "sip:",
        "sip:@h",
        "sip:a@",
        "sip:a@b@c",
        "sip:a;x@%25",
        "sip:a@h:port",
        "sip:a@h:123456",
        "sip:a b@h",
        "sip:%4@h",
        "tel:",
        "tel:alice",
    ],
)
def test_no_uri(text):
    assert isinstance(parse_uri(text), Malformed)


# The examples of RFC 3261 section 19.1.4.
EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("tel:+1-201-555-0123;a=B;c", "tel:+1(201)5550123;C;A=b"),
    ("urn:a", "urn:a"),
]
UNEQUAL = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:a:b@h", "sip:a@h"),
    ("sip:a@h", "sips:a@h"),
    ("tel:+1", "tel:1"),
    ("tel:1;phone-context=+2", "tel:1;phone-context=+3"),
    ("urn:a", "urn:b"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(one, other):
    assert equivalent(parse_uri(one), parse_uri(other))
    assert equivalent(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal(one, other):
    assert not equivalent(parse_uri(one), parse_uri(other))
    assert not equivalent(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(
    "text",
    [
        "tel:+34600000001",
        "tel:+34-600-000.001",
        "tel:+34(600)000001;isub=3",
        '"Alice" <tel:+34600000001>;tag=3',
        "<sip:+34600000001@ims.example.org;user=phone>",
        "sip:+34600000001@other.example:5070",
        "sip:%2B34600000001@ims.example.org;user=phone",
        "sips:+34-600000001;isub=3@ims.example.org;user=phone",
        " sip:+34600000001@ims.example.org;user=phone ",
    ],
)
def test_one_number_in_many_forms(text):
    assert identity(text) == "tel:+34600000001"
    assert same_user(text, "tel:+34600000001")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sip:%61lice@Example.ORG:5060;x?y=z", "sip:alice@example.org"),
        ("sips:alice@example.org", "sip:alice@example.org"),
        ("sip:example.org", "sip:example.org"),
        ("tel:0600;phone-context=+34", "tel:0600;phone-context=+34"),
        ("sip:0600;phone-context=+34@h;user=phone", "tel:0600;phone-context=+34"),
        ("sip:0600@h;user=phone", "tel:0600;phone-context=h"),
        ("sip:0600@h", "sip:0600@h"),
        ("urn:service:sos", "urn:service:sos"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_identity(text, found):
    assert identity(text) == found


def test_what_is_unreadable_names_nobody():
    assert not same_user("nonsense", "nonsense")
    assert not same_user("sip:a@h", "sip:b@h")


def test_unescape():
    assert unescape("a%20b%C3%A9") == "a b\u00e9"
    assert unescape("%ff").encode("utf-8", "surrogateescape") == b"\xff"


@given(st.text(alphabet="siptel:+12%4aA@;=?&.[]-() <>é\udcff", max_size=40))
def test_any_text_gives_a_uri_or_says_why_not(text):
    for uri in (text, "sip:" + text, "tel:" + text):
        found = parse_uri(uri)
        assert isinstance(found, Uri | Malformed)
        assert isinstance(identity(uri), str)
        assert not isinstance(found, Uri) or equivalent(found, found)


@pytest.mark.parametrize("piece", ["a", "@", ";", "%41", "?", "&", ":", "-", ";a=b", ".", "["])
def test_reading_is_linear(piece):
    assert_linear(parse_uri.__wrapped__, lambda n: "sip:" + piece * n + "@h" + piece * n, 200)
    assert_linear(identity.__wrapped__, lambda n: "tel:+1" + piece * n, 200)
