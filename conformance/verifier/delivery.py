"""The rules of what a message session delivers: the chosen messages, how many, and by whom."""

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Never, Requirement, Step
from conformance.observation.trace import Observation
from conformance.verifier.delivered import asked_for, delivered_by
from conformance.verifier.elsewhere import taken
from conformance.verifier.findings import Excuse, fault, judge, note
from conformance.verifier.instance import Instance
from conformance.verifier.predicate import holds
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel, Transfer
from conformance.verifier.underway import LOST, closed_before, first_bye, may_lack_some
from conformance.verifier.verdict import Reason, Verdict


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
    ended = first_bye(instance)
    observations = [transfer.first for transfer in channel.from_role(sender)][:4]
    if extra:
        said = f"delivered without being chosen: {', '.join(sorted(extra))}"
        _wrong_set(instance, step, requirement, sender, said, observations)
    elif not lacking:
        judge(instance, requirement, Verdict.PASS)
    elif ended is not None and ended[0] is sender:
        said = f"chosen and never delivered: {', '.join(sorted(lacking))}"
        excuse = _excused(instance, channel, sender, ended[1], listening)
        _wrong_set(
            instance, step, requirement, sender, said, [*observations, ended[1]], excuse=excuse
        )


def _excused(
    instance: Instance, channel: Channel, sender: Role, bye: Observation, listening: Listening
) -> Excuse | None:
    """What excuses whoever delivered less and hung up; None if nothing does."""
    closed = closed_before(instance, channel, sender, bye)
    if closed is not None:
        return closed
    if may_lack_some(channel, listening):
        return Excuse("the capture may lack a part of the session", Reason.GAP)
    return None if all(map(channel.is_answered, channel.from_role(sender))) else LOST


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
    *,
    excuse: Excuse | None = None,
) -> None:
    fault(
        instance,
        requirement,
        role,
        said,
        excuse,
        expected=("exactly the messages whose action is retrieve",),
        observations=observations,
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
