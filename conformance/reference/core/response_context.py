"""A proxy's response context: the branches of one request and the best of their answers.

RFC 3261 sections 16.6 (steps 10 and 11), 16.7, 16.9 and 16.10.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from conformance.reference.transactions.transaction import (
    ClientTransaction,
    Failure,
    ServerTransaction,
)
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipResponse

MAX_BRANCHES = 16
"""Branches of one request; targets beyond are left out."""

_PREFERRED = (401, 407, 415, 420, 484)
_CHALLENGES = ("WWW-Authenticate", "Proxy-Authenticate")
_ELSEWHERE = (("Reason", 'SIP;cause=200;text="Call completed elsewhere"'),)


class Forwarder(Protocol):
    """The proxy as its response contexts see it."""

    def send_branch(self, draft: Draft, branch: "Branch") -> ClientTransaction | None:
        """Send a request to its next hop; None if that is not known."""
        ...

    def forward_response(self, context: "ResponseContext", draft: Draft) -> None:
        """Send a response upstream."""
        ...

    def own_response(self, transaction: ServerTransaction, status: int) -> Draft:
        """A final response of the proxy's own."""
        ...

    def give_up(self, context: "ResponseContext") -> None:
        """Nothing can be answered any more."""
        ...


class Branch:
    """One client transaction of a request that was forwarded."""

    def __init__(self, context: "ResponseContext") -> None:
        self.context = context
        self.client: ClientTransaction | None = None
        self.final: Draft | None = None

    def response(self, response: SipResponse) -> None:
        """Take a response, its own Via off (16.7 step 3)."""
        if response.status == 100:
            return
        draft = Draft.of(response)
        beyond = draft.all("Via")[1:]
        # One who took our Via for the only one has answered all the same.
        draft.put_all("Via", beyond or self.context.transaction.request.vias)
        if is_writable(draft):
            self.context.heard(self, draft)
        elif response.status >= 200:
            self.context.heard(self, self.context.failure(502))

    def failed(self, why: Failure) -> None:
        """A branch that fails counts as answered 408 or 503 (16.8, 16.9)."""
        self.context.heard(self, self.context.failure(why.status))


class ResponseContext:
    """What becomes of one request: `groups` of targets are tried one after the other."""

    def __init__(
        self,
        forwarder: Forwarder,
        transaction: ServerTransaction,
        groups: Sequence[Sequence[Draft]],
        *,
        on_end: Callable[[], None],
    ) -> None:
        self.forwarder = forwarder
        self.transaction = transaction
        self.branches: list[Branch] = []
        self.is_answered = False
        self.is_cancelled = False
        self.timed_out = False
        self._groups = [list(group) for group in groups]
        self._on_end = on_end
        self._starting = False
        transaction.on_cancel = self.cancel

    @property
    def is_invite(self) -> bool:
        """Whether the request is an INVITE."""
        return self.transaction.request.method == "INVITE"

    def begin(self) -> None:
        """Forward the request to the first group of targets."""
        self._next_group()

    def failure(self, status: int) -> Draft:
        """A failure of a branch, as a response."""
        self.timed_out = self.timed_out or status == 408
        return self.forwarder.own_response(self.transaction, status)

    def heard(self, branch: Branch, draft: Draft) -> None:
        """Take a response of a branch (16.7 steps 4 to 10)."""
        if draft.status < 200:
            if not self.is_answered:
                self.forwarder.forward_response(self, draft)
            return
        if branch.final is not None and draft.status >= 300:
            return
        branch.final = draft
        if draft.status < 300:
            self._succeeded(draft)
            return
        if draft.status >= 600:
            self._groups.clear()
            self.cancel_branches()
        self._settle()

    def cancel(self) -> None:
        """The sender has cancelled the INVITE (16.10); its answer comes from the branches."""
        self.is_cancelled = True
        self._groups.clear()
        self.cancel_branches()

    def cancel_branches(self, why: Sequence[tuple[str, str]] = ()) -> None:
        """Cancel every branch that has no final response."""
        for branch in self.branches:
            if branch.client is not None and branch.final is None:
                branch.client.cancel(why)

    def best(self) -> Draft:
        """The best of the final responses (16.7 step 6), challenges put together (step 7)."""
        finals = [branch.final for branch in self.branches if branch.final is not None]
        draft = min(finals, key=_rank)
        if draft.status in (401, 407):
            draft = _with_challenges(draft, finals)
        if draft.status == 503:
            return self.forwarder.own_response(self.transaction, 500)
        if draft.status == 408 and self.is_cancelled:
            return self.forwarder.own_response(self.transaction, 487)
        return draft

    def _succeeded(self, draft: Draft) -> None:
        was_answered, self.is_answered = self.is_answered, True
        self._groups.clear()
        if self.is_invite or not was_answered:
            self.forwarder.forward_response(self, draft)
        if not was_answered:
            self.cancel_branches(_ELSEWHERE)
            self._on_end()

    def _settle(self) -> None:
        if self.is_answered or self._starting:
            return
        if any(branch.final is None for branch in self.branches):
            return
        if self._groups:
            self._next_group()
            return
        self.is_answered = True
        best = self.best()
        if best.status == 408 and not self.is_invite and self.timed_out:
            # RFC 4320 section 4.2: nobody waits for a 408 to anything but INVITE.
            self.forwarder.give_up(self)
        else:
            self.forwarder.forward_response(self, best)
        self._on_end()

    def _next_group(self) -> None:
        self._starting = True
        for draft in self._groups.pop(0)[: MAX_BRANCHES - len(self.branches)]:
            branch = Branch(self)
            self.branches.append(branch)
            branch.client = self.forwarder.send_branch(draft, branch)
            if branch.client is None:
                branch.final = self.forwarder.own_response(self.transaction, 404)
        self._starting = False
        self._settle()


def is_writable(draft: Draft) -> bool:
    """Whether a message that was read can be written again: parsers take more than writers."""
    try:
        draft.octets()
    except ValueError:
        return False
    return True


def _rank(draft: Draft) -> tuple[int, int]:
    """Lower is better: 6xx before all, then the lowest class, then what says most."""
    if draft.status >= 600:
        return 0, 0
    within = 0 if draft.status in _PREFERRED else 2 if draft.status in (408, 503) else 1
    return draft.status // 100, within


def _with_challenges(draft: Draft, finals: Sequence[Draft]) -> Draft:
    draft = draft.copy()
    for name in _CHALLENGES:
        challenges = [
            value for final in finals if final.status in (401, 407) for value in final.all(name)
        ]
        if challenges:
            draft.put_all(name, dict.fromkeys(challenges))
    return draft
