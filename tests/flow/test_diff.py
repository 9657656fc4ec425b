from conformance.flow.diff import diff, render
from conformance.flow.library import load


def test_a_flow_does_not_differ_from_itself() -> None:
    for program in load().flows.values():
        assert all(change.sign == " " for change in diff(program, program))


def test_subscribe_first_against_notify_first() -> None:
    flows = load().flows
    changes = diff(flows["pull-notify"], flows["pull"])
    added = [change.new for change in changes if change.sign == "+" and change.new]
    assert added == ["2-3", "4-5", "6-7"]
    assert [change.old for change in changes if change.sign == "-" and change.old] == ["2-3"]
    renumbered = {change.old: change.new for change in changes if change.sign == "~"}
    assert renumbered["6-7"] == "10-11"
    assert "SUBSCRIBE, client to pf" in render(flows["pull-notify"], flows["pull"])


def test_requirements_that_only_one_has() -> None:
    flows = load().flows
    said = [change.text for change in diff(flows["push-large"], flows["push"])]
    assert "requirement SD-C.3.2.1.4-disconnect" in said
    assert "requirement SD-5.2.1.1.2-teardown" in said
