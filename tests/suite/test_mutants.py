"""Mutants of the reference: planted, played, judged, and noticed or not."""

import pytest

from conformance.flow.library import load
from conformance.reference.faults.catalogue import Expected, Mutant, mutants
from conformance.reference.scenarios.scenario import play
from conformance.suite.errors import ConformanceError
from conformance.suite.mutants import (
    Noticed,
    faults_named,
    judged,
    rejected,
    run,
    scenario_of,
    verdicts,
)
from conformance.suite.simulation import find, trace_of
from conformance.verifier.verdict import Verdict

REFUSAL = Mutant(
    "client-answers-push-400",
    "client",
    "push-pager",
    "",
    "the client answers 400",
    "push-pager/4-5",
    Expected.FAIL,
)
LIBRARY = load(None)


def changed(**changes: object) -> Mutant:
    """The mutant with a part changed."""
    values = {name: getattr(REFUSAL, name) for name in REFUSAL.__slots__}
    return Mutant(**{**values, **changes})


def test_faults_are_known_by_name():
    (found,) = faults_named(["pf-never-tears-down"])
    assert (found.id, found.party) == ("pf-never-tears-down", "pf")
    assert faults_named([]) == ()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pf-never-tears-dwn", "did you mean 'pf-never-tears-down'"),
        ("zebra", "there is no fault 'zebra'; cpmspec simulate --list shows them"),
    ],
)
def test_a_fault_there_is_not_is_told(name: str, sentence: str):
    with pytest.raises(ConformanceError, match=sentence):
        faults_named([name])


def test_a_mutant_is_a_rejected_scenario():
    plain = scenario_of(REFUSAL)
    assert plain.path == "push-pager/rejected_push-pager-step-4-5_client-answers-push-400.pcapng"
    assert (plain.verdict, plain.shows) == ("fail", "the client answers 400")
    assert [fault.id for fault in plain.faults] == [REFUSAL.fault]
    assert not plain.preferences
    varied = scenario_of(changed(variant="tcp"))
    assert varied.name == "client-answers-push-400_tcp"
    assert scenario_of(changed(expected=Expected.ORACLE)).preferences


def test_the_faults_of_a_variant_stay():
    found = scenario_of(changed(variant="leaves-again"))
    assert [fault.id for fault in found.faults] == ["core-keeps-contacts", REFUSAL.fault]


def test_a_violation_is_noticed_by_its_requirement():
    (found,) = run([REFUSAL])
    assert found.by_flows == ("push-pager/4-5",)
    assert found.is_noticed
    assert found.is_as_expected


def test_another_requirement_is_not_enough():
    (found,) = run([changed(requirement="push-pager/2-3")])
    assert found.by_flows
    assert not found.is_noticed
    assert not found.is_as_expected


@pytest.mark.parametrize("expected", [Expected.EQUIVALENT, Expected.INCONC])
def test_what_is_no_violation_must_not_fail(expected: Expected):
    (found,) = run([changed(expected=expected)])
    assert not found.is_as_expected
    (silent,) = run([changed(fault="client-answers-message-202", expected=expected)])
    assert silent.by_flows == ()
    assert silent.is_as_expected


def test_the_reference_is_asked_where_it_is_its_turn():
    asked = changed(expected=Expected.ORACLE)
    assert Noticed(asked, (), ("push-pager/4-5",)).is_noticed
    assert not Noticed(asked, ("push-pager/4-5",), ()).is_noticed
    played = play(scenario_of(REFUSAL))
    assert judged(REFUSAL, played, LIBRARY).by_oracle == ()
    assert isinstance(judged(asked, played, LIBRARY).by_oracle, tuple)


def test_instances_come_with_who_is_who():
    scenario = find("push")
    results, topology = verdicts(trace_of(play(scenario)), scenario, LIBRARY)
    assert [(one.flow, one.verdict) for one in results] == [("push", Verdict.PASS)]
    assert topology.rules


def test_rejected_captures_are_those_that_flows_notice():
    found = rejected()
    assert len(found) == sum(one.expected is Expected.FAIL for one in mutants())
    assert len({one.path for one in found}) == len(found)
    assert {one.verdict for one in found} == {"fail"}
