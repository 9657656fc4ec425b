"""Whole hosts of interworking: a gateway with its legs, and the services at their other ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.body.sms_fields import Address
from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Station
from conformance.reference.engine.timer import NETWORK, Timers
from conformance.reference.legs.leg import Leg
from conformance.reference.legs.plain_messages import PlainMessages
from conformance.reference.legs.relay_link import PATIENCE, RelayLink
from conformance.reference.legs.relay_units import RelayEnd
from conformance.reference.legs.smpp_leg import CentreLeg, EsmeLeg
from conformance.reference.legs.sms_over_ip import SmsOverIp
from conformance.reference.smpp.pdu import PORT as SMPP_PORT
from conformance.reference.transactions.transaction import Transactions
from conformance.reference.transport.directory import Directory
from conformance.reference.transport.sip_transport import SipTransport
from conformance.reference.user_agents.incoming import Identity
from conformance.reference.user_agents.user_agent import UserAgent

TELEPHONE = "sms"
"""Short messages over IP, with the gateway as the network's end towards a telephone."""

CENTRE = "sms-centre"
"""Short messages over IP, with the gateway as a telephone's end towards a service centre."""

SMPP = "smpp"
"""Short messages over SMPP, with the gateway as the centre's client."""

PLAIN = "text"
"""Plain text in SIP MESSAGE."""

SERVICES = (TELEPHONE, CENTRE, SMPP, PLAIN)


@dataclass(frozen=True, slots=True)
class Site:
    """A host of interworking and its neighbour across the legs.

    `peer` is the neighbour's SIP endpoint, `smpp` where the message centre listens. `is_gateway`
    tells which end it is. `centre` is the service centre's number, `context` the domain of
    numbers that are not international. `patience` in ns.
    """

    peer: Endpoint
    is_gateway: bool
    smpp: Endpoint | None = None
    centre: str = "15550199"
    context: str = "home-a.example"
    holds_answers: bool = True
    patience: int = PATIENCE
    system_id: str = "IWF"
    password: str = ""

    @property
    def peer_uri(self) -> str:
        """The SIP URI of the neighbour."""
        return f"sip:{self.peer}"


def user_agent(
    station: Station,
    identity: Identity,
    directory: Directory,
    *,
    routes: Sequence[str] = (),
    sip: Endpoint | None = None,
    timers: Timers = NETWORK,
) -> UserAgent:
    """A user agent with the SIP stack below it."""
    transport = SipTransport(station, sip or Endpoint(station.host, 5060), directory)
    transactions = Transactions(transport, timers)
    return UserAgent(station, transactions, identity, directory=directory, routes=routes)


def legs_of(
    station: Station, agent: UserAgent, site: Site, services: Sequence[str]
) -> Mapping[str, Leg]:
    """The legs of the named services; ValueError for a name that is none."""
    made: dict[str, Callable[[], Leg]] = {
        TELEPHONE: lambda: _sms(station, agent, site, is_network=site.is_gateway),
        CENTRE: lambda: _sms(station, agent, site, is_network=not site.is_gateway),
        SMPP: lambda: _smpp(station, site),
        PLAIN: lambda: PlainMessages(station, agent, site.peer_uri, patience=site.patience),
    }
    unknown = [name for name in services if name not in made]
    if unknown:
        raise ValueError(f"no services: {', '.join(unknown)}; there are {', '.join(made)}")
    return {name: made[name]() for name in services}


def _sms(station: Station, agent: UserAgent, site: Site, *, is_network: bool) -> SmsOverIp:
    link = RelayLink(station, agent, site.peer_uri, is_network=is_network, patience=site.patience)
    end = RelayEnd(is_network, Address(site.centre), site.context)
    # The gateway's answer to a short message is the CPM side's (step 10); a telephone or a
    # centre answers the request at once, and acknowledges the message when it has it.
    holds = site.is_gateway and site.holds_answers
    return SmsOverIp(station, link, end, holds_answers=holds)


def _smpp(station: Station, site: Site) -> EsmeLeg | CentreLeg:
    name, password = site.system_id, site.password
    if site.is_gateway:
        centre = site.smpp or Endpoint(site.peer.host, SMPP_PORT)
        return EsmeLeg(station, centre, system_id=name, password=password)
    own = site.smpp or Endpoint(station.host, SMPP_PORT)
    return CentreLeg(station, own, system_id=name, password=password)
