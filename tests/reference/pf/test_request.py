import pytest

from conformance.reference.pf.request import (
    CHAT,
    LARGE,
    asked_by,
    is_for,
    is_originating,
    kept_fields,
)
from conformance.reference.pf.settings import PfSettings
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest
from tests.reference.pf.world import ALICE, BOB


def request(uri: str, *fields: tuple[str, str]) -> SipRequest:
    return SipRequest(Draft("MESSAGE", uri, fields=list(fields)).octets())


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (request(BOB, ("P-Asserted-Identity", f"<{ALICE}>")), True),
        (request(ALICE, ("P-Asserted-Identity", f"<{BOB}>")), False),
        (request(BOB, ("From", "<sip:anonymous@anonymous.invalid>")), True),
        (request(BOB, ("From", "<sip:eve@home-c.example>")), False),
        (request(ALICE, ("P-Served-User", f"<{ALICE}>;sescase=orig;regstate=reg")), True),
        (request(BOB, ("P-Served-User", f"<{ALICE}>;sescase=term;regstate=unreg")), False),
        (request(ALICE, ("P-Served-User", "garbage;;"), ("From", f"<{ALICE}>")), False),
        (request(ALICE, ("Route", "<sip:orig@10.0.3.1;lr>")), True),
        (request(ALICE, ("Route", "<sip:10.0.3.1;lr;orig>")), True),
        (request(ALICE, ("Route", "<<")), False),
    ],
)
def test_that_the_side_that_is_served_is_known(made: SipRequest, expected: bool) -> None:
    assert is_originating(made, PfSettings()) is expected


def test_that_the_asserted_identity_goes_before_from() -> None:
    both = [("From", f"<{BOB}>;tag=1"), ("P-Asserted-Identity", f'"A" <{ALICE}>')]
    assert asked_by(request(BOB, *both)) == ALICE
    assert asked_by(request(BOB, both[0])) == BOB
    assert asked_by(request(BOB)) == ""


def test_that_services_are_found_in_each_field() -> None:
    tag = '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session.group"'
    made = request(BOB, ("Accept-Contact", tag))
    assert is_for(made, CHAT)
    assert not is_for(made, LARGE)
    plain = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg"
    assert is_for(request(BOB, ("P-Asserted-Service", plain)), LARGE)


def test_that_a_new_request_keeps_what_says_what_it_is() -> None:
    made = request(
        BOB,
        ("Conversation-ID", "c"),
        ("Via", "SIP/2.0/UDP x"),
        ("Accept-Contact", "*;a"),
        ("Accept-Contact", "*;b"),
        ("Route", "<sip:x>"),
    )
    assert kept_fields(made) == [
        ("Accept-Contact", "*;a"),
        ("Accept-Contact", "*;b"),
        ("Conversation-ID", "c"),
    ]
