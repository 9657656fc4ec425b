"""Test cases that are about user preferences alone (System Description 5.4): no flow shows them.

What the device does is compared with the reference that has the same preferences; a flow that
takes place besides is judged as ever. What leaves no trace in SIP and MSRP convicts nobody: a
message that is silently stored, discarded or kept back. Where such a silence could hide that the
preferences were not kept to, the case has a `witness`: it passes only if that was seen.
"""

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Disposal, Expiry, Stored
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.beginnings import deferred, leaves, returns
from conformance.reference.scenarios.chat_deferred import chatting
from conformance.reference.scenarios.ordinary import PLAINLY, comes_marked_up
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World
from conformance.suite.case import LISTS, PATIENCE, PUSHES, Case

_ORDINARY = (
    "blacklisted",
    "too-large",
    "redirected",
    "profile-of-the-device",
    "discarded-unavailable",
    "stored-unavailable",
    "adapted",
)
"""What comes for a user, and what the preferences say of it at once (5.4 A, 5.4 B)."""

_PATIENCE = 60 * SECOND
_DELIVERED = (*PUSHES, *LISTS)
"""The ways in which a deferred message comes to its recipient."""

_EXPIRES = 20 * SECOND
_BACK, _GONE = 90 * SECOND, 200 * SECOND
"""When a message expires, when its recipient comes back, and when nothing more is owed: who was
to be told of it has been told by then."""


def _ordinary(name: str) -> Case:
    scenario = catalogue.scenario("", name)
    setting = scenario.setting
    return _case(name, scenario.shows, scenario.script, setting)


def _with(profile: Profile) -> WorldSetting:
    setting = catalogue.scenarios("undelivered")[0].setting
    return replace(setting, preferences=Preferences.of(profile))


def _case(
    name: str,
    shows: str,
    script: Callable[[World], None],
    setting: WorldSetting,
    witness: tuple[str, ...] = (),
) -> Case:
    scenario = Scenario("", name, shows, script, setting, lasts=300 * SECOND)
    return Case("pf", scenario, patience=PATIENCE + _PATIENCE, witness=witness)


def _too_late(world: World) -> None:
    """A message whose sender wants to know expires; then its recipient comes back."""
    deferred(world, wants=("negative-delivery",))
    returns(world, _BACK)
    leaves(world, _GONE)


def _expired(expiry: Expiry, shows: str, witness: tuple[str, ...]) -> Case:
    """What becomes of a message that expires (5.4 C)."""
    profile = Profile(when_unavailable=(Disposal.DEFER,), when_expired=(expiry,))
    setting = replace(_with(profile), remote=RemoteSettings(expires=_EXPIRES))
    name = {Expiry.DISCARD: "discarded", Expiry.STORE: "stored", Expiry.EXTEND: "extended"}[expiry]
    return _case(f"expired-{name}", shows, _too_late, setting, witness)


def _comes_back(world: World) -> None:
    deferred(world, wants=("negative-delivery",))
    returns(world, 20 * SECOND)


def _marked_up_while_away(world: World) -> None:
    world.simulation.after(SECOND, lambda: comes_marked_up(world))
    returns(world, 20 * SECOND)


_KEPT = catalogue.scenario("push", "preferred-kept-copy")

CASES: tuple[Case, ...] = (
    *map(_ordinary, _ORDINARY),
    _case(
        "adapted-later",
        "HTML is deferred, and delivered as plain text",
        _marked_up_while_away,
        _with(PLAINLY),
        _DELIVERED,
    ),
    _expired(
        Expiry.DISCARD,
        "preferences discard what expires: its sender is told, nobody gets it",
        ("undelivered",),
    ),
    _expired(
        Expiry.STORE,
        "preferences store what expires: its sender is not told, nobody gets it",
        (),
    ),
    _expired(
        Expiry.EXTEND,
        "preferences extend what expires: it is delivered later",
        _DELIVERED,
    ),
    _case(
        "session-refused",
        "preferences refuse sessions while no client is there",
        chatting(),
        _with(Profile(session_when_unavailable=(Disposal.REJECT,))),
    ),
    _case(
        "kept-copy",
        _KEPT.shows,
        _KEPT.script,
        _KEPT.setting,
        _DELIVERED,
    ),
    _case(
        "not-stored",
        "preferences defer a message and store nothing: it is delivered all the same",
        _comes_back,
        _with(Profile(when_unavailable=(Disposal.DEFER,), not_stored=frozenset({Stored.MESSAGE}))),
        _DELIVERED,
    ),
)
"""The participating function's; what interworking selection does shows in `interwork-out`."""
