"""Pushing all that is deferred over one session (System Description C.3.3.1, 5.2.1.1.2)."""

from dataclasses import replace

from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.pf.settings import Push
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.scenarios import preferred
from conformance.reference.scenarios.beginnings import HELLO, LONG, THREE, waiting
from conformance.reference.scenarios.push_histories import histories
from conformance.reference.scenarios.push_sessions import (
    DOUBLING,
    LOSSY,
    OVERTAKING,
    both_devices,
    channels,
    crossing,
    declined,
    networks,
    open_to,
    taps,
    unfinished,
    unseen_channel,
    varied,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World

FLOW = "push"
SETTING = WorldSetting(push=Push.SESSION)
IMPATIENT = ClientSettings(leaves_after=1, leaves_delay=130 * MILLISECOND)
MANY = tuple([f"Postcard number {number}: still no rain." for number in range(1, 26)])
"""A queue of twenty-five messages."""

FAR = Conditions(low=60 * MILLISECOND, high=80 * MILLISECOND)


def over_a_long_way(world: World) -> None:
    """A short message and a large one, for a client far away from where messages come from."""
    ends = world.setting.host("client"), world.setting.host("pf")
    world.simulation.medium.change(FAR, *ends)
    waiting(HELLO, LONG * 60)(world)


BASE = Scenario(
    FLOW,
    "base",
    "three deferred messages in one session, torn down by the participating function",
    waiting(*THREE),
    SETTING,
)

ACCEPTED = (
    BASE,
    *networks(BASE, ((LOSSY, "8"), (DOUBLING, "1"), (OVERTAKING, "2"))),
    replace(BASE, name="one-message", shows="a single message", script=waiting(HELLO)),
    replace(
        BASE,
        name="many-messages",
        shows="twenty-five messages in one session",
        script=waiting(*MANY, at=60_000 * MILLISECOND),
    ),
    replace(
        BASE,
        name="large-messages",
        shows="messages of several chunks among short ones",
        script=waiting(LONG, HELLO, LONG * 2),
    ),
    replace(
        BASE,
        name="huge",
        shows="a message of a hundred kilobytes, in many chunks",
        script=waiting(LONG * 40),
    ),
    both_devices(BASE, "each device gets a session of its own"),
    replace(
        BASE,
        name="notified-twice",
        shows="the client notifies of delivery and of display, a MESSAGE each",
        script=waiting(*THREE, wants=("positive-delivery", "display")),
    ),
    varied(
        BASE,
        "preferences-by-xcap",
        "the participating function asks an XDMS for the user's preferences first",
        preferences=Preferences(profiles=(Profile(),)),
        xdms="xcap",
    ),
    *channels(BASE),
    crossing(BASE, 3),
    *histories(BASE, *THREE),
    *taps(BASE, with_channel=True),
)

INCONCLUSIVE = (
    *declined(BASE),
    *unfinished(BASE, step_4=32 * MILLISECOND, step_6=66 * MILLISECOND),
    *unseen_channel(BASE),
    open_to(
        replace(
            BASE,
            name="client-ends-before-all",
            script=over_a_long_way,
            setting=replace(SETTING, client=IMPATIENT),
        ),
        "the client gives up inside the second message",
        "policy-unknown",
    ),
)

SCENARIOS = (*ACCEPTED, *INCONCLUSIVE, *preferred.PUSH)
