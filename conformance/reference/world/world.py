"""The default world: every party of the flows on one simulated network, put together by setting.

A fault is planted in it in two ways: by another class for a party (`classes`), whose constructor
is that of the class it replaces, or by a `Tamper` on what leaves a party (`tampers`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar, cast

from conformance.cpm.role import Role
from conformance.observation.packet import Transport
from conformance.reference.client.cpm_client import CpmClient
from conformance.reference.core.setting import CoreSetting, Subscriber
from conformance.reference.core.sip_ip_core import SipIpCore
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.interworking.function import InterworkingFunction
from conformance.reference.interworking.selection import InterworkingSelection
from conformance.reference.interworking.site import CENTRE, PLAIN, SMPP, TELEPHONE, Site, legs_of
from conformance.reference.legs.leg import Leg
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.network.network import Hosted, Network
from conformance.reference.network.simulation import Simulation
from conformance.reference.network.tampering import Tamper, Tampered
from conformance.reference.pf.participating_function import ParticipatingFunction
from conformance.reference.pf.push_enabler import PushEnabler
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.source import EmbeddedPreferences, PreferencesSource
from conformance.reference.remote.non_cpm_client import NonCpmClient
from conformance.reference.remote.system import RemoteSystem
from conformance.reference.store.deferred_queue import DeferredQueue
from conformance.reference.store.message_store import MessageStore
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Identity
from conformance.reference.user_agents.user_agent import UserAgent
from conformance.reference.world.labels import Labels
from conformance.reference.world.setting import (
    AGENTS,
    ALICE,
    ALICE_TEL,
    BOB,
    GATEWAY,
    HOME,
    INSTANCES,
    OTHER_HOME,
    PLACES,
    PSI,
    SMS_USER,
    WorldSetting,
)
from conformance.reference.xdm.xcap import XcapClient
from conformance.reference.xdm.xdms import Xdms

T = TypeVar("T")

XCAP_PORT = 80
"""Where the XDMS listens."""

MEMORY = ":memory:"
"""The path of a queue that is kept in no file."""

SERVICE = "sms"
"""The non-CPM service of this world, whatever carries it, as preferences name it."""

OTHER_SERVICE = "im"
"""The second one, where there are two."""

_LEG_PASSWORD = "harbour7"
_LEGS = {"rp": TELEPHONE, "centre": CENTRE, "smpp": SMPP, "plain": PLAIN}


class World:
    """The parties by their roles, and the `simulation` that they live in, or another `network`.

    `devices` are Alice's, `client` the first; `xdms` is None where preferences are embedded.
    Whose class may be replaced: client, second, core, pf, iwf, noncpm, remote, xdms; whose
    output may be tampered with: these, and the core's nodes by name.
    ValueError for another name.
    """

    def __init__(
        self,
        setting: WorldSetting | None = None,
        *,
        classes: Mapping[str, type] | None = None,
        tampers: Mapping[str, Tamper] | None = None,
        network: Network | None = None,
    ) -> None:
        self.setting = setting = setting or WorldSetting()
        self._classes = _known(classes or {})
        self._tampers = _known(tampers or {})
        self._chance = Chance(f"world/{setting.seed}")
        self._restarts = 0
        self.simulation = network or simulated(setting)
        self.directory = Directory(setting.hosts, setting.transport)
        self.core = self._core()
        self.queue = DeferredQueue(setting.queue_path)
        self.store = MessageStore(setting.store_path)
        self.enabler = PushEnabler()
        self.xdms = self._preferences_server()
        self.pf = self._participating_function(self._station("pf"))
        self.noncpm = self._non_cpm_client()
        self.iwf = self._interworking_function()
        self.remote = self._remote_system()
        self.devices = [self._client(name) for name in setting.device_names]
        # What is to be done before anybody can write to anybody.
        self.simulation.after(0, self.noncpm.start)
        self.simulation.after(0, self.iwf.start)

    @property
    def client(self) -> CpmClient:
        """Alice's first device."""
        return self.devices[0]

    @property
    def hosts(self) -> dict[str, Role]:
        """Who plays which role of CPM, by address."""
        names = self.simulation.parties
        found = ((self.setting.host(name), PLACES[name].role) for name in names)
        return {host: role for host, role in found if role is not None}

    def labels(self, flow: str) -> Labels:
        """What labels the messages of a flow in a recording of this world."""
        return Labels(flow, self.hosts)

    def restart_pf(self) -> None:
        """Let the participating function stop, and start anew with the queue that it left.

        Who is registered it has forgotten. A queue in a file is closed and opened again.
        """
        if self.setting.queue_path != MEMORY:
            self.queue.close()
            self.queue = DeferredQueue(self.setting.queue_path)
        self._restarts += 1
        station = Station(self.setting.host("pf"), self._chance.fork(f"pf {self._restarts}"))
        station.now = self.simulation.now
        self.pf = self._participating_function(station)
        self.simulation.replace("pf", self._tampered("pf", station))

    def close(self) -> None:
        """Close the stores."""
        self.pf.close()

    # The parties.

    def _core(self) -> SipIpCore:
        setting = self.setting
        core = self._class("core", SipIpCore)(
            CoreSetting(
                domain=HOME,
                nodes=tuple(setting.endpoint(name) for name in setting.core_names),
                pf=setting.endpoint("pf"),
                gateway=setting.endpoint("iwf"),
                gateway_names=(GATEWAY,),
                services=(PSI,),
                hosts={OTHER_HOME: setting.endpoint("remote")},
                subscribers=(Subscriber((ALICE, ALICE_TEL), setting.username, setting.password),),
                challenges_registration=setting.challenge,
                transport=setting.transport,
                agent=AGENTS["core"],
            ),
            self._chance.fork("core"),
        )
        for name, station in core.stations.items():
            self._add(name, station)
        return core

    def _preferences_server(self) -> Xdms | None:
        """The XDMS with Alice's preferences, where there is one."""
        if self.setting.xdms == "embedded":
            return None
        endpoint = self.setting.endpoint("xdms", XCAP_PORT)
        return self._class("xdms", Xdms)(
            self._station("xdms"), endpoint, users=self._users_preferences()
        )

    def _preferences(self, station: Station) -> PreferencesSource:
        """Whom a party asks for preferences."""
        if self.xdms is None:
            return EmbeddedPreferences(self._users_preferences())
        host = f"xdms.{HOME}"
        return XcapClient(station, self.xdms.endpoint, host=host, default=Preferences())

    def _users_preferences(self) -> dict[str, Preferences]:
        preferences = self.setting.preferences
        return {ALICE: preferences} if preferences else {}

    def _participating_function(self, station: Station) -> ParticipatingFunction:
        setting = self.setting
        settings = replace(
            setting.pf,
            home=HOME,
            core=f"{setting.uri(setting.core_names[-1])};lr",
            gateway=GATEWAY,
            psi=PSI,
            push=setting.push or setting.pf.push,
        )
        pf = self._class("pf", ParticipatingFunction)(
            station,
            setting.endpoint("pf"),
            self.directory,
            settings,
            queue=self.queue,
            preferences=self._preferences(station),
            store=self.store,
            enabler=self.enabler,
            agent=AGENTS["pf"],
        )
        self._over_transport(pf.agent, pf.host.link)
        return pf

    def _interworking_function(self) -> InterworkingFunction:
        setting = self.setting
        entry = setting.core_names[setting.core_nodes // 2]
        station = self._station("iwf")
        agent = self._agent("iwf", station, Identity(f"sip:{GATEWAY}", "", agent=AGENTS["iwf"]))
        iwf = self._class("iwf", InterworkingFunction)(
            station,
            agent,
            self._legs(station, agent, "noncpm"),
            replace(setting.iwf, home=HOME, core=setting.uri(entry)),
            selection=InterworkingSelection(self._preferences(station)),
        )
        self._over_transport(agent, iwf.link)
        return iwf

    def _non_cpm_client(self) -> NonCpmClient:
        station = self._station("noncpm")
        agent = self._agent("noncpm", station, Identity(SMS_USER, "", agent=AGENTS["noncpm"]))
        return self._class("noncpm", NonCpmClient)(
            station,
            self._legs(station, agent, "iwf"),
            self.setting.noncpm,
            agent=agent,
        )

    def _remote_system(self) -> RemoteSystem:
        contact = f"sip:bob@{self.setting.endpoint('remote')}"
        remote = self._class("remote", RemoteSystem)(
            self._station("remote"),
            Identity(BOB, contact, agent=AGENTS["remote"]),
            self.directory,
            core="",
            settings=self.setting.remote,
        )
        self._over_transport(remote.agent, remote.link)
        return remote

    def _client(self, name: str) -> CpmClient:
        setting = self.setting
        identity = Identity(
            ALICE,
            f"sip:alice@{setting.endpoint(name)}",
            agent=AGENTS[name],
            instance=INSTANCES[name],
            services=tuple(f"oma.cpm.{service}" for service in setting.client.services),
            username=setting.username,
            password=setting.password,
        )
        client = self._class(name, CpmClient)(
            self._station(name),
            identity,
            self.directory,
            proxy=setting.uri(setting.core_names[0]),
            home=HOME,
            settings=replace(setting.client, deferred_uri=PSI),
        )
        self._over_transport(client.agent, client.link)
        return client

    # Their means.

    def _agent(self, name: str, station: Station, identity: Identity) -> UserAgent:
        endpoint = self.setting.endpoint(name)
        identity.contact = f"sip:{name}@{endpoint}"
        transport = SipTransport(
            station, endpoint, self.directory, preferred=self.setting.transport
        )
        return UserAgent(station, Transactions(transport), identity, directory=self.directory)

    def _legs(self, station: Station, agent: UserAgent, peer: str) -> dict[str, Leg]:
        """The legs between gateway and Non-CPM Client, each named for the service that it is."""
        site = Site(self.setting.endpoint(peer), peer == "noncpm", password=_LEG_PASSWORD)
        wanted = {SERVICE: _LEGS[self.setting.sms_leg]}
        if self.setting.other_leg is not None:
            wanted[OTHER_SERVICE] = _LEGS[self.setting.other_leg]
        made = legs_of(station, agent, site, tuple(wanted.values()))
        return {name: made[leg] for name, leg in wanted.items()}

    def _over_transport(self, agent: UserAgent, link: MsrpLink) -> None:
        agent.transactions.transport.preferred = self.setting.transport
        link.transport = self.setting.msrp_transport
        if link.transport is Transport.TLS:
            link.fingerprint = self.setting.fingerprint

    def _station(self, name: str) -> Station:
        station = Station(self.setting.host(name), self._chance.fork(name))
        self._add(name, station)
        return station

    def _add(self, name: str, station: Station) -> None:
        """Put a station on the network, its output tampered with where that is wanted."""
        self.simulation.add(name, PLACES[name].role, self._tampered(name, station))

    def _tampered(self, name: str, station: Station) -> Hosted:
        tamper = self._tampers.get(name)
        if tamper is None and PLACES[name].role is Role.CORE:
            tamper = self._tampers.get("core")
        return Tampered(station, tamper) if tamper else station

    def _class(self, name: str, default: type[T]) -> type[T]:
        return cast("type[T]", self._classes.get(name, default))


def simulated(setting: WorldSetting) -> Simulation:
    """The simulated network of a world, still empty."""
    return Simulation(setting.seed, setting.begin, setting.conditions, setting.host_links)


def _known(by_name: Mapping[str, T]) -> dict[str, T]:
    for name in by_name:
        if name not in PLACES:
            raise ValueError(f"there is no party {name!r}: {', '.join(PLACES)}")
    return dict(by_name)
