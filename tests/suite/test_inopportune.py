import pytest

from conformance.reference.scenarios.scenario import play
from conformance.suite.inopportune import CHUNKS, SCENARIOS
from conformance.suite.simulation import trace_of

SIMULATED = [one for one in SCENARIOS if not one.wrapped]


@pytest.mark.parametrize("case", SIMULATED, ids=lambda one: one.id)
def test_each_case_can_be_played_in_the_simulation_and_the_device_speaks(case):
    trace = trace_of(play(case.scenario))
    host = case.scenario.setting.host(case.sut)
    assert any(one.source.host == host for one in trace.items if hasattr(one, "source"))


def test_the_kinds_of_what_comes_at_the_wrong_moment_are_there():
    names = {one.scenario.name for one in SCENARIOS}
    assert {f"chunks-of-{size}" for size in CHUNKS} <= names
    assert {"message-twice", "invite-twice", "notify-twice", "garbage-between"} <= names
    assert {"connection-lost", "no-answer", "late-answer", "subscribed-twice"} <= names
