"""Pushing in the pager mode (System Description C.3.2.1.3)."""

from dataclasses import replace

from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.scenarios import preferred
from conformance.reference.scenarios.beginnings import HELLO, THREE, waiting
from conformance.reference.scenarios.push_histories import histories
from conformance.reference.scenarios.push_sessions import (
    DOUBLING,
    LOSSY,
    OVERTAKING,
    both_devices,
    declined,
    networks,
    taps,
    unfinished,
    varied,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import NORMAL, WorldSetting
from conformance.reference.world.world import World

FLOW = "push-pager"
SETTING = WorldSetting(push=Push.PAGER)
BOTH = ("positive-delivery", "display")
BULKY = "Bring the old maps, the ones with the pencil marks. " * 19
"""A text of the pager mode that makes a request too big for UDP (RFC 3261 section 18.1.1)."""


def retried(world: World) -> None:
    """The client cannot be reached at first; it registers again after three minutes."""
    medium, setting = world.simulation.medium, world.setting
    hosts = setting.host("client"), setting.host(setting.core_names[0])
    waiting()(world)
    away = replace(NORMAL, loss=1.0)
    world.simulation.after(10_024 * MILLISECOND, lambda: medium.change(away, *hosts))
    world.simulation.after(190 * SECOND, lambda: medium.change(NORMAL, *hosts))
    world.simulation.after(200 * SECOND, world.client.register)


BASE = Scenario(
    FLOW, "base", "a short deferred message after the client's return", waiting(), SETTING
)

ACCEPTED = (
    BASE,
    *networks(BASE, ((replace(LOSSY, loss=0.25), "3"), (DOUBLING, "1"), (OVERTAKING, "2"))),
    replace(
        BASE, name="three-messages", shows="three messages, a MESSAGE each", script=waiting(*THREE)
    ),
    both_devices(BASE, "both devices of the user get it, once each"),
    varied(
        BASE,
        "service-deferred",
        "the MESSAGE names the service of deferred messages",
        pf=PfSettings(names_deferred=True),
    ),
    replace(
        BASE,
        name="over-tcp-for-its-size",
        shows="a message too big for a datagram goes over TCP",
        script=waiting(BULKY),
    ),
    replace(
        BASE,
        name="notified-twice",
        shows="the client notifies of delivery and of display, a MESSAGE each",
        script=waiting(wants=BOTH),
    ),
    replace(
        varied(
            BASE,
            "notification-withheld",
            "a notification is asked for, and the user sends none",
            client=ClientSettings(notifying=(False,)),
        ),
        script=waiting(wants=BOTH),
    ),
    replace(
        BASE,
        name="retried-after-silence",
        shows="the client cannot be reached at first; the participating function tries again",
        script=retried,
        lasts=600 * SECOND,
    ),
    varied(
        BASE,
        "answered-202",
        "accepted with 202: advised against, no fault",
        client=ClientSettings(message_answers=(202,)),
    ),
    *histories(BASE, HELLO),
    *taps(BASE, with_channel=False),
    replace(
        BASE,
        name="core-side-only",
        shows="a tap between core and server alone",
        tap=Tap(links=link("core", "pf")),
    ),
)

INCONCLUSIVE = (
    *declined(BASE),
    *unfinished(BASE, step_3=25 * MILLISECOND, step_4=32 * MILLISECOND),
)

SCENARIOS = (*ACCEPTED, *INCONCLUSIVE, *preferred.PUSH_PAGER)
