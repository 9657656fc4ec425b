"""Refusals that a request has earned, and those that it has not."""

import pytest

from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.refusals import _why

HEAD = (
    "MESSAGE sip:a@example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:b@example>;tag=1\r\nTo: <sip:a@example>\r\n"
    "Call-ID: c\r\nCSeq: 1 MESSAGE\r\n"
)
SDP = "Content-Type: application/sdp\r\n"


def why(status: int, *fields: str, head: str = HEAD, body: str = "", answered: str = "") -> str:
    request = SipRequest((head + "".join(fields) + "\r\n" + body).encode())
    return _why(request, SipResponse(f"SIP/2.0 {status} No\r\n{answered}\r\n".encode()))


@pytest.mark.parametrize("status", [400, 415, 420, 483, 500, 501])
def test_a_request_in_order_earns_none(status: int) -> None:
    assert why(status) == ""


def test_a_malformed_request_earns_400() -> None:
    broken = HEAD.replace("CSeq: 1 MESSAGE", "CSeq: 1 INVITE")
    assert why(400, head=broken).startswith("is malformed (RFC 3261 section 8.1.1.5")
    assert why(500, head=broken) == ""


def test_a_body_that_nobody_can_read_earns_400() -> None:
    assert why(400, SDP, body="no description") == "has a body that cannot be read"
    assert why(400, SDP, body="v=0\r\ns=-\r\n") == ""


def test_an_encoded_body_earns_415() -> None:
    assert why(415, "Content-Encoding: gzip\r\n") == "is encoded as gzip"
    assert why(415, "Content-Encoding: identity\r\n") == ""


@pytest.mark.parametrize(
    ("field", "answered", "is_earned"),
    [
        ("Require: x-new\r\n", "Unsupported: X-New\r\n", True),
        ("Proxy-Require: x-new, 100rel\r\n", "Unsupported: x-new\r\n", True),
        ("Require: x-new\r\n", "", True),
        ("Require: 100rel\r\n", "Unsupported: x-new\r\n", False),
        ("Supported: x-new\r\n", "Unsupported: x-new\r\n", False),
    ],
)
def test_an_extension_that_is_required_earns_420(
    field: str, answered: str, is_earned: bool
) -> None:
    assert bool(why(420, field, answered=answered)) is is_earned


def test_no_hop_left_earns_483() -> None:
    assert why(483, head=HEAD.replace(": 70", ": 0")) == "has no hop left"
    assert why(483, head=HEAD.replace("Max-Forwards: 70\r\n", "")) == ""
