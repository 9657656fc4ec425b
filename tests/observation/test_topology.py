"""Which address plays which role: the most specific rule wins."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.topology import AddressError, RoleRule, Topology


def topology(**rules: str) -> Topology:
    return Topology(
        [RoleRule(Role(role), one) for role, text in rules.items() for one in text.split(",")]
    )


def test_that_the_longest_match_wins() -> None:
    found = topology(core="10.0.0.0/8", pf="10.0.3.0/24", iwf="10.0.3.7")
    assert found.roles(Endpoint("10.9.9.9", 5060)) == {Role.CORE}
    assert found.roles(Endpoint("10.0.3.1", 5060)) == {Role.PF}
    assert found.roles(Endpoint("10.0.3.7", 5060)) == {Role.IWF}


def test_that_a_port_is_stronger_than_none() -> None:
    found = topology(core="10.0.1.1", pf="10.0.1.1:5070")
    assert found.roles(Endpoint("10.0.1.1", 5070)) == {Role.PF}
    assert found.roles(Endpoint("10.0.1.1", 5060)) == {Role.CORE}
    assert found.by_port("10.0.1.1")
    assert not found.by_port("10.0.1.2")


def test_that_one_address_may_play_two_roles() -> None:
    found = topology(core="10.0.1.1", pf="10.0.1.1")
    assert found.roles(Endpoint("10.0.1.1", 5060)) == {Role.CORE, Role.PF}


def test_ipv6_with_and_without_a_port() -> None:
    found = topology(client="2001:db8:2::/64", pf="[2001:db8:3::1]:5060")
    assert found.roles(Endpoint("2001:db8:2::20", 5062)) == {Role.CLIENT}
    assert found.roles(Endpoint("2001:db8:3::1", 5060)) == {Role.PF}
    assert found.roles(Endpoint("2001:db8:3::1", 5061)) == frozenset()


def test_that_a_domain_is_a_role_too() -> None:
    assert topology(remote="home-b.example").domain_roles("HOME-B.example") == {Role.REMOTE}


def test_that_a_stranger_has_no_role() -> None:
    assert topology(core="10.0.1.1").roles(Endpoint("192.0.2.9", 5060)) == frozenset()


def test_that_a_whole_network_names_no_single_hosts() -> None:
    found = topology(client="10.0.2.0/24", pf="10.0.3.1,10.0.3.2:5060")
    assert found.hosts(Role.CLIENT) is None
    assert found.hosts(Role.PF) == {"10.0.3.1", "10.0.3.2"}
    assert found.hosts(Role.IWF) == frozenset()


def test_that_the_evidence_says_who_said_so() -> None:
    rules = [RoleRule(Role.PF, "10.0.3.1"), RoleRule(Role.PF, "10.0.3.0/24", "sends NOTIFY")]
    found = Topology(rules).evidence(Endpoint("10.0.3.1", 5060))
    assert found == [(Role.PF, "given as 10.0.3.1"), (Role.PF, "sends NOTIFY")]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("10.0.0.1:0", "'10.0.0.1:0' has no port between 1 and 65535"),
        ("10.0.0.1:65536", "'10.0.0.1:65536' has no port between 1 and 65535"),
        ("10.0.0.1:sip", "'10.0.0.1:sip' has no port between 1 and 65535"),
        ("10.0.0.256", "'10.0.0.256' is no address: write ip, ip:port, [v6]:port, net/length"),
        ("10.0.0.0/33", "'10.0.0.0/33' is no address"),
        ("not an address", "'not an address' is no address"),
        ("", "'' is no address"),
    ],
)
def test_that_a_bad_address_is_refused_with_what_was_expected(address: str, sentence: str) -> None:
    with pytest.raises(AddressError) as refused:
        Topology([RoleRule(Role.PF, address)])
    assert str(refused.value).startswith(sentence)
