"""The connection of an SMPP session: its PDUs, its window, its signs of life."""

from conformance.reference.engine.component import Alarm, Connection, Datagram, Station
from conformance.reference.smpp.pdu import (
    Bound,
    Command,
    MessageId,
    Pdu,
    SmppStream,
    Status,
    Tlv,
    head_of,
    parse,
    write,
)
from conformance.reference.smpp.states import SmppTimers, State
from conformance.reference.smpp.window import Window
from conformance.wire.malformed import Malformed


class SmppLink:
    """What both sides of a session do alike; what they do with a request is the heir's."""

    def __init__(self, station: Station, timers: SmppTimers | None) -> None:
        self.station = station
        self.timers = timers or SmppTimers()
        self.state = State.CLOSED
        self._connection: Connection | None = None
        self._enquiry: Alarm | None = None
        self._last_sign = 0
        self._begin()

    @property
    def is_bound(self) -> bool:
        """Whether messages can be sent."""
        return self.state is State.BOUND

    def datagram(self, datagram: Datagram) -> None:
        """SMPP has no datagrams."""

    def octets(self, connection: Connection, octets: bytes) -> None:
        """Take each whole PDU."""
        stream = self._stream
        for whole in stream.feed(octets):
            if connection != self._connection or stream is not self._stream:
                return
            self._take(whole)
        if stream.broken and connection == self._connection:
            self.station.note("malformed", why=stream.broken)
            self._send(Pdu(Command.GENERIC_NACK, 0, None, Status.RINVCMDLEN))
            self._end("the stream cannot be read")

    def closed(self, connection: Connection, why: str) -> None:
        """The connection is gone, and the session with it."""
        if connection == self._connection:
            self._end(why or "the peer closed the connection")

    def take_request(self, request: Pdu) -> None:
        """Take a request that the state of the session admits or not."""
        raise NotImplementedError

    def ended(self, why: str) -> None:
        """The session is over."""
        raise NotImplementedError

    def _begin(self) -> None:
        self._stream = SmppStream()
        self._window = Window(self.station, self.timers.window, self.timers.response, self._send)

    def _take(self, whole: bytes) -> None:
        self._last_sign = self.station.now
        pdu = parse(whole)
        if isinstance(pdu, Malformed):
            self._refuse(pdu)
        elif pdu.command.is_response:
            if not self._window.answered(pdu):
                self.station.note("stray", pdu=pdu.command.name.lower())
        else:
            self.take_request(pdu)

    def _refuse(self, malformed: Malformed) -> None:
        """Answer what cannot be read (section 4.3), unless it is a response itself."""
        self.station.note("malformed", why=malformed.rule)
        head = head_of(malformed.octets)
        if head is None or head.command & Command.GENERIC_NACK:
            return
        known = next((c for c in Command if c == head.command), None)
        if known is None:
            self._send(Pdu(Command.GENERIC_NACK, head.sequence, None, Status.RINVCMDID))
        else:
            self._send(Pdu(known.response, head.sequence, None, Status.RINVPARLEN))

    def _respond(
        self,
        request: Pdu,
        status: int,
        body: Bound | MessageId | None = None,
        tlvs: tuple[Tlv, ...] = (),
    ) -> None:
        self._send(Pdu(request.command.response, request.sequence, body, status, tlvs))

    def _send(self, pdu: Pdu) -> None:
        if self._connection is not None:
            self.station.write(self._connection, write(pdu))

    def _watch(self, wait: int | None = None) -> None:
        """Have the peer's signs of life looked at later."""
        if self._enquiry is not None:
            self._enquiry.cancel()
        wait = self.timers.enquire_link if wait is None else wait
        self._enquiry = self.station.after(wait, self._enquire)

    def _enquire(self) -> None:
        """Ask for a sign of life where none came for so long; else look again when it is due."""
        if self.state is not State.BOUND:
            return
        left = self._last_sign + self.timers.enquire_link - self.station.now
        if left <= 0:
            self._window.urgent(Pdu(Command.ENQUIRE_LINK, 0), self._enquired)
            left = self.timers.enquire_link
        self._watch(left)

    def _enquired(self, response: Pdu | None) -> None:
        if response is None and self.state is State.BOUND:
            self._end("no answer to enquire_link")

    def _end(self, why: str) -> None:
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        connection, self._connection = self._connection, None
        if connection is not None:
            self.station.close(connection)
        if self._enquiry is not None:
            self._enquiry.cancel()
        self._window.abandon()
        self.ended(why)
