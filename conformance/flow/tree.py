"""The shape of a flow over its compiled steps: what follows what, what excludes what.

A leaf is a step's index. Two steps relate by the lowest node that holds both.
"""

from dataclasses import dataclass, field
from enum import Enum

from conformance.flow.program import Condition


class Shape(Enum):
    """How a node's children relate."""

    SEQUENCE = "sequence"
    PARALLEL = "parallel"
    CHOICE = "choice"
    OPTION = "option"


@dataclass(slots=True)
class Tree:
    """A node; `condition` makes an option an `if`, `line` is where it stands in the file."""

    shape: Shape
    children: list["Tree | int"] = field(default_factory=list)
    condition: Condition | None = None
    line: int = 0


Trail = tuple[tuple[int, Shape, int], ...]
"""The way from the root to a leaf: a node's identity, its shape, the child taken."""


def relation(one: Trail, other: Trail) -> Shape:
    """SEQUENCE, PARALLEL or CHOICE: how the two leaves stand to each other."""
    for (node, shape, here), (same, _, there) in zip(one, other, strict=False):
        if node != same or here != there:
            return shape
    return Shape.SEQUENCE
