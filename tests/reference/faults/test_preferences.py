"""Faults: preferences. Each is noticed where that shows, by the requirement that it breaks."""

import pytest

from conformance.reference.faults.catalogue import Expected, Mutant
from conformance.reference.faults.preferences import FAULTS
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


def test_every_sentence_on_preferences_has_a_mutant_that_the_reference_notices():
    # N3, N12, N16, N18, N19, N20, N21 of the normative sentences
    broken = {one.requirement for one in lines(FAULTS) if one.expected is Expected.ORACLE}
    assert broken >= {
        "SD-5.2.2.2-expired",
        "SD-5.2.1.1.2-session",
        "SD-5.4-enforce",
        "SD-5.4-profile",
        "SD-5.4-consider",
        "SD-5.4-selection-retrieve",
        "SD-5.4-selection-consider",
    }


def test_the_flows_are_silent_about_them_but_for_what_is_delivered_twice():
    for one in lines(FAULTS):
        told = (one.requirement,) if one.expected is Expected.FAIL else ()
        assert noticed(one).by_flows == told, one.fault
    twice = [one.fault for one in lines(FAULTS) if one.expected is Expected.FAIL]
    assert twice == ["pf-queues-copies"]
