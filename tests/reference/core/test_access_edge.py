"""What clients may say, and what they are told (TS 24.229 section 5.2)."""

from dataclasses import replace

import pytest

from conformance.observation.packet import Endpoint
from tests.reference.core.world import (
    ALICE,
    ALICE_TEL,
    BOB,
    CORE,
    CPM,
    NODES,
    PHONE,
    SETTING,
    SMS_USER,
    TABLET,
    Peer,
    World,
)

THREE = replace(SETTING, nodes=NODES)


@pytest.mark.parametrize("setting", [SETTING, THREE], ids=["one", "three"])
def test_a_client_is_served_as_long_as_it_is_registered(setting):
    world = World(setting)
    world.ready()
    assert world.sent(world.phone, world.message(SMS_USER)).statuses == [200]
    world.register(world.phone, "0")
    assert world.sent(world.phone, world.message(SMS_USER)).statuses == [403]
    world.register(world.phone, "100")
    world.run(101)
    assert world.sent(world.phone, world.message(SMS_USER)).statuses == [403]


def test_the_identity_a_client_prefers_comes_first_and_is_one_of_its_own():
    world = World()
    world.ready()
    fields = [*CPM, ("P-Preferred-Identity", f"<{ALICE_TEL}>")]
    world.sent(world.phone, world.message(SMS_USER, ALICE, fields))
    asserted = world.pf.got[0].headers("P-Asserted-Identity")
    assert asserted == (f"<{ALICE_TEL}>", f"<{ALICE}>")
    assert world.pf.got[0].header("P-Served-User").startswith(f"<{ALICE}>")


def test_a_client_is_known_by_its_address_whatever_its_port():
    world = World()
    world.ready()
    draft = world.message(SMS_USER)
    draft.body = b"x" * 1_400
    assert world.sent(world.phone, draft).statuses == [200]
    assert any(c.transport == "TCP" and c.source.host == PHONE for c in world.wire.carried)


def test_the_service_route_is_used_whatever_the_client_says():
    world = World(THREE)
    world.ready()
    draft = world.message(SMS_USER).add("Route", "<sip:203.0.113.7;lr>")
    assert world.sent(world.phone, draft, NODES[0].host).statuses == [200]
    assert world.path()[:3] == [NODES[0].host, NODES[2].host, "10.0.3.1"]


def test_who_wishes_privacy_is_not_named_to_a_client():
    world = World()
    world.ready()
    fields = [("P-Asserted-Identity", f"<{BOB}>"), ("Privacy", "id")]
    world.sent(
        world.pf, world.pf.draft("MESSAGE", ALICE, "sip:anonymous@anonymous.invalid", fields)
    )
    assert world.phone.got[0].header("P-Asserted-Identity") is None


def test_answers_to_a_client_say_nothing_of_charging():
    world = World()
    world.ready()

    def answer(transaction):
        draft = world.core.server.own_response(transaction, 200)
        transaction.respond(draft.add("P-Charging-Vector", "icid-value=1"))

    world.iwf.answer = answer
    outcome = world.sent(world.phone, world.message(SMS_USER))
    assert outcome.statuses == [200]
    assert outcome.final.header("P-Charging-Vector") is None


def test_two_users_behind_one_address_are_told_apart():
    world = World(replace(SETTING, challenges_registration=False))
    world.ready()
    other = Peer(world.wire, TABLET)
    other.endpoint = Endpoint(PHONE, 5060)
    carol = "sip:carol@home-a.example"
    draft = world.phone.draft("REGISTER", "sip:home-a.example", carol, [])
    draft.put("To", f"<{carol}>").put("Contact", f"<sip:carol@{PHONE}:5060>;expires=600")
    assert world.sent(world.phone, draft).statuses == [200]
    world.sent(world.phone, world.message(SMS_USER))
    world.sent(world.phone, world.message(SMS_USER, carol))
    messages = [r for r in world.pf.got if r.method == "MESSAGE"]
    assert [r.header("P-Asserted-Identity") for r in messages] == [f"<{ALICE}>", f"<{carol}>"]


def test_a_request_to_the_core_itself_needs_no_registration():
    world = World()
    draft = world.phone.draft("OPTIONS", f"sip:{CORE}:5060", ALICE, [])
    assert world.sent(world.phone, draft).statuses == [200]


def test_a_stranger_gets_through_only_within_a_dialog_that_has_us_in_its_route():
    world = World()
    draft = world.phone.draft("INFO", "sip:203.0.113.9:5060", ALICE, [])
    draft.put("To", "<sip:203.0.113.9>;tag=1")
    assert world.sent(world.phone, draft).statuses == [403]
    draft.put("Call-ID", "2").put("Route", f"<sip:{CORE};lr>").put("CSeq", "2 INFO")
    draft.uri = "sip:10.0.9.1:5060"
    assert world.sent(world.phone, draft).statuses == [200]
