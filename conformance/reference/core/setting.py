"""How a SIP/IP Core is set up: its nodes, its neighbours, its subscribers, its policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.timer import ACCESS, NETWORK, Timers
from conformance.sip.uri import identity

_PF = Endpoint("10.0.3.1", 5060)
_GATEWAY = Endpoint("10.0.4.1", 5060)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A user of the home network: the identities, the first the default, and the credentials."""

    identities: tuple[str, ...]
    username: str = ""
    password: str = ""

    @property
    def aor(self) -> str:
        """The address of record."""
        return self.identities[0]

    def is_named(self, address: str) -> bool:
        """Whether a URI or address names this user."""
        name = identity(address)
        return name != "" and any(identity(own) == name for own in self.identities)


@dataclass(frozen=True)
class CoreSetting:
    """Addresses, subscribers and policy of a core; times of registration in seconds.

    `nodes`: one for all in one, or three: P-, I- and S-CSCF. `hosts`: names of remote systems and
    the endpoints that they stand for; these, the nodes, `pf`, `gateway` and the hosts in `trusted`
    make up the trust domain, and everybody else is at the access side. `forks`: a request goes to
    all contacts of a user even if it does not ask for that. `tells_whole`: the third-party
    REGISTER carries the client's own (TS 24.229 section 5.4.1.7).
    """

    domain: str = "home-a.example"
    nodes: tuple[Endpoint, ...] = (Endpoint("10.0.1.1", 5060),)
    pf: Endpoint = _PF
    gateway: Endpoint = _GATEWAY
    gateway_names: tuple[str, ...] = ("iwf.home-a.example",)
    services: tuple[str, ...] = ("sip:deferred-messages@cpm.home-a.example",)
    hosts: Mapping[str, Endpoint] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    subscribers: tuple[Subscriber, ...] = (
        Subscriber(("sip:+15550100@home-a.example", "tel:+15550100"), "alice@home-a.example"),
    )
    challenges_registration: bool = True
    challenges_requests: bool = False
    algorithm: str = "MD5"
    minimum_expires: int = 60
    default_expires: int = 600_000
    maximum_expires: int = 600_000
    forks: bool = False
    tells_whole: bool = True
    transport: Transport = Transport.UDP
    access: Timers = ACCESS
    network: Timers = NETWORK
    agent: str = "Northfield-core/4.2"

    def __post_init__(self) -> None:
        if len(self.nodes) not in (1, 3):
            raise ValueError(f"a core has one node or three, not {len(self.nodes)}")

    @property
    def entry(self) -> Endpoint:
        """The node that other networks send to: the I-CSCF."""
        return self.nodes[len(self.nodes) // 2]

    @property
    def serving(self) -> Endpoint:
        """The node that serves the users: the S-CSCF."""
        return self.nodes[-1]

    @cached_property
    def trust_domain(self) -> frozenset[str]:
        """The addresses of the hosts whose assertions are believed (RFC 3324)."""
        ends = (*self.nodes, self.pf, self.gateway, *self.hosts.values())
        return frozenset({*(end.host for end in ends), *self.trusted})

    @cached_property
    def names(self) -> dict[str, Endpoint]:
        """Every name that the core knows, and the endpoint it stands for."""
        own = {self.domain: self.entry, f"cpm.{self.domain}": self.pf}
        gateways = dict.fromkeys(self.gateway_names, self.gateway)
        return {**own, **gateways, **self.hosts}

    def subscriber(self, address: str) -> Subscriber | None:
        """The user of ours whom a URI or address names."""
        return next((user for user in self.subscribers if user.is_named(address)), None)

    def is_service(self, uri: str) -> bool:
        """Whether a URI is a public service identity of the participating function."""
        name = identity(uri)
        return name != "" and any(identity(service) == name for service in self.services)


def loose_route(endpoint: Endpoint, user: str = "") -> str:
    """A Route value that leads to a node, with a mark of ours as its user part."""
    return f"<sip:{user}@{endpoint};lr>" if user else f"<sip:{endpoint};lr>"
