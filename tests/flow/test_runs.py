import pytest

from conformance.flow.library import load
from conformance.flow.program import All, Field, Operator, Test
from conformance.flow.runs import MAX_RUNS, TooManyRunsError, guards, runs
from conformance.flow.tree import Shape, Tree


def test_union_product_with_and_without() -> None:
    choice = Tree(Shape.CHOICE, [1, 2])
    option = Tree(Shape.OPTION, [3])
    assert set(runs(Tree(Shape.SEQUENCE, [0, choice, option]))) == {0b1011, 0b1101, 0b11, 0b101}
    assert runs(Tree(Shape.PARALLEL, [0, 1])) == (0b11,)


def test_too_many_runs_are_noticed_early() -> None:
    many = Tree(Shape.SEQUENCE, [Tree(Shape.OPTION, [n]) for n in range(500)])
    with pytest.raises(TooManyRunsError):
        runs(many)


def test_an_inner_if_holds_with_the_outer() -> None:
    one, other = Test(Field("Event"), Operator.PRESENT), Test(Field("Expires"), Operator.PRESENT)
    inner = Tree(Shape.OPTION, [0], other)
    found = guards(Tree(Shape.OPTION, [inner, 1], one))
    assert [(guard.condition, guard.steps) for guard in found] == [
        (one, 0b10),
        (All((one, other)), 0b01),
    ]


def test_conflicts_are_mutual_and_never_within_a_run() -> None:
    for program in load().flows.values():
        assert 0 < len(program.runs) <= MAX_RUNS
        for hop in program.hops:
            for other in program.hops:
                conflict = program.conflict[hop.index] >> other.index & 1
                assert conflict == program.conflict[other.index] >> hop.index & 1
                both = 1 << hop.step | 1 << other.step
                if conflict:
                    assert not any(run & both == both for run in program.runs)


def test_runs_of_the_nine_flows() -> None:
    counts = {name: len(program.runs) for name, program in load().flows.items()}
    assert counts == {
        "chat-deferred": 10, "interwork-in": 1, "interwork-out": 1, "pull": 5, "pull-notify": 5,
        "push": 1, "push-large": 1, "push-pager": 1, "undelivered": 1,
    }  # fmt: skip
