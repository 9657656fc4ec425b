"""Changes to a session by INVITEs within its dialog (RFC 3261 section 14)."""

from collections.abc import Callable

from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.agent import Agent, Answered
from conformance.reference.user_agents.dialog import Dialog
from conformance.reference.user_agents.incoming import Content, Headers, Incoming
from conformance.sip.message import SipResponse

_STEP = 10 * MILLISECOND
_OWNER_LOW, _OWNER_HIGH, _OTHER_HIGH = 210, 400, 200
MAX_GLARES = 4
"""How often a re-INVITE is tried that crosses the peer's."""


class Reoffer:
    """A re-INVITE of ours; one that crosses the peer's is tried again (section 14.1).

    `accepted` is called with each 2xx, `answered` once with the final response.
    """

    def __init__(
        self,
        agent: Agent,
        dialog: Dialog,
        compose: Callable[[], Draft],
        accepted: Callable[[SipResponse], None],
        answered: Answered,
        *,
        is_owner: bool,
    ) -> None:
        self._agent = agent
        self._dialog = dialog
        self._compose = compose
        self._accepted = accepted
        self._told = answered
        self._is_owner = is_owner
        self._glares = 0
        self._done = False
        self.waits = False

    def send(self) -> None:
        """Send it, with the next CSeq."""
        self.waits = False
        if not self._done:
            self._agent.exchange(self._compose(), self._answered, dialog=self._dialog)

    def end(self) -> None:
        """The session is over; nobody is told anything more."""
        self._done = True

    def _answered(self, result: SipResponse | Failure) -> None:
        if isinstance(result, SipResponse) and result.status < 300:
            self._agent.acknowledge(self._dialog.ack(result.cseq))
            self._accepted(result)
        if self._done:
            return
        is_glare = isinstance(result, SipResponse) and result.status == 491
        if is_glare and self._glares < MAX_GLARES:
            self._glares += 1
            self.waits = True
            self._agent.station.after(self._wait() * _STEP, self.send)
            return
        self._done = True
        self._told(result)

    def _wait(self) -> int:
        """In units of 10 ms: 2.1 to 4 s for who chose the Call-ID, else 0 to 2 s."""
        chance = self._agent.chance
        if self._is_owner:
            return _OWNER_LOW + chance.below(_OWNER_HIGH - _OWNER_LOW + 1)
        return chance.below(_OTHER_HIGH + 1)


Accept = Callable[[Incoming, Draft, Content | None], None]


class Reinvite(Incoming):
    """A re-INVITE of the peer; its 2xx goes by `accept`, which sends it until the ACK comes."""

    def __init__(self, incoming: Incoming, agent: str, accept: Accept) -> None:
        super().__init__(incoming.transaction, incoming.local_tag, incoming.contact, agent)
        self._accept = accept
        self.transaction.on_cancel = lambda: self.respond(487)

    def respond(
        self,
        status: int,
        reason: str = "",
        headers: Headers = (),
        content: Content | None = None,
    ) -> None:
        """Answer it."""
        if self.is_answered or not 200 <= status < 300:
            super().respond(status, reason, headers, content)
        else:
            self._accept(self, self.answer(status, reason, headers, content), content)
