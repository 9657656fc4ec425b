"""What a capture may lack: each mutilation of a ladder that its judge must bear without a FAIL.

A mutilation is a sentence and how to make the trace that is left. What is lost of a TCP stream
leaves a hole in its sequence numbers, which a reader reports: so does every mutilation here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, combinations
from typing import TypeVar

from conformance.observation.packet import Transport
from conformance.observation.trace import Gap, GapReason, Observation, Shown, Trace
from tests.ladder import Ladder, Shot

Thing = TypeVar("Thing")
Make = Callable[[], Trace]
Left = tuple[str, Make]
Mutilation = Callable[[Ladder], Iterator[Left]]

SECOND = 1_000_000_000
MANY_LINKS = 4
"""Up to so many links every subset of them is tried, beyond it what is small or nearly whole."""


def cut_before_each(ladder: Ladder) -> Iterator[Left]:
    """A capture that begins with any one message."""
    for index in range(1, len(ladder)):
        yield f"cut before {index + 1}", partial(_cut_before, ladder, index)


def cut_behind_each(ladder: Ladder) -> Iterator[Left]:
    """A capture that ends with any one message."""
    for index in range(len(ladder) - 1):
        yield f"cut behind {index + 1}", partial(_cut_behind, ladder, index)


def _cut_before(ladder: Ladder, index: int) -> Trace:
    return ladder.cut_before(index).trace()


def _cut_behind(ladder: Ladder, index: int) -> Trace:
    return ladder.cut_behind(index).trace()


def lose_each(ladder: Ladder) -> Iterator[Left]:
    """A capture that missed any one message."""
    for index in range(len(ladder)):
        yield f"lose {index + 1}", partial(lose, ladder, index)


def lose(ladder: Ladder, *indices: int) -> Trace:
    """The trace without these shots; a TCP stream that lost one has a hole there."""
    whole = ladder.trace()
    gone = {index % len(ladder) for index in indices}
    items: list[Shown] = []
    holes: list[Gap] = []
    for index, item in enumerate(whole.items):
        if index not in gone:
            items.append(item)
        elif isinstance(item, Observation) and item.transport is not Transport.UDP:
            hole = _hole(ladder, index, item)
            holes.append(hole)
            items.append(hole)
    health = replace(whole.health, gaps=holes)
    kept = [shot for index, shot in enumerate(ladder.shots) if index not in gone]
    if kept:
        health.first_time, health.last_time = kept[0].time, kept[-1].time
    return Trace(items, health)


def _hole(ladder: Ladder, index: int, item: Observation) -> Gap:
    """The reader's gap: it stands behind the last octets that came before it."""
    shots = ladder.shots
    way = (shots[index].source, shots[index].destination)
    before = [one.time for one in shots[:index] if (one.source, one.destination) == way]
    where = f"octets are missing from {way[0]} to {way[1]}"
    time = before[-1] if before else item.time
    return Gap(item.frames[0] - 1, time, 0, where, GapReason.TCP_HOLE, *way)


def only_some_links(ladder: Ladder) -> Iterator[Left]:
    """Taps on any set of links between two hosts."""
    links = sorted(ladder.hosts(), key=sorted)
    for kept in _subsets(links):
        shown = ", ".join("-".join(sorted(link)) for link in kept)
        yield f"only {shown or 'no link'}", ladder.only_links(set(kept)).trace


def only_some_directions(ladder: Ladder) -> Iterator[Left]:
    """Taps that hear one direction of some links."""
    ways = sorted({(shot.source.host, shot.destination.host) for shot in ladder.shots})
    for kept in _subsets(ways):
        shown = ", ".join(f"{source}>{destination}" for source, destination in kept)
        yield f"only {shown or 'no direction'}", ladder.only_direction(set(kept)).trace


def _subsets(things: list[Thing]) -> Iterator[tuple[Thing, ...]]:
    count = len(things)
    sizes = range(count) if count <= MANY_LINKS else (1, 2, count - 1)
    yield from chain.from_iterable(combinations(things, size) for size in sizes)


def only_one_port(ladder: Ladder) -> Iterator[Left]:
    """A capture filter for one port."""
    ports = {end.port for shot in ladder.shots for end in (shot.source, shot.destination)}
    for port in sorted(ports):
        yield f"only port {port}", ladder.only_port(port).trace


def only_one_transport(ladder: Ladder) -> Iterator[Left]:
    """A capture filter for UDP or for TCP."""
    for transport in (Transport.UDP, Transport.TCP):
        kept = ladder.only(lambda shot, transport=transport: shot.transport is transport)
        yield f"only {transport}", kept.trace


def delay_each_link(ladder: Ladder) -> Iterator[Left]:
    """A slower tap on one direction of one link, within the tolerance of one clock's order."""
    for source, destination in sorted(
        {(shot.source.host, shot.destination.host) for shot in ladder.shots}
    ):
        later = ladder.delay(_goes(source, destination), 1_500_000)
        yield f"{source}>{destination} delayed", later.trace


def _goes(source: str, destination: str) -> Callable[[Shot], bool]:
    return lambda shot: (shot.source.host, shot.destination.host) == (source, destination)


def other_clocks(ladder: Ladder) -> Iterator[Left]:
    """One link in a capture of its own, whose clock is seconds ahead or behind."""
    for link in sorted(ladder.hosts(), key=sorted):
        for offset in (-3 * SECOND, 3 * SECOND):
            sentence = f"{'-'.join(sorted(link))} by a clock {offset // SECOND} s off"
            yield sentence, partial(_apart, ladder, link, offset)


def _apart(ladder: Ladder, link: frozenset[str], offset: int) -> Trace:
    whole = ladder.trace()
    items: list[Observation] = []
    for item in whole.items:
        if not isinstance(item, Observation):
            continue
        if frozenset((item.source.host, item.destination.host)) == link:
            item.capture, item.time = 1, item.time + offset
        items.append(item)
    ordered: list[Shown] = sorted(items, key=lambda one: one.time)
    here = [item.time for item in items if item.capture == 0]
    health = whole.health
    health.first_time, health.last_time = (here[0], here[-1]) if here else (None, None)
    return Trace(ordered, health)


def mirror_all(ladder: Ladder) -> Iterator[Left]:
    """Every packet twice, as two mirror ports show it."""
    copies = [replace(shot, time=shot.time + 40_000) for shot in ladder.shots]
    both = ladder.named(ladder.variant)
    both.shots = sorted([*both.shots, *copies], key=lambda shot: shot.time)
    yield "mirrored", both.trace


def mirror_each(ladder: Ladder) -> Iterator[Left]:
    """Any one packet twice."""
    for index in range(len(ladder)):
        yield f"{index + 1} mirrored", ladder.duplicate(index, 40_000).trace
