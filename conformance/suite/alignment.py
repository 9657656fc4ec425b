"""How far two clocks are apart, from what was seen by both: an offset and a drift, robustly.

A message that two taps of one link see is a pair of times. Between the taps lies a delay, which
adds to the offset one way and subtracts the other; where both directions were seen it cancels
out, as in NTP (RFC 5905 section 8).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import NamedTuple

PPM = 1_000_000
_MAX_DRIFT = 1_000 / PPM
"""No clock that keeps time at all drifts more."""
_SAMPLE = 60
"""Pairs of one direction of which the slopes are taken: their number grows with the square."""
_SPAN = 10_000_000_000
"""Nanoseconds that two pairs must lie apart to tell of drift."""
_ONE_WAY = 50_000_000
"""Nanoseconds by which an offset may be wrong where one direction alone was seen."""


class Pair(NamedTuple):
    """One message at two taps: its direction, and the time in ns at each."""

    way: tuple[str, str]
    here: int
    there: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What another clock shows against ours: `offset` ns ahead at our time `origin`, and growing
    by `drift` ns in a ns. `doubt`: by how many ns the offset may be wrong. `common`: how many
    pairs told so.
    """

    offset: int = 0
    drift: float = 0.0
    origin: int = 0
    doubt: int = 0
    common: int = 0

    def ours(self, time: int) -> int:
        """The time of ours at which the other clock shows `time`."""
        shown = time - self.offset
        return shown - round((shown - self.origin) * self.drift)

    def behind(self, other: "Clock") -> "Clock":
        """The same clock, measured by `other`, against the one that `other` is told against."""
        return Clock(
            offset=self.offset + other.offset,
            drift=self.drift + other.drift,
            origin=other.ours(self.origin),
            doubt=self.doubt + other.doubt,
            common=self.common,
        )


def fit(pairs: Sequence[Pair]) -> Clock:
    """The other clock against ours; ValueError without any pair."""
    if not pairs:
        raise ValueError("no clock can be measured without a message seen at both")
    origin = round(median(pair.here for pair in pairs))
    drift = _drift(pairs)
    apart: dict[tuple[str, str], list[float]] = {}
    for pair in pairs:
        level = pair.there - pair.here - (pair.here - origin) * drift
        apart.setdefault(pair.way, []).append(level)
    offset, doubt = _offset({way: sorted(levels) for way, levels in apart.items()})
    return Clock(round(offset), drift, origin, round(doubt), len(pairs))


def _drift(pairs: Sequence[Pair]) -> float:
    """The median of the slopes between pairs of one direction (Theil and Sen)."""
    by_way: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        by_way.setdefault(pair.way, []).append(pair)
    slopes = [
        ((b.there - b.here) - (a.there - a.here)) / (b.here - a.here)
        for found in by_way.values()
        for a, b in combinations(_thinned(sorted(found, key=lambda pair: pair.here)), 2)
        if b.here - a.here >= _SPAN
    ]
    if len(slopes) < 3:
        return 0.0
    return max(-_MAX_DRIFT, min(_MAX_DRIFT, median(slopes)))


def _thinned(pairs: list[Pair]) -> Iterable[Pair]:
    step = -(-len(pairs) // _SAMPLE)
    return pairs[::step]


def _offset(apart: dict[tuple[str, str], list[float]]) -> tuple[float, float]:
    """The offset, and how wrong it may be."""
    levels = {way: median(found) for way, found in apart.items()}
    spread = median(abs(one - levels[way]) for way, found in apart.items() for one in found)
    there_and_back = [
        (level, levels[way[::-1]], len(apart[way]) + len(apart[way[::-1]]))
        for way, level in levels.items()
        if way < way[::-1] and way[::-1] in levels
    ]
    if not there_and_back:
        return median(levels.values()), _ONE_WAY + spread
    middles = [(forth + back) / 2 for forth, back, _ in there_and_back]
    delay = median(abs(forth - back) / 2 for forth, back, _ in there_and_back)
    # Both ways need not take the same time: the middle may be off by what lies between.
    return median(middles), delay + spread
