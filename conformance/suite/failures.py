"""The failures of a report: each fault once, however many instances show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from conformance.flow.program import Level
from conformance.report.compared import Compared, sentence
from conformance.report.essence import essence
from conformance.report.expectation import Expectation
from conformance.report.ladder import first_cause
from conformance.report.legible import one_line
from conformance.report.model import Report
from conformance.verifier.verdict import Finding, InstanceResult, Verdict


@dataclass(frozen=True, slots=True)
class Failure:
    """A fault: `pinned` is its text without what differs from run to run.

    `level` is None where a demand of the run is not met, and no requirement of a flow.
    """

    flow: str
    requirement: str
    level: Level | None
    observed: str
    pinned: str
    instance: str = ""
    capture: str = ""
    count: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """The requirement in its flow."""
        return self.flow, self.requirement

    def told(self) -> str:
        """The failure on one line."""
        many = f", {self.count} instances, first" if self.count > 1 else ","
        where = f"{many} {self.instance} in {self.capture}" if self.instance else ""
        named = f"{self.requirement or 'no requirement'} ({self.flow or 'no flow'}{where})"
        return f"{named}: {one_line(self.observed, 300)}"


def considered(report: Report) -> Iterator[InstanceResult]:
    """The instances that count: not those of captures that came out as their index expects."""
    expectation = Expectation(report)
    for instance in report.instances:
        if not expectation.met_by(instance):
            yield instance


def failures(report: Report, levels: Iterable[Level] = tuple(Level)) -> tuple[Failure, ...]:
    """Each instance's first failure at one of these levels; equal ones are counted together.

    What follows from that failure is no failure of its own.
    """
    wanted = frozenset(levels)
    found: dict[tuple[str, str, str], Failure] = {}
    for one in (*_demands(report), *_alone(report, wanted), *_of_instances(report, wanted)):
        key = (one.flow, one.requirement, one.pinned)
        before = found.get(key)
        found[key] = one if before is None else replace(before, count=before.count + 1)
    return tuple(found.values())


def _alone(report: Report, wanted: frozenset[Level]) -> Iterator[Failure]:
    """What the reference holds against roles outside every instance."""
    compared = Compared(report)
    for one in compared.alone:
        level, opinion = compared.level(one), one.opinion
        if opinion.verdict is not Verdict.FAIL or level not in wanted or compared.is_expected(one):
            continue
        paths = [report.captures[at].path for at in one.captures if at < len(report.captures)]
        told = sentence(opinion)
        yield Failure(
            flow="",
            requirement=opinion.requirement or f"reference-{opinion.role}",
            level=level,
            observed=told,
            pinned=essence(told),
            capture=paths[0] if paths else "",
        )


def _of_instances(report: Report, wanted: frozenset[Level]) -> Iterator[Failure]:
    for instance in considered(report):
        cause = _cause(instance, wanted)
        if cause is not None:
            yield _failure(report, instance, cause.requirement, cause.level, cause.observed)
        elif instance.verdict is Verdict.FAIL and first_cause(instance) is None:
            yield _failure(report, instance, "", None, instance.summary)


def _cause(instance: InstanceResult, wanted: frozenset[Level]) -> Finding | None:
    for found in instance.findings:
        if found.verdict is Verdict.FAIL and found.level in wanted:
            return found
    return None


def _failure(
    report: Report, instance: InstanceResult, requirement: str, level: Level | None, observed: str
) -> Failure:
    paths = [report.captures[one].path for one in instance.captures if one < len(report.captures)]
    return Failure(
        flow=instance.flow,
        requirement=requirement,
        level=level,
        observed=observed,
        pinned=essence(observed),
        instance=instance.id,
        capture=paths[0] if paths else "",
    )


def _demands(report: Report) -> Iterator[Failure]:
    for wanted in report.expected:
        if not wanted.met:
            # What came nearest may differ from run to run.
            pinned = wanted.sentence.partition(":")[0]
            yield Failure(wanted.flow, "expected-absent", None, wanted.sentence, pinned)
    for row in report.index:
        if not row.as_expected:
            path = report.captures[row.capture].path
            sentence = f"{path}: {row.sentence}"
            yield Failure(row.flow, f"not-as-expected {path}", None, sentence, row.sentence)
