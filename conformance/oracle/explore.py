"""Decisions as a script: what a role chose in one replay, and what it may choose in the next.

The search looks for the replay that agrees longest with what was seen: of the choices made
before the first difference the last one is tried otherwise first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from conformance.reference.engine.decision import Point
from conformance.reference.preferences.profiles import Device

T = TypeVar("T")

MAX_REPLAYS = 96

UNNAMED = "a device without an instance"
"""What a device is called that nothing tells from others."""


Place = tuple[Point, str]
"""What tells one decision from another, wherever it comes in the order."""

Later = tuple[tuple[Place, str], ...]
"""Options by decision, as text."""

Script = tuple[tuple[int, ...], Later]


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision as it was taken: the index of the option chosen, and how many there were."""

    point: Point
    about: str
    chosen: int
    count: int
    option: str
    time: int


@dataclass(slots=True)
class Scripted:
    """Decisions by a script of indices.

    Beyond its end what `later` says of the same decision, else the first option.
    """

    script: tuple[int, ...] = ()
    taken: list[Choice] = field(default_factory=list)
    later: Later = ()
    now: Callable[[], int] = lambda: 0

    def choose(self, point: Point, options: Sequence[T], about: str = "") -> T:
        """The option that the script names."""
        at = len(self.taken)
        index = self.script[at] if at < len(self.script) else self._known(point, about, options)
        index = min(index, len(options) - 1)
        option = options[index]
        self.taken.append(Choice(point, about, index, len(options), told(option), self.now()))
        return option

    def _known(self, point: Point, about: str, options: Sequence[object]) -> int:
        wanted = dict(self.later).get((point, about))
        return next((at for at, option in enumerate(options) if str(option) == wanted), 0)


def told(option: object) -> str:
    """An option in words for people: devices by their instance, several of a kind in a row."""
    if isinstance(option, Device):
        return option.instance.strip("<>") or UNNAMED
    if isinstance(option, tuple):
        return ", ".join(told(one) for one in option) or "none"
    return str(option)


class Outcome(Protocol):
    """What a replay came to, as far as the search must know."""

    @property
    def agreed_until(self) -> float:
        """The time of the first difference; infinity without one."""
        ...

    @property
    def count(self) -> int:
        """How many differences there are."""
        ...


Found = TypeVar("Found", bound=Outcome)


@dataclass(slots=True)
class Best(Generic[Found]):
    """The replay that agrees best, and the choices made in it."""

    outcome: Found
    choices: tuple[Choice, ...]


def search(replay: Callable[[Scripted], Found], limit: int = MAX_REPLAYS) -> Best[Found]:
    """Replay with one script after another, and keep the best; at most `limit` replays."""
    best = _run(replay, ((), ()))
    tried: set[Script] = {((), ())}
    queue = _alternatives(best)
    replays = 1
    while queue and replays < limit and best.outcome.count:
        script = queue.pop(0)
        if script in tried:
            continue
        tried.add(script)
        replays += 1
        found = _run(replay, script)
        if _rank(found) > _rank(best):
            best = found
            queue = _alternatives(best) + queue
    return best


def _run(replay: Callable[[Scripted], Found], script: Script) -> Best[Found]:
    indices, later = script
    decisions = Scripted(indices, later=later)
    outcome = replay(decisions)
    return Best(outcome, tuple(decisions.taken))


def _rank(best: Best[Found]) -> tuple[float, int]:
    return best.outcome.agreed_until, -best.outcome.count


def _alternatives(best: Best[Found]) -> list[Script]:
    """Scripts that differ in one choice made before the first difference, the last one first.

    What was found right further on is kept, whatever comes between.
    """
    until = best.outcome.agreed_until
    found: list[Script] = []
    indices = tuple(choice.chosen for choice in best.choices)
    for at in range(len(best.choices) - 1, -1, -1):
        choice = best.choices[at]
        if choice.time > until:
            continue
        later = tuple(
            ((one.point, one.about), one.option) for one in best.choices[at + 1 :] if one.chosen
        )
        others = [index for index in range(choice.count) if index != choice.chosen]
        found.extend(((*indices[:at], index), later) for index in others)
    return found
