"""Scenarios on sockets of this machine: the same script as in the simulation, other wires.

Every octet that a party sends leaves its socket, and is read from the socket of whom it is for.
What was read there the links of the simulated network then delay, lose, double or let overtake,
as its seed has it; the tap in their middle sees it, and its receiver gets it when they say. So
the order is that of the simulation, and a run depends on nothing that the machine does else.

Of a connection the sockets carry what is written, and are opened and closed; the segments of it,
with their handshakes, acknowledgements and retransmissions, are the network's, since no program
sees those of a socket. The same is so of the fragments of a datagram.

Every party needs an address: Linux has all of 127.0.0.0/8; those of IPv6 somebody must give.
"""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.live.cables import Cables
from conformance.live.recorder import Recorder
from conformance.reference.engine.component import (
    Close,
    Closed,
    Connection,
    Datagram,
    Effect,
    Event,
    Octets,
    Open,
)
from conformance.reference.network.network import Hosted
from conformance.reference.network.simulation import MAX_EVENTS, Party, Simulation
from conformance.reference.network.wrapped import Wrapped
from conformance.reference.scenarios.scenario import Played, Scenario, play
from conformance.reference.world.setting import WorldSetting

LOOPBACK = "127.77"
"""The first half of the addresses of parties on loopback."""


class Cabled(Wrapped):
    """A component whose effects pass through sockets before the network has them.

    A connection whose port was taken the component knows by the name that it gave it, the
    network by the one that it has.
    """

    def __init__(self, component: Hosted, cables: Cables) -> None:
        super().__init__(component)
        self._cables = cables
        self._real: dict[Connection, Connection] = {}
        self._named: dict[Connection, Connection] = {}

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event; of the end of a connection, its socket first."""
        if isinstance(event, Closed):
            self._cables.done(event.connection)
        if not isinstance(event, Datagram) and event.connection in self._named:
            event = event._replace(connection=self._named[event.connection])
        return super().receive(now, event)

    def _passed(self, effects: list[Effect]) -> list[Effect]:
        return [self._pass(effect) for effect in effects]

    def _pass(self, effect: Effect) -> Effect:
        match effect:
            case Datagram():
                return self._cables.datagram(effect)
            case Open(connection):
                real = self._real[connection] = self._cables.open(connection)
                self._named[real] = connection
                return effect._replace(connection=real)
            case Octets(connection, octets):
                real = self._real.get(connection, connection)
                return Octets(real, self._cables.octets(real, octets))
            case Close(connection):
                real = self._real.get(connection, connection)
                self._cables.done(real)
                return Close(real)
            case _:
                return effect


class Loopback(Simulation):
    """Parties on loopback addresses, in the time and on the links of a simulation.

    `recorder` is told what passes the sockets, when it is sent.
    """

    def __init__(self, setting: WorldSetting, recorder: Recorder | None = None) -> None:
        super().__init__(setting.seed, setting.begin, setting.conditions, setting.host_links)
        self._cables = Cables(_Now(self), recorder)

    def add(self, name: str, role: Role | None, component: Hosted) -> Party:
        """Put a party on the network, at its component's host."""
        return super().add(name, role, Cabled(component, self._cables))

    def replace(self, name: str, component: Hosted) -> None:
        """Put another component in a party's place, at the same host: its connections are gone.

        SimulationError if there is no such party there.
        """
        self._cables.gone(component.host)
        super().replace(name, Cabled(component, self._cables))

    def run(self, until: int | None = None, *, max_events: int = MAX_EVENTS) -> None:
        """Let happen what happens up to a time, once: the sockets are closed at the end.

        PlumbingError for an address that cannot be had, SimulationError when there is no end.
        """
        try:
            self._cables.begin(party.component for party in self.parties.values())
            super().run(until, max_events=max_events)
        finally:
            self._cables.stop()


class _Now:
    """The time of a simulation, which passes by nobody's waiting."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def now(self) -> int:
        """The time, in ns since 1970-01-01 UTC."""
        return self._simulation.now

    def arrival(self) -> int:
        """The same: a hop takes none."""
        return self._simulation.now

    def seconds_until(self, time: int) -> float | None:
        """None: waiting brings no time nearer."""
        return None


def on_loopback(scenario: Scenario, network: str = LOOPBACK) -> Scenario:
    """The same scenario at loopback addresses; one of IPv6 keeps those that it has."""
    if scenario.setting.ipv6:
        return scenario
    before = f"{scenario.setting.network}."
    roles = tuple(rule.replace(before, f"{network}.") for rule in scenario.roles)
    return replace(scenario, setting=replace(scenario.setting, network=network), roles=roles)


def play_on_sockets(
    scenario: Scenario, network: str = LOOPBACK, recorder: Recorder | None = None
) -> Played:
    """Run a scenario on loopback sockets to its end.

    PlumbingError where its addresses cannot be had; SimulationError for one that finds no end.
    """
    scenario = on_loopback(scenario, network)
    return play(scenario, Loopback(scenario.setting, recorder))
