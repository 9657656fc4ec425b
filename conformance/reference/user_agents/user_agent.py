"""User agents: requests out of dialogs, and what comes in given to whom it is for (RFC 3261 8)."""

from collections.abc import Callable, Sequence

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.transactions.transaction import Failure, ServerTransaction, Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.agent import Agent, Answered
from conformance.reference.user_agents.callee import CalleeSession
from conformance.reference.user_agents.caller import CallerSession
from conformance.reference.user_agents.incoming import Content, Headers, Identity, Incoming
from conformance.reference.user_agents.session import Session, SessionUser
from conformance.reference.user_agents.subscription import Subscription, SubscriptionUser
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri

__all__ = ["Content", "Failure", "Headers", "Identity", "Incoming", "Session", "UserAgent"]

_KNOWN = frozenset({"INVITE", "OPTIONS", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH"})
_KNOWN_WITHIN = frozenset({"ACK", "BYE", "CANCEL", "REFER", "INFO", "UPDATE", "PRACK"})
_SCHEMES = ("sip", "sips", "tel")

Handler = Callable[[Incoming], None]


class UserAgent(Agent):
    """A user agent, both client and server; it makes itself the user of its transactions.

    `handlers` answer requests out of dialogs by method, `on_invite` is given each session that
    is offered, `supported` names the option tags that may be required of it.
    """

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
        super().__init__(
            station, transactions, identity, directory=directory, routes=routes, chance=chance
        )
        self.handlers: dict[str, Handler] = {"OPTIONS": self.answer_options}
        self.on_invite: Callable[[Session], None] | None = None
        self.supported: set[str] = set()
        transactions.user = _Reception(self)

    # Commands.

    def request(
        self,
        method: str,
        uri: str,
        *,
        to: str | None = None,
        sender: str | None = None,
        headers: Headers = (),
        content: Content | None = None,
        answered: Answered,
        routes: Sequence[str] | None = None,
        call_id: str | None = None,
        cseq: int | None = None,
    ) -> Draft:
        """Send a request out of any dialog; `answered` is told its final response, or why none."""
        draft = self.compose(
            method,
            uri,
            to=to,
            sender=sender,
            headers=headers,
            content=content,
            routes=routes,
            call_id=call_id,
            cseq=cseq,
        )
        if method == "REGISTER":
            self.credentials.authorize(draft)
        self.exchange(draft, answered)
        return draft

    def invite(
        self,
        uri: str,
        *,
        to: str | None = None,
        sender: str | None = None,
        headers: Headers = (),
        content: Content | None,
        user: SessionUser,
        routes: Sequence[str] | None = None,
    ) -> Session:
        """Invite to a session; without content, the callee makes the offer."""
        draft = self.compose(
            "INVITE",
            uri,
            to=to,
            sender=sender,
            headers=headers,
            content=content,
            routes=routes,
        )
        session = CallerSession(self, user, draft, content)
        session.begin()
        return session

    def subscribe(
        self,
        uri: str,
        event: str,
        *,
        expires: int,
        headers: Headers = (),
        user: SubscriptionUser,
        renew: bool = False,
        content: Content | None = None,
    ) -> Subscription:
        """Subscribe to an event package for so many seconds; with `renew`, again and again."""
        fields = (("Event", event), ("Expires", str(expires)), *headers)
        draft = self.compose("SUBSCRIBE", uri, headers=fields, content=content)
        subscription = Subscription(self, user, draft, event, expires)
        subscription.renew = renew
        subscription.begin()
        return subscription

    # What the transactions call.

    def receive(self, transaction: ServerTransaction) -> None:
        """Give a request to whom it is for (RFC 3261 section 8.2)."""
        incoming = self.incoming(transaction)
        request = incoming.request
        if request.to_tag is not None:
            self._within_dialog(incoming)
        elif not self._is_fit(incoming):
            return
        elif request.method == "INVITE" and self.on_invite is not None:
            self._invited(incoming)
        elif request.method in self.handlers:
            self.handlers[request.method](incoming)
        else:
            status = 405 if request.method in _KNOWN | _KNOWN_WITHIN else 501
            incoming.respond(status, headers=(("Allow", self.allowed),))

    def ack(self, request: SipRequest) -> None:
        """An ACK to a 2xx."""
        user = self.dialogs.get(_dialog_id(request))
        if user is not None:
            user.acknowledged(request)

    def stray(self, response: SipResponse) -> None:
        """A response that nobody waits for: dropped (RFC 3261 section 18.1.2)."""
        self.station.note("stray", status=str(response.status), call_id=response.call_id)

    @property
    def allowed(self) -> str:
        """The value of Allow."""
        methods = {"ACK", "BYE", "CANCEL", *self.handlers}
        if self.on_invite is not None:
            methods.add("INVITE")
        return ", ".join(sorted(methods))

    def answer_options(self, incoming: Incoming) -> None:
        """Say what we can do (RFC 3261 section 11.2)."""
        headers = [("Allow", self.allowed), ("Contact", self.identity.contact_value)]
        incoming.respond(200, headers=headers)

    # Within.

    def _is_fit(self, incoming: Incoming) -> bool:
        """Whether a request can be taken at all; if not, it is answered."""
        request = incoming.request
        uri = parse_uri(request.uri)
        missing = [tag for tag in request.headers("Require") if tag not in self.supported]
        if self.transactions.is_merged(incoming.transaction):
            incoming.respond(482)
        elif not isinstance(uri, Uri) or uri.scheme not in _SCHEMES:
            incoming.respond(416 if isinstance(uri, Uri) else 400)
        elif missing:
            incoming.respond(420, headers=(("Unsupported", ", ".join(missing)),))
        return not incoming.is_answered

    def _invited(self, incoming: Incoming) -> None:
        if self.is_full:
            incoming.respond(503)
        elif self.on_invite is not None:
            self.on_invite(CalleeSession(self, incoming))

    def _within_dialog(self, incoming: Incoming) -> None:
        request = incoming.request
        user = self.dialogs.get(_dialog_id(request))
        if user is not None:
            user.take(incoming)
            return
        awaiter = self.awaiters.get((request.call_id, request.to_tag or ""))
        if request.method == "NOTIFY" and awaiter is not None and awaiter.claims(request):
            awaiter.take(incoming)
        else:
            incoming.respond(481)


class _Reception:
    """The user agent as its transactions see it."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent

    def request(self, transaction: ServerTransaction) -> None:
        """A new request."""
        self._agent.receive(transaction)

    def ack(self, request: SipRequest) -> None:
        """An ACK to a 2xx."""
        self._agent.ack(request)

    def stray(self, response: SipResponse) -> None:
        """A response that nobody waits for."""
        self._agent.stray(response)


def _dialog_id(request: SipRequest) -> tuple[str, str, str]:
    return request.call_id, request.to_tag or "", request.from_tag or ""
