"""The caller's side of a session (RFC 3261 section 13.2)."""

from collections.abc import Sequence

from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.agent import Agent, Exchange
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.incoming import Content, Headers
from conformance.reference.user_agents.session import Session, SessionUser, content_of
from conformance.sip.message import SipResponse

MAX_BRANCHES = 16
"""Dialogs that one INVITE may begin; each but the first is ended at once."""


class CallerSession(Session):
    """A session that we invite to."""

    is_caller = True

    def __init__(
        self, agent: Agent, user: SessionUser, draft: Draft, content: Content | None
    ) -> None:
        super().__init__(agent, user)
        self.request: Draft = draft
        self.local = content
        self._exchange: Exchange | None = None
        self._acks: dict[str, Draft] = {}
        self._cancelled = False

    def begin(self) -> None:
        """Send the INVITE."""
        self._exchange = self.agent.exchange(
            self.request, self._answered, progressed=self._progressed
        )

    def cancel(self, headers: Headers = ()) -> None:
        """Cancel the INVITE; a 2xx that crosses it is acknowledged and ended."""
        if self.dialog is None and self._exchange is not None and not self.is_over:
            self._cancelled = True
            self._exchange.cancel(headers)

    def give_up(self) -> None:
        """End what has no dialog yet."""
        self.cancel()

    def _progressed(self, response: SipResponse) -> None:
        if self.user is not None:
            self.user.progressed(self, response)

    def _answered(self, result: SipResponse | Failure) -> None:
        if isinstance(result, SipResponse) and result.status < 300:
            self._accepted(result)
        elif self.dialog is None and not self.is_over:
            self.is_over = True
            if self.user is not None:
                self.user.refused(self, result)

    def _accepted(self, response: SipResponse) -> None:
        """Acknowledge each 2xx; one of another dialog than the first is ended at once."""
        tag = response.to_tag or ""
        ack = self._acks.get(tag)
        if ack is not None:
            self.agent.acknowledge(ack)
            return
        if len(self._acks) >= MAX_BRANCHES:
            return
        dialog = Dialog.of_client(self.request, response)
        if self.dialog is None and not self.is_over:
            self._establish(dialog, response)
        else:
            self._end_branch(dialog, response)

    def _establish(self, dialog: Dialog, response: SipResponse) -> None:
        self.dialog = dialog
        self.remote = content_of(response)
        self.agent.enter(dialog, self)
        offered = self.local is not None
        given = None if offered else self._tell_answered(response)
        self.local = self.local or given
        self.ack = self._acknowledge(dialog, response, given)
        if self._cancelled or self._bye_wanted is not None:
            self.bye(self._bye_wanted or ())
            return
        if offered:
            self._tell_answered(response)
        if self.user is not None and not self.is_over and not self._bye_sent:
            self.user.established(self)

    def bye(self, headers: Headers = ()) -> None:
        """End the session; not before its ACK."""
        if self.dialog is not None and self.ack is None:
            self._bye_wanted = headers
        else:
            super().bye(headers)

    def _tell_answered(self, response: SipResponse) -> Content | None:
        return None if self.user is None else self.user.answered(self, response)

    def _end_branch(self, dialog: Dialog, response: SipResponse) -> None:
        self._acknowledge(dialog, response, None)
        draft = self.agent.furnish(dialog.request("BYE"), (), None)
        self.agent.exchange(draft, lambda _: None, dialog=dialog)

    def _acknowledge(
        self, dialog: Dialog, response: SipResponse, content: Content | None
    ) -> Draft:
        ack = self.agent.furnish(dialog.ack(response.cseq), self._credentials(), content)
        self._acks[dialog.remote_tag] = ack
        self.agent.acknowledge(ack)
        return ack

    def _credentials(self) -> Sequence[tuple[str, str]]:
        """What the INVITE proved itself with, its ACK bears too (RFC 3261 section 22.1)."""
        names = ("Authorization", "Proxy-Authorization")
        return [(name, value) for name in names for value in self.request.all(name)]
