"""The callee's side of a session (RFC 3261 section 13.3)."""

from conformance.reference.engine.component import Alarm
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.agent import Agent
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.event import seconds_of
from conformance.reference.user_agents.incoming import Content, Headers, Incoming
from conformance.reference.user_agents.session import Ending, Session, content_of
from conformance.sip.message import SipRequest

RING_AGAIN = 60 * SECOND
"""How often a 180 is repeated, so that no proxy gives up (RFC 3261 section 13.3.1.1)."""


class CalleeSession(Session):
    """A session that we are invited to; `incoming` is the INVITE."""

    is_caller = False

    def __init__(self, agent: Agent, incoming: Incoming) -> None:
        super().__init__(agent, None)
        self.incoming = incoming
        self.request: SipRequest = incoming.request
        self.remote = content_of(incoming.request)
        self._ringing: Alarm | None = None
        self._limit: Alarm | None = None
        incoming.transaction.on_cancel = self._cancelled
        incoming.transaction.on_failed = self._failed
        expires = seconds_of(incoming.request.header("Expires"))
        if expires is not None:
            # Nobody waits longer than the INVITE says (RFC 3261 section 13.3.1).
            self._limit = agent.station.after(expires * SECOND, self._cancelled)

    @property
    def is_waiting(self) -> bool:
        """Whether the INVITE has no final response."""
        return not self.incoming.is_answered

    def ring(self, headers: Headers = ()) -> None:
        """Answer 180, and again each minute until there is a final response."""
        if self.is_waiting:
            self._enter()
            self.incoming.respond(180, headers=headers)
            self._ringing = self.agent.station.after(RING_AGAIN, lambda: self.ring(headers))

    def accept(self, content: Content, headers: Headers = ()) -> None:
        """Answer 200 with the session's description, again until the ACK comes."""
        if self.is_waiting:
            self._stop_ringing()
            self._enter()
            self.local = content
            self.accept_with(self.incoming, self.incoming.answer(200, "", headers, content))

    def refuse(self, status: int, reason: str = "", headers: Headers = ()) -> None:
        """Answer that there will be no session; the user is told nothing more."""
        if self.is_waiting:
            self._close(status, reason, headers)

    def bye(self, headers: Headers = ()) -> None:
        """End the session; an INVITE that waits is answered 480."""
        if self.is_waiting:
            self.refuse(480, headers=headers)
        else:
            super().bye(headers)

    def take(self, incoming: Incoming) -> None:
        """Answer a request within the dialog; a BYE ends an INVITE that waits (section 15.1.2)."""
        super().take(incoming)
        if self.is_over and self.is_waiting:
            self._stop_ringing()
            self.incoming.respond(487)

    @property
    def _is_changing(self) -> bool:
        return self.is_waiting or super()._is_changing

    def _enter(self) -> None:
        if self.dialog is None:
            contact = self.agent.identity.contact_value
            self.dialog = Dialog.of_server(self.request, self.incoming.local_tag, contact)
            self.agent.enter(self.dialog, self)

    def _close(self, status: int, reason: str, headers: Headers) -> None:
        self._stop_ringing()
        self.is_over = True
        self.agent.leave(self.dialog)
        self.incoming.respond(status, reason, headers)

    def _stop_ringing(self) -> None:
        for alarm in (self._ringing, self._limit):
            if alarm is not None:
                alarm.cancel()

    def _cancelled(self) -> None:
        if self.is_waiting:
            over = self.is_over
            self._close(487, "", ())
            if not over and self.user is not None:
                self.user.ended(self, Ending.CANCELLED)

    def _failed(self, why: Failure) -> None:
        """A refusal without an ACK, or a response that cannot be sent: nothing is left to do."""
        self.agent.station.note("unacknowledged", why=why.value)
