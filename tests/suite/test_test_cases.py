import pytest

from conformance.reference.scenarios import catalogue
from conformance.suite.case import SUTS
from conformance.suite.errors import ConformanceError
from conformance.suite.test_cases import applies, cases, select

FLOWS = [flow for flow in catalogue.MODULES if flow]


def test_each_case_has_a_name_of_its_own():
    names = [one.id for one in cases()]
    assert len(set(names)) == len(names) > 300


@pytest.mark.parametrize("flow", FLOWS)
def test_each_flow_has_valid_and_inopportune_cases(flow):
    kinds = {one.kind for one in cases() if one.flow == flow}
    assert "valid" in kinds
    assert flow in ("undelivered",) or kinds == {"valid", "inopportune"}


@pytest.mark.parametrize("sut", SUTS)
def test_each_device_has_the_plain_case_of_each_flow_that_it_has_a_part_in(sut):
    flows = {one.flow for one in select(sut, [], [])}
    for flow in flows - {"undelivered"}:
        assert select(sut, [], [f"{flow}/base"])[0].flow == flow
    assert {"pf": 9, "core": 9, "client": 8, "iwf": 2}[sut] == len(flows)


def test_nothing_is_asked_of_a_device_that_its_stand_in_was_set_up_for():
    declined = catalogue.scenario("push", "declined-480")
    assert applies(declined, "pf")
    assert not applies(declined, "client")
    assert not applies(catalogue.scenario("push", "small-chunks"), "pf")
    assert not applies(catalogue.scenario("push", "tcp"), "pf")
    assert not applies(catalogue.scenario("push", "long-wait"), "pf")


def test_preferences_are_needed_by_name_only():
    assert not any(one.is_provisioned for one in select("pf", ["push"], []))
    (case,) = select("pf", [], ["push/preferred-one-device"])
    assert case.is_provisioned


@pytest.mark.parametrize(
    ("flows", "ids", "why"),
    [
        (["pus"], [], "did you mean 'push'"),
        ([], ["push/bas"], "did you mean 'iwf/|no test case 'push/bas'"),
        (["push"], [], "iwf has no part in push"),
    ],
)
def test_what_there_is_not_is_refused(flows, ids, why):
    with pytest.raises(ConformanceError, match=why):
        select("iwf", flows, ids)
