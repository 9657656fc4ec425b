"""What a role is to the world around it: events come in with the time, effects come out.

A component reads no clock and opens no socket. Whoever runs it, on a simulated network or on
sockets, tells it the time with each event, carries out its effects in order, and wakes it when
its next deadline has come.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance

FIRST_EPHEMERAL = 40_000
_EPHEMERAL_PORTS = 20_000


class Connection(NamedTuple):
    """A stream between two endpoints, named as this side sees it."""

    local: Endpoint
    remote: Endpoint
    transport: Transport = Transport.TCP


class Datagram(NamedTuple):
    """A UDP datagram: an event to who receives it, an effect of who sends it."""

    source: Endpoint
    destination: Endpoint
    octets: bytes


class Open(NamedTuple):
    """Effect: open a connection; `Opened` or `Closed` will follow.

    Over TLS, a `fingerprint` (RFC 4572 section 5) says whose certificate it must be: function in
    lower case, octets in upper. Without one it must be a certificate that is trusted.
    """

    connection: Connection
    fingerprint: str = ""


class Opened(NamedTuple):
    """Event: a connection that was asked for is open."""

    connection: Connection


class Accepted(NamedTuple):
    """Event: a peer has opened a connection to an endpoint that listens."""

    connection: Connection


class Octets(NamedTuple):
    """Octets of a stream: an event to who receives them, an effect of who sends them."""

    connection: Connection
    octets: bytes


class Close(NamedTuple):
    """Effect: close a connection once what was sent has left."""

    connection: Connection


class Closed(NamedTuple):
    """Event: a connection is no more or never was; `why` is a sentence, "" for a FIN."""

    connection: Connection
    why: str = ""


class Note(NamedTuple):
    """Effect: something a role did that no message shows, such as `deferred` or `discarded`."""

    what: str
    details: tuple[tuple[str, str], ...] = ()


Event = Datagram | Opened | Accepted | Octets | Closed
Effect = Datagram | Open | Octets | Close | Note


class Component(Protocol):
    """A party that a driver can run; times in ns since 1970-01-01 UTC."""

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Take an event; what is to be done about it."""
        ...

    def wake(self, now: int) -> list[Effect]:
        """Let what is due happen; what is to be done about it."""
        ...

    def next_deadline(self) -> int | None:
        """When to wake it next; None for never."""
        ...


class Listener(Protocol):
    """A protocol on a station: takes what comes to the endpoints and connections it owns."""

    def datagram(self, datagram: Datagram) -> None:
        """Take a datagram that came to a bound endpoint."""
        ...

    def opened(self, connection: Connection) -> None:
        """A connection of ours is open, or a peer's has been accepted."""
        ...

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Take octets of a stream, cut anywhere."""
        ...

    def closed(self, connection: Connection, why: str) -> None:
        """A connection is no more."""
        ...


class Alarm:
    """Something to be done at a time, unless it is cancelled before."""

    __slots__ = ("action", "time")

    def __init__(self, time: int, action: Callable[[], None]) -> None:
        self.time = time
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget it; no matter if it is done already."""
        self.action = None


class Station:
    """One host of a role, a `Component`: its time, its chance, its alarms, and what it wants done.

    The protocols of the role share it: each binds its endpoints, and speaks by the methods here.
    """

    def __init__(self, host: str, chance: Chance) -> None:
        self.host = host
        self.chance = chance
        self.now = 0
        self._effects: list[Effect] = []
        self._alarms: list[tuple[int, int, Alarm]] = []
        self._alarm_count = 0
        self._bound: dict[Endpoint, Listener] = {}
        self._owners: dict[Connection, Listener] = {}
        self._next_port = 0

    # What a driver calls.

    @property
    def listening(self) -> tuple[Endpoint, ...]:
        """The endpoints that take datagrams and connections."""
        return tuple(self._bound)

    def receive(self, now: int, event: Event) -> list[Effect]:
        """Take an event; what is to be done about it."""
        self.now = max(now, self.now)
        match event:
            case Datagram():
                listener = self._bound.get(event.destination)
                if listener is not None:
                    listener.datagram(event)
            case Accepted(connection):
                self._accept(connection)
            case Opened(connection) if connection in self._owners:
                self._owners[connection].opened(connection)
            case Octets(connection, octets) if connection in self._owners:
                self._owners[connection].octets(connection, octets)
            case Closed(connection, why):
                listener = self._owners.pop(connection, None)
                if listener is not None:
                    listener.closed(connection, why)
            case _:
                pass
        return self.effects()

    def wake(self, now: int) -> list[Effect]:
        """Let what is due happen, in the order of its time; what is to be done about it."""
        self.now = max(now, self.now)
        # What is set while this goes on waits for the next time, so that this ends.
        last = self._alarm_count
        while self._alarms and self._alarms[0][0] <= self.now and self._alarms[0][1] <= last:
            alarm = heappop(self._alarms)[2]
            if alarm.action is not None:
                action, alarm.action = alarm.action, None
                action()
        return self.effects()

    def next_deadline(self) -> int | None:
        """When to wake it next; None for never."""
        while self._alarms and self._alarms[0][2].action is None:
            heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def effects(self) -> list[Effect]:
        """What is to be done since this was asked last: ask after every command to the role."""
        found, self._effects = self._effects, []
        return found

    # What the protocols call.

    def bind(self, endpoint: Endpoint, listener: Listener) -> None:
        """Let a protocol take the datagrams and connections that come to an endpoint."""
        self._bound[endpoint] = listener

    def unbind(self, endpoint: Endpoint) -> None:
        """Take no more of them; open connections stay."""
        self._bound.pop(endpoint, None)

    def send(self, datagram: Datagram) -> None:
        """Send a datagram."""
        self._effects.append(datagram)

    def connect(
        self,
        remote: Endpoint,
        listener: Listener,
        transport: Transport = Transport.TCP,
        fingerprint: str = "",
    ) -> Connection:
        """Open a connection from a port of its own; it may be written to at once."""
        while True:
            port = FIRST_EPHEMERAL + self._next_port % _EPHEMERAL_PORTS
            self._next_port += 1
            connection = Connection(Endpoint(self.host, port), remote, transport)
            if connection not in self._owners:
                break
        self._owners[connection] = listener
        self._effects.append(Open(connection, fingerprint))
        return connection

    def write(self, connection: Connection, octets: bytes) -> None:
        """Send octets over a connection; nothing happens if it is closed."""
        if connection in self._owners:
            self._effects.append(Octets(connection, octets))

    def close(self, connection: Connection) -> None:
        """Close a connection; its owner is told nothing more of it."""
        if self._owners.pop(connection, None) is not None:
            self._effects.append(Close(connection))

    def is_open(self, connection: Connection) -> bool:
        """Whether a connection is open or being opened."""
        return connection in self._owners

    def after(self, ns: int, action: Callable[[], None]) -> Alarm:
        """Have something done in so many ns."""
        alarm = Alarm(self.now + ns, action)
        self._alarm_count += 1
        heappush(self._alarms, (alarm.time, self._alarm_count, alarm))
        return alarm

    def note(self, what: str, **details: str) -> None:
        """Say what no message shows."""
        self._effects.append(Note(what, tuple(details.items())))

    def _accept(self, connection: Connection) -> None:
        listener = self._bound.get(connection.local)
        if listener is None:
            self._effects.append(Close(connection))
            return
        self._owners[connection] = listener
        listener.opened(connection)
