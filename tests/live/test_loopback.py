import os
from dataclasses import replace

import pytest

from conformance.flow.library import load
from conformance.live.loopback import LOOPBACK, on_loopback, play_on_sockets
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

FULL = bool(os.environ.get("CPMSPEC_FULL_LAWS"))

TIMED = {
    "crossing-byes": "whether they cross is how long each is on its way",
    "client-ends-before-all": "so is how much has come by then",
    "all-retrieved": "so is what the list says in between",
    "preferred-kept": "as above",
    "retried-after-silence": "its link fails",
}
"""What depends on how long a way takes, which is never the same on sockets."""


def comparable(scenario: Scenario) -> bool:
    """Whether sockets of one machine can show the same: nothing lost, and several hosts."""
    setting = scenario.setting
    plain = setting.conditions == NORMAL and not setting.links and not setting.ipv6
    return plain and scenario.tap == EVERYWHERE and scenario.name not in TIMED


EVERY = [one for flow in catalogue.MODULES for one in catalogue.scenarios(flow) if comparable(one)]
PLAIN = [catalogue.scenarios(flow)[0] for flow in catalogue.MODULES if flow]
# All of them run where the laws are tried in full; else the plain ones, and some of the others.
CHOSEN = EVERY if FULL else [*PLAIN, *(one for one in EVERY[::12] if one not in PLAIN)]


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda one: f"{one.flow}/{one.name}")
def test_the_same_script_gives_the_same_trace_on_sockets_and_simulated(scenario):
    # Given a scenario, at loopback addresses,
    scenario = replace(scenario, setting=on_loopback(scenario.setting, NETWORK))
    # when it is played on both,
    simulated = trace_of(play(scenario))
    ran = play_on_sockets(scenario, network=NETWORK)
    # then the traces are the same but for identities and times, and so is what the judge says.
    trace = ran.trace()
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
    trace = play_on_sockets(scenario, network=NETWORK).trace()
    results, _ = verdicts(trace, scenario, load(None))
    assert {one.verdict for one in results} == {Verdict.PASS}


def test_a_participating_function_can_be_restarted_on_sockets(tmp_path):
    def script(world):
        world.simulation.after(1_000_000_000, world.restart_pf)
        world.simulation.after(2_000_000_000, world.client.register)

    setting = WorldSetting(queue_path=str(tmp_path / "queue"))
    ran = play_on_sockets(Scenario("", "restart", "a restart", script, setting), network=NETWORK)
    assert [note.note.what for note in ran.world.simulation.notes if note.party == "client"]


def test_a_run_without_an_end_is_an_error(monkeypatch):
    monkeypatch.setattr("conformance.live.loopback.MAX_EVENTS", 50)

    def script(world):
        def again():
            world.simulation.after(1, again)

        again()

    with pytest.raises(SimulationError, match="find no end"):
        play_on_sockets(Scenario("", "endless", "no end", script), network=NETWORK)


def test_the_world_moves_to_loopback_whole():
    assert on_loopback(WorldSetting()).host("pf").startswith(f"{LOOPBACK}.")
