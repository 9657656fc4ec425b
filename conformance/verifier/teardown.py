"""The rules of a message session: what was delivered, who ended it and when, who sent content."""

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Never, Requirement, Rule, Step
from conformance.observation.trace import Observation
from conformance.verifier.delivered import asked_for, delivered_by
from conformance.verifier.elsewhere import taken
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import judge, note
from conformance.verifier.instance import Instance
from conformance.verifier.predicate import holds
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel, Transfer
from conformance.verifier.underway import may_lack_some, stood, unfinished_message
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
    ended = _first_bye(instance)
    if ended is None:
        return
    role, observation = ended
    channel = instance.channel(step)
    unfinished = unfinished_message(instance, channel, ended, listening)
    if role is bound:
        if unfinished is not None and channel is not None:
            is_sure = stood(channel, unfinished, observation)
            _inside(instance, step, requirement, role, (unfinished, observation), is_sure=is_sure)
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
    step: Step,
    requirement: Requirement,
    role: Role,
    seen: tuple[Observation, Observation],
    *,
    is_sure: bool,
) -> None:
    """A BYE inside a message: a fault, unless the connection may have been lost before."""
    why = "" if is_sure else "; its connection may have been lost"
    note(
        instance,
        requirement,
        Verdict.FAIL if is_sure else Verdict.INCONC,
        f"{role} ended the session inside a message{why}",
        observations=seen,
        role=role if is_sure else None,
        reason=None if is_sure else Reason.GAP,
        repair="send BYE after the last message was answered",
        step=step.label,
    )


def _too_early(
    instance: Instance, step: Step, requirement: Requirement, role: Role, bye: Observation
) -> None:
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"{role} ended the session before all chosen messages were delivered",
        observations=(bye,),
        role=role,
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


def _first_bye(instance: Instance) -> tuple[Role | None, Observation] | None:
    """Who sent the first BYE, by the hop it took or by the roles of its link."""
    found: list[tuple[int, Role | None, Observation]] = [
        (seen.time, instance.program.hops[seen.occurrence.step.hops[0]].sender, seen.observation)
        for seen in instance.byes
    ]
    for event in instance.aborts:
        ends = event.senders - {Role.CORE}
        role = next(iter(ends)) if len(ends) == 1 else _opposite(instance, event.receivers)
        found.append((event.time, role, event.observation))
    if not found:
        return None
    _, role, observation = min(found, key=lambda one: one[0])
    return role, observation


def _opposite(instance: Instance, receivers: frozenset[Role]) -> Role | None:
    """A BYE that the core hands to one party comes from the other."""
    for channel in instance.channels.values():
        if channel.offerer in receivers:
            return channel.answerer
        if channel.answerer in receivers:
            return channel.offerer
    return None


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


def judge_delivered(
    instance: Instance, step: Step, requirement: Requirement, listening: Listening
) -> None:
    """What was delivered against what was chosen, once both are known to name the same thing."""
    channel = instance.channel(step)
    asked = asked_for(instance, step.session)
    if channel is None or not channel.transfers or asked == ():
        return
    sender = instance.program.hops[step.hops[0]].sender
    delivered = delivered_by(channel, instance, sender)
    if asked is None or not delivered & _listed(instance, asked):
        if delivered:
            _unreadable(instance, step, requirement)
        return
    extra, lacking = delivered - set(asked), set(asked) - delivered
    lacking -= taken(instance, lacking, listening.memory)
    ended = _first_bye(instance)
    observations = [transfer.first for transfer in channel.from_role(sender)][:4]
    if extra:
        said = f"delivered without being chosen: {', '.join(sorted(extra))}"
        _wrong_set(instance, step, requirement, sender, said, observations)
    elif not lacking:
        judge(instance, requirement, Verdict.PASS)
    elif ended is None or ended[0] is not sender or may_lack_some(channel, listening):
        return
    # Who is not heard after the last chunk may have closed the connection.
    elif all(channel.is_answered(transfer) for transfer in channel.from_role(sender)):
        said = f"chosen and never delivered: {', '.join(sorted(lacking))}"
        _wrong_set(instance, step, requirement, sender, said, [*observations, ended[1]])


def _listed(instance: Instance, asked: tuple[str, ...]) -> set[str]:
    """Every identity that the list named, or the actions did."""
    found = set(asked)
    for step in instance.program.steps:
        if step.method == "NOTIFY":
            found.update(instance.earlier("list.identities", step.index) or ())
    return found


def _unreadable(instance: Instance, step: Step, requirement: Requirement) -> None:
    note(
        instance,
        requirement,
        Verdict.INCONC,
        "no delivered imdn.Message-ID equals a listed identity: they may name different things",
        reason=Reason.IDENTITY_UNREADABLE,
        step=step.label,
    )


def _wrong_set(
    instance: Instance,
    step: Step,
    requirement: Requirement,
    role: Role,
    said: str,
    observations: list[Observation],
) -> None:
    note(
        instance,
        requirement,
        Verdict.FAIL,
        said,
        expected=("exactly the messages whose action is retrieve",),
        observations=observations,
        role=role,
        repair="deliver exactly the messages that were chosen",
        step=step.label,
    )


def judge_any(instance: Instance, step: Step, requirement: Requirement) -> None:
    """At least one message was delivered over the session; at most one, where that is asked."""
    channel = instance.channel(step)
    if channel is None:
        return
    whole = [
        t for t in channel.from_role(instance.program.hops[step.hops[0]].sender) if t.complete
    ]
    if requirement.reason == "at most one":
        if len(whole) > 1 and _given(instance, requirement):
            sent = [transfer.first for transfer in whole[:2]]
            said = f"{len(whole)} messages in one session"
            _wrong_set(instance, step, requirement, Role.PF, said, sent)
        elif whole:
            judge(instance, requirement, Verdict.PASS)
        return
    if whole:
        judge(instance, requirement, Verdict.PASS)


def _given(instance: Instance, requirement: Requirement) -> bool:
    if requirement.given is None:
        return True
    for group in instance.occurrences:
        for occurrence in group:
            content = occurrence.content
            if holds(requirement.given, content, instance.profile, instance.earlier) is True:
                return True
    return False


def judge_never(instance: Instance, never: Never) -> None:
    """Content in a session from a side that must not send it (7.3.12 items 1 and 2, NOTE)."""
    channel = instance.channels.get(never.session if never.session is not None else -1)
    if channel is None:
        return
    for transfer in channel.from_role(never.sender):
        content = transfer.content(instance.profile.paths())
        truths = [
            holds(where, content, instance.profile, instance.earlier) for where in never.where
        ]
        if not all(truth is True for truth in truths) or not _in_time(instance, never, transfer):
            continue
        note(
            instance,
            never.requirement,
            Verdict.FAIL,
            f"{never.sender} sent {', '.join(content.media_types) or 'content'} in the session",
            observations=(transfer.first,),
            role=never.sender,
            repair=never.requirement.sentence,
        )
        return
    if channel.seen_from:
        judge(instance, never.requirement, Verdict.PASS)


def _in_time(instance: Instance, never: Never, transfer: Transfer) -> bool:
    """Before the first message that a step delivered, or after one was."""
    bound = never.before if never.before is not None else never.after
    if bound is None:
        return True
    step = instance.program.steps[bound]
    if step.kind is Kind.SEND:
        times = [
            seen.transfer.last.time
            for seen in instance.seen_at(step)
            if seen.transfer is not None and seen.transfer.complete
        ]
    else:
        times = [seen.time for seen in instance.seen_at(step)]
    if never.before is not None:
        return all(transfer.first.time < time for time in times)
    return any(time < transfer.first.time for time in times)
