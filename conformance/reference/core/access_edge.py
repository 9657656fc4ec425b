"""The edge between a core and its clients, the duties of a P-CSCF (TS 24.229 section 5.2).

What a client asserts of itself is taken away; what the network knows of it is put in place.
"""

from dataclasses import dataclass

from conformance.observation.packet import Endpoint
from conformance.reference.core.proxy import Came, Proxy
from conformance.reference.core.setting import CoreSetting
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import ServerTransaction
from conformance.reference.transport.directory import Target, bare_uri
from conformance.reference.transport.draft import Draft
from conformance.reference.user_agents.digest import Check
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.uri import same_user

MAX_REGISTERED = 65_536
"""Registrations that an edge remembers; the oldest make room."""

_ASSERTIONS = (
    "P-Asserted-Identity",
    "P-Asserted-Service",
    "P-Served-User",
    "P-Called-Party-ID",
    "P-Visited-Network-ID",
    "P-Charging-Vector",
    "P-Charging-Function-Addresses",
)
_INTERNAL = ("P-Charging-Vector", "P-Charging-Function-Addresses", "P-Access-Network-Info")


@dataclass(frozen=True, slots=True)
class AccessRegistration:
    """What the edge has learnt of a client as its registration went by."""

    source: Endpoint
    contact: str
    identities: tuple[str, ...]
    service_route: tuple[str, ...]
    until: int


class AccessEdge(Proxy):
    """A proxy with clients next to it."""

    def __init__(self, station: Station, address: Endpoint, setting: CoreSetting) -> None:
        super().__init__(station, address, setting)
        self._registered: dict[tuple[str, str], AccessRegistration] = {}

    # From a client.

    def admit(self, draft: Draft, came: Came) -> Draft | None:
        """Let a client's request in, its identity asserted (5.2.6.3); or refuse it."""
        if not came.is_access:
            return super().admit(draft, came)
        for name in _ASSERTIONS:
            draft.remove(name)
        if draft.method == "REGISTER" or self.is_addressed(draft.uri):
            return None
        known = self.registration_of(draft, came)
        if known is not None:
            self.assert_identity(draft, known)
        if came.in_dialog and (came.own or known):
            return None
        if known is None:
            return self.own_response(came.transaction, 403)
        challenged = self.challenge(came, known)
        if challenged is None:
            draft.remove("Proxy-Authorization")
            self.use_service_route(draft, known)
        return challenged

    def registration_of(self, draft: Draft, came: Came) -> AccessRegistration | None:
        """The registration of who sends a request: by the address, then by whom it names."""
        source = came.transaction.source.endpoint
        now = self.station.now
        known = [r for (host, _), r in self._registered.items() if host == source.host]
        known = [r for r in known if r.until > now]
        wished = draft.get("P-Preferred-Identity") or draft.get("From") or ""
        known.sort(
            key=lambda r: (r.source == source, any(same_user(i, wished) for i in r.identities))
        )
        return known[-1] if known else None

    def challenge(self, came: Came, known: AccessRegistration) -> Draft | None:
        """The 407 to a request without right credentials, where these are asked for."""
        if not self.setting.challenges_requests:
            return None
        found = self.gate.check(came.request, proxy=True)
        user = self.setting.subscriber(known.identities[0])
        name = self.gate.username(came.request, proxy=True)
        if found is Check.ACCEPTED and user is not None and name == user.username:
            return None
        draft = self.own_response(came.transaction, 407)
        return draft.put_all("Proxy-Authenticate", self.gate.challenge(stale=found is Check.STALE))

    def assert_identity(self, draft: Draft, known: AccessRegistration) -> None:
        """Put the network's word for who sends it in the place of the client's (RFC 3325)."""
        wished = draft.get("P-Preferred-Identity")
        own = [one for one in known.identities if wished and same_user(one, wished)]
        own.sort(key=lambda one: one != bare_uri(wished or ""))
        asserted = self.asserted_identities(own[0] if own else known.identities[0], known)
        draft.put_all("P-Preferred-Identity", [f"<{one}>" for one in asserted])
        draft.fields = [
            ("P-Asserted-Identity" if name == "P-Preferred-Identity" else name, value)
            for name, value in draft.fields
        ]
        icid = f"icid-value={self.chance.token(16)};orig-ioi={self.setting.domain}"
        draft.put("P-Charging-Vector", icid)

    def asserted_identities(self, chosen: str, known: AccessRegistration) -> list[str]:
        """The identity, and its number in the other form if the user has it in both."""
        twins = [one for one in known.identities if one != chosen and same_user(one, chosen)]
        return [chosen, *twins[:1]]

    def use_service_route(self, draft: Draft, known: AccessRegistration) -> None:
        """Have a request go the way that registration said, whatever its Route (5.2.6.3)."""
        routes = [route for route in known.service_route if not self.is_ours(route)]
        if routes:
            draft.put_all("Route", routes)
        else:
            draft.remove("Route")

    # Towards a client.

    def dismiss(self, draft: Draft, target: Target) -> None:
        """Take from a request what is not for clients."""
        super().dismiss(draft, target)
        if self.is_access(target.endpoint.host):
            self.towards_client(draft)

    def towards_client(self, draft: Draft) -> None:
        """Leave out what stays in the network, and who wishes not to be named (RFC 3325)."""
        for name in (*_INTERNAL, "P-Served-User"):
            draft.remove(name)
        if "id" in [part.strip() for part in (draft.get("Privacy") or "").split(";")]:
            draft.remove("P-Asserted-Identity")

    def respond(self, transaction: ServerTransaction, draft: Draft) -> None:
        """Send a response; one to a client says nothing of the network's own."""
        source = transaction.source.endpoint
        if self.is_access(source.host):
            for name in _INTERNAL:
                draft.remove(name)
            if transaction.request.method == "REGISTER" and draft.status == 200:
                self.learn(transaction, draft)
        super().respond(transaction, draft)

    def learn(self, transaction: ServerTransaction, answer: Draft) -> None:
        """Remember what a registration says of the client (5.2.2)."""
        source = transaction.source.endpoint
        asked = [_contact(value) for value in transaction.request.headers("Contact")]
        for key in list(self._registered):
            if key[0] == source.host and (key[1] in asked or "*" in asked):
                del self._registered[key]
        identities = tuple(bare_uri(value) for value in answer.all("P-Associated-URI"))
        identities = identities or (bare_uri(answer.get("To") or ""),)
        routes = tuple(answer.all("Service-Route"))
        for value in answer.all("Contact"):
            read = parse_name_addr(value)
            if not isinstance(read, NameAddr) or read.uri not in asked:
                continue
            while len(self._registered) >= MAX_REGISTERED:
                del self._registered[next(iter(self._registered))]
            until = self.station.now + _seconds(read.param("expires")) * SECOND
            known = AccessRegistration(source, read.uri, identities, routes, until)
            self._registered[source.host, read.uri] = known


def _contact(value: str) -> str:
    read = parse_name_addr(value)
    return read.uri if isinstance(read, NameAddr) else value.strip()


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
