"""A component that answers what it hears, for tests of sockets."""

import asyncio
import os
from itertools import count

from conformance.observation.packet import Endpoint, Transport
from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram, Station
from tests.waiting import PATIENCE, PAUSE

# Tests that run side by side use other ports and networks.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
NETWORK = f"127.{200 + WORKER % 50}"
_PORTS = count(21_000 + 500 * (WORKER % 50))


def fresh(host="127.78.0.1"):
    """An endpoint that no other test uses."""
    return Endpoint(host, next(_PORTS))


class Echo:
    """A station that remembers what came to it, and sends it back in capitals."""

    def __init__(self, endpoint=None):
        self.endpoint = endpoint or fresh()
        self.station = Station(self.endpoint.host, Chance(str(self.endpoint)))
        self.station.bind(self.endpoint, self)
        self.heard = []
        self.ended = []
        self.is_open = []

    def datagram(self, datagram):
        self.heard.append(datagram.octets)
        if datagram.octets.islower():
            octets = datagram.octets.upper()
            self.station.send(Datagram(self.endpoint, datagram.source, octets))

    def opened(self, connection):
        self.is_open.append(connection)

    def octets(self, connection, octets):
        self.heard.append(octets)
        if octets.islower():
            self.station.write(connection, octets.upper())

    def closed(self, connection, why):
        self.ended.append(why)

    def call(self, endpoint, octets=b"", transport=Transport.TCP):
        """Open a connection, and write to it at once."""
        connection = self.station.connect(endpoint, self, transport)
        self.station.write(connection, octets) if octets else None
        return connection


async def until(condition):
    """Wait until something is so, while the loop goes on."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never came to be"
        await asyncio.sleep(PAUSE)
