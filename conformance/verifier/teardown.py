"""The rules of a message session that has ended: who ended it, and when."""

from conformance.cpm.role import Role
from conformance.flow.program import Requirement, Rule, Step
from conformance.observation.trace import Observation
from conformance.verifier.delivered import asked_for, delivered_by
from conformance.verifier.delivery import judge_any, judge_delivered
from conformance.verifier.elsewhere import taken
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import Excuse, fault, judge, note
from conformance.verifier.instance import Instance
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel
from conformance.verifier.underway import (
    LOST,
    closed_before,
    first_bye,
    gave_up,
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
            fault(
                instance,
                requirement,
                role,
                f"{role} ended the session inside a message",
                _inside(instance, channel, unfinished, ended),
                observations=(unfinished, observation),
                repair="send BYE after the last message was answered",
                step=step.label,
            )
        elif _not_delivered(instance, step, role, observation, listening) and not may_lack_some(
            channel, listening
        ):
            _too_early(instance, step, requirement, role, observation)
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
    channel: Channel,
    unfinished: Observation,
    ended: tuple[Role | None, Observation],
) -> Excuse | None:
    """What excuses a BYE inside a message; None if nothing does."""
    closed = closed_before(instance, channel, *ended)
    return closed or (None if stood(channel, unfinished, ended[1]) else LOST)


def _too_early(
    instance: Instance, step: Step, requirement: Requirement, role: Role, bye: Observation
) -> None:
    """A BYE before all was delivered: a fault, but where no more could be awaited."""
    channel = instance.channel(step)
    fault(
        instance,
        requirement,
        role,
        f"{role} ended the session before all chosen messages were delivered",
        closed_before(instance, channel, role, bye) or gave_up(instance, channel, bye),
        observations=(bye,),
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
    fault(
        instance,
        requirement,
        role,
        f"{role} ended the session {instance.profile.teardown:g} s or more after the last message",
        observations=(bye,),
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
