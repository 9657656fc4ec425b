"""Worlds of the reference, played, and what the judge says of their traces."""

from dataclasses import replace
from typing import Any

from conformance.flow.library import load
from conformance.observation.trace import Observation
from conformance.reference.faults.fault import Fault
from conformance.reference.network.tampering import Tamper
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.scenarios.scenario import Scenario, Script, play
from conformance.reference.world.setting import WorldSetting
from conformance.suite.mutants import faults_named, verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.verdict import Finding, InstanceResult, Verdict


def judged(told: Scenario, *lost: str, drop: Any = None) -> list[InstanceResult]:
    """Play a scenario with faults of the list planted, and judge it.

    `drop` says which observations the capture lacks.
    """
    found = play(replace(told, faults=(*told.faults, *faults_named(lost))))
    trace = trace_of(found)
    if drop is not None:
        trace.items[:] = [
            one for one in trace.items if not (isinstance(one, Observation) and drop(one))
        ]
    return verdicts(trace, told, load(None))[0]


def variant(flow: str, name: str = "base") -> Scenario:
    """A scenario of the catalogue."""
    return scenario(flow, name)


def story(flow: str, script: Script, party: str = "", tamper: Tamper | None = None) -> Scenario:
    """A scenario of one's own in the default world, with a tamper on what a party sends."""
    faults = (Fault("tampered", party, tamper=tamper),) if tamper is not None else ()
    return Scenario(flow, "story", "", script, WorldSetting(), faults=faults)


def failing(results: list[InstanceResult]) -> list[Finding]:
    """Every finding that convicts somebody."""
    return [
        finding
        for one in results
        for finding in one.findings
        if finding.verdict is Verdict.FAIL and finding.level not in ("should", "may")
    ]


def blamed(results: list[InstanceResult]) -> set[tuple[str, str]]:
    """(requirement, role at fault) of each."""
    return {(one.requirement, str(one.role_at_fault)) for one in failing(results)}
