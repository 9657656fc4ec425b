"""The rules of a message session that has ended: who ended it, and when."""

from conformance.cpm.role import Role
from conformance.flow.program import Requirement, Rule, Step
from conformance.observation.trace import Observation
from conformance.verifier.delivered import asked_for, delivered_by
from conformance.verifier.delivery import judge_any, judge_delivered
from conformance.verifier.elsewhere import taken
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import judge, note
from conformance.verifier.instance import Instance
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel
from conformance.verifier.underway import (
    closed_before,
    first_bye,
    may_lack_some,
    stood,
    unfinished_message,
)
from conformance.verifier.verdict import Reason, Verdict


def judge_session(
    instance: Instance, step: Step, requirement: Requirement, listening: Listening
) -> None:
    """Judge one rule of a message session on a finished instance."""
    match requirement.rule:
        case Rule.TEARDOWN:
            judge_teardown(instance, step, requirement, listening)
        case Rule.AT_END:
            judge_delivered(instance, step, requirement, listening)
        case _:
            judge_any(instance, step, requirement)


def judge_teardown(
    instance: Instance, step: Step, requirement: Requirement, listening: Listening
) -> None:
    """Judge who ended the session and when (verdicts: tear-down of a push; N1, N8, N13)."""
    bound = instance.program.hops[step.hops[0]].sender
    ended = first_bye(instance)
    if ended is None:
        return
    role, observation = ended
    channel = instance.channel(step)
    unfinished = unfinished_message(instance, channel, ended, listening)
    if role is bound:
        if unfinished is not None and channel is not None:
            excuse = _lost(instance, channel, unfinished, ended)
            _inside(instance, step, requirement, role, (unfinished, observation), excuse)
        elif _not_delivered(instance, step, role, observation, listening) and not may_lack_some(
            channel, listening
        ):
            lost = closed_before(instance, channel, role, observation)
            _too_early(instance, step, requirement, role, observation, lost)
        elif _too_late(instance, channel, observation) and not may_lack_some(channel, listening):
            _late(instance, step, requirement, role, observation)
        else:
            judge(instance, requirement, Verdict.PASS)
    elif role in _enders(instance, step):
        instance.notes.append(f"{role} ended the session: the texts disagree on who does")
    else:
        _by_another(instance, step, requirement, ended, whole=unfinished is None)


def _by_another(
    instance: Instance,
    step: Step,
    requirement: Requirement,
    ended: tuple[Role | None, Observation],
    *,
    whole: bool,
) -> None:
    """A BYE from a side that the SHALL does not bind: right once all is sent, else an abort."""
    role, observation = ended
    channel = instance.channel(step)
    instance.excused = True
    delivered = channel is not None and any(t.complete for t in channel.transfers.values())
    if whole and delivered:
        instance.notes.append(f"{role or 'the core'} ended the session after the last message")
        return
    note(
        instance,
        requirement,
        Verdict.INCONC,
        f"{role or 'another role'} ended the session before the messages were delivered",
        observations=(observation,),
        reason=Reason.POLICY_UNKNOWN,
        step=step.label,
    )


def _inside(
    instance: Instance,
    step: Step,
    requirement: Requirement,
    role: Role,
    seen: tuple[Observation, Observation],
    excuse: tuple[str, Reason] | None,
) -> None:
    """A BYE inside a message: a fault, unless the connection may have been lost before."""
    said = f"{role} ended the session inside a message"
    note(
        instance,
        requirement,
        Verdict.INCONC if excuse else Verdict.FAIL,
        f"{said}; {excuse[0]}" if excuse else said,
        observations=seen,
        role=None if excuse else role,
        reason=excuse[1] if excuse else None,
        repair="send BYE after the last message was answered",
        step=step.label,
    )


def _lost(
    instance: Instance,
    channel: Channel,
    unfinished: Observation,
    ended: tuple[Role | None, Observation],
) -> tuple[str, Reason] | None:
    """What excuses a BYE inside a message, and why that says nothing; None if nothing does."""
    closed = closed_before(instance, channel, *ended)
    if closed:
        return closed, Reason.SPEC_AMBIGUOUS
    if stood(channel, unfinished, ended[1]):
        return None
    return "its connection may have been lost", Reason.GAP


def _too_early(
    instance: Instance,
    step: Step,
    requirement: Requirement,
    role: Role,
    bye: Observation,
    lost: str,
) -> None:
    """A BYE before all was delivered: a fault, but where the other side had left already."""
    said = f"{role} ended the session before all chosen messages were delivered"
    note(
        instance,
        requirement,
        Verdict.INCONC if lost else Verdict.FAIL,
        f"{said}; {lost}" if lost else said,
        observations=(bye,),
        role=None if lost else role,
        reason=Reason.SPEC_AMBIGUOUS if lost else None,
        repair="send BYE once all chosen messages were delivered",
        step=step.label,
    )


def _too_late(instance: Instance, channel: Channel | None, bye: Observation) -> bool:
    """Whether a session whose messages had all been delivered was ended after the deadline only.

    The first copies of the BYE may have been lost before the tap.
    """
    if channel is None or not channel.seen_from:
        return False
    last = max(channel.seen_from.values(), key=lambda one: one.time)
    limit = instance.profile.teardown + instance.profile.network_leg
    late = bye.time - channel.last_time > int(limit * SECOND)
    whole = bool(channel.transfers) and all(one.complete for one in channel.transfers.values())
    return late and whole and instance.same_clock(last, bye)


def _late(
    instance: Instance, step: Step, requirement: Requirement, role: Role, bye: Observation
) -> None:
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"{role} ended the session {instance.profile.teardown:g} s or more after the last message",
        observations=(bye,),
        role=role,
        repair="send BYE once all messages were delivered",
        step=step.label,
    )


def _enders(instance: Instance, step: Step) -> set[Role]:
    return {
        instance.program.hops[other.hops[0]].sender
        for other in instance.program.steps
        if other.ends_session and other.session == step.session
    }


def _not_delivered(
    instance: Instance, step: Step, role: Role, bye: Observation, listening: Listening
) -> bool:
    """Whether the bound side hung up while chosen messages were still to come."""
    channel = instance.channel(step)
    asked = set(asked_for(instance, step.session) or ())
    asked -= taken(instance, asked, listening.memory)
    if channel is None or not asked:
        return False
    sender = channel.other(role)
    same_names = bool(delivered_by(channel, instance, sender) & asked)
    tolerance = int(instance.profile.order_tolerance * SECOND)
    timed = all(instance.same_clock(bye, one.last) for one in channel.transfers.values())
    in_time = delivered_by(channel, instance, sender, bye.time + tolerance if timed else None)
    return same_names and not asked <= in_time
