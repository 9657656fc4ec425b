import pytest

from conformance.flow.errors import FlowSemanticError
from tests.flow.sample import ANSWER, HEAD, INVITE, build


def test_identified_by_several_steps_and_by_one_hop() -> None:
    program = build(INVITE + ANSWER, HEAD.replace("by 1-2", "by 2 or 3-4 where Event present"))
    assert program.identified.hops == 0b1110
    assert len(program.identified.where) == 1


def test_hop_and_step_indices_are_bits() -> None:
    program = build(INVITE + ANSWER)
    assert [hop.index for hop in program.hops] == [0, 1, 2, 3]
    assert [hop.number for hop in program.hops] == ["1", "2", "3", "4"]
    assert [step.hops for step in program.steps] == [(0, 1), (2, 3)]
    assert program.runs == (0b11,)
    assert program.conflict == (0, 0, 0, 0)


def test_aliases_keep_the_order_of_the_table() -> None:
    assert next(iter(build(INVITE + ANSWER).aliases.values())) == ("CPM Client A", "Handset")


def test_a_later_step_is_no_value_for_an_earlier_condition() -> None:
    with pytest.raises(FlowSemanticError, match="printed only after"):
        build(INVITE + "    where Event is Event of 3-4\n" + ANSWER)
