"""Stations back to back on a virtual clock: what one sends, another receives after a while."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Datagram,
    Effect,
    Event,
    Note,
    Octets,
    Open,
    Opened,
    Station,
)
from conformance.reference.engine.timer import MILLISECOND, NETWORK, Timers
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.user_agent import Identity, UserAgent

BEGIN = 1_772_442_000_000_000_000
LATENCY = 10 * MILLISECOND
MAX_EVENTS = 200_000
HOST_A, HOST_B = "10.0.0.1", "10.0.0.2"


class Carried(NamedTuple):
    """Octets that were put on the wire; `number` counts from 0."""

    number: int
    time: int
    source: Endpoint
    destination: Endpoint
    transport: Transport
    octets: bytes

    @property
    def start(self) -> str:
        """The first line."""
        return self.octets.partition(b"\r\n")[0].decode("utf-8", "replace")


class Wire:
    """A network without loss, but for datagrams that `loses` or `doubles` names.

    `refuses` names endpoints where no stream can be opened.
    """

    def __init__(self) -> None:
        self.now = BEGIN
        self.stations: list[Station] = []
        self.carried: list[Carried] = []
        self.notes: list[tuple[str, Note]] = []
        self.loses: Callable[[Carried], bool] = lambda carried: False
        self.doubles: Callable[[Carried], bool] = lambda carried: False
        self.refuses: set[Endpoint] = set()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def add(self, station: Station) -> Station:
        """Connect a station."""
        station.now = self.now
        self.stations.append(station)
        return station

    def run(self, until: int | None = None, *, seconds: float | None = None) -> None:
        """Let everything happen up to a time, or for so many seconds, or until nothing is left."""
        end = until if seconds is None else self.now + int(seconds * 1_000_000_000)
        for _ in range(MAX_EVENTS):
            self.drain()
            due = self._next()
            if due is None or (end is not None and due > end):
                break
            self.now = max(self.now, due)
            self._step()
        else:
            raise AssertionError("the wire never falls silent")
        self.now = self.now if end is None else max(self.now, end)
        for station in self.stations:
            station.now = self.now

    def starts(self) -> list[str]:
        """The first lines of all that was carried."""
        return [carried.start for carried in self.carried]

    def noted(self, what: str) -> list[dict[str, str]]:
        """The details of each note of a kind."""
        return [dict(note.details) for _, note in self.notes if note.what == what]

    def _next(self) -> int | None:
        times = [t for s in self.stations if (t := s.next_deadline()) is not None]
        times += [self._queue[0][0]] if self._queue else []
        return min(times, default=None)

    def _step(self) -> None:
        while self._queue and self._queue[0][0] <= self.now:
            heappop(self._queue)[2]()
        for station in self.stations:
            deadline = station.next_deadline()
            if deadline is not None and deadline <= self.now:
                self._carry_out(station, station.wake(self.now))

    def drain(self) -> None:
        """Carry out what the stations want done, without letting time pass."""
        for station in self.stations:
            self._carry_out(station, station.effects())

    def _later(self, action: Callable[[], None], delay: int = LATENCY) -> None:
        self._count += 1
        heappush(self._queue, (self.now + delay, self._count, action))

    def _station_of(self, host: str) -> Station | None:
        return next((station for station in self.stations if station.host == host), None)

    def _tell(self, host: str, event: Event) -> None:
        station = self._station_of(host)
        if station is not None:
            self._later(lambda: self._carry_out(station, station.receive(self.now, event)))

    def _carry_out(self, station: Station, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Note():
                    self.notes.append((station.host, effect))
                case Datagram():
                    self._datagram(effect)
                case Open(connection):
                    self._open(connection)
                case Octets(connection, octets):
                    ends = connection.local, connection.remote
                    self._log(*ends, connection.transport, octets)
                    self._tell(connection.remote.host, Octets(other_end(connection), octets))
                case Close(connection):
                    self._tell(connection.remote.host, Closed(other_end(connection)))

    def _open(self, connection: Connection) -> None:
        peer = self._station_of(connection.remote.host)
        refused = connection.remote in self.refuses
        if peer is None or refused or connection.remote not in peer.listening:
            self._tell(connection.local.host, Closed(connection, "refused"))
            return
        self._tell(connection.remote.host, Accepted(other_end(connection)))
        self._tell(connection.local.host, Opened(connection))

    def _datagram(self, datagram: Datagram) -> None:
        ends = datagram.source, datagram.destination
        carried = self._log(*ends, Transport.UDP, datagram.octets)
        if self.loses(carried):
            return
        self._tell(datagram.destination.host, datagram)
        if self.doubles(carried):
            self._tell(datagram.destination.host, datagram)

    def _log(
        self, source: Endpoint, destination: Endpoint, transport: Transport, octets: bytes
    ) -> Carried:
        carried = Carried(len(self.carried), self.now, source, destination, transport, octets)
        self.carried.append(carried)
        return carried


def other_end(connection: Connection) -> Connection:
    """The same stream as its other end names it."""
    return Connection(connection.remote, connection.local, connection.transport)


class Host:
    """A station with all of SIP on it, and one user agent."""

    def __init__(
        self,
        wire: Wire,
        name: str,
        host: str,
        *,
        timers: Timers = NETWORK,
        password: str = "",
    ) -> None:
        self.station = Station(host, Chance(name))
        wire.add(self.station)
        self.endpoint = Endpoint(host, 5060)
        self.directory = Directory({"a.example": Endpoint(HOST_A, 5060)})
        self.transport = SipTransport(self.station, self.endpoint, self.directory)
        self.transactions = Transactions(self.transport, timers)
        self.uri = f"sip:{name}@{host}"
        self.agent = UserAgent(
            self.station,
            self.transactions,
            Identity(f"sip:{name}@{name}.example", self.uri, username=name, password=password),
            directory=self.directory,
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing is remembered and nothing is to come."""
        held = len(self.transactions) + len(self.agent.dialogs) + len(self.agent.awaiters)
        return held == 0 and self.station.next_deadline() is None


def two(password: str = "") -> tuple[Wire, Host, Host]:
    """A wire with a's and b's hosts."""
    wire = Wire()
    return wire, Host(wire, "a", HOST_A, password=password), Host(wire, "b", HOST_B)
