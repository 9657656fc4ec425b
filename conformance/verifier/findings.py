"""Making findings: what was expected, what was seen, where, whose fault."""

from collections.abc import Iterable
from typing import NamedTuple

from conformance.cpm.role import Role
from conformance.flow.program import Level, Requirement, Rule
from conformance.observation.trace import Closing, Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.verdict import Finding, FrameRef, Reason, Verdict, worst

_TIMED = frozenset(
    {
        Rule.TEARDOWN,
        Rule.WAIT,
        Rule.FRESH,
        Rule.REMOVED,
        Rule.AT_END,
        Rule.TIMING,
        Rule.NEVER,
        Rule.CONNECT,
    }
)
"""Rules that compare times."""
NEVER_FAIL = frozenset({Level.SHOULD, Level.MAY})


class Excuse(NamedTuple):
    """Why what looks like a fault convicts nobody: a clause, its code, the closing it rests on."""

    why: str
    reason: Reason
    closing: Closing | None = None


def fault(
    instance: Instance,
    requirement: Requirement,
    role: Role,
    said: str,
    excuse: Excuse | None = None,
    *,
    expected: Iterable[str] = (),
    observations: Iterable[Observation] = (),
    repair: str = "",
    step: str = "",
) -> None:
    """Add what a role did wrong: a fail, or inconclusive where something excuses it."""
    closing = excuse.closing if excuse else None
    if closing is not None:
        instance.closings.append(closing)
    note(
        instance,
        requirement,
        Verdict.INCONC if excuse else Verdict.FAIL,
        f"{said}; {excuse.why}" if excuse else said,
        expected=expected,
        observations=observations,
        closing=closing,
        role=None if excuse else role,
        reason=excuse.reason if excuse else None,
        repair=repair,
        step=step,
    )


def note(
    instance: Instance,
    requirement: Requirement,
    verdict: Verdict,
    observed: str,
    *,
    expected: Iterable[str] = (),
    seen: Iterable[Seen] = (),
    observations: Iterable[Observation] = (),
    closing: Closing | None = None,
    role: Role | None = None,
    reason: Reason | None = None,
    repair: str = "",
    step: str = "",
    silence: bool = False,
) -> None:
    """Add a finding to an instance, unless it says what an earlier one said.

    The first message quoted is the offending one, but for a silence, whose evidence is innocent.
    """
    if verdict is Verdict.FAIL and requirement.id in instance.profile.relaxed_ids():
        verdict = Verdict.PASS
        observed += f" (relaxed by profile {instance.profile.name})"
    if verdict is Verdict.FAIL and instance.unsteady and requirement.rule in _TIMED:
        verdict, reason = Verdict.INCONC, Reason.GAP
        observed += " (by a clock that went back)"
    judge(instance, requirement, verdict)
    shown = [*observations, *(one.observation for one in seen)]
    frames = tuple(ref for observation in shown for ref in frames_of(observation))
    if closing is not None:
        frames += (FrameRef(closing.capture, closing.frame, closing.time),)
    offends = verdict is Verdict.FAIL and requirement.level not in NEVER_FAIL and not silence
    if offends and shown:
        instance.offenders.add((shown[0].capture, shown[0].number))
    for earlier in instance.findings:
        if earlier.requirement == requirement.id and earlier.verdict is verdict:
            return
    consequence = verdict is Verdict.FAIL and any(
        earlier.verdict is Verdict.FAIL and earlier.level not in NEVER_FAIL
        for earlier in instance.findings
    )
    if silence:
        instance.placed.add(requirement.id)
    instance.findings.append(
        Finding(
            requirement=requirement.id,
            level=requirement.level,
            verdict=verdict,
            clause=f"{requirement.document} {requirement.clause}".strip(),
            sentence=requirement.sentence,
            expected=tuple(expected) or (requirement.sentence,),
            observed=observed,
            frames=frames,
            role_at_fault=role if verdict is Verdict.FAIL else None,
            reason_code=reason,
            repair=repair,
            flow_file=instance.program.file,
            line=requirement.line,
            consequence=consequence,
            step=step,
        )
    )


def judge(instance: Instance, requirement: Requirement, verdict: Verdict) -> None:
    """Record a requirement's verdict: a worse one overwrites, never the reverse."""
    before = instance.judged.get(requirement.id)
    if before is not verdict:
        instance.judged[requirement.id] = verdict if before is None else worst((before, verdict))


def frames_of(observation: Observation) -> tuple[FrameRef, ...]:
    """The frames that carried an observation; of very many, the first and the last."""
    frames = observation.frames
    if len(frames) > 8:
        frames = (*frames[:7], frames[-1])
    return tuple(FrameRef(observation.capture, frame, observation.time) for frame in frames)


def said(observation: Observation) -> str:
    """A message in a few words: `INVITE`, `200 OK to INVITE`, `MSRP SEND`."""
    message = observation.message
    if isinstance(message, SipRequest):
        return message.method
    if isinstance(message, SipResponse):
        return f"{message.status} {message.reason} to {message.cseq_method}".replace("  ", " ")
    method = getattr(message, "method", None)
    if method is not None:
        return f"MSRP {method}"
    return f"MSRP {getattr(message, 'status', 'message')}"
