"""What sessions and subscriptions need of a user agent: to compose, to send, to be found."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import Timers
from conformance.reference.transactions.transaction import (
    ClientTransaction,
    Failure,
    ServerTransaction,
    Transactions,
)
from conformance.reference.transport.directory import Directory, Target
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.dialog import Dialog, DialogId
from conformance.reference.user_agents.digest import DigestClient
from conformance.reference.user_agents.incoming import Content, Headers, Identity, Incoming
from conformance.sip.message import SipRequest, SipResponse

MAX_DIALOGS = 16_384
"""Dialogs and subscriptions held at once; what would begin another is answered 503."""

_WITH_CONTACT = frozenset({"INVITE", "SUBSCRIBE", "REGISTER"})
_CHALLENGED = (401, 407)
_MAX_RETRIES = 2

Answered = Callable[[SipResponse | Failure], None]


class DialogUser(Protocol):
    """What a dialog belongs to: a session or a subscription."""

    def take(self, incoming: Incoming) -> None:
        """Answer a request within the dialog."""
        ...

    def acknowledged(self, request: SipRequest) -> None:
        """An ACK to a 2xx within the dialog."""
        ...


class Awaiter(Protocol):
    """A subscriber that waits for the NOTIFY which may be ahead of the 2xx."""

    def claims(self, request: SipRequest) -> bool:
        """Whether a NOTIFY belongs to it."""
        ...

    def take(self, incoming: Incoming) -> None:
        """Answer the NOTIFY."""
        ...


class Agent:
    """A user agent's state: identity, transactions, credentials, dialogs."""

    def __init__(
        self,
        station: Station,
        transactions: Transactions,
        identity: Identity,
        *,
        directory: Directory,
        routes: Sequence[str] = (),
        chance: Chance | None = None,
    ) -> None:
        self.station = station
        self.transactions = transactions
        self.identity = identity
        self.directory = directory
        self.routes = tuple(routes)
        self.chance = chance or station.chance.fork(f"agent {identity.aor} {identity.contact}")
        self.credentials = DigestClient(identity.username, identity.password, self.chance)
        self.dialogs: dict[DialogId, DialogUser] = {}
        self.awaiters: dict[tuple[str, str], Awaiter] = {}
        self._cseq = 0

    @property
    def timers(self) -> Timers:
        """The timers of this side's transactions."""
        return self.transactions.timers

    @property
    def is_full(self) -> bool:
        """Whether no further dialog is held."""
        return len(self.dialogs) + len(self.awaiters) >= MAX_DIALOGS

    def compose(
        self,
        method: str,
        uri: str,
        *,
        to: str | None = None,
        sender: str | None = None,
        headers: Headers = (),
        content: Content | None = None,
        routes: Sequence[str] | None = None,
        call_id: str | None = None,
        cseq: int | None = None,
    ) -> Draft:
        """A request out of any dialog (RFC 3261 section 8.1.1), without its Via."""
        self._cseq = self._cseq + 1 if cseq is None else cseq
        draft = Draft(method, uri)
        for route in self.routes if routes is None else routes:
            draft.add("Route", in_brackets(route))
        draft.add("Max-Forwards", "70")
        tag = self.chance.token(10)
        draft.add("From", f"{in_brackets(sender or self.identity.address)};tag={tag}")
        draft.add("To", in_brackets(to or uri))
        draft.add("Call-ID", call_id or self.call_id())
        draft.add("CSeq", f"{self._cseq} {method}")
        if method in _WITH_CONTACT and not _has(headers, "Contact"):
            draft.add("Contact", self.identity.contact_value)
        return self.furnish(draft, headers, content)

    def furnish(self, draft: Draft, headers: Headers, content: Content | None) -> Draft:
        """Add what any request of ours has: further fields, User-Agent, a body."""
        if self.identity.agent and not _has(headers, "User-Agent"):
            draft.add("User-Agent", self.identity.agent)
        draft.fields.extend(headers)
        if content is not None:
            draft.carry(content.content_type, content.body, content.disposition)
        return draft

    def call_id(self) -> str:
        """A fresh Call-ID."""
        return f"{self.chance.token(20)}@{self.station.host}"

    def exchange(
        self,
        draft: Draft,
        answered: Answered,
        *,
        progressed: Callable[[SipResponse], None] | None = None,
        dialog: Dialog | None = None,
    ) -> "Exchange":
        """Send a request; a challenge is answered once, and `answered` told what is final."""
        exchange = Exchange(self, draft, answered, progressed, dialog)
        exchange.send()
        return exchange

    def target_of(self, draft: Draft) -> Target | None:
        """Where a request goes: to its first Route, else to its Request-URI."""
        route = draft.get("Route")
        return self.transactions.transport.target(route or draft.uri)

    def acknowledge(self, ack: Draft) -> None:
        """Send an ACK to a 2xx."""
        target = self.target_of(ack)
        if target is not None:
            self.transactions.send_statelessly(ack, target)
        else:
            self.station.note("unsendable", why=f"no way to {ack.uri}")

    def incoming(self, transaction: ServerTransaction) -> Incoming:
        """A request as it waits for its answer, which will bear a fresh tag."""
        return Incoming(
            transaction,
            self.chance.token(10),
            self.identity.contact_value,
            self.identity.agent,
        )

    def enter(self, dialog: Dialog, user: DialogUser) -> None:
        """Let the requests of a dialog come to its user."""
        self.dialogs[dialog.id] = user

    def leave(self, dialog: Dialog | None) -> None:
        """Know a dialog no longer; its requests are answered 481."""
        if dialog is not None:
            self.dialogs.pop(dialog.id, None)

    def note_cseq(self, cseq: int) -> None:
        """Let the next request's CSeq be beyond one that was used."""
        self._cseq = max(self._cseq, cseq)


class Exchange:
    """A request and its final answer, sent again with credentials where it is challenged."""

    def __init__(
        self,
        agent: Agent,
        draft: Draft,
        answered: Answered,
        progressed: Callable[[SipResponse], None] | None,
        dialog: Dialog | None,
    ) -> None:
        self.draft = draft
        self.transaction: ClientTransaction | None = None
        self._agent = agent
        self._answered = answered
        self._progressed = progressed
        self._dialog = dialog
        self._retries = 0

    def send(self) -> None:
        """Send the request as it stands."""
        target = self._agent.target_of(self.draft)
        if target is None:
            self._agent.station.note("unsendable", why=f"no way to {self.draft.uri}")
            self._agent.station.after(0, lambda: self.failed(Failure.TRANSPORT))
        else:
            self.transaction = self._agent.transactions.send(self.draft, target, self)

    def cancel(self, headers: Headers = ()) -> None:
        """Cancel the INVITE."""
        if self.transaction is not None:
            self.transaction.cancel(headers)

    def response(self, response: SipResponse) -> None:
        """A response of the transaction."""
        if response.status < 200:
            if self._progressed is not None:
                self._progressed(response)
        elif response.status in _CHALLENGED and self._may_retry(response):
            self._retry()
        else:
            self._answered(response)

    def failed(self, why: Failure) -> None:
        """The transaction has no final response."""
        self._answered(why)

    def _may_retry(self, response: SipResponse) -> bool:
        """Once, or twice if the nonce alone was wrong (RFC 7616 section 3.3)."""
        name = "Proxy-Authenticate" if response.status == 407 else "WWW-Authenticate"
        is_stale = any("stale=true" in value.lower() for value in response.headers(name))
        if self._retries >= (_MAX_RETRIES if is_stale else 1):
            return False
        return self._agent.credentials.learn(response)

    def _retry(self) -> None:
        """The same request with credentials: a CSeq one higher (RFC 3261 section 22.2)."""
        self._retries += 1
        draft = self.draft
        if self._dialog is None:
            cseq = int((draft.get("CSeq") or "0").split()[0]) + 1
            self._agent.note_cseq(cseq)
        else:
            self._dialog.local_cseq += 1
            cseq = self._dialog.local_cseq
        draft.put("CSeq", f"{cseq} {draft.method}")
        self._agent.credentials.authorize(draft)
        self.send()


def in_brackets(address: str) -> str:
    """An address or URI as name-addr."""
    return address if "<" in address else f"<{address}>"


def _has(headers: Iterable[tuple[str, str]], name: str) -> bool:
    return any(key.lower() == name.lower() for key, _ in headers)
