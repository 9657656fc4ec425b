"""Which requests the participating function gets, and which not."""

import pytest

from conformance.reference.transport.draft import Draft
from tests.reference.core.world import (
    ALICE,
    BOB,
    CORE,
    CPM,
    IWF,
    PF,
    PHONE,
    REMOTE,
    SMS_USER,
    World,
)


@pytest.fixture
def world() -> World:
    world = World()
    world.ready()
    return world


def test_what_is_no_cpm_service_passes_it_by(world):
    plain = world.message(SMS_USER, fields=[("Content-Type", "application/vnd.3gpp.sms")])
    assert world.sent(world.phone, plain).statuses == [200]
    inward = world.remote.draft("MESSAGE", ALICE, BOB, [])
    assert world.sent(world.remote, inward).statuses == [200]
    assert world.path() == [CORE, IWF, CORE, PHONE]


@pytest.mark.parametrize("field", CPM)
def test_either_field_names_the_service(world, field):
    world.sent(world.phone, world.message(BOB, fields=[field]))
    assert world.path() == [CORE, PF, CORE, REMOTE]


def test_what_the_participating_function_keeps_goes_no_further(world):
    world.pf.refuse(202)
    assert world.sent(world.phone, world.message(BOB)).statuses == [202]
    assert world.path() == [CORE, PF]


def test_the_participating_function_may_send_elsewhere_than_it_was_asked(world):
    world.pf.proxy("sip:+15550100@iwf.home-a.example")
    inward = world.remote.draft("MESSAGE", ALICE, BOB, CPM[1:])
    assert world.sent(world.remote, inward).statuses == [200]
    assert world.path() == [CORE, PF, CORE, IWF]


def test_a_mark_counts_only_if_the_participating_function_bears_it(world):
    forged = world.remote.draft("MESSAGE", ALICE, BOB, CPM[1:])
    forged.add("Route", f"<sip:odi-term.1@{CORE}:5060;lr>")
    world.sent(world.remote, forged)
    assert world.path() == [CORE, PF, CORE, PHONE]


def test_a_new_request_under_an_originating_mark_is_served_for_its_recipient(world):
    again = world.pf.draft("MESSAGE", ALICE, BOB, CPM[1:])
    again.add("Route", f"<sip:odi-orig.1@{CORE}:5060;lr>")
    world.sent(world.pf, again)
    assert world.path() == [CORE, PF, CORE, PHONE]


def test_a_route_beyond_ours_is_followed_and_nothing_else_asked(world):
    draft = world.remote.draft("MESSAGE", ALICE, BOB, CPM[1:])
    draft.add("Route", f"<sip:{CORE};lr>").add("Route", f"<sip:{IWF};lr>")
    assert world.sent(world.remote, draft).statuses == [200]
    assert world.path() == [CORE, IWF]


def test_a_request_within_a_dialog_may_name_the_user(world):
    draft = world.pf.draft("NOTIFY", ALICE, BOB, CPM[1:])
    draft.put("To", f"<{ALICE}>;tag=1")
    assert world.sent(world.pf, draft).statuses == [200]
    assert world.path() == [CORE, PHONE]


def test_a_participating_function_that_sends_all_back_the_same_way_is_stopped(world):
    def back(transaction):
        draft = Draft.of(transaction.request)
        draft.put("Route", f"<sip:odi-orig.1@{CORE}:5060;lr>")
        hops.append(int(draft.get("Max-Forwards")))
        outcomes.append(world.pf.send(draft))

    hops, outcomes = [], []
    world.pf.answer = back
    world.sent(world.phone, world.message(ALICE), seconds=60)
    assert len(hops) < 5
    assert outcomes[-1].statuses == [482]
