"""Faults of the capture: only what it shows wrongly is held against a role."""

import pytest

from conformance.reference.faults.catalogue import faults, mutants
from conformance.reference.faults.trace import FAULTS, LISTED, cut_before, double, drop
from conformance.reference.scenarios.scenario import play
from conformance.suite.mutants import run
from conformance.suite.simulation import find

MUTANTS = [one for one in mutants() if one.fault.startswith("trace-")]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.fault)
def test_each_is_as_the_list_says(mutant):
    (found,) = run([mutant])
    assert found.is_as_expected, (found.by_flows, found.by_oracle)


def test_every_fault_is_in_the_list():
    assert {one.fault for one in MUTANTS} == {one.id for one in FAULTS}
    assert {one.id for one in FAULTS} <= set(faults())


def test_the_edits_do_what_they_say():
    passed = play(find("pull")).passed
    lists = [one for one in passed if LISTED(one)]
    assert lists
    assert len(drop(LISTED)(passed)) == len(passed) - len(lists)
    assert len(double(passed)) == 2 * len(passed)
    assert cut_before(LISTED)(passed)[0] == lists[0]
