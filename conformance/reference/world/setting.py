"""The default world: who lives where, and what can be chosen about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.network.medium import Conditions
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.remote.system import RemoteSettings
from conformance.reference.transport.directory import SIP_PORT

BEGIN = 1_772_442_000 * SECOND
"""2026-03-02T09:00:00Z, when a simulation of the world begins."""

HOME = "home-a.example"
OTHER_HOME = "home-b.example"
ALICE = f"sip:+15550100@{HOME}"
ALICE_TEL = "tel:+15550100"
BOB = f"sip:+15550142@{OTHER_HOME}"
SMS_USER = "tel:+15550177"
PSI = f"sip:deferred-messages@cpm.{HOME}"
GATEWAY = f"iwf.{HOME}"
"""The domains and users, the public service identity, and the gateway's name."""

NORMAL = Conditions(low=2 * MILLISECOND, high=12 * MILLISECOND)
"""Links that lose nothing, with a latency that varies a little."""

USERNAME = f"alice@{HOME}"
PASSWORD = "lantern-42"
"""Alice's credentials, where the core asks for them and a setting says nothing else."""

_WAYS = {Transport.UDP: "", Transport.TCP: ";transport=tcp", Transport.TLS: ";transport=tls"}

SmsLeg = Literal["rp", "centre", "smpp", "plain"]
Xdms = Literal["embedded", "xcap"]


class Place(NamedTuple):
    """Where a party lives: its network, its number there, the role of CPM that it plays."""

    net: int
    number: int
    role: Role | None


PLACES = {
    "core": Place(1, 1, Role.CORE),
    "pcscf": Place(1, 1, Role.CORE),
    "icscf": Place(1, 2, Role.CORE),
    "scscf": Place(1, 3, Role.CORE),
    "client": Place(2, 20, Role.CLIENT),
    "second": Place(2, 21, Role.CLIENT),
    "pf": Place(3, 1, Role.PF),
    "iwf": Place(4, 1, Role.IWF),
    "noncpm": Place(5, 1, Role.NONCPM),
    "xdms": Place(6, 1, None),
    "remote": Place(9, 1, Role.REMOTE),
}
"""Every party by name; a core is `core`, or the three nodes that are called after theirs."""

INSTANCES = {
    "client": "urn:uuid:4f0a8a52-3c19-4d86-8f21-6b7d0e5a2c01",
    "second": "urn:uuid:4f0a8a52-3c19-4d86-8f21-6b7d0e5a2c02",
}
"""The instance of each device (RFC 5626)."""

AGENTS = {
    "client": "Heron-RCS/5.2 (Phone)",
    "second": "Heron-RCS/5.2 (Tablet)",
    "core": "Larkspur-IMS/7.1",
    "pf": "Larkspur-CPM/3.0",
    "iwf": "Larkspur-Gateway/1.4",
    "noncpm": "Sandbank-SMSC/6",
    "remote": "Ridgeway-CPM/2.8",
}
"""What each calls itself in User-Agent and Server."""


@dataclass(frozen=True, slots=True)
class WorldSetting:
    """How the world is built and behaves.

    `network` is the first half of every IPv4 address; `addresses` says where parties are that
    live elsewhere. `transport` is that of SIP: UDP, TCP, or, on sockets only, TLS; that of MSRP,
    `msrp_transport`, is TCP, or, on sockets only, TLS, with the `fingerprint` of our certificate;
    `core_nodes` 1 or 3; `devices` of Alice 1 or 2.
    `preferences` are Alice's, None for those of somebody who has set nothing; `xdms` says where
    the participating function asks for them. `push` replaces the mode in `pf`, if it is given.
    `sms_leg`: how the gateway reaches the Non-CPM Client: as a telephone's network, as a
    telephone with its centre, over SMPP, or by plain MESSAGEs. `other_leg`: how it is reached by
    a second service besides, None for one service alone.
    `challenge`: the core asks for digest credentials, Alice's `username` and `password`.
    `conditions` are those of every link but those that `links` names by the two at its ends.
    ValueError for what there is not.
    """

    transport: Transport = Transport.UDP
    msrp_transport: Transport = Transport.TCP
    fingerprint: str = ""
    ipv6: bool = False
    network: str = "10.0"
    addresses: Mapping[str, Endpoint] = field(default_factory=dict, hash=False)
    username: str = USERNAME
    password: str = PASSWORD
    core_nodes: int = 1
    devices: int = 1
    preferences: Preferences | None = None
    push: Push | None = None
    challenge: bool = False
    conditions: Conditions = NORMAL
    links: Mapping[frozenset[str], Conditions] = field(default_factory=dict, hash=False)
    seed: str = "1"
    begin: int = BEGIN
    sms_leg: SmsLeg = "rp"
    other_leg: SmsLeg | None = None
    xdms: Xdms = "embedded"
    queue_path: str = ":memory:"
    store_path: str = ":memory:"
    client: ClientSettings = field(default_factory=ClientSettings)
    pf: PfSettings = field(default_factory=PfSettings)
    iwf: IwfSettings = field(default_factory=IwfSettings)
    noncpm: NonCpmSettings = field(default_factory=NonCpmSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)

    def __post_init__(self) -> None:
        if self.transport not in _WAYS:
            raise ValueError(f"SIP goes over UDP, TCP or TLS in this world, not {self.transport}")
        if self.msrp_transport not in (Transport.TCP, Transport.TLS):
            raise ValueError(f"MSRP goes over TCP or TLS, not {self.msrp_transport}")
        if self.core_nodes not in (1, 3):
            raise ValueError(f"a core has one node or three, not {self.core_nodes}")
        if self.devices not in (1, 2):
            raise ValueError(f"Alice has one device or two, not {self.devices}")
        self._check_legs()
        if self.xdms not in ("embedded", "xcap"):
            raise ValueError(f"there is no XDMS {self.xdms!r}: embedded or xcap")
        self._check_places()

    def _check_legs(self) -> None:
        for leg in (self.sms_leg, self.other_leg):
            if leg is not None and leg not in get_args(SmsLeg):
                raise ValueError(f"there is no leg {leg!r}: rp, centre, smpp or plain")
        if self.other_leg == self.sms_leg:
            raise ValueError(f"two services cannot share the leg {self.sms_leg}")

    def _check_places(self) -> None:
        for name in self.addresses:
            if name not in PLACES:
                raise ValueError(f"there is no party {name!r}: {', '.join(PLACES)}")
        for ends in self.links:
            if len(ends) != 2 or not ends <= PLACES.keys():
                raise ValueError(f"there is no link between {' and '.join(sorted(ends))}")

    @property
    def host_links(self) -> dict[frozenset[str], Conditions]:
        """The conditions of single links, by the two hosts at their ends."""
        return {frozenset(map(self.host, ends)): found for ends, found in self.links.items()}

    def host(self, name: str) -> str:
        """The IP address of a party."""
        if name in self.addresses:
            return self.addresses[name].host
        place = PLACES[name]
        if self.ipv6:
            return f"2001:db8:{place.net}::{place.number}"
        return f"{self.network}.{place.net}.{place.number}"

    def endpoint(self, name: str, port: int = SIP_PORT) -> Endpoint:
        """Where a party listens."""
        if port == SIP_PORT and name in self.addresses:
            return self.addresses[name]
        return Endpoint(self.host(name), port)

    @property
    def core_names(self) -> tuple[str, ...]:
        """The core's nodes, the one next to the clients first."""
        return ("core",) if self.core_nodes == 1 else ("pcscf", "icscf", "scscf")

    @property
    def device_names(self) -> tuple[str, ...]:
        """Alice's devices."""
        return ("client", "second")[: self.devices]

    def uri(self, name: str) -> str:
        """The SIP URI of a party's host, over the transport of this world."""
        return f"sip:{self.endpoint(name)}{_WAYS[self.transport]}"

    @property
    def hosts(self) -> dict[str, Endpoint]:
        """The names that stand for hosts, as DNS would know them."""
        entry = self.core_names[self.core_nodes // 2]
        return {
            HOME: self.endpoint(entry),
            f"cpm.{HOME}": self.endpoint("pf"),
            GATEWAY: self.endpoint("iwf"),
            OTHER_HOME: self.endpoint("remote"),
        }
