"""From an instance and its outcome to what is said of it."""

from collections.abc import Sequence
from dataclasses import replace

from conformance.flow.program import Hop, Kind, Program, Step
from conformance.observation.places import endpoint_of
from conformance.observation.topology import Topology
from conformance.observation.trace import Closing, Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.findings import frames_of, said
from conformance.verifier.instance import Instance, Line, Seen
from conformance.verifier.repair import shortest_repair
from conformance.verifier.settle import Outcome, first_words
from conformance.verifier.verdict import (
    Finding,
    FrameRef,
    InstanceResult,
    ShownClosing,
    ShownMessage,
    Status,
    StepResult,
    Verdict,
)


def build(
    instance: Instance, outcome: Outcome, also: tuple[str, ...], topology: Topology
) -> InstanceResult:
    """Everything that a report says of one instance."""
    program = instance.program
    steps = tuple(_steps(instance, outcome))
    observations = [line.observation for line in instance.lines]
    own = [line.observation for line in instance.lines if not _is_inherited(instance, line)]
    first = min(own, key=lambda one: (one.time, one.capture, one.number))
    addresses = instance.addresses()
    roles = {str(role): tuple(sorted(places)) for role, places in sorted(addresses.items())}
    hops = [s for s in steps if s.receiver is not None]
    printed = [s for s in hops if s.status is not Status.NOT_TAKEN]
    seen = [s for s in printed if s.status in (Status.OBSERVED, Status.VIOLATED)]
    return InstanceResult(
        id=f"{program.id}.{first.capture + 1}.{first.frames[0] if first.frames else 0}",
        flow=program.id,
        title=program.title,
        also=also,
        verdict=outcome.verdict,
        reason_code=outcome.reason,
        would_settle=outcome.would_settle,
        summary=_summary(instance, outcome, len(seen), len(printed)),
        seen=len({(s.label, s.number, s.part) for s in seen}),
        printed=len({(s.label, s.number, s.part) for s in printed}),
        roles=roles,
        role_evidence=_evidence(topology, roles),
        captures=tuple(sorted({one.capture for one in observations})),
        first_time=min(one.time for one in observations),
        last_time=max(one.time for one in observations),
        steps=steps,
        findings=tuple(sorted(instance.findings, key=_gravity)),
        ladder=_ladder(instance),
        judged=tuple(sorted(instance.judged.items())),
        notes=tuple(dict.fromkeys((*instance.notes, *_readings(instance)))),
        repair=shortest_repair(instance, outcome) if outcome.verdict is Verdict.FAIL else "",
        user=instance.user,
        call_ids=tuple(instance.legs),
        closings=tuple(map(_closing, dict.fromkeys(instance.closings))),
    )


def _closing(one: Closing) -> ShownClosing:
    frame = FrameRef(one.capture, one.frame, one.time)
    return ShownClosing(frame, str(one.source), str(one.destination), one.reset)


def _is_inherited(instance: Instance, line: Line) -> bool:
    """Whether a message led to this selection and to others of the same list."""
    step = instance.program.hops[line.hop].step if line.hop is not None else None
    return step is not None and instance.inherited >> step & 1 == 1


def _gravity(finding: Finding) -> tuple[bool, bool]:
    """Causes first, then their consequences, then the rest, each in the order of the trace."""
    return finding.verdict is not Verdict.FAIL, finding.consequence


def _readings(instance: Instance) -> tuple[str, ...]:
    """The flow's interpretations: what a vendor may contest is shown with every result."""
    return instance.program.interpretations


def _summary(instance: Instance, outcome: Outcome, seen: int, printed: int) -> str:
    match outcome.verdict:
        case Verdict.FAIL:
            cause = next(
                (f for f in instance.findings if f.verdict is Verdict.FAIL and not f.consequence),
                None,
            )
            return f"{cause.requirement}: {cause.observed}" if cause else "a requirement is broken"
        case Verdict.INCONC:
            return f"{outcome.reason}: {outcome.would_settle}"
        case _:
            return f"{first_words(instance)} and what follows: {seen} of {printed} hops seen"


def _steps(instance: Instance, outcome: Outcome) -> list[StepResult]:
    found: list[StepResult] = []
    for step in instance.program.steps:
        if step.kind is Kind.INTERNAL:
            found.append(_internal(instance, step))
            continue
        for place, index in enumerate(step.hops, 1):
            hop = instance.program.hops[index]
            status = outcome.statuses.get(index, Status.NOT_TAKEN)
            seen_here = [] if instance.passed_by(index) else instance.all[index]
            if any(seen.direct for seen in seen_here):
                sender, receiver = instance.ends(index)
                hop = replace(hop, sender=sender, receiver=receiver)
            for branch, group in _branches(seen_here):
                frames = tuple(ref for seen in group for ref in frames_of(seen.observation))
                found.append(_step(step, hop, place, branch, status, frames))
    return found


def _branches(group: Sequence[Seen]) -> list[tuple[int, list[Seen]]]:
    """The messages of a hop by branch of its fork; one empty branch when there are none."""
    branches: dict[int, list[Seen]] = {}
    for seen in group:
        branches.setdefault(seen.branch, []).append(seen)
    return sorted(branches.items()) or [(0, [])]


def _step(
    step: Step, hop: Hop, place: int, branch: int, status: Status, frames: tuple[FrameRef, ...]
) -> StepResult:
    return StepResult(
        label=step.label,
        number=hop.number,
        part=step.part,
        hop=place,
        branch=branch,
        sender=hop.sender,
        receiver=hop.receiver,
        status=status,
        frames=frames,
        text=step.text,
    )


def _internal(instance: Instance, step: Step) -> StepResult:
    status = Status.INTERNAL
    frames: tuple[FrameRef, ...] = ()
    if instance.witness is not None and step.witness:
        status, frames = Status.WITNESSED, frames_of(instance.witness)
    broken = any(
        finding.verdict is Verdict.FAIL
        and (finding.step == step.label or finding.requirement == step.requirement)
        for finding in instance.findings
    )
    return StepResult(
        label=step.label,
        number=step.label,
        part="",
        hop=1,
        branch=0,
        sender=step.role,
        receiver=None,
        status=Status.VIOLATED if broken else status,
        frames=frames,
        text=step.text,
    )


def _ladder(instance: Instance) -> tuple[ShownMessage, ...]:
    lines = sorted(
        instance.lines, key=lambda line: (line.observation.time, line.observation.number)
    )
    return tuple(
        shown_line(
            line.observation,
            line.sender,
            line.receiver,
            line.hop,
            instance.program,
            folded=len(line.event.repeats) if line.event else 0,
            violated=(line.observation.capture, line.observation.number) in instance.offenders,
        )
        for line in lines
    )


def shown_line(
    observation: Observation,
    sender: str,
    receiver: str,
    hop: int | None,
    program: Program,
    *,
    folded: int = 0,
    violated: bool = False,
) -> ShownMessage:
    """One line of the observed ladder."""
    message = observation.message
    place = program.hops[hop] if hop is not None else None
    return ShownMessage(
        capture=observation.capture,
        number=observation.number,
        time=observation.time,
        frames=observation.frames,
        source=str(observation.source),
        destination=str(observation.destination),
        sender=sender,
        receiver=receiver,
        summary=_words(message, observation),
        label=place.number if place else "",
        step=program.steps[place.step].label if place else "",
        octets=message.octets,
        folded=folded,
        violated=violated,
        message=message,
    )


def _words(message: object, observation: Observation) -> str:
    if isinstance(message, SipRequest):
        return f"{message.method} {message.uri}"
    if isinstance(message, SipResponse):
        return f"{message.status} {message.reason} ({message.cseq_method})"
    return said(observation)


def _evidence(topology: Topology, roles: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: list[str] = []
    for role, places in roles.items():
        for place in places:
            found.extend(
                f"{place} is {role}: {sentence}"
                for rule_role, sentence in topology.evidence(endpoint_of(place))
                if str(rule_role) == role
            )
    return tuple(found)
