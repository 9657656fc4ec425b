"""Sending requests on: as a stateful proxy does (RFC 3261 section 16), or as new ones of ours.

A participating function stays out of the dialogs of others: it adds no Record-Route.
"""

from collections.abc import Callable

from conformance.reference.pf.host import Fields, PfHost
from conformance.reference.pf.request import kept_fields
from conformance.reference.pf.settings import Leg
from conformance.reference.transactions.transaction import (
    ClientTransaction,
    Failure,
    ServerTransaction,
)
from conformance.reference.transport.directory import bare_uri
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipRequest, SipResponse

Judge = Callable[[SipResponse], bool]
"""Is shown a final response; True if it sees to the answer itself."""

_MAX_FORWARDS = 70


class Forwarding:
    """The way on for requests that are not for us."""

    def __init__(self, host: PfHost) -> None:
        self.host = host

    def forward(
        self,
        transaction: ServerTransaction,
        *,
        uri: str = "",
        judge: Judge | None = None,
        extra: Fields | None = None,
        content: Content | None = None,
    ) -> None:
        """Send a request on; its answer comes back, unless `judge` sees to it.

        To `uri`, with `extra` fields and with other `content`, where these are given.
        """
        request = transaction.request
        left = self.hops_left(request)
        if left < 0:
            self.refuse(transaction, 483)
        elif self.host.settings.leg is Leg.B2BUA and request.method == "MESSAGE":
            _Renewed(self, transaction, judge).send(uri or request.uri, extra or [], content)
        else:
            draft = self.next_request(request, uri or request.uri, left)
            draft.fields.extend(extra or [])
            if content is not None:
                draft.carry(content.content_type, content.body, content.disposition)
            _Proxied(self, transaction, judge).send(draft)

    def hops_left(self, request: SipRequest) -> int:
        """Max-Forwards when the request goes on; below 0 if it may not."""
        text = (request.header("Max-Forwards") or "").strip()
        return int(text) - 1 if text.isascii() and text.isdigit() else _MAX_FORWARDS

    def next_request(self, request: SipRequest, uri: str, left: int) -> Draft:
        """The request as it goes on, but for its Via (RFC 3261 section 16.6)."""
        draft = Draft.of(request)
        draft.uri = uri
        draft.put("Max-Forwards", str(left))
        draft.remove("Route")
        for route in reversed(self.routes_beyond(request)):
            draft.push("Route", route)
        return draft

    def routes_beyond(self, request: SipRequest) -> list[str]:
        """The routes behind those that name us; the core's where there are none."""
        routes = list(request.headers("Route"))
        while routes and self.is_ours(routes[0]):
            routes.pop(0)
        return routes or [f"<{self.host.settings.core}>"]

    def is_ours(self, route: str) -> bool:
        """Whether a route leads to this host."""
        transport = self.host.transactions.transport
        target = transport.target(bare_uri(route))
        return target is not None and target.endpoint == transport.address

    def refuse(
        self, transaction: ServerTransaction, status: int, contact: str = "", expires: str = ""
    ) -> None:
        """Answer a request ourselves."""
        headers = [("Contact", f"<{contact}>")] if contact else []
        headers += [("Expires", expires)] if expires else []
        self.host.agent.incoming(transaction).respond(status, headers=headers)


class _Proxied:
    """One request in its own transaction chain: what comes back goes back, its Via taken off."""

    def __init__(
        self, forwarding: Forwarding, transaction: ServerTransaction, judge: Judge | None
    ) -> None:
        self.forwarding = forwarding
        self.transaction = transaction
        self.judge = judge
        self.client: ClientTransaction | None = None

    def send(self, draft: Draft) -> None:
        """Send it on."""
        transactions = self.forwarding.host.transactions
        target = transactions.transport.target(draft.get("Route") or draft.uri)
        if target is None:
            self.forwarding.refuse(self.transaction, 404)
            return
        self.client = transactions.send(draft, target, self)
        self.transaction.on_cancel = self.cancel

    def cancel(self) -> None:
        """Its sender gives it up."""
        if self.client is not None:
            self.client.cancel()

    def response(self, response: SipResponse) -> None:
        """Send an answer back."""
        if response.status == 100:
            return
        if response.status >= 200 and self.judge is not None and self.judge(response):
            return
        draft = Draft.of(response)
        beyond = draft.all("Via")[1:]
        if beyond:
            draft.put_all("Via", beyond)
            self.transaction.respond(draft)

    def failed(self, why: Failure) -> None:
        """Nobody answered, or nobody is there."""
        is_invite = self.transaction.request.method == "INVITE"
        if why is Failure.TRANSPORT:
            self.forwarding.refuse(self.transaction, 503)
        elif is_invite:
            self.forwarding.refuse(self.transaction, 408)
        else:
            # RFC 4320 section 4.2: no 408 to anything else, for nobody waits for it any more.
            self.transaction.abandon()


class _Renewed:
    """One request as a new one of ours, under a Call-ID of its own."""

    def __init__(
        self, forwarding: Forwarding, transaction: ServerTransaction, judge: Judge | None
    ) -> None:
        self.forwarding = forwarding
        self.transaction = transaction
        self.judge = judge

    def send(self, uri: str, extra: Fields, content: Content | None) -> None:
        """Send it on."""
        request = self.transaction.request
        self.forwarding.host.agent.request(
            request.method,
            uri,
            to=bare_uri(request.header("To") or uri),
            sender=bare_uri(request.header("From") or ""),
            headers=[*kept_fields(request), *extra],
            content=content or Content(request.header("Content-Type") or "", request.body),
            answered=self.answered,
            routes=self.forwarding.routes_beyond(request),
        )

    def answered(self, answer: SipResponse | Failure) -> None:
        """Answer as the next one answered."""
        if isinstance(answer, Failure):
            if answer is Failure.TRANSPORT:
                self.forwarding.refuse(self.transaction, 503)
            else:
                self.transaction.abandon()
        elif self.judge is None or not self.judge(answer):
            self.forwarding.refuse(self.transaction, answer.status)
