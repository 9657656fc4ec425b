"""Where everybody lives, and what cannot be had."""

import pytest

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.network.medium import STILL
from conformance.reference.world.setting import GATEWAY, HOME, OTHER_HOME, WorldSetting


def test_addresses_are_those_of_the_scenarios():
    # given
    setting = WorldSetting()
    # then
    assert setting.host("client") == "10.0.2.20"
    assert setting.host("second") == "10.0.2.21"
    assert setting.endpoint("pf") == Endpoint("10.0.3.1", 5060)
    assert setting.uri("remote") == "sip:10.0.9.1:5060"


def test_in_ipv6_they_keep_their_numbers():
    # given
    setting = WorldSetting(ipv6=True)
    # then
    assert setting.host("client") == "2001:db8:2::20"
    assert setting.uri("pf") == "sip:[2001:db8:3::1]:5060"


def test_names_lead_to_the_entry_of_the_core():
    # then
    assert WorldSetting().hosts[HOME] == Endpoint("10.0.1.1", 5060)
    hosts = WorldSetting(core_nodes=3).hosts
    assert hosts[HOME] == Endpoint("10.0.1.2", 5060)
    assert hosts[f"cpm.{HOME}"] == Endpoint("10.0.3.1", 5060)
    assert hosts[GATEWAY] == Endpoint("10.0.4.1", 5060)
    assert hosts[OTHER_HOME] == Endpoint("10.0.9.1", 5060)


def test_a_link_is_named_by_its_parties():
    # given
    setting = WorldSetting(links={frozenset(("client", "core")): STILL})
    # then
    assert setting.host_links == {frozenset(("10.0.2.20", "10.0.1.1")): STILL}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"transport": Transport.SCTP}, "UDP, TCP or TLS"),
        ({"addresses": {"moon": Endpoint("10.0.0.9", 5060)}}, "no party 'moon'"),
        ({"core_nodes": 2}, "one node or three"),
        ({"devices": 3}, "one device or two"),
        ({"sms_leg": "fax"}, "no leg 'fax'"),
        ({"xdms": "ldap"}, "no XDMS 'ldap'"),
        ({"links": {frozenset(("pf", "moon")): STILL}}, "between moon and pf"),
        ({"links": {frozenset(("pf",)): STILL}}, "between pf"),
    ],
)
def test_what_there_is_not_is_refused(wrong, why):
    with pytest.raises(ValueError, match=why):
        WorldSetting(**wrong)


def test_a_party_may_live_elsewhere():
    setting = WorldSetting(addresses={"pf": Endpoint("192.0.2.7", 5070)}, transport=Transport.TLS)
    assert setting.endpoint("pf") == Endpoint("192.0.2.7", 5070)
    assert setting.endpoint("pf", 2855) == Endpoint("192.0.2.7", 2855)
    assert setting.uri("pf") == "sip:192.0.2.7:5070;transport=tls"
    assert setting.host("core") == "10.0.1.1"


@pytest.mark.parametrize("leg", ["carrier pigeon", "rp"])
def test_a_second_service_has_a_leg_of_its_own(leg):
    with pytest.raises(ValueError, match="leg"):
        WorldSetting(sms_leg="rp", other_leg=leg)
    assert WorldSetting(sms_leg="rp", other_leg="plain").other_leg == "plain"
