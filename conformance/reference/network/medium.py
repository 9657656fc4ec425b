"""What lies between two hosts: a link that takes its time, loses, doubles and overtakes.

In the middle of each link there is a tap. What is lost may have passed it or not, as a coin falls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from conformance.reference.engine.chance import Chance
from conformance.reference.engine.component import Datagram
from conformance.reference.engine.timer import MILLISECOND
from conformance.reference.network.simulated_tcp import Segment

MTU = 1_500
"""Octets of the largest IP packet on every link."""

MAX_DATAGRAM = 65_507
"""Octets of the largest UDP payload over IPv4."""

# Two packets of one direction are never at one place at one time.
_APART = 1_000
_UDP_HEAD = 8
_IP_HEAD = {False: 20, True: 40}
_FRAGMENT_HEAD = {False: 20, True: 48}


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a link behaves: latency between `low` and `high`; the others are probabilities.

    A packet that is overtaken comes up to `delay` later than its turn. Times in ns; ValueError
    for what no link can do.
    """

    low: int = 5 * MILLISECOND
    high: int = 5 * MILLISECOND
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    delay: int = 50 * MILLISECOND

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"a latency from {self.low} to {self.high} ns is none")
        for name in ("loss", "duplication", "reordering"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is a probability, not {getattr(self, name)}")
        if self.delay < 0:
            raise ValueError(f"nothing comes {self.delay} ns later")


STILL = Conditions()
"""A link that loses nothing and keeps the order."""

Links = Mapping[frozenset[str], Conditions]
"""The conditions of single links, by the two hosts at their ends."""


class Passage(NamedTuple):
    """When one copy of a packet passes the tap and when it arrives; None for never. In ns."""

    seen: int | None
    arrives: int | None


class Passed(NamedTuple):
    """One packet at the tap: when, what, from which party to which ("" for nobody there).

    `part` is the number of the IP fragment of a datagram, from 0; `identification` is that of
    the IP packet, 1 to 65535.
    """

    time: int
    packet: Datagram | Segment
    sender: str
    receiver: str
    identification: int
    part: int = 0


def parts_of(packet: Datagram | Segment) -> int:
    """In how many IP packets it travels."""
    if isinstance(packet, Segment):
        return 1
    is_v6 = ":" in packet.destination.host
    size = len(packet.octets) + _UDP_HEAD
    if size + _IP_HEAD[is_v6] <= MTU:
        return 1
    room = (MTU - _FRAGMENT_HEAD[is_v6]) // 8 * 8
    return -(-size // room)


class Medium:
    """All links of a network."""

    def __init__(self, chance: Chance, conditions: Conditions, links: Links | None = None) -> None:
        self._chance = chance
        self._conditions = conditions
        self._links = dict(links or {})
        self._last: dict[tuple[str, str], tuple[int, int]] = {}

    def conditions(self, one: str, other: str) -> Conditions:
        """How the link between two hosts behaves."""
        return self._links.get(frozenset((one, other)), self._conditions)

    def change(self, conditions: Conditions, *hosts: str) -> None:
        """Let the link between two hosts behave otherwise from now on; all links without hosts."""
        if hosts:
            self._links[frozenset(hosts)] = conditions
        else:
            self._conditions = conditions
            self._links.clear()

    def carry(self, now: int, source: str, destination: str) -> list[Passage]:
        """Take one IP packet; the copies of it that there are on the way."""
        conditions = self.conditions(source, destination)
        first = self._in_turn(now, (source, destination), conditions)
        if self._happens(conditions.loss):
            return [Passage(first[0] if self._coin() else None, None)]
        if self._happens(conditions.reordering):
            return [self._late(first, conditions)]
        self._last[(source, destination)] = first
        passages = [Passage(*first)]
        if self._happens(conditions.duplication):
            passages.append(self._copy((source, destination), first))
        return passages

    def _in_turn(self, now: int, way: tuple[str, str], conditions: Conditions) -> tuple[int, int]:
        """When it passes the tap and arrives, behind what went before it."""
        spread = conditions.high - conditions.low
        latency = conditions.low + (self._chance.below(spread + 1) if spread else 0)
        seen, arrives = self._last.get(way, (0, 0))
        return max(now + latency // 2, seen + _APART), max(now + latency, arrives + _APART)

    def _late(self, turn: tuple[int, int], conditions: Conditions) -> Passage:
        """Out of its turn; the tap sees it late where it was held up before the tap."""
        late = 1 + self._chance.below(conditions.delay + 1)
        seen, arrives = turn
        return Passage(seen + late if self._coin() else seen, arrives + late)

    def _copy(self, way: tuple[str, str], first: tuple[int, int]) -> Passage:
        """The copy; where it was made behind the tap, the tap saw one packet only."""
        copy = first[0] + _APART, first[1] + _APART
        self._last[way] = copy
        return Passage(copy[0] if self._coin() else None, copy[1])

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._chance.uniform(0, 1) < probability

    def _coin(self) -> bool:
        return self._chance.below(2) == 1
