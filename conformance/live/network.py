"""Parties of the world on sockets, with the interface of the simulated network."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from heapq import heappop, heappush

from conformance.cpm.role import Role
from conformance.live.clock import Timekeeper
from conformance.live.plumbing import Plumbing
from conformance.live.recorder import Recorder
from conformance.live.tls import Security
from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Effect, Event, Note
from conformance.reference.network.medium import STILL, Medium
from conformance.reference.network.network import Hosted, PartyNote
from conformance.reference.network.simulation import SimulationError

MAX_NOTES = 100_000
"""Notes that are kept; what parties note beyond is told only."""

Wrap = Callable[[Hosted], Hosted]
"""Puts something around a component."""

Told = Callable[[PartyNote], None]
"""Is told what a party notes."""


class Seat:
    """Where a component sits on the network; another may take its place."""

    def __init__(self, name: str, role: Role | None, component: Hosted) -> None:
        self.name = name
        self.role = role
        self.component = component

    @property
    def host(self) -> str:
        """The address of the component."""
        return self.component.host

    @property
    def listening(self) -> tuple[Endpoint, ...]:
        """The endpoints that take datagrams and connections."""
        return self.component.listening

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Let the component take an event."""
        return self.component.receive(now, event)

    def wake(self, now: int) -> list[Effect]:
        """Let what is due happen."""
        return self.component.wake(now)

    def next_deadline(self) -> int | None:
        """When to wake it next; None for never."""
        return self.component.next_deadline()

    def effects(self) -> list[Effect]:
        """What is to be done since this was asked last."""
        return self.component.effects()


class SocketNetwork:
    """Those parties that are ours, on sockets; the others are somewhere else.

    `absent` names the parties that others play: they are known, and never run. `medium` is there
    because scripts may ask for it; sockets behave as they do, whatever it says. `wrapped`: what
    is put around a party, by its name.
    """

    def __init__(
        self,
        clock: Timekeeper,
        *,
        absent: frozenset[str] = frozenset(),
        wrapped: Mapping[str, Wrap] | None = None,
        told: Told | None = None,
    ) -> None:
        self.clock = clock
        self.parties: dict[str, Seat] = {}
        self.notes: list[PartyNote] = []
        self.medium = Medium(Chance("sockets"), STILL)
        self.plumbing: Plumbing | None = None
        self._absent = absent
        self._wrapped = dict(wrapped or {})
        self._told = told
        self._commands: list[tuple[int, int, Callable[[], object]]] = []
        self._count = 0

    @property
    def now(self) -> int:
        """The time, in ns since 1970-01-01 UTC."""
        return self.clock.now()

    @property
    def next_command(self) -> int | None:
        """When a user or operator does something next, in ns; None for never."""
        return self._commands[0][0] if self._commands else None

    def add(self, name: str, role: Role | None, component: Hosted) -> Seat:
        """Put a party on the network. SimulationError for a second one of its name."""
        if name in self.parties:
            raise SimulationError(f"there are two parties {name}")
        component.wake(self.now)
        if name in self._wrapped:
            component = self._wrapped[name](component)
        seat = self.parties[name] = Seat(name, role, component)
        return seat

    def replace(self, name: str, component: Hosted) -> None:
        """Put another component in a party's place, at the same host: its connections are gone.

        SimulationError if there is no such party there.
        """
        seat = self.parties.get(name)
        if seat is None or seat.host != component.host:
            raise SimulationError(f"there is no party {name} at {component.host}")
        if self.plumbing is not None:
            self.plumbing.drop(seat)
        seat.component = component
        if self.plumbing is not None:
            self.plumbing.settle()

    def at(self, time: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something at a time; at once if that is over."""
        self._count += 1
        heappush(self._commands, (max(time, self.now), self._count, command))

    def after(self, ns: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something in so many ns."""
        self.at(self.now + ns, command)

    def plumb(
        self,
        recorder: Recorder,
        *,
        security: Security | None = None,
        secure: frozenset[Endpoint] = frozenset(),
    ) -> Plumbing:
        """The plumbing of our parties, not yet started."""
        ours = [seat for name, seat in self.parties.items() if name not in self._absent]
        self.plumbing = Plumbing(
            ours, self.clock, recorder=recorder, security=security, secure=secure, told=self._note
        )
        return self.plumbing

    def obey(self) -> None:
        """Do what users and operators do at or before this time."""
        plumbing = self.plumbing
        while plumbing is not None and self._commands and self._commands[0][0] <= self.now:
            plumbing.settle()
            _, _, command = heappop(self._commands)
            command()
            plumbing.settle()

    def _note(self, component: object, note: Note) -> None:
        name = component.name if isinstance(component, Seat) else ""
        found = PartyNote(self.now, name, note)
        if len(self.notes) < MAX_NOTES:
            self.notes.append(found)
        if self._told is not None:
            self._told(found)


async def obey_always(network: SocketNetwork) -> None:
    """Do what users and operators do, each at its time, for ever: for a clock that runs."""
    while True:
        network.obey()
        time = network.next_command
        seconds = None if time is None else network.clock.seconds_until(time)
        await asyncio.sleep(0.02 if seconds is None else min(seconds, 0.02))


def quietly(loop: asyncio.AbstractEventLoop, tell: Callable[[str], None]) -> None:
    """Let errors that asyncio would log with a traceback be told in a line."""
    loop.set_exception_handler(partial(_tell, tell))


def _tell(
    tell: Callable[[str], None], loop: asyncio.AbstractEventLoop, context: dict[str, object]
) -> None:
    error = context.get("exception")
    detail = f": {error}" if error is not None else ""
    tell(f"{context.get('message', 'a socket went wrong')}{detail}")
