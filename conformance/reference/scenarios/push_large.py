"""Pushing large messages, each in a session of its own (System Description C.3.2.1.4)."""

from dataclasses import replace

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.scenarios.beginnings import HELLO, LONG, waiting
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
    taps,
    unfinished,
    unseen_channel,
    varied,
)
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting

FLOW = "push-large"
SETTING = WorldSetting(push=Push.LARGE)
OTHER = "And this is what was said when the tape had run out. " * 80
"""Another large message."""

BASE = Scenario(
    FLOW,
    "base",
    "one large deferred message in chunks, then the server disconnects",
    waiting(LONG),
    SETTING,
)

ACCEPTED = (
    BASE,
    *networks(BASE, ((LOSSY, "3"), (DOUBLING, "1"), (OVERTAKING, "2"))),
    replace(
        BASE,
        name="two-messages",
        shows="two large messages, a session each",
        script=waiting(LONG, OTHER),
    ),
    replace(
        BASE,
        name="short-message",
        shows="a short message is pushed in the large message mode too",
        script=waiting(HELLO),
    ),
    replace(
        BASE,
        name="huge",
        shows="a message of a hundred kilobytes, in many chunks",
        script=waiting(LONG * 40),
    ),
    both_devices(BASE, "each device gets a session of its own"),
    varied(
        BASE,
        "service-deferred",
        "the invitation names the service of deferred messages",
        pf=PfSettings(names_deferred=True),
    ),
    varied(
        BASE,
        "chosen-by-size",
        "large messages go in sessions where short ones go by MESSAGE",
        push=Push.PAGER,
    ),
    replace(
        BASE,
        name="notified",
        shows="the client notifies of delivery by a MESSAGE of its own",
        script=waiting(LONG, wants=("positive-delivery",)),
    ),
    *channels(BASE),
    crossing(BASE, 1),
    *histories(BASE, LONG),
    *taps(BASE, with_channel=True),
)

INCONCLUSIVE = (
    *declined(BASE),
    *unfinished(BASE, step_4=32 * MILLISECOND, step_6=66 * MILLISECOND),
    *unseen_channel(BASE),
)

SCENARIOS = (*ACCEPTED, *INCONCLUSIVE)
