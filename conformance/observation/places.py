"""Places: what counts as one end of a link.

A place is a host; where several parties share a host (a loopback bench), it is host and port,
and an ephemeral TCP port stands for the sent-by port that its owner writes into Via.
"""

from conformance.observation.packet import Endpoint
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest

_SIP_PORT = 5060


class Places:
    """Endpoints reduced to places; it learns as observations pass."""

    def __init__(self, shared: frozenset[str] = frozenset()) -> None:
        self.shared = set(shared)
        self._owners: dict[Endpoint, Endpoint] = {}

    def note(self, observation: Observation) -> None:
        """Learn from one observation: hosts that talk to themselves, and owners of ports."""
        source = observation.source
        if source.host == observation.destination.host:
            self.shared.add(source.host)
        if source.host in self.shared and isinstance(observation.message, SipRequest):
            port = _sent_by_port(observation.message)
            if port != source.port:
                self._owners[source] = Endpoint(source.host, port)

    def owner(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint whose roles this one has."""
        return self._owners.get(endpoint, endpoint)

    def place(self, endpoint: Endpoint) -> str:
        """The name of the place at this endpoint."""
        if endpoint.host not in self.shared:
            return endpoint.host
        return str(self.owner(endpoint))


def endpoint_of(place: str) -> Endpoint:
    """The endpoint that a place's name stands for; port 0 when it is a whole host."""
    if place.startswith("[") or place.count(":") == 1:
        host, _, port = place.rpartition(":")
        return Endpoint(host.strip("[]"), int(port))
    return Endpoint(place, 0)


def _sent_by_port(request: SipRequest) -> int:
    """The port of the top Via's sent-by (RFC 3261 section 18.1.1), 5060 if it has none."""
    via = request.vias[0] if request.vias else ""
    sent_by = via.partition(";")[0].split()[-1:] or [""]
    port = sent_by[0].rpartition("]")[2].rpartition(":")[2]
    return int(port) if port.isdigit() and len(port) <= 5 else _SIP_PORT
