"""Scenarios: what they are called, how they are broken, how they are played."""

import pytest

from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.network.simulation import SimulationError
from conformance.reference.scenarios.scenario import Scenario, play
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World


def registers(world: World) -> None:
    """Alice's device registers."""
    world.simulation.after(SECOND, world.client.register)


class NeverRegisters(CpmClient):
    """A client that does not register."""

    def register(self) -> None:
        """Do nothing."""


PLAIN = Scenario("push", "plain", "a registration", registers)


@pytest.mark.parametrize(
    ("verdict", "requirement", "path"),
    [
        ("pass", "", "push/accepted_plain.pcapng"),
        ("inconc", "", "push/inconclusive_plain.pcapng"),
        ("none", "", "push/inconclusive_plain.pcapng"),
        ("fail", "SD-1", "push/rejected_SD-1_plain.pcapng"),
        ("fail", "push/2-3", "push/rejected_push-step-2-3_plain.pcapng"),
    ],
)
def test_a_capture_is_named_for_what_it_shows(verdict: str, requirement: str, path: str):
    one = Scenario("push", "plain", "x", registers, verdict=verdict, requirement=requirement)
    assert one.path == path


def test_traffic_of_no_flow_is_ordinary():
    assert Scenario("", "plain", "x", registers, verdict="none").path == "ordinary/plain.pcapng"


def test_a_broken_one_is_named_for_its_fault():
    fault = Fault("client-never-registers", "client", NeverRegisters)
    broken = PLAIN.broken_by(fault, requirement="SD-1", shows="nobody registers")
    assert (broken.name, broken.verdict, broken.requirement) == (fault.id, "fail", "SD-1")
    assert (broken.shows, broken.faults) == ("nobody registers", (fault,))
    assert (broken.flow, broken.script, broken.setting) == ("push", registers, PLAIN.setting)


def test_it_is_played_for_as_long_as_it_lasts():
    played = play(PLAIN)
    assert played.scenario is PLAIN
    assert played.world.simulation.now == PLAIN.setting.begin + PLAIN.lasts
    assert played.world.client.is_registered
    assert played.passed == played.world.simulation.passed != []


def test_faults_are_played():
    broken = PLAIN.broken_by(
        Fault("f", "client", NeverRegisters), requirement="SD-1", shows="nobody registers"
    )
    assert play(broken).passed == []


def test_the_same_is_played_the_same():
    assert play(PLAIN).passed == play(PLAIN).passed
    other = Scenario("push", "plain", "x", registers, WorldSetting(seed="2"))
    assert play(other).passed != play(PLAIN).passed


def test_the_stores_are_closed_whatever_happens():
    # given
    worlds = []

    def stumbles(world: World) -> None:
        worlds.append(world)
        raise SimulationError("no end")

    # when
    with pytest.raises(SimulationError, match="no end"):
        play(Scenario("push", "plain", "x", stumbles))
    # then
    with pytest.raises(Exception, match="closed"):
        worlds[0].queue.users()
