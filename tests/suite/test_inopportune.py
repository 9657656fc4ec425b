from collections import Counter

import pytest

from conformance.flow.library import load
from conformance.reference.scenarios import scenario as scenarios
from conformance.reference.world.world import simulated
from conformance.suite.drive import Driven
from conformance.suite.drive_verdict import CaseVerdict, judge
from conformance.suite.inopportune import SCENARIOS
from conformance.suite.simulation import octets_of


@pytest.fixture(scope="module")
def library():
    return load(None)


def simulation_of(case):
    """The simulated network of a case, on which parties are wrapped as they are on sockets."""
    made = simulated(case.scenario.setting)
    add = made.add
    made.add = lambda name, role, party: add(
        name, role, case.wrapped[name](party) if name in case.wrapped else party
    )
    return made


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda one: one.id)
def test_a_device_that_is_the_reference_passes_each_case(case, library, monkeypatch):
    monkeypatch.setattr(scenarios, "simulated", lambda _: simulation_of(case))
    octets = octets_of(scenarios.play(case.scenario))
    host = case.scenario.setting.host(case.sut)
    judged = judge(Driven(case, octets, (), case.scenario.roles, host), library)
    assert judged.verdict is CaseVerdict.PASS, judged.why


KINDS = {
    "twice": ("-twice",),
    "garbage": ("garbage-",),
    "late": ("late-",),
    "silent": ("no-answer",),
    "chunks": ("chunks-of-",),
    "lost": ("-lost",),
    "reinvite": ("reinvite",),
}


@pytest.mark.parametrize(
    ("sut", "kinds"),
    [
        ("client", {"twice", "garbage", "late", "silent", "chunks", "lost", "reinvite"}),
        ("pf", {"twice", "garbage", "late", "silent", "chunks", "lost", "reinvite"}),
        ("core", {"twice", "garbage", "late", "silent", "reinvite"}),
        ("iwf", {"twice", "garbage", "late", "silent"}),
    ],
)
def test_each_device_meets_each_kind_of_wrong_moment_that_can_reach_it(sut, kinds):
    names = [one.scenario.name for one in SCENARIOS if one.sut == sut]
    found = {
        kind
        for kind, parts in KINDS.items()
        if any(part in name for part in parts for name in names)
    }
    assert found >= kinds


def test_each_flow_is_disturbed_for_each_device_that_is_asked_something_in_it():
    disturbed = Counter((one.sut, one.flow) for one in SCENARIOS)
    assert len(disturbed) == 28
    assert min(disturbed.values()) >= 2
