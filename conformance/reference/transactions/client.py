"""Client transactions (RFC 3261 section 17.1, RFC 6026)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from conformance.observation.packet import Transport
from conformance.reference.engine.timer import Timers
from conformance.reference.transactions.machine import Failure, Machine
from conformance.reference.transactions.tables import (
    CLIENT,
    INVITE_CLIENT,
    Action,
    Input,
    State,
    of_status,
)
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.sip_transport import SipTransport
from conformance.sip.message import SipRequest, SipResponse

_WAITING = (State.CALLING, State.TRYING, State.PROCEEDING)


class ClientUser(Protocol):
    """Who sent a request and waits for what comes of it."""

    def response(self, response: SipResponse) -> None:
        """A response: any number of 1xx, then a final one; to INVITE, each 2xx that comes."""
        ...

    def failed(self, why: Failure) -> None:
        """There is no final response, and none will come."""
        ...


class ClientTransaction(Machine):
    """A request under way; `request` is what was sent, `sent_to` where it went."""

    def __init__(
        self,
        transport: SipTransport,
        draft: Draft,
        target: Target,
        user: ClientUser,
        timers: Timers,
    ) -> None:
        is_invite = draft.method == "INVITE"
        super().__init__(transport.station, timers, INVITE_CLIENT if is_invite else CLIENT)
        self.draft = draft
        self.target = target
        self.sent_to = target
        self.request = SipRequest(draft.octets())
        self.user = user
        self.send_cancel: Callable[[ClientTransaction, Draft], None] | None = None
        self._transport = transport
        self._response: SipResponse | None = None
        self._cancel: tuple[tuple[str, str], ...] | None = None
        self._cancel_sent = False

    @property
    def is_waiting(self) -> bool:
        """Whether a final response is still awaited."""
        return self.state in _WAITING

    def begin(self) -> None:
        """Send the request."""
        self.take(Input.START)

    def respond(self, response: SipResponse) -> None:
        """Take a response that belongs to this transaction."""
        self._response = response
        self.take(of_status(response.status))
        if self._cancel is not None and self.state is State.PROCEEDING:
            self._cancel_now()

    def cancel(self, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Send a CANCEL, once a provisional response has come (RFC 3261 section 9.1).

        `headers` go with it, such as a Reason. No matter if there is a final response already.
        """
        if self.draft.method != "INVITE" or not self.is_waiting or self._cancel is not None:
            return
        self._cancel = tuple(headers)
        if self.state is State.PROCEEDING:
            self._cancel_now()

    def lost(self, why: str, opened: bool) -> None:
        """The connection that the request went over is no more.

        One never opened sends a request that was only too large back to UDP (RFC 3261 section
        18.1.1). One closed in good order leaves the responses to come over another.
        """
        if not self.is_waiting:
            return
        if not opened and self.target.transport is Transport.UDP:
            self._back_to_udp()
        elif not opened or why:
            self.take(Input.TRANSPORT_ERROR)

    def _back_to_udp(self) -> None:
        self.reliable = False
        self.sent_to = self.target
        self._repeats = 0
        self._transmit(switch=False)
        self.start(Input.TIMER_A if self.draft.method == "INVITE" else Input.TIMER_E)

    def _act(self, action: Action) -> None:
        match action:
            case Action.SEND:
                self._transmit(switch=True)
            case Action.RESEND:
                self._transmit(switch=False)
            case Action.SEND_ACK:
                self._send_ack()
            case Action.SEND_CANCEL:
                self.cancel()
            case Action.TELL:
                if self._response is not None:
                    self.user.response(self._response)
            case Action.TELL_TIMEOUT:
                self.user.failed(Failure.TIMEOUT)
            case _:
                self.user.failed(Failure.TRANSPORT)

    def _transmit(self, *, switch: bool) -> None:
        transport = self._transport.send_request(self.draft, self.sent_to, switch=switch)
        self.sent_to = Target(transport, self.target.endpoint)
        self.reliable = transport is not Transport.UDP

    def _cancel_now(self) -> None:
        if self._cancel_sent or self.send_cancel is None:
            return
        self._cancel_sent = True
        draft = self._follow_up("CANCEL", self.draft.get("To") or "")
        draft.fields.extend(self._cancel or ())
        self.start(Input.CANCELLED)
        self.send_cancel(self, draft)

    def _send_ack(self) -> None:
        try:
            self._transport.send_request(self._ack(), self.sent_to)
        except ValueError as fault:
            self.station.note("unsendable", why=str(fault))

    def _ack(self) -> Draft:
        """The ACK to a refusal (RFC 3261 section 17.1.1.3)."""
        to = self._response.header("To") if self._response is not None else None
        return self._follow_up("ACK", to or self.draft.get("To") or "")

    def _follow_up(self, method: str, to: str) -> Draft:
        """What goes the INVITE's way with its identity: an ACK to a refusal, or a CANCEL."""
        sent = self.draft
        draft = Draft(method, sent.uri)
        draft.add("Via", sent.all("Via")[0])
        for route in sent.all("Route"):
            draft.add("Route", route)
        draft.add("Max-Forwards", "70")
        draft.add("From", sent.get("From") or "").add("To", to)
        draft.add("Call-ID", sent.get("Call-ID") or "")
        return draft.add("CSeq", f"{(sent.get('CSeq') or '0').split()[0]} {method}")
