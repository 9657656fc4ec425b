"""Which leg a MESSAGE in a service's own form belongs to."""

import pytest

from conformance.reference.interworking.site import PLAIN, SMPP, TELEPHONE
from conformance.reference.legs.service_forms import services_of, taker_of
from conformance.sip.message import SipRequest
from tests.reference.interworking.world import World

MSG = "P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"


def request(content_type: str, *fields: str) -> SipRequest:
    via = "Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bK1"
    lines = ["MESSAGE tel:+1 SIP/2.0", via, *fields, f"Content-Type: {content_type}", "", ""]
    return SipRequest("\r\n".join(lines).encode())


@pytest.mark.parametrize(
    ("asked", "service"),
    [
        (request("application/vnd.3gpp.sms"), TELEPHONE),
        (request("text/plain;charset=UTF-8"), PLAIN),
        (request("text/plain", MSG), ""),
        (request("message/cpim", MSG), ""),
        (request("message/cpim"), ""),
    ],
)
def test_a_form_leads_to_its_leg(asked: SipRequest, service: str) -> None:
    legs = World(TELEPHONE, SMPP, PLAIN).gateway.legs
    taker = taker_of(asked, legs.values())
    assert (taker is None) is (service == "")
    if taker is not None:
        leg = legs[service]
        assert taker.__self__ is getattr(leg, "link", leg)


def test_where_there_is_no_such_leg_nobody_takes_it() -> None:
    legs = World(SMPP).gateway.legs
    assert taker_of(request("application/vnd.3gpp.sms"), legs.values()) is None
    assert taker_of(request("text/plain"), legs.values()) is None


def test_the_services_of_a_request() -> None:
    assert services_of(request("text/plain", MSG)) == {"oma.cpm.msg"}
    assert services_of(request("text/plain")) == frozenset()
