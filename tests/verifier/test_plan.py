"""What is prepared once for each flow."""

import pytest

from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.flow.profile import Profile
from conformance.flow.program import Rule
from conformance.verifier.plan import bits, may_begin, names_itself, prepare
from tests.scenarios import push_pager
from tests.verifier.events import events

FLOWS = sorted(load().flows)


def test_the_bits_of_a_mask() -> None:
    assert bits(0b10110) == [1, 2, 4]
    assert bits(0) == []


@pytest.mark.parametrize("flow", FLOWS)
def test_that_every_request_hop_can_be_found(flow: str) -> None:
    program = load().flow(flow)
    plan = prepare(program, Profile())
    found = {hop for hops in plan.requests.values() for hop in hops}
    wanted = {
        hop
        for step in program.steps
        if step.method and step.kind == "request"
        for hop in step.hops
    }
    assert wanted <= found


@pytest.mark.parametrize("flow", FLOWS)
def test_that_each_hop_knows_its_step(flow: str) -> None:
    program = load().flow(flow)
    plan = prepare(program, Profile())
    for hop in program.hops:
        assert plan.step_of[hop.index] is program.steps[hop.step]


@pytest.mark.parametrize("flow", FLOWS)
def test_that_proof_comes_from_later_hops_only(flow: str) -> None:
    """What shows that a hop happened can only happen after it."""
    program = load().flow(flow)
    plan = prepare(program, Profile())
    for hop in program.hops:
        assert plan.proves[hop.index] & program.before[hop.index] == 0


def test_the_first_hop_of_a_push() -> None:
    plan = prepare(load().flow("push-pager"), Profile())
    assert plan.requests["MESSAGE", Role.PF, Role.CORE] == [0]
    assert [step.label for step, _ in plan.rules(Rule.WAIT)] == ["1"]


def test_that_a_selection_by_service_names_its_flow() -> None:
    plan = prepare(load().flow("chat-deferred"), Profile())
    assert any(names_itself(where) for step in plan.program.steps for where in step.where)


def test_that_only_what_is_selected_may_begin() -> None:
    ladder = push_pager.build()
    plan = prepare(load().flows["push-pager"], load().profile("cpm"))
    first = events(ladder)[ladder.find("2")]
    pairs = list(first.pairs())
    assert may_begin(plan, "MESSAGE", pairs, first.content)
    assert not may_begin(plan, "INVITE", pairs, first.content)
    other = events(ladder)[ladder.find("4")]
    assert not may_begin(plan, "MESSAGE", pairs, other.content)


def test_a_flow_is_made_ready_once_for_a_profile() -> None:
    program = load().flow("push-pager")
    one, other = Profile(), Profile(pager_tags=("another",))
    plan = prepare(program, one)
    assert prepare(program, one) is plan
    assert prepare(program, other) is not plan
    for _ in range(200):
        kept = Profile(pager_tags=("fleeting",))
        assert prepare(program, kept).program is program
    assert prepare(program, one).requests == plan.requests
