from dataclasses import replace

import pytest

from conformance.flow.library import load
from conformance.reference.faults.catalogue import faults
from conformance.reference.scenarios.scenario import play
from conformance.suite.case import PREFERENCES
from conformance.suite.drive import Driven
from conformance.suite.drive_verdict import CaseVerdict, judge
from conformance.suite.preference_cases import CASES
from conformance.suite.simulation import octets_of
from conformance.suite.test_cases import select

NAMES = ("core", "client", "pf", "iwf", "noncpm", "remote")
PASS, FAIL, INCONC = CaseVerdict.PASS, CaseVerdict.FAIL, CaseVerdict.INCONC


@pytest.fixture(scope="module")
def library():
    return load(None)


def played(case, fault=None, **changes):
    """The case with the reference as the device, which may have other preferences, or a fault."""
    setting = case.scenario.setting
    planted = () if fault is None else (faults()[fault],)
    scenario = replace(case.scenario, setting=replace(setting, **changes), faults=planted)
    roles = tuple(f"{name}={setting.host(name)}" for name in NAMES)
    return Driven(case, octets_of(play(scenario)), (), roles, setting.host("pf"))


def named(name):
    (case,) = select("pf", [], [f"preferences/{name}"])
    return case


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.id)
def test_a_device_with_the_preferences_passes(case, library):
    obeys = judge(played(case), library, strict=True)
    assert (obeys.verdict, obeys.why) == (PASS, "the user's preferences were kept to")


BY_ITSELF = {"session-refused", "expired-discarded", "kept-copy", "not-stored"}
"""What a device may do as it is asked to without any preferences."""


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.scenario.name not in BY_ITSELF], ids=lambda one: one.id
)
def test_a_device_without_them_does_not(case, library):
    ignores = judge(played(case, preferences=None), library, strict=True)
    assert ignores.verdict is FAIL, ignores.why


def test_that_a_session_is_not_refused_may_be_a_policy(library):
    ignores = judge(played(named("session-refused"), preferences=None), library)
    assert ignores.verdict is INCONC, ignores.why


@pytest.mark.parametrize(
    ("name", "fault", "verdict", "requirement"),
    [
        # 5.4 B: as it came is wrong, and so is not at all, perhaps.
        ("adapted", "pf-adapts-nothing", FAIL, "SD-5.4-consider"),
        ("adapted-later", "pf-adapts-nothing", FAIL, "SD-5.4-consider"),
        ("adapted-later", "pf-stores-deferred", INCONC, ""),
        # 5.4 C: what is silent may be stored, or thrown away.
        ("expired-discarded", "pf-extends-expired", FAIL, "SD-5.2.2.2-expired"),
        ("expired-discarded", "pf-stores-expired", INCONC, ""),
        ("expired-stored", "pf-extends-expired", FAIL, "SD-5.2.2.2-expired"),
        ("expired-stored", "pf-discards-expired", FAIL, "SD-5.2.2.2-expired"),
        ("expired-extended", "pf-discards-expired", FAIL, "SD-5.2.2.2-expired"),
        ("expired-extended", "pf-stores-expired", INCONC, ""),
        # 5.4 E: what is stored is not deferred, and the other way round.
        ("kept-copy", "pf-queues-copies", FAIL, "SD-5.2.1.1.2-remove"),
        ("kept-copy", "pf-stores-deferred", INCONC, ""),
        ("not-stored", "pf-discards-deferred", FAIL, "SD-5.4-enforce"),
        ("not-stored", "pf-stores-deferred", INCONC, ""),
    ],
)
def test_a_device_that_does_otherwise_fails_if_that_is_seen(
    name, fault, verdict, requirement, library
):
    device = played(named(name), fault)
    judged = judge(device, library, strict=True)
    assert (judged.verdict, judged.broken) == (verdict, (requirement,) if requirement else ())
    # An expired message SHOULD be handled by the preferences: that alone fails nobody.
    if requirement == "SD-5.2.2.2-expired":
        judged = judge(device, library)
        assert (judged.verdict, judged.broken) == (INCONC, ())
        assert judged.why.endswith("that is a SHOULD, which fails with --strict")
    else:
        assert judge(device, library).verdict is verdict


def test_they_are_run_by_name_and_stand_under_their_own_word():
    assert not [one for one in select("pf", [], []) if one.flow == PREFERENCES]
    assert named("blacklisted").id == "pf/preferences/blacklisted"
    assert named("blacklisted").needs == "has the user preferences of this case"
