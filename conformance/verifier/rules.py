"""The rules that a flow names in words: each one function, asked when an instance settles."""

from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.program import AT_MOST_ONE, Kind, Never, Requirement, Rule, Step
from conformance.sip.message import SipResponse
from conformance.verifier import queue, teardown
from conformance.verifier.delivery import judge_never
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import judge, note
from conformance.verifier.instance import Instance, Occurrence, Seen
from conformance.verifier.memory import Delivery, Memory
from conformance.verifier.predicate import holds
from conformance.verifier.refusals import why_refused
from conformance.verifier.silence import Listening
from conformance.verifier.verdict import Reason, Status, Verdict


@dataclass(slots=True)
class Ended:
    """How an answer other than the printed one ends a step."""

    status: Status
    reason: Reason | None
    sentence: str


def at_end(instance: Instance, listening: Listening, memory: Memory) -> None:
    """Judge every named rule of the flow on a finished instance."""
    for step in instance.program.steps:
        if instance.inherited >> step.index & 1:
            continue
        for requirement in step.requirements:
            _at_end(instance, step, requirement, listening, memory)
    for never in instance.program.nevers:
        _never(instance, never, memory)


def _at_end(
    instance: Instance, step: Step, requirement: Requirement, listening: Listening, memory: Memory
) -> None:
    match requirement.rule:
        case Rule.WAIT | Rule.FRESH | Rule.REMOVED:
            queue.judge(instance, step, requirement, memory)
        case Rule.TEARDOWN | Rule.AT_END | Rule.DELIVER:
            teardown.judge_session(instance, step, requirement, listening)
        case Rule.CONNECT | Rule.ANSWER if instance.observed(step):
            judge(instance, requirement, Verdict.PASS)
        case Rule.TIMING:
            _timing(instance, step, requirement)
        case _:
            pass


def refusal(instance: Instance, step: Step) -> Ended | None:
    """What an answer other than the printed one means: a choice, a departure, or a retry."""
    refused = [
        seen
        for occurrence in instance.occurrences[step.index]
        if not _retried(instance, step, occurrence)
        for seen in occurrence.refused
    ]
    if not refused:
        return None
    first = min(refused, key=lambda seen: (step.hops.index(seen.hop), -seen.time))
    message = first.observation.message
    if not isinstance(message, SipResponse):
        told = f"step {step.label}: the message was reported as failed"
        return Ended(Status.DECLINED, Reason.POLICY_UNKNOWN, told)
    status, profile = message.status, instance.profile
    answer = f"answered {status} {message.reason}".strip()
    ruled = _ruled(instance, step, first, status, answer)
    if ruled is not None:
        return ruled
    faulty = _faulty_request(instance, step, first)
    if faulty:
        said = f"step {step.label}: {answer}, to a request that {faulty}"
        return Ended(Status.DECLINED, Reason.POLICY_UNKNOWN, said)
    if profile.departs(status):
        _departure(instance, instance.plan.step_requirement(step), step, first, answer)
        return Ended(Status.VIOLATED, None, answer)
    return Ended(Status.DECLINED, Reason.POLICY_UNKNOWN, f"step {step.label}: {answer}")


def _faulty_request(instance: Instance, step: Step, refusal: Seen) -> str:
    """What is wrong with a refused request, so that its refusal is right; "" for nothing."""
    if step.answers is None or refusal.event is None:
        return ""
    key = (refusal.event.message.call_id, refusal.event.message.cseq)
    asked = instance.program.steps[step.answers]
    seen = [one for one in instance.seen_at(asked) if key in one.occurrence.keys]
    if {(one.observation.capture, one.observation.number) for one in seen} & instance.offenders:
        return "breaks what it must keep"
    if rightly := next(filter(None, (why_refused(one, refusal) for one in seen)), ""):
        return rightly
    anchor = instance.occurrences[asked.dialog] if asked.dialog is not None else []
    calls = {call_id for occurrence in anchor for call_id, _ in occurrence.keys}
    gone = getattr(refusal.event.message, "status", 0) == 481
    if gone and asked.dialog is not None and not calls:
        return "is of a dialog whose beginning was not captured"
    return "is of another dialog" if calls and key[0] not in calls else ""


def _ruled(instance: Instance, step: Step, seen: Seen, status: int, answer: str) -> Ended | None:
    """What the flow itself says of this answer (`shall not answer 603, open 486`)."""
    for requirement in _answer_rules(instance, step):
        if status in requirement.wrong_statuses:
            _departure(instance, requirement, step, seen, answer)
            return Ended(Status.VIOLATED, None, answer)
        if status in requirement.open_statuses:
            judge(instance, requirement, Verdict.INCONC)
            said = f"step {step.label}: {answer}, which the text leaves open"
            return Ended(Status.DECLINED, Reason.SPEC_AMBIGUOUS, said)
    if str(status) in instance.profile.open_refusals:
        said = f"step {step.label}: {answer}, which profile {instance.profile.name} leaves open"
        return Ended(Status.DECLINED, Reason.SPEC_AMBIGUOUS, said)
    return None


def _retried(instance: Instance, step: Step, occurrence: Occurrence) -> bool:
    """Whether the refused request was sent again: then the refusal is implied traffic."""
    if step.answers is None:
        return False
    keys = set(occurrence.keys)
    requests = instance.occurrences[step.answers]
    own = [request for request in requests if keys.intersection(request.keys)]
    return any(request.superseded for request in own) and any(
        request not in own for request in requests
    )


def is_timeout(instance: Instance, step: Step) -> bool:
    """Whether every refusal was made further on, for want of an answer (408, 504)."""
    refused = [
        seen for occurrence in instance.occurrences[step.index] for seen in occurrence.refused
    ]
    return bool(refused) and all(
        seen.hop != step.hops[0]
        and isinstance(seen.observation.message, SipResponse)
        and seen.observation.message.status in (408, 504)
        for seen in refused
    )


def _answer_rules(instance: Instance, step: Step) -> list[Requirement]:
    siblings = instance.plan.answers.get(step.answers if step.answers is not None else -1, [])
    return [
        requirement
        for index in siblings
        for requirement in instance.program.steps[index].requirements
        if requirement.rule is Rule.ANSWER
    ]


def _departure(
    instance: Instance, requirement: Requirement, step: Step, seen: Seen, answer: str
) -> None:
    hop = instance.program.hops[seen.hop]
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"{hop.sender} {answer}",
        expected=(f"step {step.label}: {step.text}",),
        seen=(seen,),
        role=hop.sender,
        repair=f"answer as step {step.label} prints",
        step=step.label,
    )


def may_be_unseen(instance: Instance, step: Step) -> bool:
    """The non-CPM leg may be of a protocol that nobody captures; an excused end is not owed."""
    if step.ends_session and instance.excused:
        return True
    hops = [instance.program.hops[hop] for hop in step.hops]
    return any(Role.NONCPM in (hop.sender, hop.receiver) for hop in hops) and len(hops) == 1


def silence_requirement(instance: Instance, step: Step) -> Requirement:
    """The requirement that a missing step breaks: its own SHALL, before the printed step."""
    wanted = {Kind.CONNECT: Rule.CONNECT, Kind.SEND: Rule.DELIVER}.get(step.kind)
    if step.ends_session:
        wanted = Rule.TEARDOWN
    for requirement in step.requirements:
        if requirement.rule is wanted and requirement.reason != AT_MOST_ONE:
            return requirement
    if step.ends_session:
        for _, requirement in instance.plan.rules(Rule.TEARDOWN):
            return requirement
    return instance.plan.step_requirement(step)


def _timing(instance: Instance, step: Step, requirement: Requirement) -> None:
    if requirement.step is None:
        return
    anchor = instance.program.steps[requirement.step]
    first = min(instance.seen_at(anchor), key=lambda seen: seen.time, default=None)
    late = min(instance.seen_at(step), key=lambda seen: seen.time, default=None)
    if first is None or late is None:
        return
    if not instance.same_clock(first.observation, late.observation):
        return
    limit = requirement.seconds
    if limit is None:
        limit = float(instance.profile.value(requirement.setting)[0])
    seconds = (late.time - first.time) / SECOND
    early = requirement.reason == "no sooner"
    if (seconds < limit) if early else (seconds > limit):
        note(
            instance,
            requirement,
            Verdict.FAIL,
            f"step {step.label} came {seconds:.3f} s after step {anchor.label}",
            seen=(first, late),
            role=instance.program.hops[late.hop].sender,
            repair=f"send step {step.label} {'later' if early else 'sooner'}",
            step=step.label,
        )
    else:
        judge(instance, requirement, Verdict.PASS)


def _never(instance: Instance, never: Never, memory: Memory) -> None:
    if never.session is not None:
        judge_never(instance, never)
    elif never.answered and never.about is not None:
        _never_delivered(instance, never, memory)
    else:
        _never_sent(instance, never)


def _never_delivered(instance: Instance, never: Never, memory: Memory) -> None:
    """A delivery that contradicts a step: confirmed before, or made after, another step."""
    identities = instance.earlier("imdn.Message-ID", never.about or 0) or ()
    for identity in identities:
        for delivery in memory.deliveries.get(identity, ()):
            of_other = delivery.user != instance.user or not delivery.sure
            if of_other or not _within(instance, never, delivery):
                continue
            note(
                instance,
                never.requirement,
                Verdict.FAIL,
                f"message {identity} was delivered to {delivery.client}",
                observations=(delivery.observation,),
                role=never.sender,
                repair=never.requirement.sentence,
            )


def _within(instance: Instance, never: Never, delivery: Delivery) -> bool:
    if never.before is not None:
        bound = _first_of(instance, never.before)
        return bound is not None and delivery.time < bound.time
    if never.after is not None:
        bound = _first_of(instance, never.after)
        return bound is not None and delivery.sent > bound.time
    return True


def _first_of(instance: Instance, step: int) -> Seen | None:
    seen = instance.seen_at(instance.program.steps[step])
    return min(seen, key=lambda one: one.time, default=None)


def _never_sent(instance: Instance, never: Never) -> None:
    for event in instance.suspects:
        if (never.sender, never.receiver) not in set(event.pairs()):
            continue
        if getattr(event.message, "method", "") != never.method:
            continue
        truths = [
            holds(where, event.content, instance.profile, instance.earlier)
            for where in never.where
        ]
        if not all(truth is True for truth in truths):
            continue
        bound = _first_of(instance, never.before) if never.before is not None else None
        if bound is not None and event.time >= bound.time:
            continue
        bound = _first_of(instance, never.after) if never.after is not None else None
        if never.after is not None and (bound is None or event.time <= bound.time):
            continue
        note(
            instance,
            never.requirement,
            Verdict.FAIL,
            f"{never.sender} sent {never.method} to {never.receiver}",
            observations=(event.observation,),
            role=never.sender,
            repair=never.requirement.sentence,
        )
