"""Observations aligned with a flow's partial order at least cost.

What was seen is a sequence, what a flow asks for is any linear extension of one of its runs. Four
edits lead from the one to the other, each at one: a hop inserted, a message deleted, moved, or
changed. To move and to change is no dearer than to delete and to insert, so a hop that was seen
is kept somewhere; which messages may stay where they are is a set of greatest weight without two
that contradict each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MOST_STATES = 20_000
"""States looked at for one run; a search cut short gives what it has found by then."""


@dataclass(frozen=True, slots=True)
class Item:
    """One observed message: the hop that it took, and whether it must be changed there."""

    hop: int
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """The edits: hops to insert, and the places of the items to delete, move and change."""

    run: int
    cost: int
    inserted: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


def disorder(items: Sequence[Item], after: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of items that stand the wrong way round: `after[h]` may only come behind h."""
    return [
        (early, late)
        for late, item in enumerate(items)
        for early in range(late)
        if after[item.hop] >> items[early].hop & 1
    ]


def align(
    items: Sequence[Item],
    runs: Sequence[int],
    wrong: Collection[tuple[int, int]],
    insertion: Mapping[int, int],
) -> Alignment:
    """The cheapest alignment with any of the runs; of equal ones the first run's.

    A run is a mask of hops, each once; `wrong` are the pairs (early, late) of items that stand the
    wrong way round; `insertion` is what it costs to insert a hop, 1 where it says nothing else.
    """
    return min((_with_run(items, run, wrong, insertion) for run in runs), key=lambda one: one.cost)


def _with_run(
    items: Sequence[Item],
    run: int,
    wrong: Collection[tuple[int, int]],
    insertion: Mapping[int, int],
) -> Alignment:
    by_hop: dict[int, list[int]] = {}
    for place, item in enumerate(items):
        if run >> item.hop & 1:
            by_hop.setdefault(item.hop, []).append(place)
    staying = _staying(items, by_hop, wrong)
    kept = {hop: _kept(items, group, staying) for hop, group in by_hop.items()}
    inserted = tuple(
        hop
        for hop in range(run.bit_length())
        if run >> hop & 1 and hop not in kept and insertion.get(hop, 1)
    )
    deleted = tuple(place for place in range(len(items)) if place not in kept.values())
    moved = tuple(sorted(place for place in kept.values() if not staying >> place & 1))
    changed = tuple(sorted(place for place in kept.values() if items[place].is_wrong))
    cost = sum(insertion.get(hop, 1) for hop in inserted)
    cost += len(deleted) + len(moved) + len(changed)
    return Alignment(run, cost, inserted, deleted, moved, changed)


def _kept(items: Sequence[Item], group: list[int], staying: int) -> int:
    """Which of a hop's messages is kept: the one that stays in its place, else the best."""
    for place in group:
        if staying >> place & 1:
            return place
    return min(group, key=lambda place: items[place].is_wrong)


def _staying(
    items: Sequence[Item], by_hop: Mapping[int, list[int]], wrong: Collection[tuple[int, int]]
) -> int:
    """The items that need not move: of greatest weight, and no two of them in contradiction.

    Of equal sets the one that moves what came too early: its sender did not wait.
    """
    foes = [0] * len(items)
    for group in by_hop.values():
        for place in group:
            foes[place] = sum(1 << other for other in group if other != place)
    kept = sum(1 << place for group in by_hop.values() for place in group)
    early = 0
    for one, other in wrong:
        if kept >> one & 1 and kept >> other & 1:
            foes[one] |= 1 << other
            foes[other] |= 1 << one
            early |= 1 << one
    weights = [0] * len(items)
    for group in by_hop.values():
        best = min(items[place].is_wrong for place in group)
        for place in group:
            gain = 1 + best - items[place].is_wrong
            weights[place] = 2 * len(items) * gain + (0 if early >> place & 1 else 1)
    return _Heaviest(foes, weights).of(kept)


class _Heaviest:
    """The heaviest set of places without foes among them, by search over masks."""

    def __init__(self, foes: Sequence[int], weights: Sequence[int]) -> None:
        self._foes = foes
        self._weights = weights
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, mask: int) -> int:
        """The heaviest set within a mask; of equal ones that with the earliest places."""
        return self._best(mask)[1]

    def _best(self, mask: int) -> tuple[int, int]:
        if not mask:
            return 0, 0
        known = self._known.get(mask)
        if known is not None:
            return known
        low = mask & -mask
        place = low.bit_length() - 1
        weight, taken = self._best(mask & ~low & ~self._foes[place])
        found = weight + self._weights[place], taken | low
        open_still = self._foes[place] & mask or self._weights[place] <= 0
        if open_still and len(self._known) < MOST_STATES:
            found = max(found, self._best(mask & ~low), key=lambda one: one[0])
        self._known[mask] = found
        return found
