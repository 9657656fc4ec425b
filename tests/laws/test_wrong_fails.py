"""Conforming worlds under conditions that chance made: nobody may convict anybody in them."""

import pytest

from benchmarks.wrong_fails import accepted, hunt, named

RUNS = 12

MENDED = {
    "j20a/1017@pull/only-store": "a SUBSCRIBE sent again whose first copy was not captured",
    "j20b/2026@pull/preferred-kept": "a list that left before its message's answer arrived",
    "j20b/2270@pull/only-interwork": "an ACK that was lost on its way to the pf",
    "p/3640@pull/all-retrieved": "an answer over TCP that arrived late at the pf",
}
"""Runs in which somebody was convicted once, and what they show."""


@pytest.mark.parametrize("flow", sorted({one.flow for one in accepted()}))
def test_that_no_judge_convicts_what_conforms(flow: str) -> None:
    chosen = accepted([flow])
    names = [named(f"suite-{flow}", number, chosen) for number in range(RUNS)]
    convicted = [(one.name, one.told, found) for one in hunt(names) for found in one.convicted]
    assert convicted == []


@pytest.mark.parametrize("name", MENDED)
def test_that_what_was_mended_stays_so(name: str) -> None:
    (one,) = hunt([name])
    assert one.convicted == (), f"{MENDED[name]}: {one.told}"


def test_that_a_name_tells_all_of_a_run() -> None:
    chosen = accepted(["push"])
    name = named("suite", 1, chosen)
    first, second = hunt([name, name])
    assert first == second
