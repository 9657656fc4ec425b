"""SIP's transport layer over UDP, TCP and TLS (RFC 3261 section 18).

TLS is a value of `Transport` here: whoever drives the station carries it out.
"""

from typing import Protocol

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.component import Connection, Datagram, Station
from conformance.reference.transport.connections import SipConnections
from conformance.reference.transport.directory import Directory, Target
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.via import stamped, top_via, way_back
from conformance.sip.identity import sent_by
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.parser import parse
from conformance.wire.malformed import Malformed

__all__ = ["MAX_UDP_REQUEST", "Directory", "SipTransport", "Target", "Upper"]

MAX_UDP_REQUEST = 1_300
"""Octets of a request above which UDP gives way to TCP (RFC 3261 section 18.1.1)."""

_MANDATORY = ("From", "To", "Call-ID", "CSeq")


class Upper(Protocol):
    """What lies above the transport: the transactions."""

    def request(self, request: SipRequest, source: Target) -> None:
        """Take a request, its top Via completed."""
        ...

    def response(self, response: SipResponse, source: Target) -> None:
        """Take a response to a request of ours."""
        ...

    def lost(self, target: Target, why: str, opened: bool) -> None:
        """A connection is no more; `opened` is False if it never was."""
        ...


class SipTransport:
    """The SIP side of a station: one address, any number of connections."""

    def __init__(
        self,
        station: Station,
        address: Endpoint,
        directory: Directory,
        *,
        preferred: Transport = Transport.UDP,
    ) -> None:
        self.station = station
        self.address = address
        self.directory = directory
        self.preferred = preferred
        self.upper: Upper | None = None
        self._connections = SipConnections(station)
        station.bind(address, self)

    # What the layers above call.

    def target(self, uri: str) -> Target | None:
        """Where a SIP URI leads, over the preferred transport if it names none.

        Without a preference for a stream, the directory's default decides.
        """
        wanted = None if self.preferred is Transport.UDP else self.preferred
        return self.directory.target(uri, wanted)

    def via(self, transport: Transport, branch: str) -> str:
        """A Via value of this host; over UDP it asks for the source port (RFC 3581)."""
        asked = ";rport" if transport is Transport.UDP else ""
        return f"SIP/2.0/{transport} {self.address};branch={branch}{asked}"

    def send_request(self, draft: Draft, target: Target, *, switch: bool = True) -> Transport:
        """Send a request whose top Via is there already; the transport that it went over.

        A request too large for UDP goes over TCP, its Via changed to that, unless `switch` is
        False. ValueError for a draft that cannot be written.
        """
        transport = target.transport
        octets = draft.octets()
        if transport is Transport.UDP and switch and len(octets) > MAX_UDP_REQUEST:
            transport = Transport.TCP
        self._name(draft, transport)
        self._send(draft.octets(), Target(transport, target.endpoint))
        return transport

    def send_response(self, draft: Draft, request: SipRequest, source: Target) -> bool:
        """Send a response the way its request came, or as its top Via says; False if neither can.

        ValueError for a draft that cannot be written.
        """
        octets = draft.octets()
        if source.transport is not Transport.UDP and self._connections.write(source, octets):
            return True
        target = way_back(request, source, self.directory)
        if target is None:
            return False
        self._send(octets, target)
        return True

    # What the station calls.

    def datagram(self, datagram: Datagram) -> None:
        """Take a datagram that came to our address."""
        octets = datagram.octets.lstrip(b"\r\n")
        if not octets:
            return
        source = Target(Transport.UDP, datagram.source)
        self._take(parse(octets), source)

    def opened(self, connection: Connection) -> None:
        """A connection is open; its kind is told by who asked for it."""
        self._connections.opened(connection)

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Take octets of a stream, cut anywhere."""
        source = Target(connection.transport, connection.remote)
        for message in self._connections.read(connection, octets):
            self._take(message, source)

    def closed(self, connection: Connection, why: str) -> None:
        """A connection is no more."""
        opened = self._connections.closed(connection)
        if self.upper is not None:
            self.upper.lost(Target(connection.transport, connection.remote), why, opened)

    # Within.

    def _name(self, draft: Draft, transport: Transport) -> None:
        vias = draft.all("Via")
        own = f"SIP/2.0/{transport} "
        if vias and not vias[0].startswith(own):
            rest = vias[0].partition(" ")[2].replace(";rport", "")
            asked = ";rport" if transport is Transport.UDP else ""
            draft.put_all("Via", [own + rest + asked, *vias[1:]])

    def _send(self, octets: bytes, target: Target) -> None:
        if target.transport is Transport.UDP:
            self.station.send(Datagram(self.address, target.endpoint, octets))
        elif not self._connections.write(target, octets):
            self._connections.open(target, self)
            self._connections.write(target, octets)

    def _take(self, message: SipRequest | SipResponse | Malformed, source: Target) -> None:
        if isinstance(message, Malformed):
            self.station.note("malformed", source=str(source.endpoint), rule=message.rule)
            self._refuse(SipRequest(message.octets), source)
        elif isinstance(message, SipResponse):
            self._take_response(message, source)
        else:
            self._take_request(message, source)

    def _take_request(self, request: SipRequest, source: Target) -> None:
        missing = _missing(request)
        if missing:
            self.station.note("malformed", source=str(source.endpoint), rule=missing)
            self._refuse(request, source)
        elif self.upper is not None:
            self.upper.request(stamped(request, source.endpoint), source)

    def _take_response(self, response: SipResponse, source: Target) -> None:
        known = 100 <= response.status <= 699
        fault = _missing(response) if known else "RFC 3261 section 7.2: status is 100 to 699"
        if fault:
            self.station.note("malformed", source=str(source.endpoint), rule=fault)
        # A response whose top Via is another's is dropped (RFC 3261 section 18.1.2).
        elif sent_by(response) == str(self.address).lower() and self.upper is not None:
            self.upper.response(response, source)

    def _refuse(self, request: SipRequest, source: Target) -> None:
        """Answer 400 what cannot be read as a request (RFC 3261 section 18.3), if that can be."""
        is_request = request.octets[:4].upper() != b"SIP/"
        if not is_request or request.method == "ACK" or top_via(request) is None:
            return
        request = stamped(request, source.endpoint)
        draft = Draft.response_to(request, 400)
        draft.fields = [(name, value) for name, value in draft.fields if value]
        try:
            self.send_response(draft, request, source)
        except ValueError:
            self.station.note("unanswered", source=str(source.endpoint))


def _missing(message: SipRequest | SipResponse) -> str:
    """The rule that a message breaks which lacks what every message has; "" for none."""
    if not message.vias:
        return "RFC 3261 section 8.1.1: Via is missing"
    for name in _MANDATORY:
        if not message.header(name):
            return f"RFC 3261 section 8.1.1: {name} is missing"
    if message.cseq < 0 or message.cseq >= 2**31:
        return "RFC 3261 section 8.1.1.5: CSeq is a number below 2**31"
    if isinstance(message, SipRequest) and message.method != message.cseq_method:
        return "RFC 3261 section 8.1.1.5: the method of CSeq is not that of the request"
    return ""
