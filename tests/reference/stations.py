"""Stations that say what they are told to and remember what they hear."""

from conformance.observation.packet import Endpoint
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Connection, Datagram, Station
from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.network.medium import STILL, Conditions
from conformance.reference.network.simulation import Simulation

BEGIN = 1_772_442_000 * SECOND
ONE, OTHER = "10.0.2.20", "10.0.3.1"
ROUGH = Conditions(
    low=5 * MILLISECOND,
    high=40 * MILLISECOND,
    loss=0.2,
    duplication=0.1,
    reordering=0.1,
    delay=80 * MILLISECOND,
)


class Talker:
    """A station and all that happened to it."""

    def __init__(self, host: str, port: int = 5060, *, listens: bool = True) -> None:
        self.station = Station(host, Chance(host))
        self.endpoint = Endpoint(host, port)
        self.datagrams: list[bytes] = []
        self.heard: dict[Connection, bytes] = {}
        self.events: list[tuple[str, str]] = []
        self.times: list[int] = []
        self.replies: dict[bytes, bytes] = {}
        self.closes_on = b""
        if listens:
            self.station.bind(self.endpoint, self)

    def datagram(self, datagram: Datagram) -> None:
        self.datagrams.append(datagram.octets)
        self.times.append(self.station.now)

    def opened(self, connection: Connection) -> None:
        self.events.append(("opened", ""))
        self.heard[connection] = b""

    def octets(self, connection: Connection, octets: bytes) -> None:
        self.heard[connection] += octets
        self.times.append(self.station.now)
        for asked, answer in self.replies.items():
            if octets.endswith(asked):
                self.station.write(connection, answer)
        if self.closes_on and octets.endswith(self.closes_on):
            self.station.close(connection)

    def closed(self, connection: Connection, why: str) -> None:
        self.events.append(("closed", why))

    @property
    def all_heard(self) -> bytes:
        return b"".join(self.heard.values())

    def say(self, to: "Talker", octets: bytes) -> None:
        self.station.send(Datagram(self.endpoint, to.endpoint, octets))

    def call(self, to: "Talker", *octets: bytes, close: bool = False) -> Connection:
        connection = self.station.connect(to.endpoint, self)
        for piece in octets:
            self.station.write(connection, piece)
        if close:
            self.station.close(connection)
        return connection


def pair(
    conditions: Conditions = STILL, seed: str = "1", hosts: tuple[str, str] = (ONE, OTHER)
) -> tuple[Simulation, Talker, Talker]:
    """Two talkers on one link."""
    simulation = Simulation(seed, BEGIN, conditions)
    one, other = Talker(hosts[0]), Talker(hosts[1])
    simulation.add("one", None, one.station)
    simulation.add("other", None, other.station)
    return simulation, one, other
