"""The oracle's opinions beside the flows' verdicts: asked for captures, and attached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.flow.catalogue import requirements
from conformance.flow.profile import Profile
from conformance.flow.program import Level, Program, Requirement
from conformance.observation.topology import Topology
from conformance.observation.trace import Shown
from conformance.oracle.comparison import Seen, compare
from conformance.oracle.difference import Opinion
from conformance.reference.preferences.profiles import Preferences
from conformance.report.model import OpinionResult
from conformance.suite.preferences import read_preferences
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.verdict import Finding, InstanceResult, Verdict, worst

_MARGIN = 200_000_000_000
"""How long after its last message, in ns, an opinion may still be about an instance."""

_SENTENCE = (
    "A role sends nothing but what the specification lets it send in its state, and is silent "
    "only where it may be."
)
"""What is asked of a role where no single requirement stands behind a difference."""


@dataclass(slots=True)
class Opinions:
    """What the oracle said so far: `waiting` belongs to no instance yet, `told` to one."""

    requirements: Mapping[str, Requirement]
    strict: bool = False
    known: dict[str, Preferences] = field(default_factory=dict)
    waiting: list[OpinionResult] = field(default_factory=list)
    told: list[OpinionResult] = field(default_factory=list)

    @classmethod
    def over(cls, programs: Iterable[Program], *, strict: bool) -> "Opinions":
        """Opinions on the requirements of these flows."""
        known = {one.id: one for program in programs for one in requirements(program)}
        return cls(known, strict)

    def learn(self, path: str) -> None:
        """Read a file of preferences, once; ConformanceError for one that holds none."""
        if path not in self.known:
            self.known[path] = read_preferences(path)

    def ask(
        self,
        items: Sequence[Shown],
        topology: Topology,
        preferences: str,
        *,
        captures: tuple[int, ...] = (),
        profile: Profile | None = None,
    ) -> tuple[Opinion, ...]:
        """Compare every role of a trace with the reference; `preferences` is a file, or "".

        What the profile relaxes is told, and held against nobody.
        """
        if preferences:
            self.learn(preferences)
        until = max((item.time for item in items), default=0)
        opinions = compare(Seen(items, topology, until), self.known.get(preferences))
        found = tuple(_relaxed(one, profile) for one in opinions)
        self.waiting.extend(OpinionResult(one, captures=captures) for one in found)
        return found

    def attach(self, instance: InstanceResult) -> InstanceResult:
        """The instance with the opinions about it among its findings."""
        mine = self.leave_out(instance)
        if not mine:
            return instance
        flow_verdict = instance.verdict
        self.told.extend(
            replace(one, instance=instance.id, flow_verdict=flow_verdict) for one in mine
        )
        opinions = [one.opinion for one in mine]
        findings = [self._finding(one) for one in opinions]
        judged = dict(instance.judged)
        for found in findings:
            known = judged.get(found.requirement, Verdict.NONE)
            judged[found.requirement] = worst((known, found.verdict))
        made = replace(
            instance,
            findings=(*instance.findings, *findings),
            judged=tuple(judged.items()),
        )
        against = [one for one in opinions if self.verdict(one) is Verdict.FAIL]
        if not against or flow_verdict.badness >= Verdict.FAIL.badness:
            return made
        return _failed(made, against[0])

    def leave_out(self, instance: InstanceResult) -> tuple[OpinionResult, ...]:
        """Take the opinions about an instance away from those that wait."""
        mine = tuple(one for one in self.waiting if _is_about(one, instance))
        if mine:
            self.waiting = [one for one in self.waiting if one not in mine]
        return mine

    def absorb(self, other: "Opinions") -> None:
        """Take in what was said of other captures."""
        self.told.extend(other.told)
        self.waiting.extend(other.waiting)

    def results(self) -> tuple[OpinionResult, ...]:
        """Every opinion, those about no instance with none."""
        return tuple(sorted([*self.told, *self.waiting], key=lambda one: one.opinion.time))

    def alone(self) -> tuple[Opinion, ...]:
        """The opinions about no instance."""
        return tuple(one.opinion for one in self.waiting)

    def verdict(self, one: Opinion) -> Verdict:
        """What an opinion counts: a fail, unless it is about a SHOULD and nobody is strict."""
        if one.verdict is Verdict.FAIL and self._level(one) in NEVER_FAIL and not self.strict:
            return Verdict.NONE
        return one.verdict if one.verdict is Verdict.FAIL else Verdict.NONE

    def _level(self, one: Opinion) -> Level:
        known = self.requirements.get(one.requirement)
        return Level.RFC if known is None else known.level

    def _finding(self, one: Opinion) -> Finding:
        known = self.requirements.get(one.requirement)
        return Finding(
            requirement=one.requirement or f"reference-{one.role}",
            level=self._level(one),
            verdict=one.verdict,
            clause=one.clause,
            sentence=known.sentence if known else _SENTENCE,
            expected=(one.would,),
            observed=_observed(one),
            frames=one.frames,
            role_at_fault=one.role if one.verdict is Verdict.FAIL else None,
            reason_code=one.reason_code,
            repair="",
            # No line of a flow file asks for it: the reference does.
            flow_file="",
            line=0,
        )


def _failed(instance: InstanceResult, one: Opinion) -> InstanceResult:
    """An instance that only the reference convicts; what its flow says of it becomes a note."""
    reason = f" ({instance.reason_code})" if instance.reason_code else ""
    return replace(
        instance,
        verdict=Verdict.FAIL,
        reason_code=None,
        would_settle="",
        summary=f"{one.role}: {one.sentence}",
        notes=(
            *instance.notes,
            f"by the flow alone: {instance.verdict}{reason}: {instance.summary}",
        ),
    )


def _relaxed(one: Opinion, profile: Profile | None) -> Opinion:
    if profile is None or one.verdict is not Verdict.FAIL:
        return one
    if one.requirement not in profile.relaxed_ids():
        return one
    did = f"{one.did} (relaxed by profile {profile.name})"
    return replace(one, verdict=Verdict.PASS, did=did)


def _observed(one: Opinion) -> str:
    seen = [one.did]
    seen.extend(
        f"{each.field}: {each.expected} expected, {each.observed} seen"
        for each in one.differences
        if each.hard
    )
    told = "; ".join(seen)
    return f"{told}; the reference {one.choice}" if one.choice else told


def _is_about(result: OpinionResult, instance: InstanceResult) -> bool:
    """By a shared Call-ID, by a frame of its ladder, or by the role's own time in it."""
    one = result.opinion
    if result.captures and not set(result.captures) & set(instance.captures):
        return False
    if set(one.call_ids) & set(instance.call_ids):
        return True
    frames = {(ref.capture, ref.frame) for ref in one.frames}
    if frames:
        return any((m.capture, frame) in frames for m in instance.ladder for frame in m.frames)
    hosts = {address.rpartition(":")[0] or address for address in instance.roles.get(one.role, ())}
    near = instance.first_time <= one.time <= instance.last_time + _MARGIN
    return near and one.place in {*hosts, *instance.roles.get(one.role, ())}
