"""Pulling after a NOTIFY that nobody has subscribed to (System Description C.3.3.2)."""

from collections.abc import Sequence
from dataclasses import replace

from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import Ender, PfSettings
from conformance.reference.preferences.rules import Delivery
from conformance.reference.scenarios import preferred
from conformance.reference.scenarios.beginnings import HELLO, LONG, RETURNS
from conformance.reference.scenarios.pull import (
    ALL,
    CALM,
    CHOOSES,
    CLIENT_LINKS,
    DECLINES,
    LASTS,
    PF_LINKS,
    ROLES,
    SOME,
    TEXTS,
    chooses,
    choosing,
    waiting,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World

FLOW = "pull-notify"
CLIENT = ClientSettings(selects=False)
PF = PfSettings(unsolicited=True, deliveries=(Delivery.NOTIFICATION,))
SETTING = WorldSetting(client=CLIENT, pf=PF)
WATCHED = replace(SETTING, client=replace(CLIENT, registration=600 * SECOND))
"""A world in which something is seen five minutes after all has been said."""


# What the users do.


def told_again(world: World) -> None:
    """The client registers again before its user has chosen, and is told once more."""
    waiting(world)
    world.simulation.after(RETURNS + 2 * SECOND, world.client.register)
    chooses(world, SOME)


def told_of_the_rest(world: World) -> None:
    """What was left is on the next list, after a new registration, and nothing else."""
    waiting(world)
    chooses(world, ("retrieve",))
    world.simulation.after(RETURNS + 30 * SECOND, world.client.register)


def in_two_sessions(world: World) -> None:
    """A choice, and another one later about what was left of the same list."""
    waiting(world)
    chooses(world, ("retrieve", "discard", ""))
    chooses(world, ("", "", "retrieve"), RETURNS + 20 * SECOND)


def registering(world: World) -> None:
    """The user chooses without delay, by settings."""
    waiting(world)


# The variants.

BASE = Scenario(
    FLOW,
    "base",
    "a NOTIFY without a subscription, two of three messages retrieved",
    choosing(*SOME),
    SETTING,
    lasts=LASTS,
)


def _varied(name: str, shows: str, setting: WorldSetting, *, of: Scenario = BASE) -> Scenario:
    return replace(of, name=name, shows=shows, setting=setting)


def _chosen(name: str, shows: str, *actions: str, texts: Sequence[str] = TEXTS) -> Scenario:
    return replace(BASE, name=name, shows=shows, script=choosing(*actions, texts=texts))


NETWORKS = (
    _varied("tcp", "the same over TCP", replace(WATCHED, transport=Transport.TCP)),
    _varied("ipv6", "the same over IPv6", replace(SETTING, ipv6=True)),
    _varied(
        "registration-refreshed",
        "the client is registered for ten minutes, and refreshes that after five",
        WATCHED,
        of=replace(BASE, roles=ROLES),
    ),
    _varied("three-core-nodes", "a P-, an I- and an S-CSCF", replace(SETTING, core_nodes=3)),
    _varied(
        "retransmitted",
        "packets lost on the way and sent again by the true timers",
        replace(SETTING, conditions=replace(CALM, loss=0.15), seed="2"),
    ),
    _varied(
        "duplicated",
        "packets doubled and overtaken on the way",
        replace(
            SETTING, conditions=Conditions(CALM.low, CALM.high, duplication=0.3, reordering=0.2)
        ),
    ),
    _varied(
        "chunked",
        "a large message in chunks of 512 octets",
        replace(SETTING, pf=replace(PF, chunk=512)),
        of=_chosen("", "", "retrieve", "retrieve", texts=(LONG, HELLO)),
    ),
)

CHOICES = (
    replace(
        _chosen("one-message", "a single message, retrieved", "retrieve", texts=TEXTS[:1]),
        setting=WATCHED,
        roles=ROLES,
    ),
    _chosen("all-retrieved", "all three are retrieved", *ALL),
    _chosen("nothing-chosen", "the user chooses nothing: the flow is complete at 5"),
    _chosen("only-discard", "all are discarded, so that no message comes", *["discard"] * 3),
    _chosen("only-store", "all are stored in the Message Storage Server", *["store"] * 3),
    _chosen(
        "retrieve-discard-store",
        "one retrieved, one discarded, one stored",
        *("retrieve", "discard", "store"),
    ),
    replace(
        BASE,
        name="chosen-at-once",
        shows="the client has a rule and asks nobody: all are retrieved without delay",
        script=registering,
        setting=replace(SETTING, client=replace(CLIENT, selects=True, select_after=0)),
    ),
    replace(
        BASE,
        name="two-sessions",
        shows="a second session for what was left by the first",
        script=in_two_sessions,
    ),
)

NOTIFICATIONS = (
    replace(
        BASE,
        name="told-again",
        shows="a second NOTIFY with the same list, since the client registers again",
        script=told_again,
    ),
    replace(
        BASE,
        name="told-of-the-rest",
        shows="the next NOTIFY lists what was not handled",
        script=told_of_the_rest,
    ),
    _varied("two-devices", "both devices are told, one retrieves", replace(SETTING, devices=2)),
)

ENDS = (
    _varied(
        "pf-leaves-the-end",
        "the participating function leaves the end of the session to the client",
        replace(WATCHED, pf=replace(PF, pull_guard=600 * SECOND)),
    ),
    _varied(
        "pf-ends",
        "the participating function hangs up",
        replace(SETTING, pf=replace(PF, pull_end=Ender.PF)),
    ),
    _varied(
        "crossing-byes",
        "both sides hang up at once",
        replace(
            SETTING,
            pf=replace(PF, pull_end=Ender.PF),
            client=replace(CLIENT, teardown_after=MILLISECOND),
        ),
    ),
)

TAPS = (
    replace(
        BASE,
        name="client-side-only",
        shows="a tap on the client's own links",
        tap=Tap(links=CLIENT_LINKS),
    ),
    replace(
        BASE,
        name="pf-side-only",
        shows="a tap on the participating function's links",
        tap=Tap(links=PF_LINKS),
    ),
)

OPEN = (
    replace(
        BASE,
        name="core-side-only",
        shows="a tap between core and participating function shows no MSRP",
        tap=Tap(links=link("core", "pf")),
        verdict="inconc",
    ),
    replace(
        _varied(
            "notify-declined-480",
            "the client declines the NOTIFY",
            replace(SETTING, client=replace(CLIENT, notify_answers=(480,))),
        ),
        verdict="inconc",
    ),
    replace(
        _varied(
            "notify-declined-603",
            "the client declines the NOTIFY for good",
            replace(SETTING, client=replace(CLIENT, notify_answers=(603,))),
        ),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="declined-480",
        shows="the participating function declines the invitation",
        faults=(DECLINES,),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="ends-in-the-session",
        shows="the capture ends before all messages have come",
        tap=Tap(end=SETTING.begin + RETURNS + CHOOSES + 50 * MILLISECOND),
        verdict="inconc",
    ),
)

SCENARIOS = (
    BASE,
    *NETWORKS,
    *CHOICES,
    *NOTIFICATIONS,
    *ENDS,
    *TAPS,
    *OPEN,
    *preferred.PULL_NOTIFY,
)
