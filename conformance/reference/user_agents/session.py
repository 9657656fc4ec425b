"""INVITE sessions, either side (RFC 3261 sections 13 to 15); offers and answers are the user's."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, runtime_checkable

from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.acceptance import Acceptance
from conformance.reference.user_agents.agent import Agent
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.incoming import Content, Headers, Incoming
from conformance.reference.user_agents.reinvite import Reinvite, Reoffer
from conformance.sip.message import SipRequest, SipResponse


class Ending(StrEnum):
    """Why a session ended."""

    BY_PEER = "BYE came"
    BY_US = "BYE answered"
    CANCELLED = "cancelled"
    NO_ACK = "no ACK"
    LOST = "the peer knows no such session"


class SessionUser(Protocol):
    """Who invited, or was invited."""

    def progressed(self, session: "Session", response: SipResponse) -> None:
        """A provisional response to our INVITE, 100 too."""
        ...

    def answered(self, session: "Session", response: SipResponse) -> Content | None:
        """A 2xx to our INVITE; what is given back goes with the ACK if the INVITE had no offer."""
        ...

    def established(self, session: "Session") -> None:
        """The ACK was sent, or has come: `session.ack`."""
        ...

    def refused(self, session: "Session", why: SipResponse | Failure) -> None:
        """Our INVITE is refused, or nobody answered."""
        ...

    def ended(self, session: "Session", why: str) -> None:
        """A session that was accepted, or an offer to us, is over; `why` is an `Ending`."""
        ...


@runtime_checkable
class ReofferUser(Protocol):
    """A user that answers re-INVITEs itself."""

    def reoffered(self, session: "Session", incoming: Incoming) -> None:
        """A re-INVITE with an offer, or asking for one, waits for its answer."""
        ...


class Session:
    """A session from its INVITE to its BYE.

    `local` and `remote` are the contents last given and received in INVITEs and their 2xx;
    `ack` is the ACK that established it. Commands that come too late or too early do nothing.
    """

    is_caller: bool
    request: SipRequest | Draft

    def __init__(self, agent: Agent, user: SessionUser | None) -> None:
        self.agent = agent
        self.user = user
        self.dialog: Dialog | None = None
        self.local: Content | None = None
        self.remote: Content | None = None
        self.ack: SipRequest | Draft | None = None
        self.is_over = False
        self._bye_wanted: Headers | None = None
        self._bye_sent = False
        self._acceptance: Acceptance | None = None
        self._reoffer: Reoffer | None = None
        self._reoffered: Incoming | None = None

    # Commands; a caller's and a callee's are with their own.

    def ring(self, headers: Headers = ()) -> None:
        """Answer 180 to an INVITE that waits."""

    def accept(self, content: Content, headers: Headers = ()) -> None:
        """Answer 200 with the session's description."""

    def refuse(self, status: int, reason: str = "", headers: Headers = ()) -> None:
        """Answer that there will be no session."""

    def cancel(self, headers: Headers = ()) -> None:
        """Cancel an INVITE of ours that has no final response."""

    def bye(self, headers: Headers = ()) -> None:
        """End the session, or what there is of it; a callee waits for the ACK (section 15)."""
        if self.is_over or self._bye_sent:
            return
        if self.dialog is None:
            self.give_up()
        elif self._acceptance is not None:
            self._bye_wanted = headers
        else:
            self._send_bye(headers)

    def reoffer(
        self,
        content: Content,
        answered: Callable[[SipResponse | Failure], None],
        headers: Headers = (),
    ) -> bool:
        """Send a re-INVITE; False if one is under way, from either side (section 14.1)."""
        dialog = self.dialog
        under_way = self._reoffer is not None or self._is_changing
        if dialog is None or self.is_over or under_way:
            return False
        self._reoffer = Reoffer(
            self.agent,
            dialog,
            lambda: self.agent.furnish(dialog.request("INVITE"), headers, content),
            lambda response: self._reoffer_accepted(response, content),
            lambda result: self._reoffer_answered(result, answered),
            is_owner=self.is_caller,
        )
        self._reoffer.send()
        return True

    def send(
        self,
        method: str,
        answered: Callable[[SipResponse | Failure], None],
        headers: Headers = (),
        content: Content | None = None,
    ) -> None:
        """Send any other request within the dialog; nothing happens without one."""
        if self.dialog is None or self.is_over:
            return
        draft = self.agent.furnish(self.dialog.request(method), headers, content)
        self.agent.exchange(draft, answered, dialog=self.dialog)

    def give_up(self) -> None:
        """End what has no dialog yet."""

    # What the agent calls.

    def take(self, incoming: Incoming) -> None:
        """Answer a request within the dialog."""
        request = incoming.request
        if self.dialog is not None and not self.dialog.accepts(request):
            incoming.respond(500, "CSeq out of order")
        elif request.method == "BYE":
            self._take_bye(incoming)
        elif request.method == "INVITE":
            self._take_invite(incoming)
        elif request.method in ("OPTIONS", "INFO", "UPDATE") and not request.body:
            incoming.respond(200)
        else:
            incoming.respond(405, headers=(("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS"),))

    def acknowledged(self, request: SipRequest) -> None:
        """An ACK within the dialog; only the one awaited counts."""
        acceptance = self._acceptance
        if acceptance is None or request.cseq != acceptance.cseq:
            return
        acceptance.end()
        self._acceptance = None
        is_first = self.ack is None
        self.ack = request
        if self._bye_wanted is not None:
            self._send_bye(self._bye_wanted)
        elif is_first and self.user is not None:
            self.user.established(self)

    # Within.

    @property
    def _is_changing(self) -> bool:
        return (
            (self._reoffer is not None and not self._reoffer.waits)
            or self._acceptance is not None
            or (self._reoffered is not None and not self._reoffered.is_answered)
        )

    def _send_bye(self, headers: Headers) -> None:
        if self.dialog is None:
            return
        self._bye_sent = True
        draft = self.agent.furnish(self.dialog.request("BYE"), headers, None)
        self.agent.exchange(draft, lambda _: self.finish(Ending.BY_US), dialog=self.dialog)

    def _take_bye(self, incoming: Incoming) -> None:
        incoming.respond(200)
        if not self._bye_sent:
            self.finish(Ending.BY_PEER)

    def finish(self, why: Ending) -> None:
        """The session is over: tell the user once, and know its dialog no longer."""
        if self._acceptance is not None:
            self._acceptance.end()
            self._acceptance = None
        if self._reoffer is not None:
            self._reoffer.end()
        self.agent.leave(self.dialog)
        if not self.is_over:
            self.is_over = True
            if self.user is not None:
                self.user.ended(self, why)

    def _unacknowledged(self) -> None:
        """No ACK came: end it all the same (RFC 3261 section 13.3.1.4)."""
        self._acceptance = None
        if self.dialog is not None and not self.is_over:
            draft = self.agent.furnish(self.dialog.request("BYE"), (), None)
            self.agent.exchange(draft, lambda _: None, dialog=self.dialog)
        self.finish(Ending.NO_ACK)

    def accept_with(self, incoming: Incoming, response: Draft) -> None:
        """Send a 2xx to an INVITE until its ACK comes."""
        self._acceptance = Acceptance(
            self.agent.station,
            self.agent.timers,
            incoming.transaction,
            response,
            self._unacknowledged,
        )
        self._acceptance.begin()

    def _take_invite(self, incoming: Incoming) -> None:
        if self._reoffer is not None and not self._reoffer.waits:
            incoming.respond(491)
        elif self._is_changing:
            incoming.respond(500, headers=(("Retry-After", "5"),))
        else:
            agent = self.agent.identity.agent
            self._reoffered = incoming = Reinvite(incoming, agent, self._reinvite_accepted)
            user: object = self.user
            if isinstance(user, ReofferUser):
                user.reoffered(self, incoming)
            else:
                self.answer_reoffer(incoming)

    def answer_reoffer(self, incoming: Incoming) -> None:
        """200 with what was agreed for what asks for no change, else 488."""
        body = incoming.request.body
        if self.local is not None and (not body or (self.remote and body == self.remote.body)):
            incoming.respond(200, content=self.local)
        else:
            incoming.respond(488)

    def _reoffer_accepted(self, response: SipResponse, content: Content) -> None:
        if self.dialog is not None:
            self.dialog.refresh(response)
        self.local, self.remote = content, content_of(response)

    def _reoffer_answered(
        self,
        result: SipResponse | Failure,
        answered: Callable[[SipResponse | Failure], None],
    ) -> None:
        self._reoffer = None
        answered(result)
        # Who knows of no dialog, or does not answer, has none (RFC 3261 section 12.2.1.2).
        if isinstance(result, SipResponse) and result.status == 481:
            self.finish(Ending.LOST)
        elif isinstance(result, Failure) or result.status == 408:
            self.bye()

    def _reinvite_accepted(
        self, incoming: Incoming, response: Draft, content: Content | None
    ) -> None:
        if self.dialog is not None:
            self.dialog.refresh(incoming.request)
        self.local, self.remote = content, content_of(incoming.request)
        self.accept_with(incoming, response)


def content_of(message: SipRequest | SipResponse) -> Content | None:
    """The body of a message with its type; None if it has none."""
    if not message.body:
        return None
    disposition = message.header("Content-Disposition") or ""
    return Content(message.header("Content-Type") or "", message.body, disposition)
