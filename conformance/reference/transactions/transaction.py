"""The transactions of a SIP element, found by their keys (RFC 3261 sections 17.1.3, 17.2.3)."""

import hashlib
from typing import Protocol

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.timer import NETWORK, Timers
from conformance.reference.transactions.client import ClientTransaction, ClientUser
from conformance.reference.transactions.machine import Failure
from conformance.reference.transactions.server import ServerTransaction
from conformance.reference.transactions.tables import Input, State
from conformance.reference.transport.directory import Target
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.sip_transport import SipTransport
from conformance.sip.identity import MAGIC_COOKIE, TransactionKey, transaction_key
from conformance.sip.message import SipRequest, SipResponse

__all__ = [
    "MAX_TRANSACTIONS",
    "ClientTransaction",
    "ClientUser",
    "Failure",
    "ServerTransaction",
    "TransactionUser",
    "Transactions",
]

MAX_TRANSACTIONS = 32_768
"""Server transactions held at once; a request beyond is answered 503 (RFC 3261 21.5.4)."""


class TransactionUser(Protocol):
    """Who answers the requests that come in."""

    def request(self, transaction: ServerTransaction) -> None:
        """A new request, neither ACK nor CANCEL."""
        ...

    def ack(self, request: SipRequest) -> None:
        """An ACK to a 2xx."""
        ...

    def stray(self, response: SipResponse) -> None:
        """A response to a request of ours that is no longer known."""
        ...


class Transactions:
    """Every transaction of a SIP element, on both sides."""

    def __init__(
        self,
        transport: SipTransport,
        timers: Timers = NETWORK,
        user: TransactionUser | None = None,
    ) -> None:
        self.transport = transport
        self.station = transport.station
        self.timers = timers
        self.user = user
        self._chance: Chance = self.station.chance.fork(f"branch {transport.address}")
        self._clients: dict[TransactionKey, ClientTransaction] = {}
        self._servers: dict[TransactionKey, ServerTransaction] = {}
        transport.upper = self

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    # What the user calls.

    def send(
        self, draft: Draft, target: Target, user: ClientUser, *, timers: Timers | None = None
    ) -> ClientTransaction:
        """Send a request, of which a copy gets a Via with a fresh branch; `user` is told the rest.

        The timers are those towards the target unless given. A draft that cannot be written fails
        by the transport, as soon as this has returned.
        """
        draft = draft.copy()
        draft.push("Via", self.transport.via(target.transport, self.branch()))
        return self._launch(draft, target, user, timers or self.timers_towards(target))

    def send_statelessly(self, draft: Draft, target: Target) -> None:
        """Send a request that has no transaction: the ACK to a 2xx; the draft stays as it is.

        The same request gets the same branch each time (RFC 3261 section 16.11).
        """
        vias = draft.all("Via")
        names = ("Call-ID", "From", "To", "CSeq")
        parts = [draft.method, *vias[:1], *(draft.get(name) or "" for name in names)]
        text = "\n".join([str(self.transport.address), *parts])
        branch = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        draft = draft.copy()
        draft.push("Via", self.transport.via(target.transport, MAGIC_COOKIE + branch))
        try:
            self.transport.send_request(draft, target)
        except ValueError as fault:
            self.station.note("unsendable", why=str(fault))

    def branch(self) -> str:
        """A fresh branch."""
        return MAGIC_COOKIE + self._chance.token(16)

    def timers_towards(self, target: Target) -> Timers:
        """The timers towards a neighbour: the same for all, unless a subclass knows better."""
        return self.timers

    def is_merged(self, transaction: ServerTransaction) -> bool:
        """Whether the same request came by another way too (RFC 3261 section 8.2.2.2).

        One that bears our own Via has come round to us, which is no fault.
        """
        request = transaction.request
        own = f" {self.transport.address}".lower()
        if request.to_tag is not None or any(
            via.partition(";")[0].lower().endswith(own) for via in request.vias
        ):
            return False
        identity = _identity(request)
        return any(
            other is not transaction and _identity(other.request) == identity
            for other in self._servers.values()
        )

    # What the transport calls.

    def request(self, request: SipRequest, source: Target) -> None:
        """Take a request: to its transaction, or a new one."""
        key = transaction_key(request)
        known = self._servers.get(key)
        if request.method == "ACK":
            if known is None or not known.acknowledge(request):
                self._tell_ack(request)
        elif known is not None:
            known.take(Input.REQUEST)
        elif len(self._servers) >= MAX_TRANSACTIONS:
            self._overloaded(request, source)
        else:
            self._serve(key, request, source)

    def response(self, response: SipResponse, source: Target) -> None:
        """Take a response: to its transaction, or to the user as a stray."""
        client = self._clients.get(transaction_key(response))
        if client is not None:
            client.respond(response)
        elif self.user is not None:
            self.user.stray(response)

    def lost(self, target: Target, why: str, opened: bool) -> None:
        """A connection is no more: so are the requests that hung on it, or they go by UDP."""
        for client in [one for one in self._clients.values() if one.sent_to == target]:
            client.lost(why, opened)

    # Within.

    def _launch(
        self, draft: Draft, target: Target, user: ClientUser, timers: Timers
    ) -> ClientTransaction:
        try:
            client = ClientTransaction(self.transport, draft, target, user, timers)
        except ValueError as fault:
            self.station.note("unsendable", why=str(fault))
            client = ClientTransaction(self.transport, _harmless(draft), target, user, timers)
            client.state = State.TERMINATED
            self.station.after(0, lambda: user.failed(Failure.TRANSPORT))
            return client
        key = transaction_key(client.request)
        self._clients[key] = client
        client.on_end = lambda: self._forget(self._clients, key)
        client.send_cancel = self._send_cancel
        client.begin()
        return client

    def _send_cancel(self, client: ClientTransaction, draft: Draft) -> None:
        self._launch(draft, client.sent_to, _Nobody(), client.timers)

    def _serve(self, key: TransactionKey, request: SipRequest, source: Target) -> None:
        server = ServerTransaction(self.transport, request, source, self.timers_towards(source))
        self._servers[key] = server
        server.on_end = lambda: self._forget(self._servers, key)
        server.tell_ack = self._tell_ack
        server.tell = self._cancelled if request.method == "CANCEL" else self._tell
        server.begin()

    def _tell(self, server: ServerTransaction) -> None:
        if self.user is not None:
            self.user.request(server)

    def _tell_ack(self, ack: SipRequest) -> None:
        if self.user is not None:
            self.user.ack(ack)

    def _cancelled(self, cancel: ServerTransaction) -> None:
        """Answer a CANCEL, and let the INVITE end by it (RFC 3261 section 9.2)."""
        invite = self._servers.get((*transaction_key(cancel.request)[:-1], "INVITE"))
        if invite is None:
            cancel.respond(self._answer(cancel.request, 481))
            return
        answer = self._answer(cancel.request, 200)
        to = invite.last.get("To") if invite.last is not None else None
        if to and invite.last is not None and invite.last.status > 100:
            answer.put("To", to)
        cancel.respond(answer)
        if invite.state is not State.PROCEEDING:
            return
        if invite.on_cancel is not None:
            invite.on_cancel()
        else:
            invite.respond(self._answer(invite.request, 487))

    def _answer(self, request: SipRequest, status: int) -> Draft:
        draft = Draft.response_to(request, status)
        if request.to_tag is None:
            draft.put("To", f"{draft.get('To')};tag={self._chance.token(10)}")
        return draft

    def _overloaded(self, request: SipRequest, source: Target) -> None:
        self.station.note("overloaded", method=request.method)
        try:
            self.transport.send_response(self._answer(request, 503), request, source)
        except ValueError as fault:
            self.station.note("unsendable", why=str(fault))

    @staticmethod
    def _forget(
        held: dict[TransactionKey, ClientTransaction] | dict[TransactionKey, ServerTransaction],
        key: TransactionKey,
    ) -> None:
        held.pop(key, None)


class _Nobody:
    """Who waits for no answer: of a CANCEL."""

    def response(self, response: SipResponse) -> None:
        """Nothing follows from it."""

    def failed(self, why: Failure) -> None:
        """Nothing follows from it."""


def _identity(request: SipRequest) -> tuple[str, str | None, int, str]:
    return request.call_id, request.from_tag, request.cseq, request.method


def _harmless(draft: Draft) -> Draft:
    """A request of no content in the place of one that cannot be written."""
    return Draft("OPTIONS", "sip:invalid", fields=[("Via", draft.all("Via")[0])])
