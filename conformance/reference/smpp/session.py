"""An SMPP 3.4 session, as the gateway (ESME) or as the message centre (SMSC) has it."""

from dataclasses import replace
from typing import Literal, Protocol

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Connection, Station
from conformance.reference.smpp import text as smpp_text
from conformance.reference.smpp.link import SmppLink
from conformance.reference.smpp.pdu import (
    Bind,
    Bound,
    Command,
    MessageId,
    Pdu,
    Status,
    Tag,
    Tlv,
    write,
)
from conformance.reference.smpp.states import (
    NO_ANSWER,
    Answer,
    Done,
    Respond,
    SmppTimers,
    State,
)
from conformance.reference.smpp.text import MessageState, Receipt, compose

__all__ = [
    "NO_ANSWER",
    "Answer",
    "Done",
    "Respond",
    "SmppSession",
    "SmppTimers",
    "SmppUser",
    "State",
]

_BINDS = (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER, Command.BIND_TRANSMITTER)


class SmppUser(Protocol):
    """Who stands behind a session."""

    def admits(self, session: "SmppSession", system_id: str, password: str) -> int:
        """SMSC: the status that answers a bind; ROK admits the peer."""
        ...

    def bound(self, session: "SmppSession", system_id: str) -> None:
        """The session is ready; `system_id` is the peer's."""
        ...

    def submitted(self, session: "SmppSession", message: Pdu, respond: Respond) -> None:
        """SMSC: a submit_sm came, and waits for its answer."""
        ...

    def delivered(self, session: "SmppSession", message: Pdu, respond: Respond) -> None:
        """ESME: a deliver_sm with a message came, and waits for its answer."""
        ...

    def receipted(self, session: "SmppSession", receipt: Receipt, message: Pdu) -> None:
        """ESME: a delivery receipt came; it is answered already."""
        ...

    def closed(self, session: "SmppSession", why: str) -> None:
        """The session is over; what waited for a response has been told so."""
        ...


class SmppSession(SmppLink):
    """One session: the ESME connects to `endpoint`, the SMSC listens there for one ESME.

    After its end it may be bound again, and the SMSC listens on. ValueError for a system_id
    that does not fit.
    """

    def __init__(
        self,
        station: Station,
        user: SmppUser,
        side: Literal["esme", "smsc"],
        endpoint: Endpoint,
        *,
        timers: SmppTimers | None = None,
        system_id: str = "",
    ) -> None:
        super().__init__(station, timers)
        self.user = user
        self.side = side
        self.endpoint = endpoint
        self.system_id = system_id or side.upper()
        self.peer = ""
        self._binding = Bind("")
        self._bound_as = Command.BIND_TRANSCEIVER
        write(Pdu(Command.BIND_TRANSCEIVER_RESP, 1, Bound(self.system_id)))
        if side == "smsc":
            station.bind(endpoint, self)

    # Commands.

    def bind(self, system_id: str, password: str = "", system_type: str = "") -> None:
        """ESME: connect and bind as transceiver; ValueError for names that are too long."""
        binding = Bind(system_id, password, system_type)
        write(Pdu(Command.BIND_TRANSCEIVER, 1, binding))
        if self.side == "esme" and self.state is State.CLOSED:
            self.system_id, self._binding = system_id, binding
            self._begin()
            self.state = State.OPEN
            self._connection = self.station.connect(self.endpoint, self)

    def submit(
        self,
        source: str,
        destination: str,
        content: str | bytes,
        done: Done,
        *,
        registered_delivery: int = 0,
        esm_class: int = 0,
        data_coding: int | None = None,
        protocol_id: int = 0,
        lifetime: int | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> None:
        """ESME: send a message; `lifetime` in ns. `done` is told once how it was answered.

        Octets go as they are, with a user data header where `esm_class` says so; their coding is
        binary where not given.
        """
        validity = "" if lifetime is None else smpp_text.relative_time(lifetime)
        body, extra = compose(source, destination, content, data_coding)
        body = replace(
            body,
            esm_class=esm_class,
            protocol_id=protocol_id,
            validity_period=validity,
            registered_delivery=registered_delivery,
        )
        self._request(Pdu(Command.SUBMIT_SM, 0, body, 0, (*extra, *tlvs)), done)

    def deliver(
        self,
        source: str,
        destination: str,
        content: str | bytes,
        done: Done,
        *,
        esm_class: int = 0,
        data_coding: int | None = None,
        protocol_id: int = 0,
        registered_delivery: int = 0,
        tlvs: tuple[Tlv, ...] = (),
    ) -> None:
        """SMSC: hand a message over to the ESME; `done` is told once how it was answered."""
        body, extra = compose(source, destination, content, data_coding)
        body = replace(
            body,
            esm_class=esm_class,
            protocol_id=protocol_id,
            registered_delivery=registered_delivery,
        )
        self._request(Pdu(Command.DELIVER_SM, 0, body, 0, (*extra, *tlvs)), done)

    def receipt(
        self,
        source: str,
        destination: str,
        message_id: str,
        state: MessageState,
        done: Done,
        *,
        submitted_at: int | None = None,
        error: str = "000",
    ) -> None:
        """SMSC: tell what became of a message; `source` is who was to have it (appendix B)."""
        receipt = Receipt(message_id, state, submitted_at, self.station.now, error)
        body, extra = compose(source, destination, receipt.write(), smpp_text.ASCII)
        body = replace(body, esm_class=smpp_text.RECEIPT)
        self._request(Pdu(Command.DELIVER_SM, 0, body, 0, (*extra, *receipt.tlvs)), done)

    def unbind(self) -> None:
        """End the session: the connection is closed when the peer has answered."""
        if self.state is State.BOUND:
            self.state = State.UNBOUND
            unbind = Pdu(Command.UNBIND, 0)
            self._window.urgent(unbind, lambda _: self._end("unbound"))

    def close(self) -> None:
        """End the session at once."""
        self._end("closed")

    # What comes from the station: a Listener.

    def opened(self, connection: Connection) -> None:
        """Bind, or wait to be bound; a second peer is turned away."""
        if self.side == "esme":
            bind = Pdu(Command.BIND_TRANSCEIVER, 0, self._binding)
            self._window.urgent(bind, self._bind_answered)
        elif self.state is not State.CLOSED:
            self.station.close(connection)
        else:
            self._begin()
            self._connection, self.state = connection, State.OPEN
            self._enquiry = self.station.after(self.timers.session_init, self._never_bound)

    # What can be made otherwise.

    def answer_bind(self, bind: Pdu) -> None:
        """SMSC: admit or refuse an ESME."""
        if not isinstance(bind.body, Bind):
            return
        status: int = Status.RALYBND
        if not self.is_bound:
            status = self.user.admits(self, bind.body.system_id, bind.body.password)
        if status != Status.ROK:
            self._respond(bind, status)
            return
        self.state, self.peer, self._bound_as = State.BOUND, bind.body.system_id, bind.command
        version = Tlv(Tag.SC_INTERFACE_VERSION, b"\x34")
        self._respond(bind, Status.ROK, Bound(self.system_id), (version,))
        self._watch()
        self.user.bound(self, self.peer)

    def answer_message(self, message: Pdu) -> None:
        """Hand a message to the user, who answers it; answer a receipt."""
        if self.side == "esme" and (receipt := smpp_text.receipt_of(message)) is not None:
            self._respond(message, Status.ROK, MessageId())
            self.user.receipted(self, receipt, message)
            return
        handler = self.user.submitted if self.side == "smsc" else self.user.delivered
        handler(self, message, self._answerer(message))

    def answer_enquiry(self, enquiry: Pdu) -> None:
        """Answer an enquire_link."""
        self._respond(enquiry, Status.ROK)

    def answer_unbind(self, unbind: Pdu) -> None:
        """Answer an unbind, and close."""
        self._respond(unbind, Status.ROK)
        self._end("the peer unbound")

    def ended(self, why: str) -> None:
        """Tell the user that the session is over."""
        self.user.closed(self, why)

    # Inside.

    def _request(self, pdu: Pdu, done: Done) -> None:
        def told(response: Pdu | None) -> None:
            if response is None:
                done(NO_ANSWER)
                return
            body = response.body
            named = body.message_id if isinstance(body, MessageId) else ""
            done(Answer(response.status, named))

        if not self._may_send(pdu.command):
            done(Answer(Status.RINVBNDSTS))
        elif not _fits(pdu):
            done(Answer(Status.RINVMSGLEN))
        elif not self._window.request(pdu, told):
            done(Answer(Status.RMSGQFUL))

    def _may_send(self, command: Command) -> bool:
        if command is Command.SUBMIT_SM:
            return self.is_bound and self.side == "esme"
        may = self.side == "smsc" and self._bound_as is not Command.BIND_TRANSMITTER
        return self.is_bound and may

    def _bind_answered(self, response: Pdu | None) -> None:
        if response is None or response.status != Status.ROK:
            status = None if response is None else response.status
            why = "no answer" if status is None else f"status 0x{status:08x}"
            self._end(f"the bind failed: {why}")
            return
        body = response.body
        self.state = State.BOUND
        self.peer = body.system_id if isinstance(body, Bound) else ""
        self._watch()
        self.user.bound(self, self.peer)

    def take_request(self, request: Pdu) -> None:
        """Take a request, if the state of the session admits it."""
        if not self._admits(request.command):
            self._respond(request, Status.RINVBNDSTS)
        elif request.command in _BINDS:
            self.answer_bind(request)
        elif request.command is Command.ENQUIRE_LINK:
            self.answer_enquiry(request)
        elif request.command is Command.UNBIND:
            self.answer_unbind(request)
        else:
            self.answer_message(request)

    def _admits(self, command: Command) -> bool:
        if command in _BINDS:
            return self.side == "smsc"
        if command is Command.SUBMIT_SM:
            may = self.side == "smsc" and self._bound_as is not Command.BIND_RECEIVER
            return may and self.is_bound
        if command is Command.DELIVER_SM:
            return self.side == "esme" and self.is_bound
        return True

    def _answerer(self, message: Pdu) -> Respond:
        connection, is_answered = self._connection, False

        def respond(status: int, message_id: str = "") -> None:
            nonlocal is_answered
            if is_answered or connection != self._connection:
                return
            is_answered = True
            named = message_id[:64].encode("ascii", "replace").replace(b"\0", b"?").decode()
            body = MessageId(named) if status == Status.ROK else None
            self._respond(message, status, body)

        return respond

    def _never_bound(self) -> None:
        if self.state is State.OPEN:
            self._end("no bind came")


def _fits(pdu: Pdu) -> bool:
    try:
        write(pdu)
    except ValueError:
        return False
    return True
