"""One end of an MSRP session (RFC 4975): messages out in chunks, messages in put together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from conformance.body.mime import media_type
from conformance.msrp.chunking import Reassembly
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Alarm, Connection, Station
from conformance.reference.messaging.msrp_link import MsrpLink, answer_to, request_octets
from conformance.reference.messaging.msrp_outbox import (
    ANSWER_TIME,
    CHUNK,
    LOST,
    TIMEOUT,
    Outbox,
    outgoing,
)
from conformance.reference.messaging.offer import MSRP_PORT, Agreement
from conformance.wire.limits import MAX_BODY
from conformance.wire.malformed import Malformed

MAX_INCOMING = 64
"""Messages that are put together at the same time."""


class MsrpUser(Protocol):
    """Who uses a session."""

    def opened(self, session: "MsrpSession") -> None:
        """The session has its connection: what is sent from now on leaves at once."""
        ...

    def received(
        self, session: "MsrpSession", message_id: str, content_type: str, body: bytes
    ) -> None:
        """A whole message has come, and has been answered."""
        ...

    def reported(self, session: "MsrpSession", message_id: str, status: int) -> None:
        """The other end reports on a message of ours."""
        ...

    def sent(self, session: "MsrpSession", message_id: str) -> None:
        """A message has left whole, and was answered 200 where answers are asked for."""
        ...

    def failed(self, session: "MsrpSession", message_id: str, status: int) -> None:
        """A message was refused; 408 without an answer, 481 if the connection was lost."""
        ...

    def closed(self, session: "MsrpSession", why: str) -> None:
        """The connection was closed by the other end or never came to be."""
        ...


@dataclass(slots=True)
class _Incoming:
    """A message that is being put together, and how many octets of it have come."""

    chunks: Reassembly
    octets: int = 0


class MsrpSession:
    """One end of a session at an endpoint of its own, or at a `link` shared with others.

    `path` is the URI for the session description. Messages wait until there is a connection.
    """

    def __init__(
        self,
        station: Station,
        *,
        endpoint: Endpoint | None = None,
        user: MsrpUser,
        link: MsrpLink | None = None,
    ) -> None:
        if link is None and endpoint is None:
            raise ValueError("an MSRP session needs an endpoint or a link")
        self.station = station
        self.user = user
        self._owns_link = link is None
        self.link = link or MsrpLink(station, endpoint or Endpoint(station.host, MSRP_PORT))
        self.session_id = station.chance.token(14)
        self.path = self.link.uri(self.session_id)
        self.agreement: Agreement | None = None
        self.connection: Connection | None = None
        self.is_open = False
        self.is_closed = False
        self._outbox = Outbox(station, self)
        self._incoming: dict[str, _Incoming] = {}
        self._binding: dict[str, Alarm] = {}
        self.link.join(self)

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens."""
        return self.link.endpoint

    @property
    def fingerprint(self) -> str:
        """What it tells of its certificate, "" for nothing."""
        return self.link.fingerprint

    @property
    def pending(self) -> int:
        """Messages that are not yet sent and answered."""
        return len(self._outbox)

    # What its user does.

    def start(self, agreement: Agreement) -> None:
        """Connect, or wait to be connected, as was agreed (RFC 4975 section 5.4)."""
        self.agreement = agreement
        if agreement.is_active and self.connection is None and not self.is_closed:
            self.connection = self.link.connect(
                self, agreement.remote_endpoint, agreement.fingerprint
            )
        elif self.is_open:
            self._outbox.pump()

    def send(
        self,
        content: bytes,
        content_type: str,
        *,
        message_id: str | None = None,
        chunk: int = CHUNK,
        success_report: bool = False,
        failure_report: str = "yes",
        sent: Callable[[str, bool], None] | None = None,
    ) -> str:
        """Send a message; its Message-ID. `sent` is told that and whether it went well."""
        identity = message_id or self.station.chance.token(14)
        message = outgoing(identity, content, content_type, chunk)
        message.success_report, message.failure_report = success_report, failure_report
        message.told = sent
        self._outbox.put(message)
        return identity

    def close(self) -> None:
        """Close the connection, unless other sessions use it; nobody is told of anything more."""
        if self.is_closed:
            return
        self.is_closed, self.is_open = True, False
        self._forget_binding()
        self._outbox.clear()
        self._incoming.clear()
        self.link.leave(self)
        if self._owns_link:
            self.link.shut()

    # What can be done in another way.

    def bind_connection(self) -> None:
        """Name the session to the passive end by an empty SEND (RFC 4975 section 5.4)."""
        identity, content = self.station.chance.token(14), ("Byte-Range", "1-0/0")
        fields = [*self.paths(), ("Message-ID", identity), content]
        transaction, octets = request_octets("SEND", fields, self.station.chance)
        self.write(octets)
        late = partial(self._binding_refused, transaction, TIMEOUT)
        self._binding[transaction] = self.station.after(ANSWER_TIME, late)

    def refusal(self, request: MsrpRequest) -> int:
        """The status with which content is refused; 0 for none (RFC 4975 section 10)."""
        agreement = self.agreement
        if agreement is None:
            return 0
        if not agreement.may_receive:
            return 403
        kinds = agreement.local_types
        if "*" not in kinds and not any(_covers(kind, request.content_type) for kind in kinds):
            return 415
        return 0

    def report_success(self, request: MsrpRequest, total: int) -> None:
        """Say that a message has come whole (RFC 4975 section 7.1.2)."""
        identity = request.message_id or ""
        fields = [*self.paths(), ("Message-ID", identity)]
        fields += [("Byte-Range", f"1-{total}/{total}"), ("Status", "000 200 OK")]
        self.write(request_octets("REPORT", fields, self.station.chance)[1])

    # As a member of its link.

    def bind(self, connection: Connection) -> None:
        """The other end's first request has come over this connection."""
        self.connection = connection

    def connected(self) -> None:
        """The connection is open: a SEND must leave at once."""
        if self.is_open or self.is_closed:
            return
        self.bind_or_send()

    def bind_or_send(self) -> None:
        """Bind by the first message, or where there is none by an empty SEND."""
        if not self.pending:
            self.bind_connection()
        self._open()

    def accepts_path(self, request: MsrpRequest) -> bool:
        """Whether it comes from the end that the session description named."""
        if self.agreement is None:
            return True
        # Border controllers rewrite all but the session-id (RFC 4975 section 14.6, RFC 6714).
        return session_id(request.from_path[-1]) == session_id(self.agreement.remote_path[-1])

    def request(self, request: MsrpRequest) -> None:
        """Take a SEND or a REPORT; any other method is unknown here."""
        if request.method == "SEND":
            self._take(request)
            return
        if request.method == "REPORT":
            status = request.status
            if request.message_id and status is not None and status.namespace == 0:
                self.user.reported(self, request.message_id, status.code)
        else:
            self.write(answer_to(request, 501))
        self._open()

    def response(self, response: MsrpResponse) -> None:
        """Take the answer to a chunk or to the empty SEND."""
        transaction = response.transaction_id
        alarm = self._binding.pop(transaction, None)
        if alarm is not None:
            alarm.cancel()
            if response.status >= 300:
                self._binding_refused(transaction, response.status)
            return
        self._outbox.answered(transaction, response.status)

    def lost(self, why: str) -> None:
        """The connection is no more: what was not answered has failed."""
        if self.is_closed:
            return
        unfinished = self._outbox.clear()
        self.close()
        for message in unfinished:
            self._outbox.tell_failed(message, LOST)
        self.user.closed(self, why)

    # Incoming content.

    def _take(self, request: MsrpRequest) -> None:
        status, body = 0, None
        if not request.is_empty:
            status = self.refusal(request)
            if not status:
                status, body = self._assemble(request)
        self._answer(request, status or 200)
        self._open()
        if body is None or self.is_closed:
            return
        if request.success_report:
            self.report_success(request, len(body))
        content_type = request.header("Content-Type") or ""
        self.user.received(self, request.message_id or "", content_type, body)

    def _assemble(self, request: MsrpRequest) -> tuple[int, bytes | None]:
        """The status of a chunk that cannot be taken, else 0; the message once it is whole."""
        identity = request.message_id
        if identity is None:
            return 400, None
        held = self._incoming.get(identity)
        octets = sum(message.octets for message in self._incoming.values()) + len(request.body)
        if octets > MAX_BODY or (held is None and len(self._incoming) >= MAX_INCOMING):
            self._incoming.pop(identity, None)
            return 413, None
        if held is None:
            held = self._incoming[identity] = _Incoming(Reassembly(self._limit()))
        held.octets += len(request.body)
        return self._add(identity, held.chunks, request)

    def _add(
        self, identity: str, chunks: Reassembly, request: MsrpRequest
    ) -> tuple[int, bytes | None]:
        fault = chunks.add(request)
        if isinstance(fault, Malformed):
            del self._incoming[identity]
            return (413 if fault.rule.startswith("limit") else 400), None
        if chunks.is_abandoned or chunks.is_whole:
            del self._incoming[identity]
        return 0, None if chunks.is_abandoned else chunks.body

    def _limit(self) -> int:
        """Octets that a message may have."""
        wished = self.agreement.local_max_size if self.agreement else None
        return min(wished or MAX_BODY, MAX_BODY)

    def _answer(self, request: MsrpRequest, status: int) -> None:
        """Answer as Failure-Report wishes (RFC 4975 section 7.1.1)."""
        wish = request.failure_report
        if wish == "yes" or (wish == "partial" and status != 200):
            self.write(answer_to(request, status))

    # As the sender of its outbox.

    @property
    def may_write(self) -> bool:
        """Whether it has its connection and knows the other end."""
        return self.is_open and self.agreement is not None

    def paths(self) -> list[tuple[str, str]]:
        """To-Path and From-Path of a request."""
        agreement = self.agreement
        remote = " ".join(agreement.remote_path) if agreement else ""
        local = agreement.local_path[0] if agreement else self.path
        return [("To-Path", remote), ("From-Path", local)]

    def write(self, octets: bytes) -> None:
        """Send a message over the connection, if there is one."""
        if self.connection is not None and octets:
            self.link.write(self.connection, octets)

    def message_sent(self, message_id: str) -> None:
        """A message has left whole, and was answered where answers are asked for."""
        self.user.sent(self, message_id)

    def message_failed(self, message_id: str, status: int) -> None:
        """A message was refused, not answered, or cut short."""
        self.user.failed(self, message_id, status)

    def _open(self) -> None:
        if self.is_open or self.is_closed:
            return
        self.is_open = True
        self.user.opened(self)
        self._outbox.pump()

    def _binding_refused(self, transaction: str, status: int) -> None:
        """The other end knows no such session: it cannot be used."""
        self._binding.pop(transaction, None)
        self.lost(f"the empty SEND was answered {status}")

    def _forget_binding(self) -> None:
        for alarm in self._binding.values():
            alarm.cancel()
        self._binding.clear()


def _covers(pattern: str, content_type: str) -> bool:
    """Whether an entry of accept-types takes in a media type (RFC 4975 section 8.6)."""
    wanted = media_type(pattern)
    if wanted.endswith("/*"):
        return content_type.startswith(wanted[:-1])
    return wanted == content_type
