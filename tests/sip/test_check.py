import pytest
from hypothesis import given

from conformance.sip.check import Fault, faults
from conformance.sip.message import SipRequest, SipResponse
from tests.body.growth import assert_linear
from tests.sip.samples import MESSAGE, OK, messages, of, request


@pytest.mark.parametrize("octets", [MESSAGE, OK])
def test_nothing_wrong(octets):
    assert faults(of(octets)) == ()


def test_a_fault_names_place_and_rule():
    message = request(Max_Forwards="256")
    offset = message.octets.index(b"Max-Forwards")
    assert faults(message) == (Fault(offset, "RFC 3261 section 20.22: Max-Forwards is 0 to 255"),)


@pytest.mark.parametrize("name", ["Via", "Max_Forwards", "From", "To", "Call_ID", "CSeq"])
def test_a_mandatory_field_is_missing(name):
    found = [fault.rule for fault in faults(request(**{name: None}))]
    assert found == [f"RFC 3261 section 8.1.1: {name.replace('_', '-')} is missing"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"CSeq": "1 BYE"}, "not that of the request"),
        ({"CSeq": "2147483648 OPTIONS"}, "below 2**31"),
        ({"CSeq": "OPTIONS"}, "below 2**31"),
        ({"Call_ID": "a b"}, "callid"),
        ({"Call_ID": "a@b@c"}, "callid"),
        ({"From": "<sip:a@h>"}, "from without a tag"),
        ({"From": "<sip:a h>;tag=1"}, "name-addr"),
        ({"To": "A, B <sip:a@h>"}, "display-name"),
        ({"To": "<sip:%zz@h>"}, "escape"),
        ({"Contact": "sip:a@h?b=c"}, "stands in <>"),
        ({"Contact": "<sip:a@h>;expires=4294967296"}, "expires of Contact"),
        ({"Via": "SIP/2.0/UDP"}, "via-parm"),
        ({"Via": ""}, "via-parm"),
        ({"Via": "SIP/2.0/UDP h;branch=z9hG4bK"}, "branch begins"),
        ({"Via": "SIP/2.0/UDP h;branch=z9hG4bKx, nonsense"}, "via-parm"),
        ({"Max_Forwards": "-1"}, "Max-Forwards"),
        ({"Expires": "soon"}, "delta-seconds"),
        ({"Min_Expires": "4294967296"}, "delta-seconds"),
        ({"Retry_After": "later"}, "Retry-After"),
        ({"Date": "Fri, 01 Jan 2010 16:00:00 EST"}, "RFC 1123"),
        ({"Warning": '1812 overture "x"'}, "3DIGIT"),
        ({"Content_Type": "text"}, "media-type"),
        ({"Content_Type": "text/plain;;"}, "media-type"),
    ],
)
def test_a_field_breaks_its_grammar(fields, words):
    found = [fault.rule for fault in faults(request(**fields))]
    assert any(words in rule for rule in found), found


@pytest.mark.parametrize(
    "fields",
    [
        {"Contact": "*"},
        {"Contact": '"Bell, A." <sip:a@h>;expires=60, <sip:b@h>'},
        {"To": "A B <tel:+1-2>"},
        {"Retry_After": "18000;duration=3600"},
        {"Retry_After": "120 (in a meeting)"},
        {"Date": "Sat, 13 Nov 2010 23:29:00 GMT"},
        {"Warning": '307 isi.edu "x", 301 h:5060 "y, z"'},
        {"Content_Type": 'multipart/mixed; boundary="a;b"'},
    ],
)
def test_a_field_keeps_its_grammar(fields):
    assert faults(request(**fields)) == ()


def test_a_dialog_needs_one_contact():
    rule = "RFC 3261 section 8.1.1.8: exactly one Contact"
    assert rule in [fault.rule for fault in faults(request("INVITE"))]
    assert rule in [fault.rule for fault in faults(request("INVITE", Contact="<sip:a>, <sip:b>"))]
    assert faults(request("INVITE", Contact="<sip:a@h>")) == ()


def test_a_repeated_field():
    octets = MESSAGE.replace(b"CSeq:", b"i: c2\r\nCSeq:")
    assert [fault.rule for fault in faults(of(octets))] == [
        "RFC 3261 section 7.3.1: call-id is repeated"
    ]


def test_a_body_needs_a_type():
    octets = MESSAGE.replace(b"Content-Type: Message/CPIM;charset=utf-8\r\n", b"")
    assert [fault.rule for fault in faults(of(octets))] == [
        "RFC 3261 section 20.15: a body without Content-Type"
    ]


def test_start_lines():
    rules = [
        ("SIP-Version", MESSAGE.replace(b" SIP/2.0\r", b" sip/2.0\r", 1)),
        ("scheme", MESSAGE.replace(b" sip:+34600000002@ims.example.org ", b" <sip:a@h> ")),
        ("Request-URI", MESSAGE.replace(b"example.org SIP", b"example.org?a=b SIP")),
        ("status line", OK.replace(b"200 Very OK", b"200")),
        ("status line", OK.replace(b"200 Very OK", b"700 x")),
    ]
    for words, octets in rules:
        assert words in faults(of(octets))[0].rule


def test_line_ends():
    octets = MESSAGE.replace(b"\r\nSubject", b"\nSubject")
    assert faults(of(octets)) == (
        Fault(octets.index(b"\nSubject"), "RFC 3261 section 7: lines end with CRLF"),
    )


def test_a_response_tags_its_to_but_for_100():
    untagged = OK.replace(b";tag=b1", b"")
    assert [fault.rule for fault in faults(of(untagged))] == [
        "RFC 3261 section 8.2.6.2: to without a tag"
    ]
    assert faults(of(untagged.replace(b"200 Very OK", b"100 Trying"))) == ()


@given(messages)
def test_any_message_can_be_checked(octets):
    message = of(octets)
    found = faults(message)
    assert isinstance(message, SipRequest | SipResponse)
    assert list(found) == sorted(found)
    assert all(0 <= fault.offset <= len(octets) for fault in found)


@pytest.mark.parametrize("piece", ["a", ",", '"', "<", ">", ";", ";a", " ", "@", "1", "<sip:a>,"])
@pytest.mark.parametrize("name", ["To", "Via", "Contact", "Call-ID", "CSeq", "Warning", "Date"])
def test_checking_is_linear(name, piece):
    start = f"OPTIONS sip:a SIP/2.0\r\n{name}: ".encode()
    make = lambda n: SipRequest(start + piece.encode() * n + b"\r\n\r\n")  # noqa: E731
    assert_linear(faults, make, 200)
