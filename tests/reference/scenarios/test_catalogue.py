"""Every scenario of every flow: played, judged, and found to be what it says it is."""

import pytest

from conformance.flow.library import load
from conformance.reference.scenarios.catalogue import MODULES, every, scenario, scenarios
from conformance.reference.scenarios.scenario import Scenario
from conformance.verifier.verdict import Reason, Verdict
from tests.reference.scenarios.playing import difference, said, tell

ALL = every()


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.path.removesuffix(".pcapng"))
def test_a_judge_says_of_each_what_it_says_of_itself(one: Scenario):
    # when
    told = tell(one)
    # then
    assert told.trace.items
    assert difference(told) == "", said(told)
    reasons = {str(result.reason_code) for result in told.results}
    assert not one.reason or one.reason in reasons, said(told)
    if one.verdict == "pass":
        wrong = [opinion for opinion in told.opinions if opinion.verdict is Verdict.FAIL]
        assert wrong == [], said(told)


def test_there_are_scenarios_of_every_flow():
    assert set(MODULES) == {*load(None).flows, ""}
    for flow in MODULES:
        found = scenarios(flow)
        assert found, flow
        assert {one.flow for one in found} == {flow}
        assert found[0].verdict in ("pass", "none")


def test_no_two_have_one_name_or_one_path():
    names = [(one.flow, one.name) for one in ALL]
    paths = [one.path for one in ALL]
    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.path.removesuffix(".pcapng"))
def test_that_each_is_well_described(one: Scenario):
    known = {str(reason) for reason in Reason}
    assert one.verdict in ("pass", "inconc", "fail", "none")
    assert one.reason in known | {""}
    assert one.shows
    assert '"' not in one.shows
    assert not one.shows.endswith(".")
    assert (one.verdict == "fail") is bool(one.requirement)


def test_one_is_found_by_its_name():
    assert scenario("push", "base") is scenarios("push")[0]
    with pytest.raises(KeyError):
        scenario("push", "sideways")
    with pytest.raises(KeyError):
        scenarios("shove")
