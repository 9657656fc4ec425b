"""Hosts of interworking, put together."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.site import (
    CENTRE,
    SERVICES,
    SMPP,
    TELEPHONE,
    Site,
    legs_of,
    user_agent,
)
from conformance.reference.legs.leg import Leg
from conformance.reference.legs.smpp_leg import CentreLeg, EsmeLeg
from conformance.reference.legs.sms_over_ip import SmsOverIp
from conformance.reference.transport.directory import Directory
from conformance.reference.user_agents.incoming import Identity


def legs(*, is_gateway: bool, services: tuple[str, ...] = SERVICES) -> dict[str, Leg]:
    station = Station("2001:db8:4::1", Chance("1"))
    agent = user_agent(station, Identity("sip:iwf@x", "sip:iwf@x"), Directory({}))
    site = Site(Endpoint("2001:db8:5::1", 5060), is_gateway=is_gateway)
    return dict(legs_of(station, agent, site, services))


@pytest.mark.parametrize("is_gateway", [True, False])
def test_the_two_sides_of_each_service_are_each_others_other(is_gateway: bool) -> None:
    found = legs(is_gateway=is_gateway)
    telephone, centre = found[TELEPHONE], found[CENTRE]
    assert isinstance(telephone, SmsOverIp)
    assert isinstance(centre, SmsOverIp)
    assert (telephone.end.is_network, centre.end.is_network) == (is_gateway, not is_gateway)
    assert isinstance(found[SMPP], EsmeLeg if is_gateway else CentreLeg)


def test_an_address_of_ipv6_is_written_as_uris_write_it() -> None:
    leg = legs(is_gateway=True)[TELEPHONE]
    assert isinstance(leg, SmsOverIp)
    assert leg.link.peer == "sip:[2001:db8:5::1]:5060"
    assert leg.link.peer_host == "[2001:db8:5::1]"


def test_a_service_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="no services: pigeon"):
        legs(is_gateway=True, services=("pigeon",))
