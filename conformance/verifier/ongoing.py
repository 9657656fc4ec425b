"""Judging while the traffic still flows: roles, links and clocks become known as time passes.

The survey runs ahead of the judge by what is held back; the clocks, by which silence is judged,
run no further than the judge does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import Program
from conformance.observation.packet import Endpoint
from conformance.observation.places import endpoint_of
from conformance.observation.topology import RoleRule, Topology
from conformance.observation.trace import GapReason, Observation, Shown
from conformance.verifier.bounded import BoundedJudge
from conformance.verifier.evidence import Clue, Evidence
from conformance.verifier.exchange import SECOND, Event
from conformance.verifier.instance import Instance
from conformance.verifier.roles import best_clue
from conformance.verifier.survey import Survey
from conformance.verifier.verdict import Finding, InstanceResult, Reason

Told = Callable[[Instance, Finding], None]

_JUMP = SECOND
_QUIET = 200 * SECOND
_MAX_CLAIMED = 100_000
_MAX_GAPS = 10_000
_MAX_STREAMS = 50_000
_OTHER_ROLES = "what its parties did later showed other roles than were taken for granted before"


@dataclass(slots=True)
class GrowingEvidence(Evidence):
    """Evidence that tells at which places something new was learnt: `fresh`."""

    fresh: set[str] = field(default_factory=set)

    def _add(self, place: str, role: Role, weight: int, sentence: str) -> None:
        known = self.clues.get((place, role))
        if known is None or known.weight < weight:
            self.clues[place, role] = Clue(place, role, weight, sentence)
            self.fresh.add(place)


@dataclass(slots=True)
class GrowingSurvey(Survey):
    """A survey of what still goes on: it takes items before the judge does.

    `ahead`: how far each clock was seen to run; `ends` is how far it was judged, by `reach`.
    """

    evidence: GrowingEvidence = field(default_factory=GrowingEvidence)
    ahead: dict[int, int] = field(default_factory=dict)

    def _tick(self, capture: int, time: int) -> int:
        domain = self.domain(capture)
        known = self.ahead.get(domain)
        if known is not None and time < known - _JUMP:
            self.unsteady.add(domain)
        self._clock(capture, time)
        return domain

    def _clock(self, capture: int, time: int) -> None:
        domain = self.domain(capture)
        self.starts[domain] = min(self.starts.get(domain, time), time)
        self.ahead[domain] = max(self.ahead.get(domain, time), time)

    def reach(self, capture: int, time: int) -> None:
        """The judge has taken everything up to this time of a clock."""
        domain = self.domain(capture)
        if time > self.ends.get(domain, -1):
            self.ends[domain] = time

    def trim(self, before: int) -> None:
        """Let go of gaps and streams that no open conversation can ask for."""
        if len(self.gaps) > _MAX_GAPS:
            self.gaps = [gap for gap in self.gaps if gap.time >= before or gap.lasts]
        if len(self.gaps) > _MAX_GAPS:
            last = self.gaps[-_MAX_GAPS:]
            many = replace(last[0], source=None, destination=None, reason=GapReason.LIMIT)
            self.gaps = [many, *last]
        if len(self.streams) > _MAX_STREAMS:
            self.streams = {ends: time for ends, time in self.streams.items() if time >= before}


class GrowingTopology(Topology):
    """Given roles, and inferred ones that are added, or replaced, as evidence grows."""

    def __init__(self, given: Iterable[RoleRule] = ()) -> None:
        super().__init__(given)
        self._inferred: dict[str, RoleRule] = {}

    def learn(self, rule: RoleRule) -> bool:
        """Add or replace the rule of one place; whether its role was another one before."""
        before = self._inferred.get(rule.address)
        if before is not None:
            self.rules.remove(before)
        self.rules.append(rule)
        self._inferred[rule.address] = rule
        self._known.clear()
        self._evidence.clear()
        return before is not None and before.role is not rule.role

    def inferred(self, place: str) -> RoleRule | None:
        """What was inferred of a place."""
        return self._inferred.get(place)

    def hosts(self, role: Role) -> frozenset[str] | None:
        """The hosts that play a role, or None when a rule names more than single addresses."""
        given = super().hosts(role)
        if given is None:
            return None
        inferred = (rule for rule in self._inferred.values() if rule.role is role)
        return given | {endpoint_of(rule.address).host for rule in inferred}

    def by_port(self, host: str) -> bool:
        """Whether roles at this host are told apart by port."""
        return super().by_port(host) or any(
            end.port and end.host == host for end in map(endpoint_of, self._inferred)
        )

    def _find(self, endpoint: Endpoint) -> frozenset[Role]:
        found = super()._find(endpoint)
        if found:
            return found
        rule = self._inferred.get(str(endpoint)) or self._inferred.get(endpoint.host)
        return frozenset((rule.role,)) if rule else found


class OngoingJudge(BoundedJudge):
    """A judge of traffic that goes on: the survey is not over, and memory must not grow.

    `told` hears of each finding on an open conversation, which settling may still overrule.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        profile: Profile,
        topology: GrowingTopology,
        survey: GrowingSurvey,
        *,
        strict: bool = False,
        told: Told | None = None,
    ) -> None:
        super().__init__(programs, profile, topology, survey, strict=strict)
        self.growing = survey
        self.roles = topology
        self._told = told
        self._said: dict[int, int] = {}
        self._links_seen = 0

    def learn(self) -> Sequence[InstanceResult]:
        """Infer roles from what is new; gives the conversations that this makes doubtful."""
        fresh, changed = self.growing.evidence.fresh, set()
        grown = False
        for place in fresh:
            rule = self._rule(place)
            if rule is not None:
                grown = True
                if self.roles.learn(rule):
                    changed.add(place)
        fresh.clear()
        if not grown:
            return ()
        self._links.clear()
        self._links_seen = 0
        if not changed:
            return ()
        doubtful = (one for one in self._instances.each() if changed & _places(one))
        return self._end(doubtful, Reason.ROLE_UNKNOWN, _OTHER_ROLES)

    def _rule(self, place: str) -> RoleRule | None:
        """The rule to learn of a place, if it says other than what is known."""
        known = self.roles.inferred(place)
        if known is None and self.roles.roles(endpoint_of(place)):
            return None
        best = best_clue(self.growing.evidence, place)
        if best is None or (known is not None and known.role is best.role):
            return None
        return RoleRule(best.role, place, best.sentence, given=False)

    def feed(self, item: Shown) -> Sequence[InstanceResult]:
        """Take one item; its clock has come that far."""
        self.growing.reach(item.capture, item.time)
        return super().feed(item)

    def tick(self, capture: int, time: int) -> Sequence[InstanceResult]:
        """A clock ran that far, and all before is taken: settle what is due."""
        self.growing.reach(capture, time)
        return self._due(time)

    def sweep(self, now: int) -> Sequence[InstanceResult]:
        """What is to be done now and then, so that nothing grows with time."""
        claimed = self._resolver.claimed
        self._unknowns.reconsider(self._roles_of)
        # What waited for another reading, which then turned out to be none.
        results = [*self._told_why(self._resolver.finish())]
        results += self._unknowns.over(now - _QUIET, claimed)
        if len(claimed) > _MAX_CLAIMED:
            claimed.clear()
        first = self._instances.first_time()
        first = now if first is None else first
        self.growing.trim(first - 2 * _QUIET)
        return results

    def finish(self) -> Iterator[InstanceResult]:
        """Settle everything that is still open, one by one: the watch is over."""
        self._unknowns.reconsider(self._roles_of)
        return super().finish()

    def _roles_of(self, seen: Observation) -> tuple[frozenset[Role], frozenset[Role]]:
        ends = (self.survey.places.owner(end) for end in (seen.source, seen.destination))
        senders, receivers = map(self.roles.roles, ends)
        return senders, receivers

    def _register(self, instance: Instance, event: Event | None) -> None:
        super()._register(instance, event)
        if self._told is not None and instance.identified and instance.findings:
            said = self._said.get(instance.number, 0)
            for finding in instance.findings[said:]:
                self._told(instance, finding)
            self._said[instance.number] = len(instance.findings)

    def _settle(self, instance: Instance) -> Sequence[InstanceResult]:
        if self._links_seen != len(self.survey.sip):
            self._listening.refresh()
            self._links_seen = len(self.survey.sip)
        self._said.pop(instance.number, None)
        return super()._settle(instance)


def _places(instance: Instance) -> set[str]:
    return {place for group in instance.addresses().values() for place in group}
