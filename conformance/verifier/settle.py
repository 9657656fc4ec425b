"""Settling an instance: what is missing, and whether its absence convicts.

Decided once, when nothing more can come: which complete run the instance is nearest to, how each
of its hops ended, and from these the verdict. Breaches were found while streaming.
"""

from dataclasses import dataclass, field

from conformance.flow.program import Kind, Step
from conformance.verifier import breach, queue, rules
from conformance.verifier.absence import Absence, decide
from conformance.verifier.altered import judge_answers
from conformance.verifier.findings import NEVER_FAIL, judge, note, said
from conformance.verifier.instance import Instance, Occurrence
from conformance.verifier.memory import Memory
from conformance.verifier.plan import bits
from conformance.verifier.route import Way, judge_direct
from conformance.verifier.silence import Listening
from conformance.verifier.verdict import Reason, Status, Verdict, worst


@dataclass(slots=True)
class Outcome:
    """How an instance ended: its verdict, the run it took, each hop's status."""

    verdict: Verdict
    run: int
    statuses: dict[int, Status] = field(default_factory=dict)
    reason: Reason | None = None
    would_settle: str = ""


def settle(instance: Instance, listening: Listening, memory: Memory, *, strict: bool) -> Outcome:
    """Judge what an instance lacks, then sum up."""
    breach.judge_order(instance, listening)
    judge_direct(instance, listening.topology)
    judge_answers(instance)
    instance.witness = queue.witness(instance, memory)
    rules.at_end(instance, listening, memory)
    run = _nearest_run(instance)
    outcome = Outcome(Verdict.NONE, run)
    reasons: list[tuple[Reason, str]] = []
    stopped = 0
    for index in bits(run):
        step = instance.program.steps[index]
        if step.kind is Kind.INTERNAL:
            continue
        if instance.inherited >> index & 1:
            continue
        if _not_owed(instance, step):
            _mark(outcome, step, Status.NOT_TAKEN)
            continue
        if stopped and instance.program.before[step.hops[0]] & stopped:
            _mark(outcome, step, Status.NOT_TAKEN)
            continue
        stopped |= _judge_step(instance, step, listening, outcome, reasons)
    _mark_others(instance, outcome)
    _violated(instance, outcome)
    _sum_up(instance, outcome, reasons, strict=strict)
    return outcome


def _not_owed(instance: Instance, step: Step) -> bool:
    """What another event has made pointless.

    A session that one side has ended need not be ended by the other; an inactive answer is legal,
    and then nothing is to be sent (RFC 3264 section 6.1).
    """
    if step.ends_session and not instance.observed(step):
        return bool(instance.byes or instance.aborts)
    if step.kind not in (Kind.SEND, Kind.CONNECT) or instance.observed(step):
        return False
    channel = instance.channel(step)
    return channel is not None and "inactive" in channel.direction.values()


def _nearest_run(instance: Instance) -> int:
    """The run that explains most of what was seen with least that was not."""
    program = instance.program
    seen = 0
    for step in program.steps:
        if step.kind is not Kind.INTERNAL and (
            instance.observed(step) or _refused(instance, step)
        ):
            seen |= 1 << step.index
    internal = sum(1 << step.index for step in program.steps if step.kind is Kind.INTERNAL)
    return min(
        allowed_runs(instance),
        key=lambda run: (
            (seen & ~run).bit_count(),
            (run & ~seen & ~internal).bit_count(),
        ),
    )


def allowed_runs(instance: Instance) -> list[int]:
    """The runs that agree with every `if`; all of them if none does."""
    runs = instance.program.runs
    return [run for run in runs if _guarded(instance, run)] or list(runs)


def _guarded(instance: Instance, run: int) -> bool:
    """Whether a run agrees with what is known of every `if`."""
    for guard, condition in instance.plan.guards:
        known = _any_content(instance)
        truth = condition(known.content, instance.earlier) if known is not None else None
        taken = run & guard.steps == guard.steps
        if truth is not None and taken is not truth and not _moot(instance, run, guard.steps):
            return False
    return True


def _moot(instance: Instance, run: int, steps: int) -> bool:
    """An `if` inside an option that was not taken asks nothing."""
    first = instance.program.steps[bits(steps)[0]]
    anchor = first.session if first.session is not None else first.dialog
    return anchor is not None and not run >> anchor & 1


def _any_content(instance: Instance) -> Occurrence | None:
    return next((group[0] for group in instance.occurrences if group), None)


def _refused(instance: Instance, step: Step) -> bool:
    return any(
        occurrence.refused and not occurrence.superseded
        for occurrence in instance.occurrences[step.index]
    )


def _judge_step(
    instance: Instance,
    step: Step,
    listening: Listening,
    outcome: Outcome,
    reasons: list[tuple[Reason, str]],
) -> int:
    """Judge one step of the run; gives a mask of hops beyond which nothing is owed."""
    ended = _refusal(instance, step, outcome, listening)
    if ended is not None:
        _mark(outcome, step, ended.status)
        if ended.reason is not None:
            reasons.append((ended.reason, ended.sentence))
        return _all_hops(instance, step)
    stopped = 0
    absences: list[Absence] = []
    for hop in _owed(instance, step, listening):
        found = decide(instance, hop, outcome.run, listening)
        outcome.statuses[hop] = found.status
        if found.status is Status.MISSING:
            _missing(instance, step, hop, found)
            stopped |= 1 << hop
        elif found.status is not Status.OBSERVED:
            absences.append(found)
    if instance.observed(step):
        judge(instance, instance.plan.step_requirement(step), Verdict.PASS)
        declined = [one for one in absences if one.status is Status.DECLINED]
        reasons += [(one.reason, f"step {step.label}: {one.sentence}") for one in declined]
    elif not stopped and absences and not _may_be_unseen(instance, step, absences):
        stopped = _unseen(instance, step, absences, reasons)
    return stopped


def _owed(instance: Instance, step: Step, listening: Listening) -> tuple[int, ...]:
    """The hops that a step owes: one, from end to end, where its dialog leaves the core out."""
    return step.hops[:1] if listening.way(instance, step) is Way.PAST else step.hops


def _may_be_unseen(instance: Instance, step: Step, absences: list[Absence]) -> bool:
    return _seen_elsewhere(instance, step, absences) or rules.may_be_unseen(instance, step)


def _unseen(
    instance: Instance,
    step: Step,
    absences: list[Absence],
    reasons: list[tuple[Reason, str]],
) -> int:
    """A step that was seen nowhere: the instance is inconclusive."""
    first = absences[0]
    reasons.append((first.reason, f"step {step.label}: {first.sentence}"))
    judge(instance, instance.plan.step_requirement(step), Verdict.INCONC)
    pending = any(absence.status is Status.PENDING for absence in absences)
    return 1 << step.hops[0] if pending else 0


def _refusal(
    instance: Instance, step: Step, outcome: Outcome, listening: Listening
) -> rules.Ended | None:
    """How an answer other than the printed one ends the step, unless it stands for a silence."""
    if step.kind not in (Kind.RESPONSE, Kind.ACKNOWLEDGE) or instance.observed(step):
        return None
    if _timed_out(instance, step, outcome, listening):
        return None
    return rules.refusal(instance, step)


def _timed_out(instance: Instance, step: Step, outcome: Outcome, listening: Listening) -> bool:
    """A 408 made further on stands for a silence; if that was listened to, it convicts."""
    if not rules.is_timeout(instance, step):
        return False
    return decide(instance, step.hops[0], outcome.run, listening).status is Status.MISSING


def _seen_elsewhere(instance: Instance, step: Step, absences: list[Absence]) -> bool:
    """A message printed hop by hop (`forwards`) is seen when a captured link shows it."""
    return (
        step.kind is Kind.REQUEST
        and bool(absences)
        and all(
            absence.reason is Reason.HOP_NOT_CAPTURED
            and absence.status is Status.UNOBSERVED
            and instance.plan.chain[hop] & instance.plan.proves[hop] & instance.mask
            for hop, absence in zip(step.hops, absences, strict=False)
        )
    )


def _all_hops(instance: Instance, step: Step) -> int:
    mask = 0
    for hop in step.hops:
        mask |= 1 << hop
    answered = step.answers
    if answered is not None:
        for hop in instance.program.steps[answered].hops[-1:]:
            mask |= 1 << hop
    return mask


def _missing(instance: Instance, step: Step, hop: int, found: Absence) -> None:
    """A silence that was listened to."""
    arrow = instance.program.hops[hop]
    requirement = rules.silence_requirement(instance, step)
    note(
        instance,
        requirement,
        Verdict.FAIL,
        found.sentence,
        expected=(f"step {step.label}: {step.text}",),
        silence=True,
        observations=found.evidence,
        role=arrow.sender,
        repair=f"insert step {arrow.number}, {arrow.sender} to {arrow.receiver}: {step.text}",
        step=step.label,
    )


def _mark(outcome: Outcome, step: Step, status: Status) -> None:
    for hop in step.hops:
        outcome.statuses.setdefault(hop, status)


def _mark_others(instance: Instance, outcome: Outcome) -> None:
    for hop in instance.program.hops:
        if instance.passed_by(hop.index):
            outcome.statuses[hop.index] = Status.NOT_TAKEN
        elif instance.mask >> hop.index & 1:
            outcome.statuses[hop.index] = Status.OBSERVED
        else:
            outcome.statuses.setdefault(hop.index, Status.NOT_TAKEN)


def _violated(instance: Instance, outcome: Outcome) -> None:
    """Show a breach at the hop whose message made it."""
    refused = [one for group in instance.occurrences for each in group for one in each.refused]
    for hop, group in enumerate(instance.all):
        seen = [*group, *(one for one in refused if one.hop == hop)]
        numbers = {(one.observation.capture, one.observation.number) for one in seen}
        if numbers & instance.offenders and not instance.passed_by(hop):
            outcome.statuses[hop] = Status.VIOLATED


def _sum_up(
    instance: Instance, outcome: Outcome, reasons: list[tuple[Reason, str]], *, strict: bool
) -> None:
    verdicts = [Verdict.PASS]
    for finding in instance.findings:
        if finding.verdict is Verdict.FAIL and finding.level in NEVER_FAIL and not strict:
            continue
        verdicts.append(finding.verdict)
        if finding.verdict is Verdict.INCONC and finding.reason_code is not None:
            reasons.append((finding.reason_code, finding.observed))
    if reasons:
        verdicts.append(Verdict.INCONC)
    outcome.verdict = worst(verdicts)
    if outcome.verdict is Verdict.INCONC and reasons:
        outcome.reason, sentence = reasons[0]
        outcome.would_settle = f"{_WOULD_SETTLE[outcome.reason]} ({sentence})"


_WOULD_SETTLE = {
    Reason.HOP_NOT_CAPTURED: "a tap on the link of that step, in both directions",
    Reason.CAPTURE_STARTS_LATE: "a capture that begins before this conversation does",
    Reason.CAPTURE_ENDS_EARLY: "a capture that runs on until the step's deadline has passed",
    Reason.GAP: "a capture without the gap at that place",
    Reason.UNDECRYPTABLE: "the keys (--keylog, --esp-keys), or a tap behind the encryption",
    Reason.AMBIGUOUS_CORRELATION: "a capture of the link between, or one clock for all taps",
    Reason.POLICY_UNKNOWN: "the user's preferences and the provider's policies",
    Reason.ROLE_UNKNOWN: "the roles of the addresses: --role NAME=ADDR or a setting file",
    Reason.TIMER_NOT_ELAPSED: "waiting until the step's deadline has passed",
    Reason.IDENTITY_UNREADABLE: "a profile that says where the identities are found",
    Reason.SPEC_AMBIGUOUS: "a word of the specification's authors: the text leaves it open",
}


def first_words(instance: Instance) -> str:
    """The message that an instance begins with, in a few words."""
    firsts = [seen for seen in instance.first if seen is not None]
    return said(min(firsts, key=lambda seen: seen.time).observation) if firsts else ""
