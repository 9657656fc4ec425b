"""What another session of the user has taken is not owed in this one."""

from dataclasses import replace

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.scenarios.beginnings import RETURNS, deferred, returns
from conformance.reference.scenarios.pull import CHOOSES
from conformance.reference.world.world import World
from tests.verifier.worlds import failing, judged, variant


def both_choose(world: World) -> None:
    """Both devices ask for all messages, the second before it hears what the first has done."""
    deferred(world, ("One", "Two"))
    returns(world)
    for number, device in enumerate(world.devices):

        def choose(device=device) -> None:  # type: ignore[no-untyped-def]
            device.select(dict.fromkeys(device.listed, "retrieve"))

        world.simulation.after(RETURNS + CHOOSES + number * 60 * MILLISECOND, choose)


def test_that_a_message_is_owed_to_the_device_that_was_first() -> None:
    told = variant("pull", "two-devices")
    results = judged(replace(told, script=both_choose))
    assert len(results) == 2
    assert failing(results) == []
