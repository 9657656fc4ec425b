"""The order masks against a second, slow reading of the rules of docs/flow-language.md."""

from itertools import pairwise, product

import pytest

from conformance.flow.library import load
from conformance.flow.program import Kind, Program, Step
from tests.flow.sample import ANSWER, END, INVITE, SEND, before, build

FLOWS = sorted(load().flows)
ANSWERS = (Kind.RESPONSE, Kind.ACKNOWLEDGE)


def sequential(program: Program, one: Step, other: Step) -> bool:
    """Not in sibling branches of any block."""
    for block in program.blocks:
        places = [
            [n for n, (low, high) in enumerate(block.branches) if low <= step.index <= high]
            for step in (one, other)
        ]
        if places[0] and places[1] and places[0] != places[1]:
            return False
    return True


def paths(program: Program) -> dict[int, list[int]]:
    """Each step's message as a list of hops, with what it forwards."""
    found: dict[int, list[int]] = {}
    for step in program.steps:
        earlier = [] if step.forwards is None else found[step.forwards]
        found[step.index] = earlier + list(step.hops)
    return found


Edges = set[tuple[int, int]]


def direct(program: Program) -> Edges:
    """Every pair of hops that a rule orders, rule by rule and pair by pair."""
    edges: Edges = set()
    whole = paths(program)
    for step in program.steps:
        if not step.hops:
            continue
        edges |= set(pairwise(whole[step.index]))
        if step.answers is not None:
            edges |= set(zip(reversed(whole[step.answers]), step.hops, strict=False))
        for other in program.steps[: step.index]:
            if other.hops and sequential(program, other, step):
                edges |= originated(program, other, step) | waited(program, other, step)
                edges |= used(program, other, step)
    return edges


def originated(program: Program, other: Step, step: Step) -> Edges:
    free = step.kind not in ANSWERS and other.kind not in ANSWERS
    return {(other.hops[0], step.hops[0])} if free and same(program, other, step) else set()


def waited(program: Program, other: Step, step: Step) -> Edges:
    if step.kind is not Kind.RESPONSE or step.answers is None or other.index <= step.answers:
        return set()
    role = program.hops[step.hops[0]].sender
    touched = [program.hops[hop] for hop in other.hops]
    return {(hop.index, step.hops[0]) for hop in touched if role in (hop.sender, hop.receiver)}


def used(program: Program, other: Step, step: Step) -> Edges:
    first, edges = step.hops[0], set()
    role = program.hops[first].sender
    if step.session == other.index and not same(program, other, step):
        edges.add((other.hops[-1], first))
    answered = step.session is not None and other.answers == step.session
    if answered and min(other.statuses) < 300:
        offered = same(program, program.steps[step.session], step)
        edges |= {(other.hops[-1], first)} if offered else set()
    if step.dialog == other.index:
        edges |= {(hop, first) for hop in other.hops if program.hops[hop].receiver is role}
        edges |= {(other.hops[0], first)} if same(program, other, step) else set()
    return edges


def same(program: Program, one: Step, other: Step) -> bool:
    return program.hops[one.hops[0]].sender is program.hops[other.hops[0]].sender


AFTER = {"pull": {("7", "10")}, "pull-notify": {("3", "6")}, "undelivered": {("2", "7")},
         "chat-deferred": {("4", "5"), ("6", "7")}}  # fmt: skip


@pytest.mark.parametrize("name", FLOWS)
def test_masks_equal_the_slow_reading(name: str) -> None:
    program = load().flow(name)
    edges = direct(program)
    for low, high in AFTER.get(name, set()):
        edges |= {
            (a.index, b.index)
            for a, b in product(program.hops, program.hops)
            if a.number == low and b.number == high and b.index > a.index
        }
    count = len(program.hops)
    reach = [[(a, b) in edges for b in range(count)] for a in range(count)]
    for middle, a, b in product(range(count), repeat=3):
        reach[a][b] = reach[a][b] or (reach[a][middle] and reach[middle][b])
    wanted = [sum(1 << b for b in range(count) if reach[a][b]) for a in range(count)]
    assert list(program.after) == wanted


@pytest.mark.parametrize("name", FLOWS)
def test_before_is_the_converse_of_after(name: str) -> None:
    program = load().flow(name)
    for one, other in product(range(len(program.hops)), repeat=2):
        assert (program.after[one] >> other & 1) == (program.before[other] >> one & 1)
        if program.enabled_by[other] >> one & 1:
            assert program.before[other] >> one & 1


def test_pull_is_free_where_the_texts_leave_it_free() -> None:
    pull = load().flow("pull")
    assert before(pull, "6") == {"2", "3"}
    assert before(pull, "8") == {"2", "3", "6", "7"}
    assert before(pull, "10") == {"2", "3", "6", "7"}
    assert not before(pull, "11") & {"4", "5", "8", "9"}
    assert not before(pull, "14") & {"12", "13"}


def test_interworking_answers_after_it_was_acknowledged() -> None:
    out = load().flow("interwork-out")
    assert "6" in before(out, "7")
    assert "8" in before(out, "9")


def test_a_send_may_cross_the_bye_of_the_other_side() -> None:
    end = END.replace("CPM Participating Function A", "CPM Client A")
    program = build(INVITE + ANSWER + SEND + end)
    assert before(program, "end") >= {"1", "2"}
    send = next(hop.index for hop in program.hops if hop.number == "5")
    bye = next(hop.index for hop in program.hops if hop.number == "end")
    assert not program.after[send] >> bye & 1


def test_any_order_orders_nothing() -> None:
    free = build(
        INVITE
        + ANSWER
        + "  in any order:\n"
        + "    5. CPM Participating Function A sends OPTIONS to SIP/IP Core A.\n"
        + "    6. CPM Participating Function A sends MESSAGE to SIP/IP Core A.\n"
    )
    assert "5" not in before(free, "6")
    assert "1" in before(free, "6")
