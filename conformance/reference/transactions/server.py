"""Server transactions (RFC 3261 section 17.2, RFC 6026)."""

from collections.abc import Callable

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import Timers
from conformance.reference.transactions.machine import Failure, Machine
from conformance.reference.transactions.tables import (
    INVITE_SERVER,
    SERVER,
    Action,
    Input,
    of_status,
)
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.sip_transport import SipTransport
from conformance.sip.message import SipRequest


class ServerTransaction(Machine):
    """A request that was received from `source`, and its answers.

    `on_cancel` is called when the INVITE is cancelled before its final response, which is then
    still due; without it, 487 goes out. `on_failed` is called when a refusal is never
    acknowledged, or a response cannot be sent.
    """

    def __init__(
        self, transport: SipTransport, request: SipRequest, source: Target, timers: Timers
    ) -> None:
        is_invite = request.method == "INVITE"
        super().__init__(transport.station, timers, INVITE_SERVER if is_invite else SERVER)
        self.request = request
        self.source = source
        self.reliable = source.transport is not Transport.UDP
        self.on_cancel: Callable[[], None] | None = None
        self.on_failed: Callable[[Failure], None] | None = None
        self.tell: Callable[[ServerTransaction], None] | None = None
        self.tell_ack: Callable[[SipRequest], None] | None = None
        self.last: Draft | None = None
        self._ack: SipRequest | None = None
        self._transport = transport

    @property
    def is_answered(self) -> bool:
        """Whether a final response was given."""
        return self.last is not None and self.last.status >= 200

    def begin(self) -> None:
        """Tell the user of the request."""
        self.take(Input.REQUEST)

    def respond(self, draft: Draft) -> None:
        """Send a response; one that comes too late goes nowhere."""
        before = self.last
        self.last = draft
        if not self.take(of_status(draft.status)):
            self.last = before

    def abandon(self) -> None:
        """Leave a request without an answer for good; not an INVITE (RFC 4320 section 4.2)."""
        self.take(Input.TIMER_F)

    def acknowledge(self, ack: SipRequest) -> bool:
        """Take an ACK with this transaction's branch; whether it belongs here."""
        self._ack = ack
        return self.take(Input.ACK)

    def _act(self, action: Action) -> None:
        match action:
            case Action.SEND | Action.RESEND:
                self._transmit(self.last)
            case Action.SEND_TRYING:
                self.send_trying()
            case Action.TELL:
                self._tell()
            case Action.TELL_TIMEOUT:
                self._fail(Failure.TIMEOUT)
            case _:
                self._fail(Failure.TRANSPORT)

    def send_trying(self) -> None:
        """Say 100 if nothing was said yet (RFC 3261 section 17.2.1)."""
        if self.last is None:
            self.respond(Draft.response_to(self.request, 100))

    def _tell(self) -> None:
        if self._ack is not None:
            if self.tell_ack is not None:
                self.tell_ack(self._ack)
        elif self.tell is not None:
            self.tell(self)

    def _fail(self, why: Failure) -> None:
        if self.on_failed is not None:
            self.on_failed(why)

    def _transmit(self, draft: Draft | None) -> None:
        if draft is None:
            return
        try:
            sent = self._transport.send_response(draft, self.request, self.source)
        except ValueError as fault:
            self.station.note("unsendable", why=str(fault))
            sent = False
        if not sent:
            self.take(Input.TRANSPORT_ERROR)
