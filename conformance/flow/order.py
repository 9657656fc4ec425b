"""The partial order of a flow's hops, as masks.

A figure is not a list: a lifeline orders what its role does, a message is received after it is
sent, and nothing else binds. The rules are those of docs/flow-language.md, each a function here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.program import Hop, Kind, Step
from conformance.flow.tree import Shape, Trail, relation

_ANSWERS = (Kind.RESPONSE, Kind.ACKNOWLEDGE)


@dataclass(frozen=True, slots=True)
class Order:
    """Direct edges and their closure: `after[h]` may only come later than h, `before` converse."""

    after: tuple[int, ...]
    before: tuple[int, ...]
    enabled_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """`after N`: step `step` waits for this hop, or for what step N brings to its sender."""

    step: int
    hop: int | None
    anchor: int


@dataclass(frozen=True, slots=True)
class Figure:
    """What the rules look at."""

    steps: tuple[Step, ...]
    hops: tuple[Hop, ...]
    trails: Mapping[int, Trail]
    anchors: tuple[Anchor, ...]

    def sender(self, step: Step) -> Role | None:
        """The role at which the step's message originates."""
        return self.hops[step.hops[0]].sender if step.hops else None

    def follows(self, earlier: Step, later: Step) -> bool:
        """True when the steps are printed one after the other in one sequence."""
        together = relation(self.trails[earlier.index], self.trails[later.index])
        return earlier.index < later.index and together is Shape.SEQUENCE

    def brought(self, step: Step, role: Role) -> int:
        """The hop by which `role` has this step's message: received, or sent by itself."""
        for index in step.hops:
            if self.hops[index].receiver is role:
                return index
        for index in step.hops:
            if self.hops[index].sender is role:
                return index
        return step.hops[-1]

    def request_path(self, step: Step) -> list[int]:
        """All hops of the message that this step is the last part of, forwarding followed back."""
        path: list[int] = []
        current: Step | None = step
        while current is not None:
            path = [*current.hops, *path]
            current = None if current.forwards is None else self.steps[current.forwards]
        return path


Edge = tuple[int, int]


def order(figure: Figure) -> Order:
    """Every rule's edges, and their transitive closure."""
    count = len(figure.hops)
    direct = [0] * count
    for rule in (_path, _answers, _waits, _uses, _anchored, _originates):
        for earlier, later in rule(figure):
            direct[later] |= 1 << earlier
    before = _closure(direct)
    after = [0] * count
    for later, mask in enumerate(before):
        for hop in range(count):
            after[hop] |= (mask >> hop & 1) << later
    return Order(tuple(after), tuple(before), tuple(direct))


def _closure(direct: list[int]) -> list[int]:
    """Transitive: every edge leads from a hop to one that is printed later."""
    before: list[int] = []
    for mask in direct:
        whole = mask
        for earlier, above in enumerate(before):
            if mask >> earlier & 1:
                whole |= above
        before.append(whole)
    return before


def _path(figure: Figure) -> Iterator[Edge]:
    """(a) A hop comes after the hop before it of the same message, forwarding included."""
    for step in figure.steps:
        yield from zip(step.hops, step.hops[1:], strict=False)
        if step.forwards is not None:
            yield figure.steps[step.forwards].hops[-1], step.hops[0]


def _answers(figure: Figure) -> Iterator[Edge]:
    """(b) An answer's hop comes after the request's hop on the same link."""
    for step in figure.steps:
        if step.kind not in _ANSWERS or step.answers is None:
            continue
        path = figure.request_path(figure.steps[step.answers])
        yield path[-1], step.hops[0]
        yield from zip(reversed(path), step.hops, strict=False)


def _waits(figure: Figure) -> Iterator[Edge]:
    """(b) Who answers does so after what it did and got between the request and its answer."""
    for step in figure.steps:
        if step.kind is not Kind.RESPONSE or step.answers is None:
            continue
        request, role = figure.steps[step.answers], figure.sender(step)
        for middle in figure.steps[step.answers + 1 : step.index]:
            if not (figure.follows(request, middle) and figure.follows(middle, step)):
                continue
            for index in middle.hops:
                if role in (figure.hops[index].sender, figure.hops[index].receiver):
                    yield index, step.hops[0]


def _uses(figure: Figure) -> Iterator[Edge]:
    """(c) A message in a dialog or session comes after what brought the dialog or session."""
    for step in figure.steps:
        role = figure.sender(step)
        if role is None:
            continue
        if step.dialog is not None:
            yield figure.brought(figure.steps[step.dialog], role), step.hops[0]
        if step.session is not None:
            yield _session_hop(figure, step, role), step.hops[0]


def _session_hop(figure: Figure, step: Step, role: Role) -> int:
    """The hop that brings the peer's SDP: the answer for the offerer, the INVITE for the other."""
    assert step.session is not None
    invite = figure.steps[step.session]
    if figure.sender(invite) is not role:
        return invite.hops[-1]
    for answer in figure.steps:
        accepted = answer.answers == invite.index and any(s < 300 for s in answer.statuses)
        if accepted and figure.follows(answer, step):
            return answer.hops[-1]
    return invite.hops[-1]


def _anchored(figure: Figure) -> Iterator[Edge]:
    """(c) `after N` as the flow says it."""
    for anchor in figure.anchors:
        step = figure.steps[anchor.step]
        role = figure.sender(step)
        if role is None:
            continue
        hop = anchor.hop
        yield (
            (figure.brought(figure.steps[anchor.anchor], role) if hop is None else hop),
            step.hops[0],
        )


def _originates(figure: Figure) -> Iterator[Edge]:
    """(d) What one role originates keeps its printed order; answers are free of it."""
    for later in figure.steps:
        if not later.hops or later.kind in _ANSWERS:
            continue
        for earlier in figure.steps[: later.index]:
            if not earlier.hops or earlier.kind in _ANSWERS:
                continue
            if figure.sender(earlier) is figure.sender(later) and figure.follows(earlier, later):
                yield earlier.hops[0], later.hops[0]
