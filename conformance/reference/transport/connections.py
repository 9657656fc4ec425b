"""The streams of a SIP station: opened where needed, used again, limited in number."""

from dataclasses import dataclass, field

from conformance.observation.packet import Transport
from conformance.reference.engine.component import Connection, Listener, Station
from conformance.reference.transport.directory import Target
from conformance.sip.frames import SipStream
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.malformed import Malformed

MAX_CONNECTIONS = 1_024
"""Streams held at once; the one unused longest makes room for another."""

MAX_USELESS = 1_048_576
"""Octets in a row that complete no message; a stream beyond is closed."""

MAX_FAULTS = 16
"""Malformed messages after which a stream is closed."""

PING, PONG = b"\r\n\r\n", b"\r\n"
"""Keep-alive of a stream and its answer (RFC 5626 section 4.4.1)."""


@dataclass(slots=True)
class _Stream:
    reader: SipStream = field(default_factory=SipStream)
    faults: int = 0
    useless: int = 0
    opened: bool = False

    def is_no_sip(self, octets: bytes, found: list[SipRequest | SipResponse | Malformed]) -> bool:
        """Whether enough has been seen of it; `found` is what these octets completed."""
        faults = sum(isinstance(message, Malformed) for message in found)
        self.faults += faults
        if len(found) > faults:
            self.useless = 0
        elif octets.strip(b"\r\n"):
            self.useless += len(octets)
        return self.faults > MAX_FAULTS or max(self.useless, self.reader.pending) > MAX_USELESS


class SipConnections:
    """Streams by where they lead, the one used longest ago first."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._streams: dict[Connection, _Stream] = {}
        self._by_target: dict[Target, Connection] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def open(self, target: Target, listener: Listener) -> None:
        """Open a stream; it may be written to at once."""
        transport = Transport.TCP if target.transport is Transport.UDP else target.transport
        connection = self._station.connect(target.endpoint, listener, transport)
        self._add(connection)

    def opened(self, connection: Connection) -> None:
        """A stream of ours is open, or a peer's has been accepted."""
        if connection not in self._streams:
            self._add(connection)
        self._streams[connection].opened = True

    def closed(self, connection: Connection) -> bool:
        """Forget a stream; whether it was ever open."""
        stream = self._streams.pop(connection, None)
        target = Target(connection.transport, connection.remote)
        if self._by_target.get(target) == connection:
            del self._by_target[target]
        return stream is not None and stream.opened

    def write(self, target: Target, octets: bytes) -> bool:
        """Send over a stream that leads there; False if there is none."""
        connection = self._by_target.get(target)
        if connection is None or not self._station.is_open(connection):
            return False
        self._streams[connection] = self._streams.pop(connection)
        self._station.write(connection, octets)
        return True

    def read(
        self, connection: Connection, octets: bytes
    ) -> list[SipRequest | SipResponse | Malformed]:
        """The messages that a stream's next octets complete."""
        stream = self._streams.get(connection)
        if stream is None:
            return []
        self._streams[connection] = self._streams.pop(connection)
        if octets == PING and not stream.reader.pending:
            self._station.write(connection, PONG)
        found = stream.reader.feed(octets)
        if stream.is_no_sip(octets, found):
            self._station.note("closed", peer=str(connection.remote), why="no SIP")
            self.drop(connection)
        return found

    def drop(self, connection: Connection) -> None:
        """Close a stream."""
        self.closed(connection)
        self._station.close(connection)

    def _add(self, connection: Connection) -> None:
        if len(self._streams) >= MAX_CONNECTIONS:
            self.drop(next(iter(self._streams)))
        self._streams[connection] = _Stream()
        self._by_target[Target(connection.transport, connection.remote)] = connection
