"""Mutants of the reference: each fault of the list planted, played, judged, and noticed or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.flow.errors import did_you_mean
from conformance.flow.library import Library, load
from conformance.observation.topology import Topology
from conformance.observation.trace import Trace
from conformance.oracle.comparison import Seen, compare
from conformance.reference.faults.catalogue import Expected, Mutant, faults, mutants
from conformance.reference.faults.fault import Fault
from conformance.reference.scenarios import catalogue
from conformance.reference.scenarios.scenario import Played, Scenario, play
from conformance.suite.errors import ConformanceError
from conformance.suite.setting import parse_role
from conformance.suite.simulation import find, trace_of
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.judge import Judge
from conformance.verifier.roles import infer_topology
from conformance.verifier.survey import survey
from conformance.verifier.verdict import InstanceResult, Verdict

_BY_ORACLE = (Expected.ORACLE, Expected.OPINION)
_ADVISED = frozenset({"SD-5.2.2.2-expired"})
"""Requirements of the level SHOULD, which fail nobody."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """What came of one mutant: the requirements that were found broken, by whom; and `told`,
    what the oracle has an opinion on without failing anybody."""

    mutant: Mutant
    by_flows: tuple[str, ...]
    by_oracle: tuple[str, ...]
    told: tuple[str, ...] = ()

    @property
    def is_noticed(self) -> bool:
        """Whether the requirement that it breaks was found broken by who should find it."""
        by = {Expected.ORACLE: self.by_oracle, Expected.OPINION: self.told}
        return self.mutant.requirement in by.get(self.mutant.expected, self.by_flows)

    @property
    def is_as_expected(self) -> bool:
        """Noticed where it is a violation on the wire, and not failed where it is none."""
        if self.mutant.is_violation:
            return self.is_noticed
        return not self.by_flows


def faults_named(names: Iterable[str]) -> tuple[Fault, ...]:
    """Faults by name; ConformanceError for one there is not."""
    known = faults()
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or "; cpmspec simulate --list shows them"
            raise ConformanceError(f"there is no fault '{name}'{hint}")
    return tuple(known[name] for name in names)


def scenario_of(mutant: Mutant) -> Scenario:
    """The scenario in which a mutant is played; ConformanceError if the list names none."""
    scenario = find(mutant.flow, mutant.variant)
    (fault,) = faults_named([mutant.fault])
    return replace(
        scenario,
        name=mutant.fault if not mutant.variant else f"{mutant.fault}_{mutant.variant}",
        shows=mutant.behaviour,
        verdict="fail",
        requirement=mutant.requirement,
        reason="",
        faults=(*scenario.faults, fault),
        preferences=mutant.expected in _BY_ORACLE,
    )


def rejected() -> tuple[Scenario, ...]:
    """The mutants that flows notice, as scenarios of rejected captures."""
    return tuple(scenario_of(one) for one in mutants() if one.expected is Expected.FAIL)


def opposed() -> tuple[Scenario, ...]:
    """The mutants that only the oracle notices, as scenarios of rejected captures."""
    return tuple(scenario_of(one) for one in mutants() if one.expected is Expected.ORACLE)


def sample() -> tuple[Scenario, ...]:
    """The variants that the list of the sample names, and a fault for each requirement."""
    found = list(catalogue.sample())
    known: set[tuple[str, str]] = set()
    for one in (*rejected(), *(each for each in opposed() if each.requirement not in _ADVISED)):
        about = "" if one.preferences else one.flow
        if (about, one.requirement) not in known:
            known.add((about, one.requirement))
            found.append(one)
    return tuple(found)


def run(chosen: Iterable[Mutant] | None = None) -> Iterator[Noticed]:
    """Play and judge mutants, those of the list if none are given, one after the other."""
    library = load(None)
    for mutant in mutants() if chosen is None else chosen:
        played = play(scenario_of(mutant))
        yield judged(mutant, played, library)


def judged(mutant: Mutant, played: Played, library: Library) -> Noticed:
    """What the flows, and where it is their turn the oracle, say of a mutant's trace."""
    trace = trace_of(played)
    results, topology = verdicts(trace, played.scenario, library)
    asked = mutant.expected in _BY_ORACLE
    preferences = played.scenario.setting.preferences
    seen = Seen(trace.items, topology, trace.health.last_time or 0)
    opinions = compare(seen, preferences) if asked else ()
    return Noticed(
        mutant,
        tuple(dict.fromkeys(requirement for one in results for requirement in _broken(one))),
        tuple(one.requirement for one in opinions if one.verdict is Verdict.FAIL),
        tuple(one.requirement for one in opinions if one.verdict is Verdict.INCONC),
    )


def verdicts(
    trace: Trace, scenario: Scenario, library: Library, *, strict: bool = False
) -> tuple[list[InstanceResult], Topology]:
    """Every instance in a scenario's trace, and who is who in it."""
    found = survey(trace)
    found.extend(0, trace.health.first_time, trace.health.last_time)
    given = [rule for option in scenario.roles for rule in parse_role(option)]
    topology = infer_topology(found, Topology(given))
    judge = Judge(library.flows.values(), library.profile("cpm"), topology, found, strict=strict)
    results: list[InstanceResult] = []
    for item in trace:
        results.extend(judge.feed(item))
    results.extend(judge.finish())
    return results, topology


def _broken(instance: InstanceResult) -> list[str]:
    return [
        one.requirement
        for one in instance.findings
        if one.verdict is Verdict.FAIL and one.level not in NEVER_FAIL
    ]
