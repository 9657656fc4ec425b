"""Test cases that are about user preferences alone (System Description 5.4): no flow shows them.

What the device does is compared with the reference that has the same preferences; a flow that
takes place besides is judged as ever. What becomes of a message that expires (5.4 C) is none of
them: a message may be discarded for other reasons, so nothing seen would convict anybody.
"""

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.engine.timer import SECOND
from conformance.reference.preferences.profiles import Preferences, Profile
from conformance.reference.preferences.rules import Disposal
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.chat_deferred import chatting
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World
from conformance.suite.case import PATIENCE, Case

_ORDINARY = (
    "blacklisted",
    "too-large",
    "redirected",
    "profile-of-the-device",
    "discarded-unavailable",
    "stored-unavailable",
)
"""What comes for a user, and what the preferences say of it at once (5.4 A)."""

_PATIENCE = 60 * SECOND


def _ordinary(name: str) -> Case:
    scenario = catalogue.scenario("", name)
    setting = scenario.setting
    return _case(name, scenario.shows, scenario.script, setting)


def _with(profile: Profile) -> WorldSetting:
    setting = catalogue.scenarios("undelivered")[0].setting
    return replace(setting, preferences=Preferences.of(profile))


def _case(name: str, shows: str, script: Callable[[World], None], setting: WorldSetting) -> Case:
    scenario = Scenario("", name, shows, script, setting, lasts=300 * SECOND)
    return Case("pf", scenario, patience=PATIENCE + _PATIENCE)


CASES: tuple[Case, ...] = (
    *map(_ordinary, _ORDINARY),
    _case(
        "session-refused",
        "preferences refuse sessions while no client is there",
        chatting(),
        _with(Profile(session_when_unavailable=(Disposal.REJECT,))),
    ),
)
"""The participating function's; what interworking selection does shows in `interwork-out`."""
