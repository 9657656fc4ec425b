"""The shortest repair: what would have to be otherwise for a failed instance to conform.

What was found wrong becomes an alignment with the flow's order: a silence a hop to insert, a
breach of order a message to move, a wrong message one to change, one too many one to leave out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.flow.program import Kind, Rule
from conformance.verifier.alignment import Alignment, Item, align
from conformance.verifier.findings import NEVER_FAIL, frames_of, said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import bits
from conformance.verifier.predicate import steps_of
from conformance.verifier.settle import Outcome, allowed_runs
from conformance.verifier.verdict import Finding, Status, Verdict


@dataclass(slots=True)
class _Observed:
    """What was seen, in the order of time, with the changes that each message needs."""

    seen: list[Seen] = field(default_factory=list)
    changes: list[list[str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def shortest_repair(instance: Instance, outcome: Outcome) -> str:
    """The edits of the cheapest alignment in words, those that come first in the flow first."""
    observed = _observed(instance)
    items = [
        Item(seen.hop, bool(changes))
        for seen, changes in zip(observed.seen, observed.changes, strict=True)
    ]
    wrong = list(_wrong(instance, observed.seen))
    runs = [_hops(instance, run) for run in _runs(instance, outcome, observed)]
    found = align(items, runs, wrong, _insertion(instance, outcome))
    edits = dict(sorted(_edits(instance, observed, found, wrong), key=lambda edit: edit[0]))
    return "; then ".join(dict.fromkeys((*edits.values(), *observed.elsewhere)))


def _runs(instance: Instance, outcome: Outcome, observed: _Observed) -> list[int]:
    """The runs that what is known allows; first that by which the instance was judged.

    What is to be changed may decide an `if` otherwise then.
    """
    changed = {
        instance.step(seen.hop).index
        for seen, changes in zip(observed.seen, observed.changes, strict=True)
        if changes
    }
    guards = instance.program.guards
    is_open = any(steps_of(guard.condition) & changed for guard in guards)
    runs = instance.program.runs if is_open else allowed_runs(instance)
    return [outcome.run, *(run for run in runs if run != outcome.run)]


def _hops(instance: Instance, run: int) -> int:
    """The hops of a run; not those that another instance of the conversation answers for."""
    mask = 0
    for index in bits(run & ~instance.inherited):
        for hop in instance.program.steps[index].hops:
            if not instance.passed_by(hop):
                mask |= 1 << hop
    return mask


def _observed(instance: Instance) -> _Observed:
    """The first message of each hop, and each refused one that was not tried again."""
    found = _Observed()
    for hop, first in enumerate(instance.first):
        if first is None or instance.passed_by(hop):
            continue
        if not instance.inherited >> instance.step(hop).index & 1:
            found.seen.append(first)
    known = {seen.hop for seen in found.seen}
    found.seen += [seen for seen in _refused(instance) if seen.hop not in known]
    found.seen.sort(key=lambda seen: (seen.time, seen.hop))
    found.changes = [[] for _ in found.seen]
    for finding in instance.findings:
        _attach(instance, finding, found)
    return found


def _refused(instance: Instance) -> Iterator[Seen]:
    """An answer that is none of the printed ones, one a hop: the one that departs, if one does."""
    hops: dict[int, Seen] = {}
    for group in instance.occurrences:
        for occurrence in group:
            if occurrence.superseded or occurrence.step.kind is not Kind.RESPONSE:
                continue
            for seen in occurrence.refused:
                number = seen.observation.capture, seen.observation.number
                if seen.hop not in hops or number in instance.offenders:
                    hops[seen.hop] = seen
    return iter(hops.values())


def _attach(instance: Instance, finding: Finding, found: _Observed) -> None:
    """Note at a message what must be changed about it; a silence and an order change nothing."""
    if finding.verdict is not Verdict.FAIL or finding.level in NEVER_FAIL or not finding.repair:
        return
    if finding.requirement in instance.placed:
        return
    if instance.plan.requirements[finding.requirement].rule is Rule.NEVER:
        found.elsewhere.append(f"leave out what was too much: {finding.observed}")
        return
    for seen, changes in zip(found.seen, found.changes, strict=True):
        if set(frames_of(seen.observation)) & set(finding.frames[:1]):
            changes.append(finding.repair)
            return
    found.elsewhere.append(finding.repair)


def _wrong(instance: Instance, seen: list[Seen]) -> Iterator[tuple[int, int]]:
    """The breaches of order that convict, as places of what was seen."""
    places = {one.hop: place for place, one in enumerate(seen)}
    for early, late in instance.breaches:
        if early in places and late in places:
            yield places[early], places[late]


def _insertion(instance: Instance, outcome: Outcome) -> dict[int, int]:
    """What it costs to insert a hop: nothing, where it may have come unseen."""
    judged = _hops(instance, outcome.run)
    return {hop: 1 if outcome.statuses.get(hop) is Status.MISSING else 0 for hop in bits(judged)}


def _edits(
    instance: Instance, observed: _Observed, found: Alignment, wrong: list[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Each edit with its place in the flow."""
    hops = instance.program.hops
    for hop in found.inserted:
        step = instance.step(hop)
        sender, receiver = hops[hop].sender, hops[hop].receiver
        words = f"insert step {hops[hop].number}, {sender} to {receiver}: {step.text}"
        yield (hop, 0), words
    for place in found.deleted:
        seen = observed.seen[place]
        yield (seen.hop, 1), f"leave out {_named(instance, seen)}"
    for place in found.moved:
        yield (observed.seen[place].hop, 2), _move(instance, observed.seen, place, wrong)
    for place in found.changed:
        for number, words in enumerate(observed.changes[place]):
            yield (observed.seen[place].hop, 3 + number), words


def _move(instance: Instance, seen: list[Seen], place: int, wrong: list[tuple[int, int]]) -> str:
    """Where a message belongs: behind what it did not wait for, or before what did not wait."""
    moved = seen[place]
    for early, late in wrong:
        if early == place:
            label = instance.step(seen[late].hop).label
            return f"send {_named(instance, moved)} after step {label}"
    early = next(one for one, late in wrong if late == place)
    label = instance.step(seen[early].hop).label
    return f"send {_named(instance, moved)} before step {label}"


def _named(instance: Instance, seen: Seen) -> str:
    return f"{said(seen.observation)} (step {instance.step(seen.hop).label})"
