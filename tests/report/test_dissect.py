import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body import cpim, imdn, resource_lists, sms
from conformance.body import tpdu as tpdus
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import of_text
from conformance.body.tpdu import Submit
from conformance.msrp.writer import write_request
from conformance.report.dissect import LIMIT, SECTIONS, dissect

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=message 7654 TCP/MSRP *\r\na=sendonly\r\na=path:msrp://192.0.2.1:7654/a;tcp\r\n"
)
LISTS = resource_lists.write(
    resource_lists.ResourceLists((resource_lists.Entry("sip:b@example.com"),))
)
CPIM = cpim.write(
    cpim.message(
        (("From", "<sip:a@example.com>"), ("NS", "imdn <urn:ietf:params:imdn>")),
        "text/plain",
        b"Hello there",
    )
)


def sip(content_type: str, body: bytes) -> bytes:
    head = (
        "MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
        "From: <sip:a@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: c1\r\n"
        f"CSeq: 1 MESSAGE\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_a_head_alone_has_one_section_with_its_fields() -> None:
    head, *rest = dissect(sip("text/plain", b""))
    assert head.title == "MESSAGE sip:bob@example.com SIP/2.0"
    assert ("CSeq", "1 MESSAGE") in head.fields
    assert rest == []


def test_sdp_is_read_line_by_line() -> None:
    section = dissect(sip("application/sdp", SDP))[1]
    assert section.title == "SDP"
    assert ("media 1", "message 7654 TCP/MSRP *") in section.fields
    assert ("media 1, a=path", "msrp://192.0.2.1:7654/a;tcp") in section.fields
    assert ("media 1, a=sendonly", "(set)") in section.fields


def test_cpim_and_what_is_in_it() -> None:
    _, wrapper, inner = dissect(sip("message/cpim", CPIM))
    assert ("From", "<sip:a@example.com>") in wrapper.fields
    assert inner.text == "Hello there"


def test_a_notification_within_a_multipart() -> None:
    made = imdn.write(imdn.Imdn("m1", "delivery", "delivered"))
    body = b"--b\r\nContent-Type: message/imdn+xml\r\n\r\n" + made + b"\r\n--b--"
    section = dissect(sip("multipart/mixed;boundary=b", body))[1]
    assert section.title == "IMDN"
    assert ("message id", "m1") in section.fields
    assert ("status", "delivered") in section.fields


def test_a_short_message_shows_its_text() -> None:
    submit = Submit(Address("491701234567"), of_text("Grüße"))
    rp = sms.RpData(7, tpdus.write(submit), True, None, Address("491700000000"))
    section = dissect(sip("application/vnd.3gpp.sms", sms.write(rp)))[1]
    assert section.title == "SMS RP-DATA, Submit"
    assert section.text == "Grüße"
    assert ("reference", "7") in section.fields


def test_msrp() -> None:
    octets = write_request(
        "abcd1234",
        "SEND",
        (
            ("To-Path", "msrp://a.example.com:1/x;tcp"),
            ("From-Path", "msrp://b.example.com:1/y;tcp"),
            ("Message-ID", "1"),
            ("Byte-Range", "1-2/2"),
            ("Content-Type", "text/plain"),
        ),
        b"hi",
    )
    head, body = dissect(octets)
    assert head.title.startswith("MSRP abcd1234 SEND")
    assert body.text == "hi"


def test_what_cannot_be_read_says_why() -> None:
    assert dissect(b"nonsense")[0].title == "SIP, malformed"
    broken = dissect(sip("application/sdp", b"m=\r\n"))[1]
    assert broken.title == "SDP, malformed"
    assert dict(broken.fields)["rule"]


@pytest.mark.parametrize(
    ("kind", "body", "title", "words"),
    [
        ("application/json", b"{}", "application/json", "{}"),
        ("application/octet-stream", b"\0\1", "application/octet-stream", "2"),
        ("message/cpim", b"no colon", "CPIM, malformed", "rule"),
        ("application/vnd.3gpp.sms", b"\x01", "SMS-RP, malformed", "rule"),
        ("application/vnd.3gpp.sms", b"\x06\x07", "SMS RP-SMMA", "reference"),
        ("application/vnd.3gpp.sms", b"\x02\x07", "SMS RP-ACK", "reference"),
        ("application/resource-lists+xml", LISTS, "Resource list", "sip:b@example.com"),
    ],
)
def test_each_kind_of_body_has_its_section(kind, body, title, words) -> None:
    section = dissect(sip(kind, body))[1]
    assert section.title == title
    assert words in f"{section.fields}{section.text}"


def test_a_transfer_encoding_that_cannot_be_undone_is_said() -> None:
    part = b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\na\r\n--b--"
    assert dissect(sip("multipart/mixed;boundary=b", part))[1].title.endswith("malformed")


def test_wrappers_in_wrappers_end_at_a_depth() -> None:
    body = b"x"
    for _ in range(12):
        body = cpim.write(cpim.message((("From", "<sip:a@b>"),), "message/cpim", body))
    assert len(dissect(sip("message/cpim", body))) == 8


def test_a_body_beyond_the_limit_is_left_alone() -> None:
    section = dissect(sip("text/plain", b"x" * LIMIT))[1]
    assert "too long" in dict(section.fields)["octets"]


def test_parts_beyond_the_limit_are_left_out_with_a_word() -> None:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    found = dissect(sip("multipart/mixed;boundary=b", part * 60 + b"--b--"))
    assert len(found) == SECTIONS + 1
    assert found[-1].title == "More parts"


@given(st.sampled_from(["message/cpim", "application/sdp", "message/imdn+xml"]), st.binary())
def test_no_body_breaks_it(kind: str, body: bytes) -> None:
    assert dissect(sip(kind, body))
