from dataclasses import replace

import pytest

from conformance.flow.library import load
from conformance.reference.scenarios.scenario import play
from conformance.suite.case import PREFERENCES
from conformance.suite.drive import Driven
from conformance.suite.drive_verdict import CaseVerdict, judge
from conformance.suite.preference_cases import CASES
from conformance.suite.simulation import octets_of
from conformance.suite.test_cases import select

NAMES = ("core", "client", "pf", "iwf", "noncpm", "remote")


@pytest.fixture(scope="module")
def library():
    return load(None)


def played(case, **changes):
    """The case with the reference as the device, which may have other preferences."""
    setting = case.scenario.setting
    scenario = replace(case.scenario, setting=replace(setting, **changes))
    roles = tuple(f"{name}={setting.host(name)}" for name in NAMES)
    return Driven(case, octets_of(play(scenario)), (), roles, setting.host("pf"))


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.id)
def test_a_device_with_the_preferences_passes_and_one_without_does_not(case, library):
    obeys = judge(played(case), library)
    assert (obeys.verdict, obeys.why) == (CaseVerdict.PASS, "the user's preferences were kept to")
    ignores = judge(played(case, preferences=None), library)
    assert ignores.verdict in (CaseVerdict.FAIL, CaseVerdict.INCONC), ignores.why
    assert (ignores.verdict is CaseVerdict.FAIL) is (case.scenario.name != "session-refused")


def test_they_are_run_by_name_and_stand_under_their_own_word():
    assert not [one for one in select("pf", [], []) if one.flow == PREFERENCES]
    (case,) = select("pf", [], ["preferences/blacklisted"])
    assert case.id == "pf/preferences/blacklisted"
    assert case.needs == "has the user preferences of this case"
