"""Every fault of its list is as the list expects."""

import pytest

from conformance.reference.faults.catalogue import Mutant
from conformance.reference.faults.pulling import FAULTS
from tests.reference.faults.mutating import lines, noticed, told

MUTANTS = lines(FAULTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=told)
def test_mutant_is_as_expected(mutant: Mutant) -> None:
    found = noticed(mutant)
    assert found.is_as_expected, (found.by_flows, found.by_oracle)


def test_every_fault_is_listed() -> None:
    assert {fault.id for fault in FAULTS} == {mutant.fault for mutant in MUTANTS}


def test_each_requirement_has_a_fault() -> None:
    broken = {(m.flow, m.requirement) for m in MUTANTS if m.is_violation}
    shared = {"SD-5.2.1.1.1-identities", "SD-5.2.1.1.1-teardown", "SD-5.2.1.1.1-remove"}
    for flow in ("pull", "pull-notify"):
        assert shared | {"RFC6665-state"} <= {one for where, one in broken if where == flow}
    steps = {"pull/2-3", "pull/4-5", "pull/6-7", "pull/8-9", "pull/10-11", "pull/12-13"}
    assert {("pull", one) for one in steps | {"pull/14", "RFC6665-expires"}} <= broken
