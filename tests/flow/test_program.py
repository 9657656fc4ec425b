from dataclasses import FrozenInstanceError

import pytest

from conformance.flow.program import Field, Level, Operator, Test
from tests.flow.sample import ANSWER, INVITE, build


def test_a_program_is_a_value() -> None:
    program = build(INVITE + ANSWER)
    with pytest.raises(FrozenInstanceError):
        program.id = "y"  # type: ignore[misc]
    assert program == build(INVITE + ANSWER)


def test_conditions_are_hashable_values() -> None:
    one = Test(Field("Event"), Operator.IS, ("x",))
    assert {one, Test(Field("Event"), Operator.IS, ("x",))} == {one}
    assert Level("shall") is Level.SHALL
