"""Two CPM systems back to back on a virtual clock."""

from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Station
from conformance.reference.remote.system import RemoteSettings, RemoteSystem
from conformance.reference.transport.directory import Directory
from conformance.reference.user_agents.incoming import Identity
from conformance.sip.message import SipRequest
from conformance.sip.parser import parse
from tests.reference.wiring import Wire

BOB, ALICE = "sip:+15550142@home-b.example", "sip:+15550100@home-a.example"
HOME, REMOTE = Endpoint("10.0.1.1", 5060), Endpoint("10.0.9.1", 5060)


class Systems:
    """Bob's system, and one that stands for Alice's core and client."""

    def __init__(
        self, bob: RemoteSettings | None = None, alice: RemoteSettings | None = None
    ) -> None:
        self.wire = Wire()
        self.bob = self._system(REMOTE, HOME, BOB, bob)
        self.alice = self._system(HOME, REMOTE, ALICE, alice)

    def _system(
        self, own: Endpoint, other: Endpoint, aor: str, settings: RemoteSettings | None
    ) -> RemoteSystem:
        station = self.wire.add(Station(own.host, Chance(aor)))
        identity = Identity(aor, f"sip:system@{own}", agent="System/1")
        return RemoteSystem(
            station, identity, Directory({}), core=f"sip:{other}", settings=settings
        )

    def run(self, seconds: float = 60) -> None:
        """Let so much time go by."""
        self.wire.run(seconds=seconds)

    def requests(self, method: str) -> list[SipRequest]:
        """The requests of a method, in order."""
        read = [parse(c.octets) for c in self.wire.carried if not c.octets.startswith(b"MSRP")]
        return [one for one in read if isinstance(one, SipRequest) and one.method == method]

    def noted(self, system: RemoteSystem, what: str) -> list[dict[str, str]]:
        """The details of each note of a kind that a system made."""
        host = system.station.host
        return [
            dict(note.details)
            for station, note in self.wire.notes
            if station == host and note.what == what
        ]
