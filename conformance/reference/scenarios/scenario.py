"""A scenario: who lives in the world, what they do, and what a judge must say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault, edited, world_with
from conformance.reference.network.medium import Passed
from conformance.reference.network.simulation import Simulation
from conformance.reference.network.tap import EVERYWHERE, Tap
from conformance.reference.world.setting import WorldSetting
from conformance.reference.world.world import World, simulated

Script = Callable[[World], None]
"""Gives the parties' users their commands, each at its time by `world.simulation.after`."""

LASTS = 300 * SECOND
"""How long a scenario lasts that says nothing of it, in ns: long enough for a session to end."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of the world that shows a flow, well or badly.

    `flow` is the flow's id, "" for traffic of none; `verdict` what a judge must say (`pass`,
    `inconc`, `fail`, `none`), `requirement` the one that is broken, `reason` the code of an
    inconclusive one. `lasts`: ns after which the recording ends.
    `roles` are told to the judge where the traffic says too little of who is who; `preferences`
    says that the reference's comparison is to know the world's preferences.
    """

    flow: str
    name: str
    shows: str
    script: Script
    setting: WorldSetting = field(default_factory=WorldSetting)
    verdict: str = "pass"
    requirement: str = ""
    reason: str = ""
    faults: tuple[Fault, ...] = ()
    tap: Tap = EVERYWHERE
    lasts: int = LASTS
    roles: tuple[str, ...] = ()
    preferences: bool = False

    @property
    def path(self) -> str:
        """Where its capture lies in a folder of captures."""
        if not self.flow:
            return f"ordinary/{self.name}.pcapng"
        kind = {"pass": "accepted", "fail": "rejected"}.get(self.verdict, "inconclusive")
        broken = f"{self.requirement.replace('/', '-step-')}_" if self.verdict == "fail" else ""
        return f"{self.flow}/{kind}_{broken}{self.name}.pcapng"

    def broken_by(self, *faults: Fault, requirement: str, shows: str) -> "Scenario":
        """The same with faults planted, which break a requirement; named for the first."""
        return replace(
            self,
            name=faults[0].id,
            shows=shows,
            verdict="fail",
            requirement=requirement,
            faults=faults,
        )


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that has been run: the world as it ended, and what passed in it."""

    scenario: Scenario
    world: World
    passed: list[Passed]


def play(scenario: Scenario, simulation: Simulation | None = None) -> Played:
    """Run a scenario to its end, on its own simulated network unless another is given.

    Raises SimulationError for one that finds none.
    """
    simulation = simulation or simulated(scenario.setting)
    world = world_with(scenario.setting, scenario.faults, simulation)
    try:
        scenario.script(world)
        simulation.run(until=scenario.setting.begin + scenario.lasts)
        return Played(scenario, world, edited(simulation.passed, scenario.faults))
    finally:
        world.close()
