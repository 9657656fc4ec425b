"""A network that is simulated: parties with a virtual clock between them, all from one seed.

Nothing waits: the clock jumps to what happens next. The same seed gives the same packets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from typing import NamedTuple

from conformance.cpm.role import Role
from conformance.observation.packet import Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Close,
    Connection,
    Datagram,
    Effect,
    Event,
    Note,
    Octets,
    Open,
)
from conformance.reference.engine.timer import SECOND
from conformance.reference.network.medium import (
    MAX_DATAGRAM,
    STILL,
    Conditions,
    Links,
    Medium,
    Passed,
    parts_of,
)
from conformance.reference.network.network import Hosted as Hosted
from conformance.reference.network.network import PartyNote as PartyNote
from conformance.reference.network.simulated_tcp import ACK, RST, SYN, Segment, TcpEnd, refusal

MAX_EVENTS = 1_000_000
"""Events of one run, unless it is told otherwise."""

MAX_TIME = 400 * 86_400 * SECOND
"""Virtual time of one simulation, in ns."""

# How long an end whose peer has given up believes in the connection.
_BELIEF = 60 * SECOND


class SimulationError(Exception):
    """A simulation that was set up wrongly or does not end; the sentence says how."""


@dataclass(eq=False, slots=True)
class Party:
    """Who takes part: a name, the role of CPM that it plays if any, and its component."""

    name: str
    role: Role | None
    component: Hosted
    identification: int
    alarm: int | None = None
    ends: dict[Connection, "_End"] = field(default_factory=dict)


class _End(NamedTuple):
    """One end of a connection, whose it is, and when it is to be woken at the latest."""

    party: Party
    tcp: TcpEnd
    alarms: list[int]


class Simulation:
    """Parties on one network. Times in ns since 1970-01-01 UTC; `now` is the virtual clock."""

    def __init__(
        self,
        seed: str,
        begin: int,
        conditions: Conditions = STILL,
        links: Links | None = None,
    ) -> None:
        self.now = begin
        self.parties: dict[str, Party] = {}
        self.notes: list[PartyNote] = []
        self._begin = begin
        self._chance = Chance(f"simulation/{seed}")
        self.medium = Medium(self._chance.fork("medium"), conditions, links)
        self._hosts: dict[str, Party] = {}
        self._passed: list[Passed] = []
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._arrived: dict[tuple[str, int, Datagram], set[int]] = {}

    @property
    def passed(self) -> list[Passed]:
        """What every tap has seen so far, in the order of time."""
        return sorted((p for p in self._passed if p.time <= self.now), key=lambda p: p.time)

    def add(self, name: str, role: Role | None, component: Hosted) -> Party:
        """Put a party on the network, at its component's host."""
        if name in self.parties or component.host in self._hosts:
            taken = name if name in self.parties else component.host
            raise SimulationError(f"there are two parties {taken}")
        first = self._chance.fork(name).below(65_535)
        party = Party(name, role, component, first)
        self.parties[name] = self._hosts[component.host] = party
        self._carry_out(party, component.wake(self.now))
        return party

    def replace(self, name: str, component: Hosted) -> None:
        """Put another component in a party's place, at the same host: its connections are gone.

        SimulationError if there is no such party there.
        """
        party = self.parties.get(name)
        if party is None or party.component.host != component.host:
            raise SimulationError(f"there is no party {name} at {component.host}")
        party.component, party.alarm = component, None
        party.ends.clear()
        self._carry_out(party, component.wake(self.now))

    def at(self, time: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something at a time; at once if that is over."""
        self._put(time, partial(self._command, command))

    def after(self, ns: int, command: Callable[[], object]) -> None:
        """Let a user or operator do something in so many ns."""
        self.at(self.now + ns, command)

    def run(self, until: int | None = None, *, max_events: int = MAX_EVENTS) -> None:
        """Let happen what happens up to a time, which it is afterwards; without one, everything.

        SimulationError when there is no end of it.
        """
        self._refresh()
        events = 0
        while self._queue and (until is None or self._queue[0][0] <= until):
            events += 1
            if events > max_events:
                raise SimulationError(f"more than {max_events} events: the parties find no end")
            self._step()
        if until is not None:
            self.now = max(self.now, until)
        self._wake_all()

    def settle(self, quiet: int = 5 * SECOND, *, max_events: int = MAX_EVENTS) -> None:
        """Let happen what happens until nothing will for so many ns."""
        self._refresh()
        events = 0
        while self._queue and self._queue[0][0] <= self.now + quiet:
            events += 1
            if events > max_events:
                raise SimulationError(f"more than {max_events} events: the parties find no rest")
            self._step()
        self._wake_all()

    # The clock.

    def _put(self, time: int, action: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._queue, (max(time, self.now), self._count, action))

    def _step(self) -> None:
        time, _, action = heappop(self._queue)
        if time - self._begin > MAX_TIME:
            days = MAX_TIME // (86_400 * SECOND)
            raise SimulationError(f"more than {days} days: the parties find no end")
        self.now = time
        action()

    def _command(self, command: Callable[[], object]) -> None:
        self._wake_all()
        command()
        self._refresh()

    def _wake_all(self) -> None:
        """So that a command finds each station at the right time."""
        for party in self.parties.values():
            self._carry_out(party, party.component.wake(self.now))

    def _refresh(self) -> None:
        """Do what commands brought about."""
        for party in self.parties.values():
            self._carry_out(party, party.component.effects())

    def _arm(self, party: Party) -> None:
        deadline = party.component.next_deadline()
        if deadline is None or (party.alarm is not None and party.alarm <= deadline):
            return
        party.alarm = deadline
        self._put(deadline, partial(self._alarm, party, deadline))

    def _alarm(self, party: Party, time: int) -> None:
        if party.alarm == time:
            party.alarm = None
            self._carry_out(party, party.component.wake(self.now))

    # What parties do.

    def _hand(self, party: Party, event: Event) -> None:
        self._carry_out(party, party.component.receive(self.now, event))

    def _carry_out(self, party: Party, effects: list[Effect]) -> None:
        touched: dict[Connection, _End] = {}
        for effect in effects:
            match effect:
                case Datagram():
                    self._send_datagram(party, effect)
                case Note():
                    self.notes.append(PartyNote(self.now, party.name, effect))
                case Open(connection):
                    end = self._new_end(party, connection)
                    end.tcp.open(self.now)
                    touched[connection] = end
                case Octets(connection, octets) if connection in party.ends:
                    touched[connection] = party.ends[connection]
                    touched[connection].tcp.write(octets)
                case Close(connection) if connection in party.ends:
                    touched[connection] = party.ends[connection]
                    touched[connection].tcp.close()
                case _:
                    pass
        for end in touched.values():
            self._flush(end)
        self._arm(party)

    def _send_datagram(self, party: Party, datagram: Datagram) -> None:
        if len(datagram.octets) > MAX_DATAGRAM:
            size = len(datagram.octets)
            raise SimulationError(
                f"{party.name} sends a datagram of {size} octets: none is so big"
            )
        self._send(party, datagram)

    def _send(self, party: Party, packet: Datagram | Segment) -> None:
        party.identification = party.identification % 65_535 + 1
        receiver = self._hosts.get(packet.destination.host)
        name = receiver.name if receiver else ""
        for part in range(parts_of(packet)):
            for passage in self.medium.carry(
                self.now, packet.source.host, packet.destination.host
            ):
                if passage.seen is not None:
                    self._passed.append(
                        Passed(passage.seen, packet, party.name, name, party.identification, part)
                    )
                if passage.arrives is not None and receiver is not None:
                    action = partial(self._arrive, receiver, packet, part, party.identification)
                    self._put(passage.arrives, action)

    # What parties are told.

    def _arrive(
        self, party: Party, packet: Datagram | Segment, part: int, identification: int
    ) -> None:
        if isinstance(packet, Segment):
            self._segment(party, packet)
        elif self._is_whole(packet, part, identification):
            self._hand(party, packet)

    def _is_whole(self, datagram: Datagram, part: int, identification: int) -> bool:
        """Whether the last missing fragment has come; a copy of all is another datagram."""
        count = parts_of(datagram)
        if count == 1:
            return True
        key = datagram.source.host, identification, datagram
        parts = self._arrived.setdefault(key, set())
        parts.add(part)
        if len(parts) < count:
            return False
        del self._arrived[key]
        return True

    def _new_end(self, party: Party, connection: Connection) -> _End:
        if connection.transport is not Transport.TCP:
            sentence = f"{party.name} opens a {connection.transport} connection: there is only TCP"
            raise SimulationError(sentence)
        tcp = TcpEnd(connection, self._chance.below(1 << 32))
        end = party.ends[connection] = _End(party, tcp, [])
        return end

    def _segment(self, party: Party, segment: Segment) -> None:
        connection = Connection(segment.destination, segment.source)
        end = party.ends.get(connection)
        if segment.flags & (SYN | ACK | RST) == SYN and (end is None or end.tcp.is_over):
            listens = segment.destination in party.component.listening
            end = self._new_end(party, connection) if listens else None
        if end is None:
            if not segment.flags & RST:
                self._send(party, refusal(segment))
            return
        end.tcp.receive(self.now, segment)
        self._tell(end)

    def _tell(self, end: _End) -> None:
        """Hand on what a connection brought, then send what is to be sent."""
        events, end.tcp.events = end.tcp.events, []
        for event in events:
            self._hand(end.party, event)
        self._flush(end)

    def _flush(self, end: _End) -> None:
        tcp = end.tcp
        tcp.flush(self.now)
        segments, tcp.segments = tcp.segments, []
        for segment in segments:
            self._send(end.party, segment)
        if tcp.deadline is not None and not any(time <= tcp.deadline for time in end.alarms):
            end.alarms.append(tcp.deadline)
            self._put(tcp.deadline, partial(self._retry, end, tcp.deadline))

    def _retry(self, end: _End, time: int) -> None:
        end.alarms.remove(time)
        had_given_up = end.tcp.gave_up
        end.tcp.wake(self.now)
        if end.tcp.gave_up and not had_given_up:
            self._put(self.now + _BELIEF, partial(self._lose, end.tcp.connection))
        self._tell(end)

    def _lose(self, connection: Connection) -> None:
        """The other end learns that its peer has given up, though no reset ever came."""
        party = self._hosts.get(connection.remote.host)
        other = Connection(connection.remote, connection.local)
        end = party.ends.get(other) if party else None
        if end is not None and not end.tcp.is_over:
            end.tcp.abort("the peer has given up the connection")
            self._tell(end)
