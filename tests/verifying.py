"""Judging a ladder as the campaign judges a capture, and what assertions say of the outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.observation.topology import RoleRule, Topology
from conformance.observation.trace import Trace
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.judge import Judge
from conformance.verifier.roles import infer_topology
from conformance.verifier.survey import Survey, survey
from conformance.verifier.verdict import Finding, InstanceResult, Verdict, worst
from tests.ladder import Ladder

Roles = Literal["given", "inferred"]


@dataclass(slots=True)
class Judged:
    """What the judge said of one trace, and the judge itself."""

    results: list[InstanceResult]
    judge: Judge

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all instances, `none` without one."""
        return worst(one.verdict for one in self.results)

    def of(self, flow: str) -> list[InstanceResult]:
        """The instances that this flow describes, by itself or besides another."""
        return [one for one in self.results if flow in (one.flow, *one.also)]


def verify(
    subject: Ladder | Trace,
    *,
    roles: Roles = "given",
    profile: str = "cpm",
    flows: Iterable[str] | None = None,
    strict: bool = False,
    rules: Iterable[RoleRule] | None = None,
) -> Judged:
    """Judge a ladder, or a trace of one with the role rules to go by."""
    trace = subject.trace() if isinstance(subject, Ladder) else subject
    given = list(rules) if rules is not None else []
    if isinstance(subject, Ladder) and roles == "given":
        given += role_rules(subject)
    library = load()
    chosen = library.flows if flows is None else {name: library.flow(name) for name in flows}
    found = surveyed(trace)
    topology = infer_topology(found, Topology(given))
    judge = Judge(chosen.values(), library.profile(profile), topology, found, strict=strict)
    results: list[InstanceResult] = []
    for item in trace:
        results.extend(judge.feed(item))
    results.extend(judge.finish())
    return Judged(results, judge)


def role_rules(ladder: Ladder) -> list[RoleRule]:
    """What a user who knows the network gives with --role."""
    return [
        RoleRule(Role(role), address)
        for role, addresses in ladder.roles.items()
        for address in addresses
    ]


def surveyed(trace: Trace) -> Survey:
    """The first pass over a trace, its clock running as far as its packets do."""
    found = survey(trace)
    found.extend(0, trace.health.first_time, trace.health.last_time)
    return found


def convicting(judged: Judged) -> list[Finding]:
    """The findings that make a fail: no consequences, and nothing that is only advice."""
    return [
        finding
        for one in judged.results
        for finding in one.findings
        if finding.verdict is Verdict.FAIL
        and not finding.consequence
        and finding.level not in NEVER_FAIL
    ]


def causes(judged: Judged) -> list[str]:
    """The requirements whose breach makes the fail, in the order of their findings."""
    return [finding.requirement for finding in convicting(judged)]


def faults(judged: Judged) -> list[tuple[str, str]]:
    """(requirement, role at fault) of each convicting finding; the role "" where none is named."""
    return [(one.requirement, str(one.role_at_fault or "")) for one in convicting(judged)]


def said_of(ladder: Ladder, judged: Judged) -> str:
    """The ladder with everything that the judge said of it, for an assertion's message."""
    return "\n".join(["", ladder.show(), *said(judged)])


def said(judged: Judged) -> list[str]:
    """One line an instance and one a finding."""
    lines = [f"verdict {judged.verdict}, {judged.judge.unrelated} unrelated"]
    for one in judged.results:
        also = f" also {', '.join(one.also)}" if one.also else ""
        settles = f" ({one.reason_code}: {one.would_settle})" if one.reason_code else ""
        lines.append(f"{one.id}{also}: {one.verdict}, {one.seen} of {one.printed} hops{settles}")
        for finding in one.findings:
            consequence = ", a consequence" if finding.consequence else ""
            lines.append(
                f"    {finding.verdict} {finding.requirement} ({finding.level}{consequence}) "
                f"at fault {finding.role_at_fault}: {finding.observed}"
            )
    return lines
