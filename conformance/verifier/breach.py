"""Breaches: what is wrong the moment it is seen. Absence is never decided here (see `settle`)."""

from conformance.flow.program import Kind, Level, Requirement, Rule, Step
from conformance.observation.packet import Transport
from conformance.sip.message import SipResponse
from conformance.verifier.findings import judge, note, said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import bits
from conformance.verifier.predicate import steps_of
from conformance.verifier.silence import Listening
from conformance.verifier.told import describe
from conformance.verifier.verdict import Reason, Verdict

_T1 = 400_000_000
"""RFC 3261's T1, less what a clock may be off."""


def order(instance: Instance, seen: Seen) -> None:
    """Note every hop that was seen before this one although it may only come after it.

    It is a suspicion until the instance settles: a second dialog may explain it.
    """
    if instance.first[seen.hop] is not None:
        return
    early = instance.program.after[seen.hop] & instance.mask
    if not early or _happened_before(instance, seen):
        return
    tolerance = int(instance.profile.order_tolerance * 1e9)
    for hop in bits(early):
        first = instance.first[hop]
        if first is None or not instance.same_clock(first.observation, seen.observation):
            continue
        if seen.time - first.time > tolerance and _convicts(instance, seen, first):
            instance.disorder.append((first, seen))
            return


def after_the_end(instance: Instance, seen: Seen) -> None:
    """Note a message of a loop that its sender sent after it had ended the session itself.

    What crosses the other side's BYE is right.
    """
    sender = instance.program.hops[seen.hop].sender
    tolerance = int(instance.profile.order_tolerance * 1e9)
    for bye in instance.byes:
        if instance.program.hops[bye.occurrence.step.hops[0]].sender is not sender:
            continue
        if seen.time - bye.time > tolerance and instance.same_clock(
            bye.observation, seen.observation
        ):
            instance.disorder.append((bye, seen))
            return


def judge_order(instance: Instance, listening: Listening) -> None:
    """Judge the breaches of order; of several dialogs, one's order says nothing of another's."""
    many = len(instance.dialogs) > 1
    for first, seen in instance.disorder:
        step = instance.step(first.hop)
        in_session = step.kind in (Kind.SEND, Kind.CONNECT) or step.ends_session
        if many and in_session:
            continue
        if hidden := _earlier_one_hidden(instance, first, seen, listening):
            _order_unknown(instance, first, seen, hidden)
        else:
            _out_of_order(instance, first, seen)


def _earlier_one_hidden(instance: Instance, first: Seen, seen: Seen, listening: Listening) -> str:
    """What may have hidden an earlier one of what was seen too late; "" for nothing."""
    links = [(seen.observation.source.host, seen.observation.destination.host)]
    gap = listening.gap_between(instance.first_time, first.time, links)
    if gap is not None:
        return f"{gap.where} (after frame {gap.after_frame})"
    if seen.event is not None:
        places = [(seen.event.place_from, seen.event.place_to)]
        method = instance.step(seen.hop).method
        if listening.memory.orphaned(places, instance.first_time, first.time, method):
            return "an answer was seen whose request was not"
    return ""


def _order_unknown(instance: Instance, first: Seen, seen: Seen, hidden: str) -> None:
    step, after = instance.step(first.hop), instance.step(seen.hop)
    note(
        instance,
        _order_requirement(instance, step),
        Verdict.INCONC,
        f"{said(first.observation)} (step {step.label}) was seen before "
        f"{said(seen.observation)} of step {after.label}; an earlier one may be hidden: {hidden}",
        seen=(first, seen),
        reason=Reason.GAP,
        step=step.label,
    )


def _happened_before(instance: Instance, seen: Seen) -> bool:
    """Whether something seen earlier shows that this hop was over: what is seen is a repeat."""
    proof = instance.plan.proves[seen.hop] & instance.mask
    if instance.step(seen.hop).kind is Kind.RESPONSE:
        proof &= ~instance.plan.chain[seen.hop]
    return bool(proof)


def _may_be_repeat(seen: Seen, first: Seen) -> bool:
    """Whether an answer may be a repeat whose first copy the capture missed.

    An answer is repeated when its request is, or after T1 until the ACK: never sooner.
    """
    transaction = seen.event.transaction if seen.event else None
    if transaction is None or transaction.request is None or transaction.request.repeats:
        return True
    return seen.time - first.time >= _T1


def _convicts(instance: Instance, seen: Seen, first: Seen) -> bool:
    """Whether the two messages may be compared at all.

    A request forwarded before it was received is a fault of the capture; what the same message
    brought elsewhere is judged at the role that must keep the order.
    """
    if _overtaken(seen, first) or _of_other_branch(instance, seen, first):
        return False
    if _only_forwarded(instance, seen, first) or _stamped_late(instance, seen, first):
        return False
    answer = instance.step(seen.hop).kind is Kind.RESPONSE
    if instance.plan.chain[seen.hop] >> first.hop & 1 and not answer:
        return False
    if answer and _may_be_repeat(seen, first):
        return False
    if instance.step(first.hop).kind in (Kind.CONNECT, Kind.SEND):
        return not (instance.reliable_answer or first.passive)
    return True


def _overtaken(seen: Seen, first: Seen) -> bool:
    """Whether the network alone may have done it: two datagrams the same way keep no order.

    The one that comes second may as well be a repeat of one that was lost before the tap.
    """
    one, other = seen.observation, first.observation
    same_way = (one.source.host, one.destination.host) == (
        other.source.host,
        other.destination.host,
    )
    return same_way and one.transport is Transport.UDP is other.transport


def _only_forwarded(instance: Instance, seen: Seen, first: Seen) -> bool:
    """Whether who sent it only passed on what had come so: the order is its maker's to keep."""
    hops = instance.step(first.hop).hops
    before = [hop for hop in hops[: hops.index(first.hop)] if instance.first[hop] is not None]
    return any(instance.program.after[seen.hop] >> hop & 1 for hop in before)


def _stamped_late(instance: Instance, seen: Seen, first: Seen) -> bool:
    """Whether a mirror had what came too late before the other came, and only stamped it later.

    What passes through it is stamped as it comes; what it sends, once it is sent (HEP).
    """
    one, other = seen.observation, first.observation
    if not (one.copied and other.copied) or one.capture != other.capture:
        return False
    mirror = one.source.host
    if other.destination.host != mirror:
        return False
    hops = instance.step(seen.hop).hops
    came = (instance.first[hop] for hop in hops[: hops.index(seen.hop)])
    return any(
        early is not None
        and early.observation.destination.host == mirror
        and early.time <= first.time
        for early in came
    )


def _of_other_branch(instance: Instance, seen: Seen, first: Seen) -> bool:
    """Whether two answers may be to different requests: other branches of a fork, or repetitions.

    One says nothing of the other.
    """
    if not instance.plan.chain[seen.hop] >> first.hop & 1:
        return False
    if set(seen.occurrence.keys) & set(first.occurrence.keys):
        return False
    asked = [[one.event.message for one in group if one.event] for group in instance.all]
    return any(len({(one.call_id, one.cseq) for one in group}) > 1 for group in asked)


def _out_of_order(instance: Instance, first: Seen, seen: Seen) -> None:
    step = instance.step(first.hop)
    requirement = _order_requirement(instance, step)
    if instance.profile.relaxes_order(requirement.id):
        judge(instance, requirement, Verdict.PASS)
        return
    known = len(instance.findings)
    hop = instance.program.hops[first.hop]
    due = instance.program.hops[seen.hop]
    after = instance.step(seen.hop)
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"{hop.sender} sent {said(first.observation)} (step {step.label}) before "
        f"{said(seen.observation)} of step {after.label} ({due.sender} to {due.receiver})",
        expected=(f"step {after.label}: {after.text}", f"only then step {step.label}"),
        seen=(first, seen),
        role=hop.sender,
        repair=f"send {said(first.observation)} (step {step.label}) after step {after.label}",
        step=step.label,
    )
    if instance.findings[known:]:
        instance.placed.add(requirement.id)
    if instance.judged[requirement.id] is Verdict.FAIL:
        instance.breaches.append((first.hop, seen.hop))


def _order_requirement(instance: Instance, step: Step) -> Requirement:
    for requirement in step.requirements:
        if requirement.rule is Rule.CONNECT:
            return requirement
    return instance.plan.step_requirement(step)


def conditions(instance: Instance, seen: Seen) -> None:
    """Judge the conditions of a step on this message, at this hop."""
    step = seen.occurrence.step
    checks = instance.plan.checks[step.index]
    if not checks:
        return
    content = seen.event.content if seen.event else seen.occurrence.content
    earlier = instance.earlier
    for requirement, given, check in checks:
        if given is not None and given(content, earlier) is not True:
            continue
        truth = check(content, earlier)
        if truth is True:
            judge(instance, requirement, Verdict.PASS)
        elif truth is None and not _awaits(instance, requirement):
            note(
                instance,
                requirement,
                Verdict.INCONC,
                f"what {said(seen.observation)} carries could not be read",
                seen=(seen,),
                reason=Reason.IDENTITY_UNREADABLE,
                step=step.label,
            )
        elif truth is False and requirement.level is not Level.MAY:
            _broken(instance, requirement, seen)


def _awaits(instance: Instance, requirement: Requirement) -> bool:
    """Whether the condition is about a step that was not seen: that step is judged, not this."""
    steps = steps_of(requirement.condition) if requirement.condition is not None else set()
    return any(not instance.occurrences[step] for step in steps)


def _broken(instance: Instance, requirement: Requirement, seen: Seen) -> None:
    hop = instance.program.hops[seen.hop]
    step = instance.step(seen.hop)
    content = seen.event.content if seen.event else seen.occurrence.content
    why = ""
    if requirement.condition is not None:
        why = describe(requirement.condition, content, instance.profile, instance.earlier)
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"{said(seen.observation)} from {hop.sender} to {hop.receiver}: {why}",
        seen=(seen,),
        role=hop.sender,
        repair=f"mend {said(seen.observation)} of step {step.label} at {hop.sender}",
        step=step.label,
    )


def wrong_success(instance: Instance, seen: Seen) -> None:
    """A success answer that is not the printed one, where no other will do (Accepted)."""
    message, step = seen.observation.message, instance.step(seen.hop)
    if not isinstance(message, SipResponse) or not step.exact or message.status in step.statuses:
        return
    hop = instance.program.hops[seen.hop]
    # Whoever received it as it should be is to blame for what it passed on.
    before = step.hops[: step.hops.index(seen.hop)]
    is_own = any(instance.mask >> earlier & 1 for earlier in before)
    note(
        instance,
        instance.plan.step_requirement(step),
        Verdict.FAIL,
        f"{hop.sender} answered {message.status} {message.reason}",
        expected=(f"step {step.label}: {step.text}",),
        seen=(seen,),
        role=hop.sender if is_own else instance.program.hops[step.hops[0]].sender,
        repair=f"answer {min(step.statuses)} in step {step.label}",
        step=step.label,
    )
