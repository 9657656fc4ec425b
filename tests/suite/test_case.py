from dataclasses import replace

from conformance.reference.preferences.profiles import Preferences
from conformance.reference.scenarios import catalogue
from conformance.suite.case import SUTS, Case

PUSH = catalogue.scenarios("push")[0]


def test_a_case_is_named_for_its_device_flow_and_variant():
    case = Case("pf", PUSH)
    assert (case.id, case.flow, case.file) == ("pf/push/base", "push", "pf_push_base.pcapng")
    assert case.sut in SUTS


def test_a_case_says_what_the_device_must_be_set_up_for():
    setting = replace(PUSH.setting, preferences=Preferences())
    case = Case("pf", replace(PUSH, setting=setting))
    assert case.is_provisioned
    assert case.needs.endswith("one session; has the user preferences of this case")
    assert Case("client", PUSH).needs == ""
