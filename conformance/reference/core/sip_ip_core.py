"""The SIP/IP Core: one host, or P-, I- and S-CSCF, each a host of its own (TS 24.229)."""

from conformance.reference.core.access_edge import AccessEdge
from conformance.reference.core.proxy import Came, Groups, Proxy
from conformance.reference.core.registrar import Registrar
from conformance.reference.core.service_routing import ServingNode
from conformance.reference.core.setting import CoreSetting, loose_route
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.engine.decision import Decisions, Settled
from conformance.reference.transport.draft import Draft

TO_CLIENT = "term"
"""The user part of a P-CSCF's Path: what comes that way goes to a client."""


class AccessNode(AccessEdge):
    """A P-CSCF (TS 24.229 section 5.2)."""

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """A registration goes to the home network, all else by its Route and Request-URI."""
        if draft.method == "REGISTER":
            self.enter_path(draft)
        return self.follow(draft, came)

    def enter_path(self, draft: Draft) -> None:
        """Have what is for the client come by here (RFC 3327 section 5.2)."""
        draft.push("Path", loose_route(self.address, TO_CLIENT))
        draft.put("P-Visited-Network-ID", self.setting.domain)


class EntryNode(Proxy):
    """An I-CSCF (TS 24.229 section 5.3): the way in, which leaves no trace in dialogs."""

    record_routes = False

    def admit(self, draft: Draft, came: Came) -> Draft | None:
        """Believe nothing that strangers assert (RFC 3324)."""
        if came.is_access:
            draft.remove("P-Asserted-Identity").remove("P-Asserted-Service")
            draft.remove("P-Served-User")
        return None

    def targets_of(self, draft: Draft, came: Came) -> Groups | Draft | None:
        """What is for a user or service of ours goes to the S-CSCF."""
        if draft.get("Route") or (came.in_dialog and not self.is_home(draft)):
            return self.follow(draft, came)
        if draft.method != "REGISTER" and not self.is_home(draft):
            return self.addressed_here(draft, came)
        draft.put_all("Route", [loose_route(self.setting.serving)])
        return [[draft]]

    def is_home(self, draft: Draft) -> bool:
        """Whether a request is for a user or service of the home network."""
        known = self.setting.subscriber(draft.uri) is not None
        return known or self.setting.is_service(draft.uri)


class InnerNode(ServingNode):
    """An S-CSCF (TS 24.229 section 5.4), which no stranger reaches."""

    def admit(self, draft: Draft, came: Came) -> Draft | None:
        """Refuse what comes from outside the network."""
        return self.own_response(came.transaction, 403) if came.is_access else None


class WholeNode(AccessEdge, ServingNode):
    """All the duties of a core on one host."""


class SipIpCore:
    """A SIP/IP Core: `nodes` by name, each with its `station` to be run.

    A core with a fault is a subclass that names another class for one of its nodes.
    """

    whole: type[WholeNode] = WholeNode
    access: type[AccessNode] = AccessNode
    entry: type[EntryNode] = EntryNode
    serving: type[InnerNode] = InnerNode

    def __init__(
        self,
        setting: CoreSetting | None = None,
        chance: Chance | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        self.setting = setting or CoreSetting()
        self._chance = chance or Chance("core")
        self.nodes: dict[str, Proxy] = {}
        self.server = self._build()
        self.server.decisions = decisions or Settled()

    @property
    def station(self) -> Station:
        """The station of the node that serves the users."""
        return self.server.station

    @property
    def stations(self) -> dict[str, Station]:
        """Every station by its node's name."""
        return {name: node.station for name, node in self.nodes.items()}

    @property
    def registrar(self) -> Registrar:
        """Where the users are registered."""
        return self.server.registrar

    def deregister(self, aor: str) -> bool:
        """The operator ends a user's registration; False if there is no such user."""
        return self.server.deregister(aor)

    def _build(self) -> ServingNode:
        setting = self.setting
        server: ServingNode
        if len(setting.nodes) == 1:
            server = self.whole(self._station("core", 0), setting.nodes[0], setting)
            self.nodes["core"] = server
            return server
        first, second, third = setting.nodes
        self.nodes["pcscf"] = self.access(self._station("pcscf", 0), first, setting)
        self.nodes["icscf"] = self.entry(self._station("icscf", 1), second, setting)
        server = self.serving(self._station("scscf", 2), third, setting)
        self.nodes["scscf"] = server
        return server

    def _station(self, name: str, index: int) -> Station:
        return Station(self.setting.nodes[index].host, self._chance.fork(name))
