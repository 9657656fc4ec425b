"""Complete runs of a flow as masks of steps, its guards, and the hops that exclude one another."""

from collections.abc import Iterable

from conformance.flow.program import All, Condition, Guard, Hop
from conformance.flow.tree import Shape, Trail, Tree, relation

MAX_RUNS = 64
"""More ways through a flow than this are refused: no figure has them."""


class TooManyRunsError(Exception):
    """A flow with more than MAX_RUNS complete runs."""


def runs(tree: Tree | int) -> tuple[int, ...]:
    """Every set of steps that together is a complete run; TooManyRunsError beyond MAX_RUNS."""
    if isinstance(tree, int):
        return (1 << tree,)
    if tree.shape is Shape.CHOICE:
        return _distinct(mask for child in tree.children for mask in runs(child))
    together: tuple[int, ...] = (0,)
    for child in tree.children:
        parts = runs(child)
        together = _distinct(mask | part for mask in together for part in parts)
    if tree.shape is Shape.OPTION:
        return _distinct((*together, 0))
    return together


def _distinct(masks: Iterable[int]) -> tuple[int, ...]:
    found = tuple(dict.fromkeys(masks))
    if len(found) > MAX_RUNS:
        raise TooManyRunsError
    return found


def guards(tree: Tree | int, outer: tuple[Condition, ...] = ()) -> tuple[Guard, ...]:
    """The `if`s: each with the steps that it alone decides; an inner one holds with the outer."""
    if isinstance(tree, int):
        return ()
    conditions = outer
    found: list[Guard] = []
    if tree.shape is Shape.OPTION and tree.condition is not None:
        conditions = (*outer, tree.condition)
        whole = conditions[0] if len(conditions) == 1 else All(conditions)
        found.append(Guard(whole, _owed(tree), tree.line))
    for child in tree.children:
        found.extend(guards(child, conditions))
    return tuple(guard for guard in found if guard.steps)


def _owed(tree: Tree) -> int:
    """The steps that every run through this node has."""
    mask = 0
    for child in tree.children:
        if isinstance(child, int):
            mask |= 1 << child
        elif child.shape in (Shape.SEQUENCE, Shape.PARALLEL):
            mask |= _owed(child)
    return mask


def conflicts(hops: tuple[Hop, ...], ways: dict[int, Trail]) -> tuple[int, ...]:
    """For each hop the mask of the hops that stand in another branch of a choice."""
    masks = []
    for hop in hops:
        mask = 0
        for other in hops:
            if hop.step != other.step and (
                relation(ways[hop.step], ways[other.step]) is Shape.CHOICE
            ):
                mask |= 1 << other.index
        masks.append(mask)
    return tuple(masks)
