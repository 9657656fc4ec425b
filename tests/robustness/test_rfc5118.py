"""SIP over IPv6 (RFC 5118): what each section says of writing addresses."""

import pytest

from conformance.body import sdp
from conformance.sip.check import faults
from conformance.sip.grammar import parse_via
from conformance.sip.uri import parse_uri
from conformance.wire.malformed import Malformed
from tests.sip.samples import request


def rules(message):
    return [fault.rule for fault in faults(message)]


def test_4_1_an_address_in_brackets():
    assert rules(request("REGISTER", "sip:[2001:db8::44]")) == []


def test_4_2_without_brackets_it_is_no_request_uri():
    assert rules(request("REGISTER", "sip:2001:db8::44")) != []


def test_4_3_a_port_inside_the_brackets_is_a_part_of_the_address():
    uri = parse_uri("sip:[2001:db8::44:5070]")
    assert (uri.host, uri.port) == ("[2001:db8::44:5070]", None)


def test_4_4_a_port_behind_the_brackets():
    uri = parse_uri("sip:[2001:db8::44]:5070")
    assert (uri.host, uri.port) == ("[2001:db8::44]", 5070)


@pytest.mark.parametrize("received", ["2001:db8::9:255", "[2001:db8::9:255]"])
def test_4_5_received_with_and_without_brackets(received):
    value = f"SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3"
    assert not isinstance(parse_via(value), Malformed)
    message = request(Via=value)
    assert message.branch == "z9hG4bKas3"
    assert rules(message) == []


def test_4_6_without_brackets_in_the_sent_by():
    found = parse_via("SIP/2.0/UDP 2001:db8::9:1;branch=z9hG4bKas3")
    assert isinstance(found, Malformed)


def test_4_7_sdp_writes_no_brackets():
    text = (
        b"v=0\r\no=a 1 1 IN IP6 2001:db8::20\r\ns=-\r\nc=IN IP6 2001:db8::20\r\nt=0 0\r\n"
        b"m=message 9 TCP/MSRP *\r\na=path:msrp://[2001:db8::20]:9/s;tcp\r\n"
    )
    session = sdp.parse(text)
    assert not isinstance(session, Malformed)
    assert sdp.message_media(session).path == ("msrp://[2001:db8::20]:9/s;tcp",)


def test_4_8_and_4_9_both_versions_in_one_message():
    message = request(
        Via="SIP/2.0/UDP [2001:db8::9]:60;branch=z9hG4bK1, SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK",
        From="<sip:a@[2001:db8::7]>;tag=1",
        Contact="<sip:a@192.0.2.7:5062>",
    )  # fmt: skip
    assert rules(message) == []
    assert len(message.vias) == 2


@pytest.mark.parametrize("host", ["::ffff:192.0.2.10", "::FFFF:192.0.2.10", "::ffff:c000:20a"])
def test_4_10_mapped_addresses(host):
    assert not isinstance(parse_uri(f"sip:a@[{host}]:5060"), Malformed)


@pytest.mark.parametrize("host", ["[2001:db8::1", "2001:db8::1]", "[]"])
def test_what_is_no_address(host):
    assert isinstance(parse_uri(f"sip:a@{host}"), Malformed)
