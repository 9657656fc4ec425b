"""Where a host listens for MSRP: connections, and which session each message belongs to.

RFC 4975 sections 5.4 and 7.3.
"""

from dataclasses import dataclass, field
from typing import Protocol

from conformance.msrp.frames import MsrpStream
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.msrp.writer import write_request, write_response
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Alarm, Connection, Datagram, Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.offer import host_text
from conformance.wire.malformed import Malformed

MAX_UNBOUND = 256
"""Connections of which no session is known yet."""

UNBOUND_TIME = 60 * SECOND
"""How long a connection may stay without a session, in ns."""

_TRIES = 8
_COMMENTS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    413: "Stop Sending",
    415: "Unsupported Media Type",
    481: "No Such Session",
    501: "Unknown Method",
    506: "Session Already In Use",
}


class Member(Protocol):
    """A session of a link."""

    @property
    def session_id(self) -> str:
        """The session-id of its own URI."""
        ...

    @property
    def connection(self) -> Connection | None:
        """The connection it is bound to, None for none yet."""
        ...

    def bind(self, connection: Connection) -> None:
        """Its connection is known."""
        ...

    def connected(self) -> None:
        """The connection it asked for is open."""
        ...

    def accepts_path(self, request: MsrpRequest) -> bool:
        """Whether the request comes from the other end of the session."""
        ...

    def request(self, request: MsrpRequest) -> None:
        """Take a request, and answer it."""
        ...

    def response(self, response: MsrpResponse) -> None:
        """Take a response."""
        ...

    def lost(self, why: str) -> None:
        """The connection is no more."""
        ...


@dataclass(slots=True)
class _Line:
    """One connection: what came of it, the sessions bound to it, its time without any."""

    stream: MsrpStream = field(default_factory=MsrpStream)
    members: dict[str, Member] = field(default_factory=dict)
    idle: Alarm | None = None


class MsrpLink:
    """A `Listener` at one endpoint that any number of sessions share.

    Over `transport` TLS its URIs are msrps ones, and `fingerprint`, if there is one, tells of its
    certificate in session descriptions (RFC 4975 sections 14.1 and 14.4).
    """

    def __init__(
        self, station: Station, endpoint: Endpoint, transport: Transport = Transport.TCP
    ) -> None:
        self.station = station
        self.endpoint = endpoint
        self.transport = transport
        self.fingerprint = ""
        self._members: dict[str, Member] = {}
        self._lines: dict[Connection, _Line] = {}
        station.bind(endpoint, self)

    def uri(self, session: str) -> str:
        """The MSRP URI of a session at this endpoint (RFC 4975 section 6)."""
        scheme = "msrps" if self.transport is Transport.TLS else "msrp"
        return f"{scheme}://{host_text(self.endpoint.host)}:{self.endpoint.port}/{session};tcp"

    def join(self, member: Member) -> None:
        """Take the messages for a session from now on."""
        self._members[member.session_id] = member

    def leave(self, member: Member) -> None:
        """Take them no more; its connection is closed unless another session uses it."""
        if self._members.get(member.session_id) is member:
            del self._members[member.session_id]
        connection = member.connection
        line = self._lines.get(connection) if connection is not None else None
        if connection is None or line is None:
            return
        line.members.pop(member.session_id, None)
        if not line.members:
            self._hang_up(connection)

    def shut(self) -> None:
        """Listen no more."""
        self.station.unbind(self.endpoint)

    def connect(self, member: Member, remote: Endpoint, fingerprint: str = "") -> Connection:
        """Open a connection for a session; its `connected` or `lost` will follow.

        `fingerprint`: of the certificate that the other side has told of, if it has.
        """
        connection = self.station.connect(remote, self, self.transport, fingerprint)
        self._lines[connection] = _Line(members={member.session_id: member})
        return connection

    def write(self, connection: Connection, octets: bytes) -> None:
        """Send a message over a connection; no octets are none."""
        if octets:
            self.station.write(connection, octets)

    # As a listener.

    def datagram(self, datagram: Datagram) -> None:
        """MSRP has none."""

    def opened(self, connection: Connection) -> None:
        """A connection of a session is open, or a peer's has come in."""
        line = self._lines.get(connection)
        if line is None:
            self._admit(connection)
            return
        for member in tuple(line.members.values()):
            member.connected()

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Take octets, cut anywhere."""
        line = self._lines.get(connection)
        if line is None:
            return
        for message in line.stream.feed(octets):
            if connection not in self._lines:
                return
            match message:
                case Malformed():
                    self._malformed(connection, message)
                case MsrpRequest():
                    self._request(connection, line, message)
                case MsrpResponse():
                    self._response(line, message)

    def closed(self, connection: Connection, why: str) -> None:
        """A connection is no more: so are its sessions."""
        line = self._lines.pop(connection, None)
        if line is None:
            return
        if line.idle is not None:
            line.idle.cancel()
        for member in tuple(line.members.values()):
            member.lost(why)

    # Its own work.

    def _admit(self, connection: Connection) -> None:
        unbound = sum(not line.members for line in self._lines.values())
        if unbound >= MAX_UNBOUND:
            self.station.close(connection)
            return
        idle = self.station.after(UNBOUND_TIME, lambda: self._give_up(connection))
        self._lines[connection] = _Line(idle=idle)

    def _give_up(self, connection: Connection) -> None:
        line = self._lines.get(connection)
        if line is not None and not line.members:
            self._hang_up(connection)

    def _hang_up(self, connection: Connection) -> None:
        line = self._lines.pop(connection, None)
        if line is not None and line.idle is not None:
            line.idle.cancel()
        self.station.close(connection)

    def _malformed(self, connection: Connection, found: Malformed) -> None:
        """Say so; a request that can be answered gets a 400 (RFC 4975 section 10.3)."""
        self.station.note("malformed", protocol="MSRP", rule=found.rule)
        request = MsrpRequest(found.octets)
        words = request.start_line.split(" ")
        if len(words) == 3 and words[2].isalpha() and words[2] != "REPORT":
            self.write(connection, answer_to(request, 400))

    def _request(self, connection: Connection, line: _Line, request: MsrpRequest) -> None:
        member = self._members.get(session_id(request.to_path[0]))
        status = self._refusal(connection, member, request)
        if member is None or status:
            if request.method != "REPORT" and request.failure_report != "no":
                self.write(connection, answer_to(request, status or 481))
            return
        line.members[member.session_id] = member
        if line.idle is not None:
            line.idle.cancel()
            line.idle = None
        if member.connection is None:
            member.bind(connection)
        member.request(request)

    def _refusal(self, connection: Connection, member: Member | None, request: MsrpRequest) -> int:
        """Why a request is no matter of its session (RFC 4975 section 7.3); 0 if it is."""
        if member is None or len(request.to_path) != 1 or not member.accepts_path(request):
            return 481
        if member.connection is not None and member.connection != connection:
            return 506
        return 0

    def _response(self, line: _Line, response: MsrpResponse) -> None:
        member = line.members.get(session_id(response.to_path[0]))
        if member is not None:
            member.response(response)


def answer_to(request: MsrpRequest, status: int) -> bytes:
    """The response to a request (RFC 4975 section 7.2); b"" for one that cannot be answered."""
    if not request.to_path or not request.from_path:
        return b""
    paths = [("To-Path", request.from_path[0]), ("From-Path", request.to_path[0])]
    try:
        comment = _COMMENTS.get(status, "")
        return write_response(request.transaction_id, status, comment, paths)
    except ValueError:
        return b""


def request_octets(
    method: str,
    fields: list[tuple[str, str]],
    chance: Chance,
    body: bytes | None = None,
    flag: str = "$",
) -> tuple[str, bytes]:
    """A request under a fresh transaction identifier that its body does not hold, and that one.

    ValueError for fields that no request can have.
    """
    transaction = chance.token(10)
    for _ in range(_TRIES):
        if body is None or b"-------" + transaction.encode() not in body:
            break
        transaction = chance.token(10)
    return transaction, write_request(transaction, method, fields, body, flag)
