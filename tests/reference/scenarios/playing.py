"""Scenarios played and judged: what the tests of every flow's scenarios ask."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.observation.trace import Message, Observation, Trace
from conformance.oracle.comparison import Seen, compare
from conformance.oracle.difference import Opinion
from conformance.reference.scenarios.scenario import Played, Scenario, play
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.index import Entry, Outcome
from conformance.suite.mutants import verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.verdict import InstanceResult, Verdict

DAYS = 86_400_000_000_000


@dataclass(frozen=True)
class Told:
    """A scenario that was played, what its capture holds, and what was said of it."""

    played: Played
    trace: Trace
    results: list[InstanceResult]
    opinions: tuple[Opinion, ...]

    @property
    def messages(self) -> list[Observation]:
        return [item for item in self.trace.items if isinstance(item, Observation)]

    def sent(self, sender: Role, receiver: Role) -> list[Message]:
        """What was seen on the way from one role to another, in order."""
        roles = self.played.world.hosts
        return [
            one.message
            for one in self.messages
            if roles.get(one.source.host) is sender and roles.get(one.destination.host) is receiver
        ]

    def requests(self, method: str, sender: Role, receiver: Role) -> list[SipRequest]:
        found = self.sent(sender, receiver)
        return [m for m in found if isinstance(m, SipRequest) and m.method == method]

    def answers(self, method: str, sender: Role, receiver: Role) -> list[int]:
        found = self.sent(sender, receiver)
        of_method = (m for m in found if isinstance(m, SipResponse) and m.cseq_method == method)
        return [m.status for m in of_method if m.status >= 200]

    def notes(self, what: str) -> Iterator[dict[str, str]]:
        """What the parties noted of this kind."""
        for one in self.played.world.simulation.notes:
            if one.note.what == what:
                yield dict(one.note.details)

    def times_of(self, what: str) -> list[float]:
        """When that was noted, in seconds after the beginning."""
        begin = self.played.scenario.setting.begin
        found = self.played.world.simulation.notes
        return [(one.time - begin) / 1e9 for one in found if one.note.what == what]


def tell(scenario: Scenario) -> Told:
    """Play a scenario, judge its capture, and ask the reference of it."""
    played = play(scenario)
    trace = trace_of(played)
    results, topology = verdicts(trace, scenario, load(None))
    seen = Seen(trace.items, topology, trace.health.last_time or 0)
    return Told(played, trace, results, compare(seen, scenario.setting.preferences))


def difference(told: Told) -> str:
    """What a judge says otherwise than the scenario wants, as for an index; "" for nothing."""
    scenario = told.played.scenario
    outcome = Outcome()
    for one in told.results:
        outcome.add(one)
    entry = Entry(
        scenario.path,
        scenario.shows,
        scenario.flow,
        Verdict(scenario.verdict),
        scenario.requirement,
    )
    return outcome.against(entry, 0).sentence


def said(told: Told) -> str:
    """All that was said, for an assertion's message."""
    lines = [difference(told)]
    for one in told.results:
        lines.append(f"{one.id} {one.verdict} {one.reason_code} {one.would_settle}")
        lines += [f"    {f.verdict} {f.requirement} {f.observed}" for f in one.findings]
    lines += [f"{o.role} {o.verdict} {o.requirement} {o.sentence}" for o in told.opinions]
    return "\n".join(lines)
