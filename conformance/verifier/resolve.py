"""When instances settle, and which of several readings of one conversation stand.

No candidate claims a message for itself. When all readings of a conversation have settled, one
that does not pass is dropped if a passing one explains all its messages, and one whose messages
are a proper subset of a better one's; equal readings are one instance with `also`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.flow.program import Kind, Step
from conformance.observation.topology import Topology
from conformance.verifier.exchange import SECOND
from conformance.verifier.identification import still_identified
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory
from conformance.verifier.result import build
from conformance.verifier.settle import Outcome, settle
from conformance.verifier.silence import Listening
from conformance.verifier.verdict import InstanceResult, Verdict

_OPEN = 200 * SECOND
_CHOOSING = 3600 * SECOND
_DEFERRED = 14 * 24 * 3600 * SECOND
"""How long a message may lie deferred before its failure notification is awaited no more."""


@dataclass(slots=True, eq=False)
class _Ready:
    instance: Instance
    outcome: Outcome
    numbers: set[tuple[int, int]]


class Resolver:
    """Settles instances and keeps the readings that stand."""

    def __init__(
        self, listening: Listening, memory: Memory, topology: Topology, *, strict: bool
    ) -> None:
        self._listening = listening
        self._memory = memory
        self._topology = topology
        self._strict = strict
        self._ready: dict[Instance, _Ready] = {}
        self.unrelated = 0
        self.claimed: set[str] = set()

    def due(self, instance: Instance) -> int:
        """When nothing more can come of an instance, in ns; it may be asked again."""
        if not instance.identified:
            waits = any(
                instance.step(hop.index).about is not None
                and instance.program.identified.hops >> hop.index & 1
                for hop in instance.program.hops
            )
            return instance.last_time + (_DEFERRED if waits else _OPEN)
        done, more = _completeness(instance)
        if done and not more:
            return instance.last_time + int(instance.profile.linger * SECOND) + _OPEN
        return instance.last_time + (_CHOOSING if done else _OPEN)

    def settle(self, instance: Instance) -> Sequence[InstanceResult]:
        """Settle one instance; gives the results of every conversation that is over by it."""
        if not instance.identified or self._delivered_after_all(instance):
            self.unrelated += 1
            instance.let_go()
            return ()
        if not still_identified(instance):
            instance.identified = False
            self.unrelated += 1
            instance.let_go()
            return ()
        outcome = settle(instance, self._listening, self._memory, strict=self._strict)
        self._ready[instance] = _Ready(instance, outcome, instance.numbers())
        self.claimed.update(instance.legs)
        return self._release(instance)

    def finish(self) -> Iterator[InstanceResult]:
        """Give what waited for others, one by one."""
        for instance in list(self._ready):
            if instance in self._ready:
                yield from self._release(instance)

    def _delivered_after_all(self, instance: Instance) -> bool:
        """A 202 followed by delivery of that message ends an `undelivered` candidate."""
        for step in instance.program.steps:
            if step.about is None or not _identifies(instance, step):
                continue
            answers = instance.plan.answers.get(step.about, [])
            times = [
                seen.time
                for index in answers
                for seen in instance.seen_at(instance.program.steps[index])
            ]
            told = [seen.time for seen in instance.seen_at(step)]
            if not times or not told:
                continue
            for identity in instance.earlier("imdn.Message-ID", step.about) or ():
                for delivery in self._memory.deliveries.get(identity, ()):
                    if delivery.user == instance.user and min(times) < delivery.time < min(told):
                        return True
        return False

    def _release(self, instance: Instance) -> Sequence[InstanceResult]:
        """The results of an instance's conversation, if all its readings have settled."""
        group, pending = self._conversation(instance)
        if pending:
            return ()
        members = [self._ready.pop(one) for one in group if one in self._ready]
        results = [self._build(kept, also) for kept, also in _standing(members)]
        for member in members:
            member.instance.let_go()
        return results

    def _conversation(self, instance: Instance) -> tuple[list[Instance], bool]:
        """Every identified reading that shares a message, and whether one is still open."""
        group = [instance]
        for member in group:
            for event in member.events():
                for claimant, hop in event.claims:
                    if hop >= 0 and claimant.identified and claimant not in group:
                        group.append(claimant)
        group.sort(key=lambda one: one.number)
        return group, any(not one.settled for one in group)

    def _build(self, ready: _Ready, also: tuple[str, ...]) -> InstanceResult:
        return build(ready.instance, ready.outcome, also, self._topology)


def _identifies(instance: Instance, step: Step) -> bool:
    return any(instance.program.identified.hops >> hop & 1 for hop in step.hops)


def _completeness(instance: Instance) -> tuple[bool, bool]:
    """Whether a run is complete, and whether a longer one could still follow."""
    program = instance.program
    seen = 0
    for step in program.steps:
        if step.kind is Kind.INTERNAL or instance.observed(step):
            seen |= 1 << step.index
        elif any(occurrence.refused for occurrence in instance.occurrences[step.index]):
            return True, False
    done = any(run & ~seen == 0 for run in program.runs)
    longest = max(run.bit_count() for run in program.runs)
    whole = any(run & ~seen == 0 and run.bit_count() == longest for run in program.runs)
    ended = bool(instance.byes or instance.aborts)
    more = (not whole and not ended) or _leaves_some(instance)
    return done, done and more


def _leaves_some(instance: Instance) -> bool:
    """Whether messages are listed that no selection has named: there may be another one."""
    if not instance.plan.chooses or instance.inherited:
        return False
    listed: set[str] = set()
    named: set[str] = set()
    for step in instance.program.steps:
        if step.method == "NOTIFY" and step.kind is Kind.REQUEST:
            listed.update(instance.earlier("list.identities", step.index) or ())
        elif instance.plan.selection >> step.index & 1 and step.about is not None:
            named.update(instance.earlier("actions.identities", step.index) or ())
    return bool(listed - named)


def _standing(members: list[_Ready]) -> list[tuple[_Ready, tuple[str, ...]]]:
    """The readings that stand, each with the others that are equal to it."""
    passing = [one for one in members if one.outcome.verdict is Verdict.PASS]
    kept = [
        one
        for one in members
        if one in passing or not any(one.numbers <= other.numbers for other in passing)
    ]
    kept = [one for one in kept if not any(_better(other, one) for other in kept)]
    standing: list[tuple[_Ready, tuple[str, ...]]] = []
    taken: list[_Ready] = []
    for one in sorted(kept, key=lambda ready: _precedence(ready, members)):
        if one in taken:
            continue
        equal = [
            other
            for other in members
            if other is not one
            and other.numbers == one.numbers
            and other.instance.program.id != one.instance.program.id
        ]
        taken.extend([one, *(other for other in equal if other in kept)])
        also = tuple(sorted(other.instance.program.id for other in equal))
        standing.append((one, also))
    return standing


def _precedence(one: _Ready, members: list[_Ready]) -> tuple[int, int]:
    """The better verdict first; of equal ones the flow that replaces another."""
    others = {other.instance.program.id for other in members}
    return one.outcome.verdict.badness, 0 if one.instance.program.replaces in others else 1


def _better(other: _Ready, one: _Ready) -> bool:
    """Whether another reading explains all of one's messages and more, no worse judged."""
    if other is one or not one.numbers < other.numbers:
        return False
    return other.outcome.verdict.badness <= one.outcome.verdict.badness
