import pytest

from conformance.sip.identity import (
    dialog_key,
    retransmission_key,
    sent_by,
    sent_bys,
    transaction_key,
)
from tests.sip.samples import MESSAGE, OK, of, request

ACK_VIA = "SIP/2.0/UDP H:5060 ;branch=z9hG4bKx"


def test_a_response_shares_the_key_of_its_request():
    assert transaction_key(of(MESSAGE)) == transaction_key(of(OK))
    assert transaction_key(of(OK)) == ("z9hG4bKproxy1", "10.0.1.10:5060", "MESSAGE")


def test_an_ack_belongs_to_its_invite_and_a_cancel_does_not():
    invite = transaction_key(request("INVITE"))
    assert transaction_key(request("ACK", Via=ACK_VIA)) == invite
    assert transaction_key(request("CANCEL")) != invite
    assert transaction_key(request("INVITE", Via="SIP/2.0/UDP i;branch=z9hG4bKx")) != invite


def test_without_the_magic_cookie_other_fields_tell():
    old = "SIP/2.0/UDP h;branch=1"
    one = transaction_key(request("INVITE", Via=old))
    assert transaction_key(request("ACK", Via=old)) == one
    assert transaction_key(request("INVITE", Via=old, Call_ID="d")) != one
    assert transaction_key(request("INVITE", Via=old, CSeq="2 INVITE")) != one


@pytest.mark.parametrize(
    ("via", "found"),
    [
        ("SIP/2.0/UDP Host;branch=1", "host"),
        ("SIP / 2.0 / UDP  Host : 5060 ; branch=1", "host:5060"),
        ("SIP/2.0/TCP [2001:DB8::1]:5060", "[2001:db8::1]:5060"),
        ("nonsense", ""),
        (None, ""),
    ],
)
def test_sent_by(via, found):
    assert sent_by(request(Via=via)) == found


def test_who_sent_a_message_on_in_whatever_spelling():
    one = request(Via="SIP/2.0/UDP Host:5060;branch=1, SIP/2.0/UDP [2001:DB8::1]:5070;branch=2")
    other = request(
        Via="sip / 2.0 /UDP host;branch=1 , SIP/2.0/UDP [2001:db8::1] :5070;received=::1"
    )
    assert sent_bys(one) == sent_bys(other) == ("sip/2.0/udphost", "sip/2.0/udp[2001:db8::1]:5070")


def test_a_dialog_has_one_key_whoever_sends():
    there = request("BYE", From="<sip:a@h>;tag=1", To="<sip:b@h>;tag=2")
    back = request("BYE", From="<sip:b@h>;tag=2", To="<sip:a@h>;tag=1")
    assert dialog_key(there) == dialog_key(back) == ("c", "1", "2")
    assert dialog_key(request()) == ("c", "", "a")


def test_a_request_sent_again():
    key = retransmission_key(request())
    assert retransmission_key(request(User_Agent="x")) == key
    assert retransmission_key(request(Via="SIP/2.0/UDP h;branch=z9hG4bKy")) != key
    assert retransmission_key(request(CSeq="2 OPTIONS")) != key
    assert retransmission_key(request("CANCEL")) != key


def test_a_response_sent_again():
    key = retransmission_key(of(OK))
    assert retransmission_key(of(OK.replace(b"Very OK", b"OK"))) == key
    for old, new in (
        (b" 200 ", b" 202 "),
        (b"tag=b1", b"tag=b2"),
        (b"From:", b"RSeq: 1\r\nFrom:"),
    ):
        assert retransmission_key(of(OK.replace(old, new))) != key
    assert key != retransmission_key(of(MESSAGE))
