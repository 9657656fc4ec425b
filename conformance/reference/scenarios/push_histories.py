"""What went before a push: the same push after another past."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.pushing_core import KEEPS_CONTACTS
from conformance.reference.scenarios.beginnings import (
    DAY,
    RETURNS,
    Script,
    deferred,
    leaves,
    returns,
    waiting,
)
from conformance.reference.scenarios.push_sessions import varied
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.world import World


def histories(base: Scenario, *texts: str) -> tuple[Scenario, ...]:
    """Every other past of a push of these texts."""
    return (*waits(base, texts), *comings(base, texts), *departures(base, texts))


def waits(base: Scenario, texts: Sequence[str]) -> tuple[Scenario, ...]:
    """The messages wait for long."""
    return (
        replace(
            base,
            name="long-wait",
            shows="the client returns when the message has waited for nearly three days",
            script=waiting(*texts, at=3 * DAY - 3_600 * SECOND),
            lasts=3 * DAY,
        ),
        replace(
            base,
            name="restarted",
            shows="the participating function restarts while the message waits in its queue",
            script=restarted(texts),
            lasts=3_900 * SECOND,
        ),
    )


def comings(base: Scenario, texts: Sequence[str]) -> tuple[Scenario, ...]:
    """The client comes more than once."""
    client = replace(base.setting.client, registration=800 * SECOND)
    shows = "the client refreshes its registration when all is over"
    refreshed = varied(base, "refreshed", shows, client=client)
    return (
        replace(refreshed, lasts=450 * SECOND),
        replace(
            base,
            name="two-returns",
            shows="the same is said twice, and pushed at a return of its own each time",
            script=two_returns(texts),
        ),
        replace(
            base,
            name="comes-and-goes",
            shows="the client registers, goes, and comes back once the message has been deferred",
            script=comes_and_goes(texts),
        ),
    )


def departures(base: Scenario, texts: Sequence[str]) -> tuple[Scenario, ...]:
    """The client is gone before its push, which waits for its next return.

    The core would still know where it was, so that a push all the same would reach it.
    """
    slow = replace(base.setting.pf, push_delay=60 * SECOND)
    slower = replace(base.setting.pf, push_delay=120 * SECOND)
    client = replace(base.setting.client, refreshes=False)
    shows = "the client leaves before the push, which waits for its next return"
    leaving = varied(base, "leaves-again", shows, pf=slow)
    shows = "a registration runs out before the push, which waits for the next one"
    lapsing = varied(base, "lapses", shows, pf=slower, client=client)
    return (
        replace(leaving, script=leaves_again(texts), faults=(KEEPS_CONTACTS,)),
        replace(lapsing, script=lapses(texts), faults=(KEEPS_CONTACTS,), lasts=600 * SECOND),
    )


# What happens.


def restarted(texts: Sequence[str]) -> Script:
    """The participating function starts anew half an hour before the return."""

    def script(world: World) -> None:
        waiting(*texts, at=3_600 * SECOND)(world)
        world.simulation.after(1_800 * SECOND, world.restart_pf)

    return script


def two_returns(texts: Sequence[str]) -> Script:
    """The messages come, and the client, once and again."""

    def script(world: World) -> None:
        for start in (0, 60 * SECOND):
            world.simulation.after(start, lambda: deferred(world, texts))
            world.simulation.after(start + RETURNS, world.client.register)
            world.simulation.after(start + 4 * RETURNS, world.client.deregister)

    return script


def comes_and_goes(texts: Sequence[str]) -> Script:
    """The client is there before anything is deferred."""

    def script(world: World) -> None:
        world.simulation.after(SECOND, world.client.register)
        world.simulation.after(20 * SECOND, world.client.deregister)
        world.simulation.after(30 * SECOND, lambda: deferred(world, texts))
        world.simulation.after(60 * SECOND, world.client.register)

    return script


def leaves_again(texts: Sequence[str]) -> Script:
    """The client takes its registration back, and returns minutes later."""

    def script(world: World) -> None:
        waiting(*texts)(world)
        leaves(world, RETURNS + 10 * SECOND)
        returns(world, 200 * SECOND)

    return script


def lapses(texts: Sequence[str]) -> Script:
    """The client registers for a minute, and minutes later for an hour."""

    def script(world: World) -> None:
        deferred(world, texts)
        for at, seconds in ((RETURNS, 60), (30 * RETURNS, 3_600)):
            world.simulation.after(at, partial(world.client.send_register, seconds))

    return script
