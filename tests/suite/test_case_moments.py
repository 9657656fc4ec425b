import pytest

from conformance.suite.case import SUTS
from conformance.suite.case_moments import MOMENTS, table


@pytest.mark.parametrize("sut", SUTS)
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda one: one.short)
def test_each_wrong_moment_comes_to_each_device_or_it_is_said_why_not(moment, sut):
    assert bool(moment.cases(sut)) is not bool(dict(moment.reasons).get(sut))


def test_the_table_has_a_row_for_each_and_no_cell_is_empty():
    lines = list(table())
    assert len(lines) == len(MOMENTS) + 2
    assert not any("|  |" in line for line in lines)
