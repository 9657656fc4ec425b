"""Deferred messages that never reach their recipient (System Description C.3.1.1.3)."""

from dataclasses import replace

from conformance.observation.packet import Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.messaging.content import CpmMessage, imdn
from conformance.reference.network.medium import Conditions
from conformance.reference.network.tap import Tap, link
from conformance.reference.pf.failure_notice import FailureNotices
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.settings import Leg, PfSettings, Push
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Delivery, Disposal, Expiry
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import HELLO, deferred, returns, writes
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World

FLOW = "undelivered"
DAY = 86_400 * SECOND
ASKS = ("negative-delivery",)
SETTING = WorldSetting(remote=RemoteSettings(expires=3 * DAY))
LOSSY = Conditions(low=2 * MILLISECOND, high=12 * MILLISECOND, loss=0.25)
CHOOSES = PfSettings(deliveries=(Delivery.NOTIFICATION,))
EXPIRY = SETTING.begin + SECOND + 3 * DAY
"""When the first message expires, in ns."""


def one(world: World) -> None:
    """One message, whose sender asks to be told of its failure."""
    deferred(world, wants=ASKS)


def two(world: World) -> None:
    """Two messages, a second apart."""
    deferred(world, (HELLO, "Or shall we say one o'clock?"), wants=ASKS)


def both(world: World) -> None:
    """A message whose sender asks for notifications of both outcomes."""
    deferred(world, wants=("positive-delivery", "negative-delivery"))


def removed(world: World) -> None:
    """The recipient comes back, looks at the list, and does not want the message."""
    deferred(world, wants=ASKS)
    returns(world)


def too_late(world: World) -> None:
    """The recipient comes back when the message has expired."""
    deferred(world, wants=ASKS)
    returns(world, 3 * DAY + 250 * SECOND)


def there(world: World) -> None:
    """The recipient is there when the message comes."""
    returns(world, 0)
    world.simulation.after(10 * SECOND, lambda: writes(world, HELLO, ASKS))
    world.simulation.after(3 * DAY + 250 * SECOND, world.client.register)


def _by(profile: Profile) -> Preferences:
    return Preferences.of(profile)


class _Forbidden(FailureNotices):
    """Says `forbidden` instead of `failed` (RFC 5438 section 7.2.1.1)."""

    def compose(self, message: CpmMessage) -> bytes:
        return imdn(message, "forbidden", "delivery", self.host.chance, self.host.now)


class _Forbids(ParticipatingFunction):
    def make_failures(self) -> FailureNotices:
        return _Forbidden(self.host)


BASE = Scenario(
    FLOW,
    "base",
    "a message is deferred with 202, expires after three days, and its sender is told",
    one,
    SETTING,
    lasts=3 * DAY + 300 * SECOND,
)

SCENARIOS = (
    BASE,
    replace(
        BASE,
        name="tcp",
        shows="the same over TCP",
        setting=replace(SETTING, transport=Transport.TCP),
    ),
    replace(BASE, name="ipv6", shows="the same over IPv6", setting=replace(SETTING, ipv6=True)),
    replace(
        BASE,
        name="three-core-nodes",
        shows="the core is a P-, an I- and an S-CSCF",
        setting=replace(SETTING, core_nodes=3),
    ),
    replace(
        BASE,
        name="b2bua-pf",
        shows="the participating function is a back-to-back user agent",
        setting=replace(SETTING, pf=PfSettings(leg=Leg.B2BUA)),
    ),
    replace(BASE, name="two-messages", shows="two messages expire", script=two),
    replace(
        BASE,
        name="both-outcomes-asked",
        shows="the sender asks to be told of either outcome, and is told of the failure",
        script=both,
    ),
    replace(
        BASE,
        name="operators-limit",
        shows="the message names no end: it is kept for a day, as the operator has it",
        setting=WorldSetting(pf=PfSettings(defers_for=DAY)),
        lasts=DAY + 300 * SECOND,
    ),
    replace(
        BASE,
        name="extended-once",
        shows="the user's preferences extend an expired message by a day, once",
        setting=replace(
            SETTING,
            preferences=_by(Profile(when_expired=(Expiry.EXTEND,), extend_by=DAY)),
        ),
        lasts=4 * DAY + 300 * SECOND,
        preferences=True,
    ),
    replace(
        BASE,
        name="discarded-by-preference",
        shows="the user's preferences discard what expires",
        setting=replace(SETTING, preferences=_by(Profile(when_expired=(Expiry.DISCARD,)))),
        preferences=True,
    ),
    replace(
        BASE,
        name="discarded-and-back",
        shows="the same; its recipient's client registers minutes too late",
        script=too_late,
        setting=replace(SETTING, preferences=_by(Profile(when_expired=(Expiry.DISCARD,)))),
        lasts=3 * DAY + 600 * SECOND,
        preferences=True,
    ),
    replace(
        BASE,
        name="discarded-at-once",
        shows="the user's preferences discard what comes while no client is there",
        setting=replace(SETTING, preferences=_by(Profile(when_unavailable=(Disposal.DISCARD,)))),
        lasts=300 * SECOND,
        preferences=True,
    ),
    replace(
        BASE,
        name="discarded-by-user",
        shows="the user discards the message in a session, without reading it",
        script=removed,
        setting=replace(
            SETTING,
            pf=CHOOSES,
            client=ClientSettings(subscribes=True, selections=("discard",)),
        ),
        lasts=300 * SECOND,
    ),
    replace(
        BASE,
        name="back-too-late",
        shows="the recipient's client registers minutes after the expiry: nothing is pushed",
        script=too_late,
        setting=replace(SETTING, push=Push.PAGER),
        lasts=3 * DAY + 600 * SECOND,
    ),
    replace(
        BASE,
        name="delivered-at-once",
        shows="the recipient is there: the message is delivered, and nobody is told of a failure",
        script=there,
        lasts=3 * DAY + 600 * SECOND,
        verdict="none",
    ),
    replace(
        BASE,
        name="status-forbidden",
        shows="the notification says forbidden",
        faults=(Fault("notices-say-forbidden", "pf", replaced=_Forbids),),
    ),
    replace(
        BASE,
        name="retransmitted",
        shows="packets lost on the way and sent again by the true timers",
        setting=replace(SETTING, conditions=LOSSY, seed="2"),
    ),
    replace(
        BASE,
        name="remote-side-only",
        shows="a tap between system A and the core",
        tap=Tap(links=link("remote", "core")),
        roles=("remote=10.0.9.1", "core=10.0.1.1", "pf=10.0.3.1"),
    ),
    replace(
        BASE,
        name="ends-before-9",
        shows="the capture ends before system A's answer to the notification",
        tap=Tap(end=EXPIRY + 33 * MILLISECOND),
        verdict="inconc",
    ),
    replace(
        BASE,
        name="begins-on-the-last-day",
        shows="the capture begins after the message was deferred: a notification about nothing",
        tap=Tap(begin=EXPIRY - 3_600 * SECOND),
        verdict="none",
    ),
)
