"""What a role's own traffic says of its place."""

import pytest

from conformance.observation.packet import Endpoint, Transport
from conformance.oracle import surroundings
from tests.oracle.samples import CLIENT, CORE, item, request
from tests.oracle.scenes import items_of

ALICE = "sip:+15550100@home-a.example"


def test_where_a_client_is_and_whose_it_is():
    items = items_of("push", "base", "client")
    assert surroundings.own_endpoint(items) == CLIENT
    assert surroundings.neighbour(items) == CORE
    assert surroundings.user_of_client(items) == ALICE
    contact, instance = surroundings.contact_of_client(items)
    assert contact.startswith("sip:alice@10.0.2.20")
    assert instance.startswith("urn:uuid:")


def test_a_device_that_only_answers_is_its_callers():
    items = [item(request("INVITE"))]
    assert surroundings.user_of_client(items) == ALICE
    assert surroundings.contact_of_client(items) == (ALICE, "")
    assert surroundings.routes_of(items) == ()


def test_the_transport_is_the_usual_one():
    assert surroundings.end_transport(items_of("undelivered", "tcp", "pf")) is Transport.TCP
    assert surroundings.end_transport(items_of("undelivered", "base", "pf")) is Transport.UDP


def test_every_name_leads_to_the_neighbour():
    items = items_of("interwork-out", "base", "pf")
    target = surroundings.directory_of(items).target("sip:anybody@home-a.example")
    assert target is not None
    assert target.endpoint == CORE


def test_services_and_entries_of_a_request():
    items = items_of("pull", "base", "pf")
    invites = [m for _, m in surroundings.requests(items, incoming=True) if m.method == "INVITE"]
    entries = [surroundings.entries_of(m) for m in invites]
    assert any(entries)
    assert all(one.action == "retrieve" for found in entries for one in found)
    assert surroundings.entries_of(request()) == ()


def test_whole_messages_of_a_session():
    found = surroundings.wholes_of(items_of("push", "base", "pf"))
    assert len(found) == 3
    assert all(one.identity and not one.incoming for one in found)


@pytest.mark.parametrize(
    ("host", "literal"),
    [("10.0.1.1", True), ("[2001:db8::1]", True), ("2001:db8::1", True), ("iwf.a.example", False)],
)
def test_an_address_is_no_name(host, literal):
    assert surroundings.is_literal(host) is literal


def test_the_domain_of_an_address():
    assert surroundings.domain_of(f"<{ALICE}>;tag=1") == "home-a.example"
    assert surroundings.domain_of("tel:+15550100") == ""
    assert Endpoint("10.0.1.1", 5060) == CORE
