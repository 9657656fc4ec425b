"""Scenarios on sockets of this machine alone: what comes first is what the sockets bring first.

No link delays or loses anything, and nothing is the simulation's. The clock steps from event to
event, so that no run depends on how fast the machine is.
"""

import asyncio
from dataclasses import dataclass
from io import BytesIO

from conformance.capture.native import NativeSource
from conformance.live.clock import SteppedClock
from conformance.live.loopback import LOOPBACK, on_loopback
from conformance.live.network import SocketNetwork
from conformance.live.plumbing import Plumbing
from conformance.live.recorder import Recorder
from conformance.observation.trace import CaptureHealth, Trace
from conformance.reference.faults.fault import world_with
from conformance.reference.network.simulation import SimulationError
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.world import World

MAX_EVENTS = 1_000_000
"""Steps of one run."""

_PATIENCE = 200_000
"""Turns of the loop that octets may take from one end of this machine to the other."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A scenario that has been run on sockets: the world as it ended, and its capture."""

    scenario: Scenario
    world: World
    octets: bytes

    def trace(self) -> Trace:
        """What a reader sees in the capture."""
        name = f"{self.scenario.flow}/{self.scenario.name}"
        source = NativeSource(CaptureHealth(name, "sockets"), 0, lambda: BytesIO(self.octets))
        return Trace(list(source), source.health)


class Stepped(SocketNetwork):
    """Parties on loopback addresses, under a clock that steps."""

    def __init__(self, begin: int) -> None:
        self.stepped = SteppedClock(begin)
        super().__init__(self.stepped)

    async def run(self, until: int, recorder: Recorder) -> None:
        """Let happen what happens up to a time.

        PlumbingError for an address that cannot be had, SimulationError when there is no end.
        """
        plumbing = self.plumb(recorder)
        await plumbing.start()
        try:
            for _ in range(MAX_EVENTS):
                await _quiet(plumbing)
                if not self._step(plumbing, until):
                    return
            raise SimulationError(f"more than {MAX_EVENTS} events: the parties find no end")
        finally:
            await plumbing.stop()

    def _step(self, plumbing: Plumbing, until: int) -> bool:
        """Let the next thing happen; False if there is none in time."""
        if plumbing.error is not None:
            raise plumbing.error
        times = [self.next_command, plumbing.next_deadline()]
        upcoming = min((time for time in times if time is not None), default=None)
        if upcoming is None or upcoming > until:
            return False
        self.stepped.move(upcoming)
        self.obey()
        plumbing.settle()
        return True


def play_in_steps(scenario: Scenario, network: str = LOOPBACK) -> Ran:
    """Run a scenario on loopback sockets to its end.

    PlumbingError where its addresses cannot be had; SimulationError for one that finds no end.
    """
    scenario = on_loopback(scenario, network)
    setting = scenario.setting
    stepped = Stepped(setting.begin)
    world = world_with(setting, scenario.faults, stepped)
    file = BytesIO()
    try:
        scenario.script(world)
        recorder = Recorder(file, scenario.shows, name="stepped")
        asyncio.run(stepped.run(setting.begin + scenario.lasts, recorder))
    finally:
        world.close()
    return Ran(scenario, world, file.getvalue())


async def _quiet(plumbing: Plumbing) -> None:
    """Wait until nothing is on its way. SimulationError for what never arrives."""
    for turn in range(_PATIENCE):
        await asyncio.sleep(0 if turn < 50 else 0.0002)
        if plumbing.is_quiet or plumbing.error is not None:
            return
    raise SimulationError("octets got lost between two sockets of this machine")
