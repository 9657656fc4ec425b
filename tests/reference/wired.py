"""Stations joined by wires without delay: what one sends the other has at once, in any cut."""

from collections import deque

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import (
    Accepted,
    Close,
    Closed,
    Connection,
    Note,
    Octets,
    Open,
    Opened,
    Station,
)
from conformance.reference.engine.timer import SECOND

START = 1_772_442_000 * SECOND


def station(host):
    found = Station(host, Chance(host))
    found.now = START
    return found


class Wires:
    """Carries out the effects of stations until none is left; `passed` is every stretch sent."""

    def __init__(self, *stations, cut=0):
        self.stations = {one.host: one for one in stations}
        self.cut = cut
        self.now = START
        self.passed = []
        self.notes = []
        self.unreachable = set()
        self.deaf = set()

    def settle(self):
        """Let everything that is on its way arrive."""
        for host, one in self.stations.items():
            self.carry_out(host, one.effects())

    def wait(self, ns):
        """Let time pass, and what is due happen."""
        end = self.now + ns
        self.settle()
        while (due := self.deadline()) is not None and due <= end:
            self.wake(max(due, self.now))
        self.wake(end)

    def wake(self, now):
        self.now = now
        for host, one in self.stations.items():
            self.carry_out(host, one.wake(now))

    def carry_out(self, host, effects):
        waiting = deque((host, effect) for effect in effects)
        while waiting:
            for target, event in self.events(*waiting.popleft()):
                found = self.stations[target].receive(self.now, event)
                waiting.extend((target, effect) for effect in found)

    def deadline(self):
        found = [one.next_deadline() for one in self.stations.values()]
        return min((time for time in found if time is not None), default=None)

    def events(self, host, effect):
        match effect:
            case Note():
                self.notes.append((host, effect))
            case Open(connection):
                yield from self.opening(host, connection)
            case Octets(connection, octets):
                self.passed.append((connection, octets))
                yield from self.carried(connection, octets)
            case Close(connection) if connection.remote.host in self.stations:
                yield connection.remote.host, Closed(mirrored(connection))
            case _:
                pass

    def opening(self, host, connection):
        target = self.stations.get(connection.remote.host)
        listens = target is not None and connection.remote in target.listening
        if listens and connection.remote not in self.unreachable:
            yield target.host, Accepted(mirrored(connection))
            yield host, Opened(connection)
        else:
            yield host, Closed(connection, "connection refused")

    def carried(self, connection, octets):
        if connection.remote.host in self.deaf:
            return
        size = self.cut or len(octets) or 1
        for start in range(0, len(octets), size):
            part = octets[start : start + size]
            yield connection.remote.host, Octets(mirrored(connection), part)


def mirrored(connection):
    return Connection(connection.remote, connection.local, connection.transport)
