"""Faults: undelivered. Each is noticed where that shows, by the requirement that it breaks."""

import pytest

from conformance.reference.faults.catalogue import Expected, Mutant
from conformance.reference.faults.undelivered import FAULTS
from tests.reference.faults.mutating import lines, noticed, told


@pytest.mark.parametrize("one", lines(FAULTS), ids=told)
def test_each_is_noticed_as_the_list_says(one: Mutant):
    found = noticed(one)
    assert found.is_as_expected, (found.by_flows, found.by_oracle)


def test_every_fault_is_in_the_list():
    assert {one.fault for one in lines(FAULTS)} == {fault.id for fault in FAULTS}


def test_what_nobody_can_notice_says_why():
    unseen = (Expected.EQUIVALENT, Expected.NOT_OBSERVABLE)
    assert [one.fault for one in lines(FAULTS) if one.expected in unseen and not one.why] == []


def test_every_step_that_shows_is_broken_by_one():
    broken = {one.requirement for one in lines(FAULTS) if one.is_violation}
    assert broken >= {f"undelivered/{step}" for step in ("3", "4-5", "6", "9-10")}
