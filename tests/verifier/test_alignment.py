"""Sequences aligned with a partial order, against every way there is."""

from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.verifier.alignment import Item, align, disorder

HOPS = 5


def closed(edges: set[tuple[int, int]]) -> list[int]:
    """For each hop a mask of those that may only come later; edges lead from low to high."""
    after = [0] * HOPS
    for hop in reversed(range(HOPS)):
        for one, other in edges:
            if one == hop:
                after[hop] |= 1 << other | after[other]
    return after


def common(one: list[int], other: list[int]) -> int:
    """The length of the longest common subsequence."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, j in product(range(len(one)), range(len(other))):
        same = table[i][j] + 1 if one[i] == other[j] else 0
        table[i + 1][j + 1] = max(same, table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def cheapest(items: list[Item], after: list[int], runs: list[int]) -> int:
    """The least cost over every run, every order of it, and every choice of what is kept."""
    costs = []
    for run in runs:
        wanted = [hop for hop in range(HOPS) if run >> hop & 1]
        groups = [[n for n, item in enumerate(items) if item.hop == hop] for hop in wanted]
        for choice in product(*([*group, None] for group in groups)):
            kept = [place for place in choice if place is not None]
            edits = len(wanted) - len(kept) + len(items) - len(kept)
            edits += sum(items[place].is_wrong for place in kept)
            seen = [items[place].hop for place in sorted(kept)]
            orders = [
                order
                for order in permutations(wanted)
                if not any(after[b] >> a & 1 for n, a in enumerate(order) for b in order[n + 1 :])
            ]
            costs += [edits + len(kept) - common(seen, list(order)) for order in orders]
    return min(costs)


hops = st.integers(0, HOPS - 1)
orders = st.sets(st.tuples(hops, hops).filter(lambda edge: edge[0] < edge[1]), max_size=6).map(
    closed
)
sequences = st.lists(st.builds(Item, hops, st.booleans()), max_size=5)
choices = st.lists(st.integers(1, (1 << HOPS) - 1), min_size=1, max_size=2)


@settings(deadline=None)
@given(sequences, orders, choices)
def test_that_no_way_is_cheaper(items: list[Item], after: list[int], runs: list[int]) -> None:
    found = align(items, runs, disorder(items, after), {})
    assert found.cost == cheapest(items, after, runs)


@settings(deadline=None)
@given(sequences, orders, choices)
def test_that_the_edits_lead_to_a_run(
    items: list[Item], after: list[int], runs: list[int]
) -> None:
    """What stays where it is contradicts nothing, and each hop of the run is there once."""
    found = align(items, runs, disorder(items, after), {})
    kept = [n for n in range(len(items)) if n not in found.deleted]
    there = [*found.inserted, *(items[n].hop for n in kept)]
    assert sorted(there) == [hop for hop in range(HOPS) if found.run >> hop & 1]
    staying = [n for n in kept if n not in found.moved]
    assert not disorder([items[n] for n in staying], after)
    assert found == align(items, runs, disorder(items, after), {})


def test_that_what_came_too_early_is_moved() -> None:
    after = closed({(0, 1), (1, 2)})
    found = align([Item(1), Item(0), Item(2)], [0b111], [(0, 1)], {})
    assert (found.moved, found.cost) == ((0,), 1)
    assert disorder([Item(1), Item(0), Item(2)], after) == [(0, 1)]


def test_that_one_message_is_moved_rather_than_many() -> None:
    after = closed({(0, 1), (0, 2), (0, 3)})
    items = [Item(1), Item(2), Item(3), Item(0)]
    found = align(items, [0b1111], disorder(items, after), {})
    assert (found.moved, found.cost) == ((3,), 1)


def test_that_a_hop_nobody_captured_costs_nothing() -> None:
    found = align([Item(0)], [0b111], [], {1: 0})
    assert (found.inserted, found.cost) == ((2,), 1)


def test_that_the_run_that_asks_least_is_taken() -> None:
    found = align([Item(0), Item(3)], [0b0111, 0b1001], [], {})
    assert (found.run, found.cost) == (0b1001, 0)


def test_that_a_search_of_many_contradictions_ends() -> None:
    items = [Item(hop) for hop in reversed(range(30))]
    wrong = [(i, j) for j in range(30) for i in range(j)]
    found = align(items, [(1 << 30) - 1], wrong, {})
    assert (len(found.moved), found.cost) == (29, 29)
