"""Registrations, good and bad (RFC 3261 section 10.3)."""

from dataclasses import replace

import pytest

from conformance.reference.core.location import MAX_BINDINGS
from tests.reference.core.world import (
    ALICE,
    ALICE_TEL,
    CAROL,
    CORE,
    HOME,
    PHONE,
    SETTING,
    World,
    register,
)

OPEN = replace(SETTING, challenges_registration=False)
CONTACT = f"<sip:alice@{PHONE}:5060>"


@pytest.fixture
def world() -> World:
    return World(OPEN)


def ask(world: World, contact: str = CONTACT, **fields: str):
    outcome = world.sent(world.phone, register(world.phone, contact, **fields))
    return outcome.final


def test_without_credentials_there_is_a_challenge_and_with_wrong_ones_another():
    world = World()
    draft = register(world.phone, CONTACT)
    first = world.sent(world.phone, draft).final
    assert first.status == 401
    assert 'realm="home-a.example"' in first.header("WWW-Authenticate")
    world.phone.digest._password = "wrong"
    assert world.phone.digest.learn(first)
    world.phone.digest.authorize(draft)
    second = world.sent(world.phone, draft.put("CSeq", "2 REGISTER")).final
    assert second.status == 401
    assert second.header("WWW-Authenticate") != first.header("WWW-Authenticate")
    assert not world.pf.got


def test_nobody_registers_for_somebody_else():
    world = World()
    draft = register(world.phone, CONTACT).put("To", f"<{CAROL}>")
    assert world.phone.digest.learn(world.sent(world.phone, draft).final)
    world.phone.digest.authorize(draft)
    assert world.sent(world.phone, draft.put("CSeq", "2 REGISTER")).final.status == 401


def test_the_answer_lists_contacts_identities_and_the_way_out(world):
    answer = ask(world, f'{CONTACT};q=0.5;+x.y="a,b";flag;expires=100')
    assert answer.status == 200
    assert answer.headers("Contact") == (f'{CONTACT};q=0.5;+x.y="a,b";flag;expires=100',)
    assert answer.header("Service-Route") == f"<sip:orig@{CORE}:5060;lr>"
    assert answer.headers("P-Associated-URI") == (f"<{ALICE}>", f"<{ALICE_TEL}>")


def test_path_is_kept_and_given_back(world):
    answer = ask(world, CONTACT, Path="<sip:10.0.7.7;lr>", Require="path")
    assert answer.headers("Path") == ("<sip:10.0.7.7;lr>",)


@pytest.mark.parametrize(
    ("contact", "fields", "status"),
    [
        (f"{CONTACT};expires=59", {}, 423),
        (CONTACT, {"Expires": "30"}, 423),
        (CONTACT, {"To": f"<sip:nobody@{HOME}>"}, 404),
        (CONTACT, {"Require": "path, outbound"}, 420),
        ("*", {}, 400),
        ("*", {"Expires": "60"}, 400),
        (f"*, {CONTACT}", {"Expires": "0"}, 400),
        ("<not a uri>", {}, 400),
    ],
)
def test_what_cannot_be_registered_changes_nothing(world, contact, fields, status):
    answer = ask(world, contact, **fields)
    assert answer.status == status
    assert not world.pf.got
    if status == 423:
        assert answer.header("Min-Expires") == "60"
    if status == 420:
        assert answer.header("Unsupported") == "outbound"


def test_the_longest_time_is_granted_to_who_asks_for_more_or_for_nonsense(world):
    assert ask(world, f"{CONTACT};expires=99999999999999").header("Contact").endswith("600000")
    assert ask(world, f"{CONTACT};expires=soon").header("Contact").endswith("600000")


def test_an_instance_has_one_contact_and_a_uri_without_one_too(world):
    ask(world, f'{CONTACT};+sip.instance="<urn:uuid:1>"')
    answer = ask(world, '<sip:alice@10.0.2.99>;+sip.instance="<urn:uuid:1>"')
    assert len(answer.headers("Contact")) == 1
    assert "10.0.2.99" in answer.header("Contact")
    ask(world, CONTACT)
    assert len(ask(world, CONTACT).headers("Contact")) == 2


def test_a_query_lists_and_changes_nothing(world):
    ask(world)
    world.pf.got.clear()
    draft = register(world.phone, CONTACT).remove("Contact")
    answer = world.sent(world.phone, draft).final
    assert len(answer.headers("Contact")) == 1
    assert not world.pf.got


def test_an_older_request_of_the_same_call_is_out_of_order(world):
    draft = register(world.phone, CONTACT).put("CSeq", "5 REGISTER")
    assert world.sent(world.phone, draft).final.status == 200
    for contact, expires in ((CONTACT, "60"), ("*", "0")):
        late = draft.copy().put("CSeq", "4 REGISTER").put("Contact", contact)
        assert world.sent(world.phone, late.put("Expires", expires)).final.status == 500


def test_contacts_are_taken_out_one_by_one_and_all_at_once(world):
    ask(world)
    ask(world, "<sip:alice@10.0.2.99>")
    world.pf.got.clear()
    assert len(ask(world, f"{CONTACT};expires=0").headers("Contact")) == 1
    assert int(world.pf.got[-1].header("Expires")) > 599_000
    assert b"expires=0" in world.pf.got[-1].body
    assert ask(world, "*", Expires="0").headers("Contact") == ()
    assert world.pf.got[-1].header("Expires") == "0"


def test_there_is_an_end_of_contacts(world):
    for number in range(MAX_BINDINGS):
        assert ask(world, f"<sip:alice@10.0.2.{number + 100}>").status == 200
    assert ask(world, "<sip:alice@10.0.2.250>").status == 403
