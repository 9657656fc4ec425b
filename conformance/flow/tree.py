"""The shape of a flow over its compiled steps: what follows what, what excludes what.

A leaf is a step's index. Two steps relate by the lowest node that holds both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from conformance.flow.program import Block, BlockKind, Condition


class Shape(Enum):
    """How a node's children relate."""

    SEQUENCE = "sequence"
    PARALLEL = "parallel"
    CHOICE = "choice"
    OPTION = "option"


@dataclass(slots=True)
class Tree:
    """A node; `condition` makes an option an `if`, `line` is where it stands in the file,
    `title` what the file says of it."""

    shape: Shape
    children: list["Tree | int"] = field(default_factory=list)
    condition: Condition | None = None
    line: int = 0
    title: str = ""


Trail = tuple[tuple[int, Shape, int], ...]
"""The way from the root to a leaf: a node's identity, its shape, the child taken."""


def relation(one: Trail, other: Trail) -> Shape:
    """SEQUENCE, PARALLEL or CHOICE: how the two leaves stand to each other."""
    for (node, shape, here), (same, _, there) in zip(one, other, strict=False):
        if node != same or here != there:
            return shape
    return Shape.SEQUENCE


_KINDS = {
    Shape.OPTION: BlockKind.OPTION,
    Shape.CHOICE: BlockKind.CHOICE,
    Shape.PARALLEL: BlockKind.PARALLEL,
}


def leaves(tree: Tree | int) -> list[int]:
    """The steps below a node, in printed order."""
    if isinstance(tree, int):
        return [tree]
    return [leaf for child in tree.children for leaf in leaves(child)]


def blocks(tree: Tree | int, say: Callable[[Condition], str]) -> tuple[Block, ...]:
    """The blocks of a flow, outer before inner; `say` puts the condition of an `if` in words."""
    if isinstance(tree, int):
        return ()
    found: list[Block] = []
    single = tree.shape is Shape.CHOICE and len(tree.children) < 2
    if tree.shape is not Shape.SEQUENCE and not single:
        title = say(tree.condition) if tree.condition is not None else tree.title
        ends = [leaves(child) for child in tree.children]
        branches = tuple((steps[0], steps[-1]) for steps in ends if steps)
        found.append(Block(_KINDS[tree.shape], title, branches))
    for child in tree.children:
        found.extend(blocks(child, say))
    return tuple(found)
