"""Two reports side by side, as data: what got worse, better, or is otherwise than before."""

from dataclasses import dataclass
from enum import StrEnum

from conformance.verifier.verdict import Verdict


class Change(StrEnum):
    """Which way something went."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"


WORDS = {
    Change.WORSE: "Worse",
    Change.BETTER: "Better",
    Change.CHANGED: "Otherwise",
}
SIGNS = {Change.WORSE: "▼", Change.BETTER: "▲", Change.CHANGED: "≠"}
MEANINGS = {
    Change.WORSE: "fails and did not, or passed and no longer does",
    Change.BETTER: "passes and did not",
    Change.CHANGED: "differs, and neither verdict shows which is better",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One flow or requirement in two reports; `before` or `now` is None where it is absent.

    `detail` tells what is seen now, or was seen before, of a failure.
    """

    change: Change
    kind: str
    id: str
    title: str
    before: Verdict | None
    now: Verdict | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports: what it is called, and by what it was judged."""

    name: str
    made: str
    tool: str
    profile: str
    verdict: Verdict
    captures: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, and how many flows and requirements are as before."""

    old: Side
    new: Side
    differences: tuple[Difference, ...]
    unchanged: int
    cautions: tuple[str, ...] = ()

    def of(self, change: Change) -> tuple[Difference, ...]:
        """The differences that went one way."""
        return tuple(one for one in self.differences if one.change is change)


def direction(before: Verdict | None, now: Verdict | None) -> Change:
    """Which way two unequal verdicts point.

    A failure that can no longer be seen is not mended, so it is no improvement; a pass that can
    no longer be seen is a loss.
    """
    if now in (Verdict.FAIL, Verdict.ERROR) and before not in (Verdict.FAIL, Verdict.ERROR):
        return Change.WORSE
    if before is Verdict.PASS:
        return Change.WORSE
    return Change.BETTER if now is Verdict.PASS else Change.CHANGED
