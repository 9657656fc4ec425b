"""A ladder's SIP messages as events, as the judge makes them."""

from conformance.observation.content import DEFAULT_PATHS
from conformance.observation.topology import Topology
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.exchange import Event, Exchanges
from tests.ladder import Ladder
from tests.verifying import role_rules


def events(ladder: Ladder) -> list[Event]:
    """One event a SIP message, joined to its transaction; repeats included."""
    topology = Topology(role_rules(ladder))
    exchanges = Exchanges()
    found = []
    for item in ladder.trace():
        if isinstance(item, Observation) and isinstance(item.message, SipRequest | SipResponse):
            event = Event(
                item,
                item.message,
                (item.source.host, item.destination.host),
                topology.roles(item.source),
                topology.roles(item.destination),
                DEFAULT_PATHS,
            )
            exchanges.join(event)
            found.append(event)
    return found
