"""The bench on which a reference role is replayed: its clock, its wires, and an MSRP peer.

SIP goes in and out as whole messages. MSRP is carried for the role: the bench answers its SENDs,
keeps what each session sent, and hands it what the real peer was seen to send.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.msrp.chunking import Reassembly
from conformance.msrp.frames import MsrpStream
from conformance.msrp.message import MsrpRequest
from conformance.msrp.writer import write_request, write_response
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import (
    Accepted,
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
from conformance.sip.frames import SipStream
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse

_MAX_WAKES = 10_000
_PEER_PORT = 20_000


class Sent(NamedTuple):
    """A SIP message that the reference sent, and when (ns UTC)."""

    time: int
    message: SipRequest | SipResponse
    remote: Endpoint


class Carried(NamedTuple):
    """A whole message that the reference sent over MSRP, by its session's own path."""

    time: int
    path: str
    content_type: str
    body: bytes


@dataclass(slots=True)
class _Wire:
    """One stream of the reference: what it writes, framed."""

    sip: SipStream = field(default_factory=SipStream)
    msrp: MsrpStream = field(default_factory=MsrpStream)
    is_msrp: bool | None = None


class Bench:
    """Runs one role; `sent`, `carried` and `notes` grow as it acts."""

    def __init__(self, stations: Iterable[Station], begin: int) -> None:
        self.stations = {station.host: station for station in stations}
        self.now = begin
        self.sent: list[Sent] = []
        self.carried: list[Carried] = []
        self.notes: list[tuple[int, Note]] = []
        self._wires: dict[Connection, _Wire] = {}
        self._parts: dict[tuple[str, str], Reassembly] = {}
        self._peers: dict[str, Connection] = {}
        self._peer_ports = 0
        self._transactions = 0
        self.is_paced: Callable[[str], bool] = lambda path: False
        self._held: dict[str, deque[tuple[Connection, bytes]]] = {}
        self._granted: Counter[str] = Counter()
        for station in self.stations.values():
            station.now = begin

    def advance(self, to: int) -> None:
        """Let the role's deadlines pass up to a time; a role that never rests is stopped."""
        for _ in range(_MAX_WAKES):
            due = [
                (at, station)
                for station in self.stations.values()
                if (at := station.next_deadline()) is not None and at <= to
            ]
            if not due:
                break
            at, station = min(due, key=lambda one: one[0])
            self.now = max(self.now, at)
            self.settle(station, station.wake(self.now))
        self.now = max(self.now, to)

    def settle(self, station: Station, effects: list[Effect]) -> None:
        """Carry out what a station wants done."""
        waiting = list(effects)
        while waiting:
            effect = waiting.pop(0)
            match effect:
                case Datagram():
                    self._say(effect.octets, effect.destination)
                case Open(connection):
                    self._wires[connection] = _Wire()
                    waiting.extend(station.receive(self.now, Opened(connection)))
                case Octets(connection, octets):
                    for event in self._written(connection, octets):
                        waiting.extend(station.receive(self.now, event))
                case Note():
                    self.notes.append((self.now, effect))
                case _:
                    pass

    def command(self, station: Station) -> None:
        """Carry out what a command just given to the role has left to be done."""
        station.now = max(station.now, self.now)
        self.settle(station, station.effects())

    def deliver(
        self, octets: bytes, local: Endpoint, remote: Endpoint, transport: Transport
    ) -> None:
        """Hand the role a SIP message as it came."""
        station = self.stations.get(local.host)
        if station is None:
            return
        if transport is Transport.UDP:
            self.settle(station, station.receive(self.now, Datagram(remote, local, octets)))
            return
        connection = self._stream(station, local, remote, transport)
        self.settle(station, station.receive(self.now, Octets(connection, octets)))

    def _stream(
        self, station: Station, local: Endpoint, remote: Endpoint, transport: Transport
    ) -> Connection:
        """The connection on which the peer's octets come: the role's own if it has one."""
        for connection in self._wires:
            if connection.remote == remote and station.is_open(connection):
                return connection
        listening = next(
            (end for end in station.listening if end.host == local.host and end == local), None
        )
        connection = Connection(listening or _sip_end(station, local), remote, transport)
        if connection not in self._wires:
            self._wires[connection] = _Wire()
            self.settle(station, station.receive(self.now, Accepted(connection)))
        return connection

    def _say(self, octets: bytes, remote: Endpoint) -> None:
        message = parse(octets)
        if isinstance(message, SipRequest | SipResponse):
            self.sent.append(Sent(self.now, message, remote))

    def _written(self, connection: Connection, octets: bytes) -> list[Event]:
        wire = self._wires.setdefault(connection, _Wire())
        if wire.is_msrp is None:
            wire.is_msrp = octets.startswith(b"MSRP ")
        if wire.is_msrp:
            return self._taken(connection, wire, octets)
        for found in wire.sip.feed(octets):
            if isinstance(found, SipRequest | SipResponse):
                self.sent.append(Sent(self.now, found, connection.remote))
        return []

    def _taken(self, connection: Connection, wire: _Wire, octets: bytes) -> list[Event]:
        """The MSRP peer: every SEND is answered, every message kept once it is whole."""
        answers: list[Event] = []
        for found in wire.msrp.feed(octets):
            if not isinstance(found, MsrpRequest) or found.method != "SEND":
                continue
            path = found.from_path[0] if found.from_path else ""
            self._peers.setdefault(path, connection)
            self._keep(path, found)
            if found.failure_report == "yes":
                paths = [
                    ("To-Path", " ".join(found.from_path)),
                    ("From-Path", " ".join(found.to_path)),
                ]
                answer = write_response(found.transaction_id, 200, "OK", paths)
                if self._waits(path, found):
                    self._held.setdefault(path, deque()).append((connection, answer))
                else:
                    answers.append(Octets(connection, answer))
        return answers

    def _waits(self, path: str, request: MsrpRequest) -> bool:
        """Whether a message is answered only when the real one's was: chunks go on at once."""
        if request.is_empty or request.flag == "+" or not self.is_paced(path):
            return False
        if self._granted[path]:
            self._granted[path] -= 1
            return False
        return True

    def grant(self, path: str) -> None:
        """The real peer has answered one more message of this session."""
        held = self._held.get(path)
        if not held:
            self._granted[path] += 1
            return
        connection, answer = held.popleft()
        station = self.stations.get(connection.local.host)
        if station is not None:
            self.settle(station, station.receive(self.now, Octets(connection, answer)))

    def _keep(self, path: str, request: MsrpRequest) -> None:
        if request.is_empty:
            return
        key = path, request.message_id or request.transaction_id
        parts = self._parts.setdefault(key, Reassembly())
        parts.add(request)
        body = parts.body
        if body is not None:
            self.carried.append(Carried(self.now, path, request.content_type, body))
            del self._parts[key]

    def bind(self, path: str, endpoint: Endpoint, peer_path: str, remote_host: str) -> None:
        """Let the peer open its connection to a session of the role, and name itself."""
        station = self.stations.get(endpoint.host)
        if station is None or path in self._peers:
            return
        self._peer_ports += 1
        remote = Endpoint(remote_host, _PEER_PORT + self._peer_ports)
        connection = Connection(endpoint, remote)
        self._wires[connection] = _Wire(is_msrp=True)
        self._peers[path] = connection
        self.settle(station, station.receive(self.now, Accepted(connection)))
        self.hand_over(path, peer_path, "", None)

    def hand_over(self, path: str, peer_path: str, content_type: str, body: bytes | None) -> None:
        """Give a session of the role what its real peer sent; `body` None for an empty SEND."""
        connection = self._peers.get(path)
        station = self.stations.get(connection.local.host) if connection else None
        if connection is None or station is None:
            return
        self._transactions += 1
        fields = [
            ("To-Path", path),
            ("From-Path", peer_path),
            ("Message-ID", f"peer{self._transactions:06}"),
            ("Failure-Report", "no" if body is None else "yes"),
        ]
        if body is not None:
            length = len(body)
            fields += [("Byte-Range", f"1-{length}/{length}"), ("Content-Type", content_type)]
        octets = write_request(f"peer{self._transactions:08}", "SEND", fields, body)
        self.settle(station, station.receive(self.now, Octets(connection, octets)))


def _sip_end(station: Station, local: Endpoint) -> Endpoint:
    """The listening endpoint for what came over a connection that the real role had opened."""
    return next((end for end in station.listening if end.host == local.host), local)
