"""A stateful, record-routing proxy (RFC 3261 section 16), a method for each of its steps.

What it does not know is where a request goes: that is for `targets_of` of its kinds to say.
"""

from dataclasses import dataclass

from conformance.observation.packet import Endpoint
from conformance.reference.core.response_context import Branch, ResponseContext, is_writable
from conformance.reference.core.setting import CoreSetting, loose_route
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import Timers
from conformance.reference.transactions.tables import State
from conformance.reference.transactions.transaction import (
    ClientTransaction,
    ServerTransaction,
    Transactions,
)
from conformance.reference.transport.directory import Directory, Target, address, bare_uri
from conformance.reference.transport.draft import Draft
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.digest import DigestServer
from conformance.sip.grammar import NameAddr, Via, parse_name_addr, parse_via
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri

MAX_FORWARDS = 70
MAX_HOPS = 255
DIALOG_FORMING = ("INVITE", "SUBSCRIBE", "REFER")
ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, SUBSCRIBE, NOTIFY, REFER, UPDATE, PRACK"
_SCHEMES = ("sip", "sips", "tel")

Groups = list[list[Draft]]
"""Requests to be sent: each group at once, the next one when all of the last have failed."""

Fingerprint = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Came:
    """How a request came: its transaction, and the routes of ours that it bore on top."""

    transaction: ServerTransaction
    own: tuple[Uri, ...]
    is_access: bool

    @property
    def request(self) -> SipRequest:
        """The request as it came."""
        return self.transaction.request

    @property
    def in_dialog(self) -> bool:
        """Whether it is a request within a dialog."""
        return self.request.to_tag is not None

    @property
    def host(self) -> str:
        """The address it came from."""
        return self.transaction.source.endpoint.host


class NeighbourTransactions(Transactions):
    """Transactions whose timers are slower towards the access side (TS 24.229 section 7.7)."""

    setting: CoreSetting

    def timers_towards(self, source: Target) -> Timers:
        """The timers for a neighbour."""
        trusted = source.endpoint.host in self.setting.trust_domain
        return self.setting.network if trusted else self.setting.access


class Proxy:
    """One node of a core."""

    record_routes = True

    def __init__(self, station: Station, address: Endpoint, setting: CoreSetting) -> None:
        self.station = station
        self.address = address
        self.setting = setting
        self.chance = station.chance.fork(f"proxy {address}")
        directory = Directory(setting.names, setting.transport)
        self.transport = SipTransport(station, address, directory, preferred=setting.transport)
        self.transactions = NeighbourTransactions(self.transport, setting.network, self)
        self.transactions.setting = setting
        users = [user for user in setting.subscribers if user.username]
        passwords = {user.username: user.password for user in users}
        self.gate = DigestServer(
            station, setting.domain, passwords.get, algorithms=(setting.algorithm,)
        )
        self._active: set[Fingerprint] = set()

    # What the transactions call.

    def request(self, transaction: ServerTransaction) -> None:
        """Take a request: answer it, or send it on."""
        request = transaction.request
        fault = self.fault_of(transaction)
        if fault is not None:
            self.respond(transaction, fault)
            return
        draft = Draft.of(request)
        own = self.take_routes(draft)
        came = Came(transaction, own, self.is_access(transaction.source.endpoint.host))
        outcome = self.admit(draft, came) or self.targets_of(draft, came)
        if outcome is None:
            return
        if isinstance(outcome, Draft):
            self.respond(transaction, outcome)
            return
        if request.method == "INVITE":
            self.say_trying(transaction)
        self._start(transaction, outcome)

    def ack(self, request: SipRequest) -> None:
        """Send the ACK to a 2xx on, without a transaction (section 16.11)."""
        draft = Draft.of(request)
        if not _hops(request) or not is_writable(draft):
            return
        self.take_routes(draft)
        target = self.next_hop(draft)
        if target is not None and target.endpoint != self.address:
            self.prepare(draft)
            self.dismiss(draft, target)
            self.transactions.send_statelessly(draft, target)

    def stray(self, response: SipResponse) -> None:
        """Drop a response to nothing that we sent (RFC 6026 section 8.9)."""
        self.station.note("stray", status=str(response.status), call_id=response.call_id)

    # Taking a request: sections 16.3 and 16.4.

    def fault_of(self, transaction: ServerTransaction) -> Draft | None:
        """Why a request cannot go on, as a response (16.3); None if it can."""
        request = transaction.request
        uri = parse_uri(request.uri)
        hops = _hops(request)
        if not isinstance(uri, Uri) or hops is None or not is_writable(Draft.of(request)):
            return self.own_response(transaction, 400)
        if uri.scheme not in _SCHEMES:
            return self.own_response(transaction, 416)
        if hops == 0:
            return self.own_response(transaction, 483)
        if self.is_loop(request):
            return self.own_response(transaction, 482)
        options = request.headers("Proxy-Require")
        if options:
            return self.own_response(transaction, 420).add("Unsupported", ", ".join(options))
        return None

    def is_loop(self, request: SipRequest) -> bool:
        """Whether a request is here for the second time and would take the same way again.

        It bears our Via, and a request still under way here differs in nothing that routing looks
        at (16.3 step 4, RFC 5393 section 4.2); one that differs is a spiral.
        """
        if _fingerprint(request) not in self._active:
            return False
        return any(self._is_own_via(value) for value in request.vias)

    def take_routes(self, draft: Draft) -> tuple[Uri, ...]:
        """Take our routes off the top of a request, a strict router's work undone (16.4)."""
        routes = draft.all("Route")
        if routes and self.is_own_route(draft.uri):
            draft.uri = bare_uri(routes.pop())
        own: list[Uri] = []
        while routes and self.is_ours(routes[0]):
            uri = parse_uri(bare_uri(routes.pop(0)))
            if isinstance(uri, Uri):
                own.append(uri)
        if routes != draft.all("Route"):
            _set_routes(draft, routes)
        return tuple(own)

    def is_ours(self, route: str) -> bool:
        """Whether a URI or Route value leads to this node."""
        target = self.transport.target(bare_uri(route))
        return target is not None and target.endpoint == self.address

    def is_own_route(self, uri: str) -> bool:
        """Whether a Request-URI is a route of ours, as a strict router makes it."""
        read = parse_uri(uri)
        return isinstance(read, Uri) and read.param("lr") is not None and self.is_ours(uri)

    def is_access(self, host: str) -> bool:
        """Whether a host is at the access side: outside the trust domain."""
        return host not in self.setting.trust_domain

    # Where it goes: section 16.5.

    def admit(self, draft: Draft, came: Came) -> Draft | None:
        """Change what comes in as our place in the network asks; a response if it may not."""
        return None

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """The requests to send, or the response to give; None if all is done already.

        Here, a request itself says where it goes.
        """
        return self.follow(draft, came)

    def follow(self, draft: Draft, came: Came) -> Groups | Draft:
        """Let a request follow its Route, or else its Request-URI."""
        target = self.next_hop(draft)
        if target is None or target.endpoint == self.address:
            return self.addressed_here(draft, came)
        return [[draft]]

    def is_addressed(self, text: str) -> bool:
        """Whether a Request-URI means this node itself, or its domain as a whole."""
        uri = parse_uri(text)
        return isinstance(uri, Uri) and not uri.user and self.is_ours(text)

    def addressed_here(self, draft: Draft, came: Came) -> Draft:
        """The answer to a request that leads to nobody, or to this node itself."""
        if draft.method == "OPTIONS" and self.is_addressed(draft.uri):
            return self.own_response(came.transaction, 200).add("Allow", ALLOWED)
        return self.own_response(came.transaction, 404)

    # Sending it on: section 16.6.

    def send_branch(self, draft: Draft, branch: Branch) -> ClientTransaction | None:
        """Send a request to its next hop; None if that is not known."""
        target = self.next_hop(draft)
        if target is None:
            return None
        self.prepare(draft)
        self.dismiss(draft, target)
        timers = self.transactions.timers_towards(target)
        return self.transactions.send(draft, target, branch, timers=timers)

    def prepare(self, draft: Draft) -> None:
        """Change a request as each that is sent on is changed."""
        self.decrement_max_forwards(draft)
        if self.is_recorded(draft):
            self.record_route(draft)
        self.serve_strict_router(draft)

    def decrement_max_forwards(self, draft: Draft) -> None:
        """One hop less (step 3)."""
        value = draft.get("Max-Forwards")
        draft.put("Max-Forwards", str(int(value) - 1 if value else MAX_FORWARDS))

    def is_recorded(self, draft: Draft) -> bool:
        """Whether we want to stay in the way: a request forms a dialog, and is in none."""
        to = parse_name_addr(draft.get("To") or "")
        in_dialog = isinstance(to, NameAddr) and to.param("tag") is not None
        return self.record_routes and draft.method in DIALOG_FORMING and not in_dialog

    def record_route(self, draft: Draft) -> None:
        """Stay in the way of the dialog (step 4)."""
        draft.push("Record-Route", loose_route(self.address))

    def serve_strict_router(self, draft: Draft) -> None:
        """Turn a request round for a next hop that routes strictly (step 6)."""
        routes = draft.all("Route")
        uri = parse_uri(bare_uri(routes[0])) if routes else None
        if isinstance(uri, Uri) and uri.param("lr") is None:
            _set_routes(draft, [*routes[1:], f"<{draft.uri}>"])
            draft.uri = bare_uri(routes[0])

    def next_hop(self, draft: Draft) -> Target | None:
        """Where a request goes: its topmost Route, or else its Request-URI (step 7)."""
        return self.transport.target(draft.get("Route") or draft.uri)

    def dismiss(self, draft: Draft, target: Target) -> None:
        """Change what goes out to a next hop as our place in the network asks."""

    # Answers: section 16.7.

    def say_trying(self, transaction: ServerTransaction) -> None:
        """Say 100 to an INVITE (16.2)."""
        transaction.send_trying()

    def forward_response(self, context: ResponseContext, draft: Draft) -> None:
        """Send a response upstream."""
        self.respond(context.transaction, draft)

    def respond(self, transaction: ServerTransaction, draft: Draft) -> None:
        """Send any response."""
        transaction.respond(draft)

    def own_response(self, transaction: ServerTransaction, status: int) -> Draft:
        """A response of ours."""
        request = transaction.request
        draft = Draft.response_to(request, status)
        if request.to_tag is None:
            draft.put("To", f"{draft.get('To')};tag={self.chance.token(10)}")
        return draft.add("Server", self.setting.agent)

    def give_up(self, context: ResponseContext) -> None:
        """Leave a request without an answer, and forget it when its sender has given up too."""
        transaction = context.transaction

        def forget() -> None:
            if not transaction.is_answered:
                transaction.state = State.TERMINATED
                if transaction.on_end is not None:
                    transaction.on_end()

        self.station.note("unanswered", call_id=transaction.request.call_id)
        self.station.after(transaction.timers.j, forget)

    # Within.

    def _start(self, transaction: ServerTransaction, groups: Groups) -> None:
        mark = _fingerprint(transaction.request)
        self._active.add(mark)
        ResponseContext(
            self, transaction, groups, on_end=lambda: self._active.discard(mark)
        ).begin()

    def _is_own_via(self, value: str) -> bool:
        via = parse_via(value)
        if not isinstance(via, Via):
            return False
        port = via.port or self.address.port
        return Endpoint(address(via.host) or via.host, port) == self.address


def _hops(request: SipRequest) -> int | None:
    """Max-Forwards as it came, 70 if absent; None if it is no number from 0 to 255."""
    value = request.header("Max-Forwards")
    if value is None:
        return MAX_FORWARDS
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        return None
    return int(value) if int(value) <= MAX_HOPS else None


def _set_routes(draft: Draft, routes: list[str]) -> None:
    if routes:
        draft.put_all("Route", routes)
    else:
        draft.remove("Route")


def _fingerprint(request: SipRequest) -> Fingerprint:
    return (
        request.method,
        request.call_id,
        request.from_tag,
        request.to_tag,
        request.cseq,
        request.uri,
        request.headers("Route"),
        request.headers("Proxy-Authorization"),
    )
