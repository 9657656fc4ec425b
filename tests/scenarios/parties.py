"""Who takes part in the ladders, where they are, and how the network between them behaves."""

from dataclasses import dataclass

from conformance.observation.packet import Endpoint, Transport
from tests.scenarios.bodies import host_text

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
BASE_TIME = 1_772_442_000 * SECOND
"""2026-03-02T09:00:00Z."""

HOME = "home-a.example"
ALICE = f"sip:+15550100@{HOME}"
ALICE_TEL = "tel:+15550100"
BOB = "sip:+15550142@home-b.example"
SMS_USER = "tel:+15550177"
DEFERRED_PSI = f"sip:deferred-messages@cpm.{HOME}"
ANONYMOUS = "sip:anonymous@anonymous.invalid"

ICSI = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm"
ENCODED_ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm"


def feature(*services: str) -> str:
    """The feature tag that names these CPM services (RFC 3840, TS 24.229)."""
    values = ",".join(f"{ENCODED_ICSI}.{service}" for service in services)
    return f'+g.3gpp.icsi-ref="{values}"'


@dataclass(frozen=True, slots=True)
class Node:
    """One network element or device; a role may be played by several."""

    role: str
    name: str
    host: str
    agent: str
    user: str = ""
    port: int = 5060
    instance: str = ""

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host, self.port)

    @property
    def sent_by(self) -> str:
        """The host and port of its Via."""
        return f"{host_text(self.host)}:{self.port}"

    @property
    def route(self) -> str:
        """Its loose route."""
        return f"<sip:{self.sent_by};lr>"

    @property
    def contact(self) -> str:
        """Its contact URI."""
        return f"sip:{self.user}@{self.sent_by}" if self.user else f"sip:{self.sent_by}"

    @property
    def is_end(self) -> bool:
        """Whether it is reached over an access leg with that leg's slower timers."""
        return self.role == "client"


@dataclass(frozen=True, slots=True)
class Setting:
    """How the network is built and behaves, whatever the flow.

    `silent`: the hop label that is never sent. `departs`: for a step's label, the status and
    reason of an answer that is not the printed one. `core_refuses`: for a step's label, those
    of the core's own answer, with which the request ends there. `stays_out`: the core has no
    Record-Route, so that dialogs go past it; `goes_past`: the step that does so although it has.
    """

    transport: Transport = Transport.UDP
    ipv6: bool = False
    compact: bool = False
    core_nodes: int = 1
    registration: bool = True
    sbc: bool = False
    challenge: bool = False
    lossy: bool = False
    ringing: bool = False
    reliable: bool = False
    mtu: int = 1500
    seed: int = 1
    silent: str = ""
    departs: tuple[str, int, str] | None = None
    core_refuses: tuple[str, int, str] | None = None
    stays_out: bool = False
    goes_past: str = ""
    begin: int = BASE_TIME


@dataclass(frozen=True, slots=True)
class Parties:
    """The nodes of one network."""

    client: Node
    second: Node
    core: tuple[Node, ...]
    pf: Node
    iwf: Node
    noncpm: Node
    remote: Node

    @property
    def proxy(self) -> Node:
        """The core's node next to the clients (P-CSCF)."""
        return self.core[0]

    @property
    def serving(self) -> Node:
        """The core's node next to the application servers (S-CSCF)."""
        return self.core[-1]

    @property
    def inner(self) -> tuple[Node, ...]:
        """The core's nodes between a client and an application server, client side first."""
        return self.core if len(self.core) == 1 else (self.core[0], self.core[2])

    @property
    def entry(self) -> tuple[Node, ...]:
        """The core's nodes that a request from another network passes (I-CSCF, S-CSCF)."""
        return self.core if len(self.core) == 1 else self.core[1:]


def parties(setting: Setting) -> Parties:
    """The default topology, in IPv4 or IPv6."""

    def at(v4: str, net: int, last: str) -> str:
        return f"2001:db8:{net}::{last}" if setting.ipv6 else v4

    names = ("pcscf", "icscf", "scscf") if setting.core_nodes == 3 else ("core",)
    core = tuple(
        Node("core", name, at(f"10.0.1.{i}", 1, str(i)), f"Northfield-{name}/4.2")
        for i, name in enumerate(names, 1)
    )
    return Parties(
        client=_device("client", at("10.0.2.20", 2, "20"), "8d1f6a02-5c3e-4b7a-9e10-2f4460f1a001"),
        second=_device("second", at("10.0.2.21", 2, "21"), "8d1f6a02-5c3e-4b7a-9e10-2f4460f1a002"),
        core=core,
        pf=Node("pf", "pf", at("10.0.3.1", 3, "1"), "Eastgate-CPM-PF/2.0", "cpm-pf"),
        iwf=Node("iwf", "iwf", at("10.0.4.1", 4, "1"), "Eastgate-IWF/1.3", "iwf"),
        noncpm=Node("noncpm", "noncpm", at("10.0.5.1", 5, "1"), "Smsc/9", "smsc"),
        remote=Node("remote", "remote", at("10.0.9.1", 9, "1"), "Westbank-IBCF/7", "system-a"),
    )


def _device(name: str, host: str, urn: str) -> Node:
    agent = "Meadow-RCS/3.1 (Phone)" if name == "client" else "Meadow-RCS/3.1 (Tablet)"
    return Node("client", name, host, agent, "alice", 5060, f"<urn:uuid:{urn}>")
