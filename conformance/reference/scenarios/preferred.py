"""Deferred messages delivered as their recipient's preferences have it (5.4)."""

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import SECOND
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Delivery, Disposal, Expiry, Selection, Stored
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios.beginnings import DAY, HELLO, THREE, deferred, leaves, returns
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import INSTANCES, WorldSetting
from conformance.reference.world.world import World

TABLET = Selection(instances=(INSTANCES["second"],))
"""The one of the two devices that registers last."""

TOLD = PfSettings(unsolicited=True, deliveries=(Delivery.MESSAGE, Delivery.NOTIFICATION))
"""An operator who pushes where users leave it open, and notifies unasked where they do not."""

ASKS = ClientSettings(subscribes=True)


def script(
    *texts: str, at: int = 10 * SECOND, wants: tuple[str, ...] = ()
) -> Callable[[World], None]:
    """These messages are deferred, then Alice's devices register."""

    def run(world: World) -> None:
        deferred(world, texts or (HELLO,), wants=wants)
        returns(world, at)

    return run


def comes_again(world: World) -> None:
    """Messages are deferred; Alice's device registers, leaves, and registers once more."""
    deferred(world, THREE)
    returns(world)
    leaves(world, 40 * SECOND)
    returns(world, 50 * SECOND)


def by(profile: Profile, **changes: object) -> WorldSetting:
    """A world in which Alice has these preferences."""
    return replace(WorldSetting(), preferences=Preferences.of(profile), **changes)  # type: ignore[arg-type]


def _case(flow: str, name: str, shows: str, setting: WorldSetting) -> Scenario:
    return Scenario(flow, f"preferred-{name}", shows, script(*THREE), setting, preferences=True)


DEFERS = (Disposal.DEFER,)
HOME, WORK = Profile("home", messages_to=TABLET), Profile("work")

PUSH = (
    _case(
        "push",
        "one-device",
        "preferences send deferred messages to one of two devices",
        by(Profile(messages_to=TABLET), devices=2),
    ),
    _case(
        "push",
        "both-devices",
        "preferences send deferred messages to all devices",
        by(Profile(when_unavailable=DEFERS), devices=2),
    ),
    _case(
        "push",
        "pushed",
        "preferences choose delivery, not notification",
        by(
            Profile(when_unavailable=DEFERS, deliveries=(Delivery.MESSAGE,)),
            pf=replace(TOLD, deliveries=(Delivery.NOTIFICATION, Delivery.MESSAGE)),
        ),
    ),
    _case(
        "push",
        "profile-of-the-device",
        "the profile that is active on both devices is not the default one",
        replace(
            by(HOME, devices=2),
            preferences=Preferences(
                (WORK, HOME), "work", tuple((name, "home") for name in INSTANCES.values())
            ),
        ),
    ),
    replace(
        _case(
            "push",
            "kept-copy",
            "preferences store a copy of what is delivered: it is not delivered once more",
            by(Profile(when_unavailable=DEFERS, stored=frozenset({Stored.MESSAGE}))),
        ),
        script=comes_again,
    ),
    replace(
        _case(
            "push",
            "extended",
            "preferences extend what expires: it is delivered a day later",
            by(
                Profile(when_unavailable=DEFERS, when_expired=(Expiry.EXTEND,), extend_by=2 * DAY),
                remote=RemoteSettings(expires=DAY),
            ),
        ),
        script=script(*THREE, at=2 * DAY, wants=("negative-delivery",)),
        lasts=2 * DAY + 300 * SECOND,
    ),
)

PUSH_PAGER = (
    _case(
        "push-pager",
        "one-device",
        "preferences send deferred messages to one of two devices",
        by(Profile(messages_to=TABLET), devices=2, push=Push.PAGER),
    ),
)

PULL_NOTIFY = (
    _case(
        "pull-notify",
        "notified",
        "preferences choose notification where the operator would push",
        by(Profile(when_unavailable=DEFERS, deliveries=(Delivery.NOTIFICATION,)), pf=TOLD),
    ),
    _case(
        "pull-notify",
        "one-device",
        "preferences send notifications to one of two devices",
        by(
            Profile(deliveries=(Delivery.NOTIFICATION,), notifications_to=TABLET),
            devices=2,
            pf=TOLD,
        ),
    ),
)

PULL = (
    _case(
        "pull",
        "kept",
        "preferences defer what comes, and notify of it when asked",
        by(
            Profile(when_unavailable=DEFERS, deliveries=(Delivery.NOTIFICATION,)),
            client=ASKS,
        ),
    ),
)
