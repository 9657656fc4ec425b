import os

import pytest

from conformance.flow.library import load
from conformance.live.loopback import on_loopback
from conformance.live.stepped import play_in_steps
from conformance.reference.network.simulation import SimulationError
from conformance.reference.network.tap import EVERYWHERE
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.reference.world.setting import NORMAL, WorldSetting
from conformance.suite.likeness import differences
from conformance.suite.mutants import verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.verdict import Verdict
from tests.live.echo import NETWORK

FULL = os.environ.get("CPMSPEC_FULL_LAWS", "") not in ("", "0")

TIMED = {
    "crossing-byes": "whether they cross is how long each is on its way",
    "client-ends-before-all": "so is how much has come by then",
    "all-retrieved": "so is what the list says in between",
    "preferred-kept": "as above",
    "retried-after-silence": "its link fails",
}
"""What depends on how long a way takes, and sockets alone take no time."""


def comparable(scenario):
    """Whether sockets of one machine show the same by themselves."""
    setting = scenario.setting
    plain = setting.conditions == NORMAL and not setting.links and not setting.ipv6
    return plain and scenario.tap == EVERYWHERE and scenario.name not in TIMED


EVERY = [one for flow in catalogue.MODULES for one in catalogue.scenarios(flow) if comparable(one)]
PLAIN = [catalogue.scenarios(flow)[0] for flow in catalogue.MODULES if flow]
# All of them run where the laws are tried in full; else the plain ones.
CHOSEN = EVERY if FULL else PLAIN


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda one: f"{one.flow}/{one.name}")
def test_sockets_alone_give_each_conversation_as_it_is_simulated(scenario):
    # Given a scenario, at loopback addresses,
    scenario = on_loopback(scenario, NETWORK)
    # when it is simulated, and played where sockets bring what they bring when they do,
    simulated = trace_of(play(scenario))
    trace = play_in_steps(scenario, NETWORK).trace()
    # then each conversation is the same, and so is what the judge says.
    assert differences(simulated, trace, within="conversation") == []
    here, _ = verdicts(trace, scenario, load(None))
    there, _ = verdicts(simulated, scenario, load(None))
    assert said(here) == said(there)


def said(results):
    return sorted((one.flow, one.verdict) for one in results)


def test_most_scenarios_can_be_compared():
    assert len(EVERY) > 220


@pytest.mark.parametrize("name", ["tcp", "three-core-nodes-tcp", "registration-challenged"])
def test_variants_run_on_sockets_as_well(name):
    scenario = catalogue.scenario("pull", name)
    trace = play_in_steps(scenario, NETWORK).trace()
    results, _ = verdicts(trace, scenario, load(None))
    assert {one.verdict for one in results} == {Verdict.PASS}


def test_a_participating_function_can_be_restarted_on_sockets(tmp_path):
    def script(world):
        world.simulation.after(1_000_000_000, world.restart_pf)
        world.simulation.after(2_000_000_000, world.client.register)

    setting = WorldSetting(queue_path=str(tmp_path / "queue"))
    ran = play_in_steps(Scenario("", "restart", "a restart", script, setting), NETWORK)
    assert [note.note.what for note in ran.world.simulation.notes if note.party == "client"]


def test_a_run_without_an_end_is_an_error(monkeypatch):
    monkeypatch.setattr("conformance.live.stepped.MAX_EVENTS", 50)

    def script(world):
        def again():
            world.simulation.after(1, again)

        again()

    with pytest.raises(SimulationError, match="find no end"):
        play_in_steps(Scenario("", "endless", "no end", script), NETWORK)
