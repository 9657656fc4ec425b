import pytest

from conformance.flow.library import load
from conformance.flow.show import WIDTH, show


@pytest.mark.parametrize("name", sorted(load().flows))
def test_every_step_requirement_and_reading_is_shown(name: str) -> None:
    program = load().flow(name)
    said = " ".join(show(program).split())
    for step in program.steps:
        assert f"{step.label}" in said
        for requirement in step.requirements[1:]:
            assert f"[{requirement.id}]" in said
    for reading in program.interpretations:
        assert " ".join(reading.split()) in said
    assert all(len(line) <= WIDTH for line in show(program).split("\n"))


def test_blocks_are_named_once_and_nested() -> None:
    said = show(load().flow("pull"))
    assert said.count("meanwhile:") == said.count("\nand:") == 1
    assert "\n  optionally, if actions.retrieve of 10-11 present:\n    14. " in said
