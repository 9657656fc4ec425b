"""What goes from party to party, through sockets of this machine: hops that take no time.

Whoever runs the parties says when something is sent. It leaves the sender's socket here, and is
read from the socket of whom it is for, before anything else happens; no party is told of it.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from conformance.live.clock import Timekeeper
from conformance.live.plumbing import Plumbing
from conformance.live.recorder import Recorder
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Datagram,
    Effect,
    Event,
    Octets,
    Open,
    Opened,
)
from conformance.reference.network.medium import MAX_DATAGRAM
from conformance.reference.network.network import Hosted
from conformance.reference.network.simulation import SimulationError

E = TypeVar("E", Accepted, Closed, Datagram, Octets, Opened)

_PATIENCE = 50_000
"""Turns of the loop that octets may take from one end of this machine to the other."""


class Plug:
    """What the sockets of one host take for its component: it keeps what comes."""

    def __init__(self, host: str, listening: tuple[Endpoint, ...]) -> None:
        self.host = host
        self.listening = listening
        self.came: list[Event] = []
        self._wanted: list[Effect] = []

    def want(self, effect: Effect) -> None:
        """Have something done when this is asked next."""
        self._wanted.append(effect)

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Keep an event."""
        self.came.append(event)
        return []

    def wake(self, now: int) -> list[Effect]:
        """Nothing is ever due."""
        return []

    def next_deadline(self) -> int | None:
        """When to wake it next: never."""
        return None

    def effects(self) -> list[Effect]:
        """What is to be done since this was asked last."""
        found, self._wanted = self._wanted, []
        return found

    def take(self, kind: type[E]) -> list[E]:
        """What has come, all of one kind; SimulationError for anything else."""
        came, self.came = self.came, []
        found = [one for one in came if isinstance(one, kind)]
        if not found or len(found) < len(came):
            raise SimulationError(f"{came} came to {self.host}, not {kind.__name__} alone")
        return found


@dataclass(eq=False, slots=True)
class _Cable:
    """A connection that is really there, as the sockets at both ends know it.

    `named` is what the opener's was asked for, and goes by; where that port was taken it is
    another in truth. `done`: the hosts that have closed it, or know that it is closed.
    """

    named: Connection
    near: Connection
    far: Connection
    done: set[str] = field(default_factory=set)


class Cables:
    """Sockets for the parties of one run. Every call lets the event loop turn.

    Raises PlumbingError for an address that cannot be had, SimulationError for what never comes.
    """

    def __init__(self, clock: Timekeeper, recorder: Recorder | None = None) -> None:
        self._clock = clock
        self._recorder = recorder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._plumbing: Plumbing | None = None
        self._plugs: dict[str, Plug] = {}
        self._cables: dict[Connection, _Cable] = {}

    def begin(self, components: Iterable[Hosted]) -> None:
        """Bind what they listen at."""
        self._plugs = {one.host: Plug(one.host, one.listening) for one in components}
        self._plumbing = Plumbing(self._plugs.values(), self._clock, recorder=self._recorder)
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._plumbing.start())

    def stop(self) -> None:
        """Close everything."""
        if self._loop is not None and self._plumbing is not None:
            self._loop.run_until_complete(self._plumbing.stop())
            self._loop.close()
        self._loop = self._plumbing = None

    def datagram(self, datagram: Datagram) -> Datagram:
        """Send a datagram; what is read. What nobody listens for is sent, and as it was.

        One that is too long stays as it is, whoever runs the parties will say so; and an empty
        one, since asyncio sends none.
        """
        plug = self._listens(datagram.destination)
        if not 0 < len(datagram.octets) <= MAX_DATAGRAM:
            return datagram
        self._hop(datagram.source.host, datagram, lambda: plug is None or bool(plug.came))
        if plug is None:
            return datagram
        (came,) = plug.take(Datagram)
        return came

    def open(self, connection: Connection) -> Connection:
        """Open a connection; how it is named in truth. Where nobody listens none is opened."""
        far = self._listens(connection.remote)
        if far is None:
            return connection
        near = self._plugs[connection.local.host]
        self._hop(
            near.host,
            Open(connection),
            lambda: bool(near.came and far.came) or _is_over(near),
        )
        near.take(Opened)
        (accepted,) = far.take(Accepted)
        there = accepted.connection
        here = Connection(there.remote, there.local)
        self._cables[here] = self._cables[there] = _Cable(connection, here, there)
        return here

    def octets(self, connection: Connection, octets: bytes) -> bytes:
        """Write octets; what is read at the other end. Without a connection nothing is written."""
        cable = self._cables.get(connection)
        if cable is None or not octets:
            return octets
        plug = self._plugs[connection.remote.host]
        self._hop(
            connection.local.host,
            Octets(_at_socket(cable, connection), octets),
            lambda: _length(plug) >= len(octets) or _is_over(plug),
        )
        return b"".join(one.octets for one in plug.take(Octets))

    def done(self, connection: Connection) -> None:
        """One end closes, or knows that it is closed; the sockets do so when both have."""
        cable = self._cables.get(connection)
        if cable is None:
            return
        cable.done.add(connection.local.host)
        ends = [self._plugs[one.local.host] for one in (cable.near, cable.far)]
        if len(cable.done) < len(ends):
            return
        del self._cables[cable.near], self._cables[cable.far]
        closing = Close(_at_socket(cable, connection))
        self._hop(connection.local.host, closing, lambda: all(one.came for one in ends))
        for one in ends:
            one.take(Closed)

    def gone(self, host: str) -> None:
        """A party knows nothing any more of what it had open."""
        for connection in [one for one in self._cables if one.local.host == host]:
            self.done(connection)

    def _listens(self, endpoint: Endpoint) -> Plug | None:
        """Who listens there; None if nobody does."""
        if self._plumbing is None:
            raise SimulationError(f"something is sent to {endpoint} before there are sockets")
        plug = self._plugs.get(endpoint.host)
        return plug if plug is not None and endpoint in plug.listening else None

    def _hop(self, host: str, effect: Effect, has_come: Callable[[], bool]) -> None:
        """Let something be done at a host, and wait until it has come to the other."""
        self._plugs[host].want(effect)
        if self._loop is not None and self._plumbing is not None:
            self._loop.run_until_complete(_do(self._plumbing, has_come))


async def _do(plumbing: Plumbing, has_come: Callable[[], bool]) -> None:
    plumbing.settle()
    for turn in range(_PATIENCE):
        await asyncio.sleep(0 if turn < 50 else 0.0002)
        if has_come():
            return
    raise SimulationError("octets got lost between two sockets of this machine")


def _at_socket(cable: _Cable, connection: Connection) -> Connection:
    """How the socket at this end names it."""
    return cable.named if connection == cable.near else connection


def _length(plug: Plug) -> int:
    return sum(len(one.octets) for one in plug.came if isinstance(one, Octets))


def _is_over(plug: Plug) -> bool:
    return any(isinstance(one, Closed) for one in plug.came)
