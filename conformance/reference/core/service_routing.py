"""The serving node: registrar, service triggers, and where requests go (TS 24.229 section 5.4).

A request that names a CPM service passes the participating function once for who sends it and
once for whom it is meant, both if both are served here. The way back from there bears a mark.
"""

from enum import StrEnum

from conformance.cpm.service import cpm_services
from conformance.observation.packet import Endpoint
from conformance.reference.core.contact_choice import contacts_in_order, in_groups, is_forked
from conformance.reference.core.location import Binding
from conformance.reference.core.proxy import Came, Groups, Proxy
from conformance.reference.core.registrar import ORIGINATING, Registrar
from conformance.reference.core.setting import CoreSetting, Subscriber, loose_route
from conformance.reference.core.third_party_registration import ThirdPartyRegistration
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Point, Settled
from conformance.reference.transport.directory import Target, address, bare_uri
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest
from conformance.sip.uri import Uri, identity, parse_uri

_SERVICE_FIELDS = ("P-Asserted-Service", "P-Preferred-Service", "Accept-Contact")


class Case(StrEnum):
    """How far a request has come; the values of two are their marks in our Route."""

    ORIGINATING = "orig"
    ORIGINATED = "odi-orig"
    TERMINATING = "term"
    TERMINATED = "odi-term"


class ServingNode(Proxy):
    """A proxy that serves the users of the home network."""

    def __init__(self, station: Station, address: Endpoint, setting: CoreSetting) -> None:
        super().__init__(station, address, setting)
        self.decisions: Decisions = Settled()
        self._changes: list[tuple[Subscriber, SipRequest | None, int]] = []
        self.registrar = Registrar(station, setting, self.gate, self.registered)
        self.third_party = ThirdPartyRegistration(
            self.transactions, address, setting, self.chance.fork("third party")
        )

    # Registration.

    def register(self, came: Came) -> None:
        """Answer a REGISTER, then tell the participating function."""
        self._changes.clear()
        status, fields = self.registrar.answer(came.request)
        draft = self.own_response(came.transaction, status)
        draft.fields.extend(fields)
        self.respond(came.transaction, draft)
        changes, self._changes = self._changes, []
        for user, request, seconds in changes:
            self.third_party.tell(user, request, seconds)

    def registered(self, user: Subscriber, request: SipRequest | None, seconds: int) -> None:
        """A registration has changed: by a REGISTER, which is answered first, or by itself."""
        if request is None:
            self.third_party.tell(user, None, seconds)
        else:
            self._changes.append((user, request, seconds))

    def deregister(self, aor: str) -> bool:
        """The operator ends a user's registration; False if there is no such user."""
        user = self.setting.subscriber(aor)
        if user is not None:
            self.registrar.deregister(user)
        return user is not None

    # Routing.

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """Where a request goes: by its dialog or Route, else by service and user."""
        if draft.method == "REGISTER":
            self.register(came)
            return None
        if draft.get("Route") or (came.in_dialog and self.user_of(draft.uri) is None):
            return self.follow(draft, came)
        return self.route_of(draft, came)

    def case_of(self, came: Came) -> Case:
        """How far a request has come: by the mark in our Route, else by who sends it."""
        from_pf = came.host == self.setting.pf.host
        marks = [uri.user.partition(".")[0] for uri in came.own]
        if from_pf:
            return Case.ORIGINATED if Case.ORIGINATED in marks else Case.TERMINATED
        if came.is_access or ORIGINATING in marks:
            return Case.ORIGINATING
        return Case.TERMINATING

    def route_of(self, draft: Draft, came: Came) -> Groups | Draft:
        """Where a request goes that says so neither by its dialog nor by its Route."""
        case = self.case_of(came)
        if case is Case.ORIGINATING:
            if not self.may_send(draft):
                return self.own_response(came.transaction, 403)
            self.assert_service(draft)
        if self.setting.is_service(draft.uri):
            return self.to_service(draft, case)
        is_first = case is Case.ORIGINATING and not came.in_dialog
        if is_first and self.is_triggered(draft):
            return self.trigger(draft, Case.ORIGINATED, self.sender_of(draft))
        return self.to_user(draft, came, case)

    def to_user(self, draft: Draft, came: Came, case: Case) -> Groups | Draft:
        """Send a request to whom it is for, a user of ours or somebody else."""
        location = self.registrar.location
        if case is Case.TERMINATED:
            found = location.find(draft.uri, self.setting.subscribers)
            if found is not None:
                return self.to_contacts(draft, came, found[0], (found[1],))
        user = self.user_of(draft.uri)
        if user is None:
            return self.onward(draft, came)
        is_first = case is not Case.TERMINATED and not came.in_dialog
        if is_first and self.is_triggered(draft):
            return self.trigger(draft, Case.TERMINATED, user.aor)
        return self.to_contacts(draft, came, user, location.bindings(user))

    def may_send(self, draft: Draft) -> bool:
        """Whether who sends a request is registered (5.4.3.2), or asks the core itself."""
        user = self.setting.subscriber(self.sender_of(draft))
        registered = user is None or bool(self.registrar.location.bindings(user))
        return registered or self.is_addressed(draft.uri)

    def assert_service(self, draft: Draft) -> None:
        """Take the service that a user prefers for the one that it is (RFC 6050 section 4.1)."""
        preferred = draft.all("P-Preferred-Service")
        if preferred:
            draft.put_all("P-Preferred-Service", preferred[:1])
            draft.fields = [
                ("P-Asserted-Service" if name == "P-Preferred-Service" else name, value)
                for name, value in draft.fields
            ]

    def is_triggered(self, draft: Draft) -> bool:
        """Whether a request names a CPM service, so that the participating function gets it."""
        return bool(cpm_services(v for name in _SERVICE_FIELDS for v in draft.all(name)))

    def trigger(self, draft: Draft, mark: Case, served: str) -> Groups:
        """Have the participating function serve a user, and the request come back marked.

        The Route of TS 24.229 section 5.4.3.2, and P-Served-User (RFC 5502).
        """
        case = "orig" if mark is Case.ORIGINATED else "term"
        if mark is Case.TERMINATED and draft.uri.lower().startswith("tel:"):
            draft.uri = served
        back = loose_route(self.address, f"{mark}.{self.chance.token(8)}")
        draft.put_all("Route", [loose_route(self.setting.pf), back])
        user = self.setting.subscriber(served)
        state = bool(user and self.registrar.location.bindings(user))
        regstate = "reg" if state else "unreg"
        draft.put("P-Served-User", f"<{served}>;sescase={case};regstate={regstate}")
        return [[draft]]

    def to_service(self, draft: Draft, case: Case) -> Groups:
        """Send a request to the participating function that is its end."""
        draft.put_all("Route", [loose_route(self.setting.pf)])
        if case is Case.ORIGINATING:
            served = self.sender_of(draft)
            draft.put("P-Served-User", f"<{served}>;sescase=orig;regstate=reg")
        return [[draft]]

    def to_contacts(
        self, draft: Draft, came: Came, user: Subscriber, bindings: tuple[Binding, ...]
    ) -> Groups | Draft:
        """Send a request to where the user is; 480 if that is nowhere."""
        uris = contacts_in_order(draft, bindings)
        if not uris:
            return self.own_response(came.transaction, 480)
        if not is_forked(draft, by_default=self.setting.forks):
            uris = [self.decisions.choose(Point.TARGETS, uris, about=came.request.call_id)]
        by_uri = {binding.uri: binding for binding in bindings}
        groups = in_groups(draft, uris)
        return [[self.retarget(draft, user, by_uri[uri]) for uri in group] for group in groups]

    def retarget(self, draft: Draft, user: Subscriber, binding: Binding) -> Draft:
        """The request for one contact: its URI, its path, and whom it was for (5.4.3.3)."""
        draft = draft.copy()
        draft.uri = binding.uri
        if binding.path:
            draft.put_all("Route", binding.path)
        return draft.put("P-Called-Party-ID", f"<{user.aor}>")

    def onward(self, draft: Draft, came: Came) -> Groups | Draft:
        """Where a request for nobody of ours goes: to the gateway, or to another system."""
        uri = parse_uri(draft.uri)
        if not isinstance(uri, Uri):
            return self.own_response(came.transaction, 404)
        from_outside = self.case_of(came) is Case.TERMINATING
        if self.is_number(uri):
            from_gateway = came.host == self.setting.gateway.host
            if from_gateway or from_outside:
                return self.own_response(came.transaction, 404)
            return self.to_gateway(draft)
        if not uri.user or self.leads_home(uri) or not self.is_reachable(uri) or from_outside:
            return self.addressed_here(draft, came)
        return self.follow(draft, came)

    def to_gateway(self, draft: Draft) -> Groups:
        """Send a request to the interworking function."""
        draft.put_all("Route", [loose_route(self.setting.gateway)])
        return [[draft]]

    def is_number(self, uri: Uri) -> bool:
        """Whether a URI is a telephone number that no other system has claimed."""
        text = f"sip:{uri.user}@{uri.host};user=phone"
        return uri.scheme == "tel" or (
            self.leads_home(uri)
            and (uri.param("user") == "phone" or uri.user.startswith("+"))
            and identity(text).startswith("tel:")
        )

    def leads_home(self, uri: Uri) -> bool:
        """Whether the host of a URI is the home network's."""
        nodes = {node.host for node in self.setting.nodes}
        return uri.host == self.setting.domain.lower() or address(uri.host) in nodes

    def is_reachable(self, uri: Uri) -> bool:
        """Whether a host is known by name, or is a neighbour: strangers get nothing from us."""
        literal = address(uri.host)
        return uri.host in self.setting.names or literal in self.setting.trust_domain

    def user_of(self, text: str) -> Subscriber | None:
        """The user of ours whom a Request-URI names."""
        uri = parse_uri(text)
        if not isinstance(uri, Uri) or not (uri.scheme == "tel" or self.leads_home(uri)):
            return None
        return self.setting.subscriber(text)

    def sender_of(self, draft: Draft) -> str:
        """The address of record of who sends a request."""
        sender = bare_uri(draft.get("P-Asserted-Identity") or draft.get("From") or "")
        user = self.setting.subscriber(sender)
        return user.aor if user is not None else sender

    def dismiss(self, draft: Draft, target: Target) -> None:
        """Tell whom we serve to nobody but the participating function."""
        super().dismiss(draft, target)
        if target.endpoint.host != self.setting.pf.host:
            draft.remove("P-Served-User")
