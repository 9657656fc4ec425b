"""Deferred messages are listed, chosen and handled."""

import pytest

from conformance.body.deferred_list import Entry
from conformance.reference.client.cpm_client import ClientSettings
from conformance.reference.engine.timer import SECOND
from tests.reference.client.home import PSI, World

SUBSCRIBES = ClientSettings(subscribes=True)
BY_HAND = ClientSettings(selects=False)


def pulled(settings: ClientSettings = SUBSCRIBES, count: int = 3) -> World:
    world = World(settings)
    world.home.defer(count)
    world.client.register()
    return world.run(60)


def test_what_is_listed_is_retrieved_in_one_session_that_the_client_ends() -> None:
    world = pulled()

    (invite,) = world.home.of("INVITE")
    assert invite.uri == PSI
    assert world.home.actions(invite) == [Entry(f"m{i}", "retrieve") for i in range(3)]
    assert world.received() == ["m0", "m1", "m2"]
    (call,) = world.home.calls
    assert call.outcomes == [200, 200, 200]
    assert call.why == "BYE came"
    assert world.noted("pulled") == [{"count": "3"}]


def test_the_session_is_torn_down_once_all_is_there_and_not_before() -> None:
    world = World(SUBSCRIBES)
    world.home.defer(2)
    world.home.delivers = False
    world.client.register()
    world.run(20)
    (call,) = world.home.calls
    call.msrp.send(world.home.waiting[0].cpim(), "message/cpim")
    world.run(20)
    assert call.why == ""

    call.msrp.send(world.home.waiting[1].cpim(), "message/cpim")
    world.run(1)

    assert call.why == "BYE came"


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_it_goes_whoever_connects(setup: str) -> None:
    world = World(SUBSCRIBES)
    world.home.setup = setup
    world.home.defer(2)
    world.client.register()
    world.run(60)

    assert world.received() == ["m0", "m1"]


def test_a_notification_without_a_subscription_will_do() -> None:
    world = World()
    world.home.defer(2)
    world.home.tell()
    world.run(30)

    assert world.home.pushes == [200]
    assert world.received() == ["m0", "m1"]
    assert world.home.of("SUBSCRIBE") == []


@pytest.mark.parametrize("choice", ["keep", ""])
def test_keeping_needs_no_session(choice: str) -> None:
    world = pulled(ClientSettings(subscribes=True, selections=(choice,)))

    assert world.home.of("INVITE") == []
    assert world.noted("nothing-selected") == [{}]


@pytest.mark.parametrize("choice", ["discard", "interwork", "store"])
def test_where_nothing_is_to_be_retrieved_the_session_ends_at_once(choice: str) -> None:
    world = pulled(ClientSettings(subscribes=True, selections=(choice,)))

    (invite,) = world.home.of("INVITE")
    assert {entry.action for entry in world.home.actions(invite)} == {choice}
    assert [call.why for call in world.home.calls] == ["BYE came"]
    assert world.received() == []


def test_a_user_chooses_for_each_message() -> None:
    world = World(BY_HAND)
    world.home.defer(4)
    world.home.tell()
    world.run(30)
    assert world.home.of("INVITE") == []

    world.client.select({"m0": "retrieve", "m1": "discard", "m2": "keep"})
    world.run(10)

    (invite,) = world.home.of("INVITE")
    assert world.home.actions(invite) == [
        Entry("m0", "retrieve"),
        Entry("m1", "discard"),
        Entry("m2", "keep"),
    ]
    assert world.received() == ["m0"]
    assert [entry.identity for entry in world.client.unchosen()] == ["m3"]


def test_one_word_for_all() -> None:
    world = World(BY_HAND)
    world.home.defer(2)
    world.home.tell()
    world.run(5)
    world.client.select("retrieve")
    world.run(10)

    assert world.received() == ["m0", "m1"]


def test_a_later_list_is_chosen_from_again() -> None:
    world = pulled()
    world.home.waiting.clear()
    world.home.defer(1)
    world.home.waiting[0] = world.home.waiting[0].__class__(
        "later", "sip:+15550142@home-b.example", "sip:a@home-a.example", b"x"
    )
    world.home.subscriptions[0].notify(world.home.listing())
    world.run(30)

    assert world.received() == ["m0", "m1", "m2", "later"]
    assert len(world.home.calls) == 2


def test_what_was_chosen_is_not_chosen_again() -> None:
    world = pulled(ClientSettings(subscribes=True, selections=("keep",)))
    world.home.subscriptions[0].notify(world.home.listing())
    world.run(30)

    assert len(world.noted("nothing-selected")) == 1


def test_what_did_not_come_may_be_chosen_again() -> None:
    world = World(SUBSCRIBES)
    world.home.status["INVITE"] = 480
    world.home.defer(1)
    world.client.register()
    world.run(30)
    assert world.noted("session-ended") == [{"why": "refused: 480", "received": "0"}]

    world.home.status["INVITE"] = 200
    world.home.subscriptions[0].notify(world.home.listing())
    world.run(30)

    assert world.received() == ["m0"]


def test_a_lost_channel_ends_the_session() -> None:
    world = World(SUBSCRIBES)
    world.home.defer(1)
    world.home.delivers = False
    world.client.register()
    world.run(20)
    (call,) = world.home.calls
    call.msrp.close()
    world.run(20)

    assert call.why == "BYE came"


def test_patience_has_an_end() -> None:
    world = World(ClientSettings(subscribes=True, pull_patience=60 * SECOND))
    world.home.defer(1)
    world.home.delivers = False
    world.client.register()
    world.run(50)
    assert world.home.calls[0].why == ""
    world.run(60)

    assert world.home.calls[0].why == "BYE came"


def test_one_session_at_a_time() -> None:
    world = World(ClientSettings(subscribes=True, select_after=SECOND))
    world.home.delivers = False
    world.home.defer(1)
    world.client.register()
    world.run(5)
    world.home.defer(1)
    world.home.subscriptions[0].notify(world.home.listing())
    world.run(10)
    assert len(world.home.calls) == 1

    world.home.delivers = True
    world.home.calls[0].msrp.send(world.home.waiting[0].cpim(), "message/cpim")
    world.run(10)

    assert len(world.home.calls) == 2
    assert world.received() == ["m0", "m1"]
