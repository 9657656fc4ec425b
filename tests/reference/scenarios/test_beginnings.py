"""How scenarios begin."""

import pytest

from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import PAGER_SIZE
from conformance.reference.scenarios import beginnings
from conformance.reference.scenarios.beginnings import (
    HELLO,
    LONG,
    RETURNS,
    THREE,
    deferred,
    leaves,
    returns,
    waiting,
    writes,
)
from conformance.reference.world.setting import ALICE, WorldSetting
from conformance.reference.world.world import World


@pytest.fixture
def world():
    made = World(WorldSetting(devices=2))
    yield made
    made.close()


def run(world: World, seconds: int) -> None:
    world.simulation.run(until=world.setting.begin + seconds * SECOND)


def test_texts_are_on_their_side_of_the_pager_mode():
    assert all(len(text) < 1_000 for text in (HELLO, *THREE))
    assert len(LONG) > PAGER_SIZE


def test_what_is_written_to_her_who_is_away_is_deferred_in_order(world: World):
    # given
    deferred(world, (HELLO, LONG, "and this"), wants=("display",))
    # when
    run(world, 8)
    # then
    waiting_now = world.queue.list(ALICE)
    assert [one.message.text for one in waiting_now] == [HELLO, LONG, "and this"]
    assert [one.kind for one in waiting_now] == ["pager", "large", "pager"]
    assert {one.message.wants for one in waiting_now} == {("display",)}


def test_devices_return_one_after_the_other_and_one_leaves_again(world: World):
    # given
    returns(world)
    leaves(world, RETURNS + 10 * SECOND)
    # when, then
    run(world, 10)
    assert not any(device.is_registered for device in world.devices)
    run(world, 15)
    assert all(device.is_registered for device in world.devices)
    run(world, 25)
    assert [device.is_registered for device in world.devices] == [False, True]


def test_a_script_tells_what_waits_and_when_she_returns(world: World):
    # given
    script = waiting("one", "two", at=30 * SECOND)
    # when
    script(world)
    run(world, 29)
    # then
    assert len(world.queue.list(ALICE)) == 2
    run(world, 60)
    assert world.queue.list(ALICE) == ()
    assert [message.text for message in world.client.received] == ["one", "two"]


def test_without_texts_there_is_one(world: World):
    waiting()(world)
    run(world, 5)
    assert [one.message.text for one in world.queue.list(ALICE)] == [HELLO]


def test_he_writes_at_once(world: World):
    world.simulation.after(0, lambda: writes(world, "now"))
    run(world, 1)
    assert [one.message.text for one in world.queue.list(ALICE)] == ["now"]


def test_a_day_has_its_length():
    assert beginnings.DAY == 86_400 * SECOND
