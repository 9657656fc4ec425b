"""Who decides otherwise than a role prefers, and remembers what was asked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from conformance.reference.engine.decision import Point

T = TypeVar("T")


class Chooser:
    """Takes the option of a number where that is there, else the first."""

    def __init__(self, wanted: Mapping[Point, int]) -> None:
        self.wanted = wanted
        self.asked: dict[Point, list[list[Any]]] = defaultdict(list)
        self.about: dict[Point, list[str]] = defaultdict(list)

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        self.asked[point].append(list(options))
        self.about[point].append(about)
        number = self.wanted.get(point, 0)
        return options[number] if number < len(options) else options[0]
