"""Judging while the traffic still flows: roles, links and clocks become known as time passes.

The survey runs ahead of the judge by what is held back; the clocks, by which silence is judged,
run no further than the judge does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import Program
from conformance.observation.packet import Endpoint
from conformance.observation.places import endpoint_of
from conformance.observation.topology import RoleRule, Topology
from conformance.observation.trace import Gap, GapReason, Observation
from conformance.sip.message import SipRequest
from conformance.verifier.evidence import Clue, Evidence
from conformance.verifier.exchange import SECOND, Event
from conformance.verifier.instance import Instance
from conformance.verifier.judge import Judge
from conformance.verifier.roles import best_clue
from conformance.verifier.survey import Survey
from conformance.verifier.verdict import Finding, InstanceResult, Reason, Verdict

Told = Callable[[Instance, Finding], None]

_JUMP = SECOND
_QUIET = 200 * SECOND
_MAX_EVICTED = 100_000
_MAX_CLAIMED = 100_000
_MAX_GAPS = 10_000
_MAX_STREAMS = 50_000
_LET_GO = "let go before it was over: more conversations were open than --max-open allows"
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
            self.gaps = [gap for gap in self.gaps if gap.time >= before]
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


class OngoingJudge(Judge):
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
        self.evicted = 0
        self._told = told
        self._said: dict[Instance, int] = {}
        self._let_go: dict[str, tuple[Reason, str]] = {}
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
        doubtful = [one for one in self._keys if changed and changed & _places(one)]
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

    def feed(self, item: Observation | Gap) -> Sequence[InstanceResult]:
        """Take one item; its clock has come that far."""
        self.growing.reach(item.capture, item.time)
        return super().feed(item)

    def tick(self, capture: int, time: int) -> Sequence[InstanceResult]:
        """A clock ran that far, and all before is taken: settle what is due."""
        self.growing.reach(capture, time)
        return self._due(time)

    def evict(self, most: int) -> Sequence[InstanceResult]:
        """Let the oldest conversations go until no more than `most` are open, with some room."""
        over = self.open - most
        if over <= 0:
            return ()
        oldest = nsmallest(over + most // 50, self._keys, key=lambda one: one.last_time)
        return self._end(oldest, Reason.GAP, _LET_GO)

    def sweep(self, now: int) -> Sequence[InstanceResult]:
        """What is to be done now and then, so that nothing grows with time."""
        claimed = self._resolver.claimed
        self._unknowns.reconsider(self._roles_of)
        # What waited for another reading, which then turned out to be none.
        results = [*self._told_why(self._resolver.finish())]
        results += self._unknowns.over(now - _QUIET, claimed)
        if len(claimed) > _MAX_CLAIMED:
            claimed.clear()
        first = min((one.first_time for one in self._keys), default=now)
        self.growing.trim(first - 2 * _QUIET)
        return results

    def finish(self) -> Iterator[InstanceResult]:
        """Settle everything that is still open, one by one: the watch is over."""
        self._unknowns.reconsider(self._roles_of)
        return self._told_why(super().finish())

    def _told_why(self, results: Iterable[InstanceResult]) -> Iterator[InstanceResult]:
        """The results, with what kept some of them from being watched to their end."""
        for one in results:
            yield _ended(one, self._let_go) if self._let_go else one

    def _roles_of(self, seen: Observation) -> tuple[frozenset[Role], frozenset[Role]]:
        ends = (self.survey.places.owner(end) for end in (seen.source, seen.destination))
        senders, receivers = map(self.roles.roles, ends)
        return senders, receivers

    def _end(
        self, instances: Iterable[Instance], reason: Reason, why: str
    ) -> Sequence[InstanceResult]:
        """Settle conversations before their time, with everyone who reads the same messages."""
        results: list[InstanceResult] = []
        for chosen in instances:
            for instance in [chosen, *self._readers(chosen)]:
                if instance.settled:
                    continue
                self.evicted += 1
                for kind, value in self._keys[instance]:
                    if kind == "call":
                        self._forget_call(value, reason, why)
                results.extend(self._settle(instance))
        return results

    def _readers(self, instance: Instance) -> list[Instance]:
        keys = self._keys.get(instance, {})
        calls = (value for kind, value in keys if kind == "call")
        return [other for call in calls for other in self._calls.get(call, ())]

    def _forget_call(self, call_id: str, reason: Reason, why: str) -> None:
        self._let_go[call_id] = reason, why
        if len(self._let_go) > _MAX_EVICTED:
            del self._let_go[next(iter(self._let_go))]

    def _request(self, event: Event, message: SipRequest) -> None:
        # The rest of what was let go would look like a conversation that begins in its middle.
        if message.call_id not in self._let_go:
            super()._request(event, message)

    def _register(self, instance: Instance, event: Event | None) -> None:
        super()._register(instance, event)
        if self._told is not None and instance.identified and instance.findings:
            said = self._said.get(instance, 0)
            for finding in instance.findings[said:]:
                self._told(instance, finding)
            self._said[instance] = len(instance.findings)

    def _settle(self, instance: Instance) -> Sequence[InstanceResult]:
        if self._links_seen != len(self.survey.sip):
            self._listening.refresh()
            self._links_seen = len(self.survey.sip)
        return [*self._told_why(super()._settle(instance))]

    def _forget(self, instance: Instance) -> None:
        super()._forget(instance)
        self._said.pop(instance, None)


def _places(instance: Instance) -> set[str]:
    return {place for group in instance.addresses().values() for place in group}


def _ended(result: InstanceResult, let_go: dict[str, tuple[Reason, str]]) -> InstanceResult:
    """A result with why its conversation was not watched to its end, unless that settled it."""
    found = next((let_go[one] for one in result.call_ids if one in let_go), None)
    if found is None:
        return result
    reason, why = found
    if reason is not Reason.ROLE_UNKNOWN and result.verdict in (Verdict.FAIL, Verdict.PASS):
        return result
    return replace(
        result, verdict=Verdict.INCONC, reason_code=reason, would_settle=f"a new run ({why})"
    )
