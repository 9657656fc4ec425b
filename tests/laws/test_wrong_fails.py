"""Conforming worlds under conditions that chance made: nobody may convict anybody in them."""

import pytest

from benchmarks.wrong_fails import accepted, hunt, named

RUNS = 12


@pytest.mark.parametrize("flow", sorted({one.flow for one in accepted()}))
def test_that_no_judge_convicts_what_conforms(flow: str) -> None:
    chosen = accepted([flow])
    names = [named(f"suite-{flow}", number, chosen) for number in range(RUNS)]
    convicted = [(one.name, one.told, found) for one in hunt(names) for found in one.convicted]
    assert convicted == []


def test_that_a_name_tells_all_of_a_run() -> None:
    chosen = accepted(["push"])
    name = named("suite", 1, chosen)
    first, second = hunt([name, name])
    assert first == second
