"""One hop that was not seen: shown, invisible, not due yet, or silent.

An absence convicts only here. The order of the questions is the law: was it seen, is it shown to
have happened, could it have been seen, was it due, did something come that needed it, did the
clock run past its deadline, and does what a silent peer causes stand in the capture.
"""

from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.observation.trace import GapReason, Observation
from conformance.verifier.elsewhere import nothing_left
from conformance.verifier.establishment import answer_came, not_standing
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import bits
from conformance.verifier.proof import Wait, is_invite_answer, origins, proof_of_silence
from conformance.verifier.route import bypassed
from conformance.verifier.silence import Listening
from conformance.verifier.survey import Link
from conformance.verifier.verdict import Reason, Status


@dataclass(slots=True)
class Absence:
    """How a hop ended, why, and the observations that convict when it is missing."""

    status: Status
    reason: Reason = Reason.HOP_NOT_CAPTURED
    sentence: str = ""
    evidence: tuple[Observation, ...] = ()


def decide(instance: Instance, hop: int, run: int, listening: Listening) -> Absence:
    """Decide how one hop of the run ended."""
    if instance.mask >> hop & 1:
        return Absence(Status.OBSERVED)
    certain = _certain(instance, hop)
    if certain is not None:
        return certain
    links = listening.links(instance, hop)
    if shown(instance, hop):
        return _shown(instance, hop, links, listening)
    if not links:
        sentence = f"{_name(instance, hop, listening)} was not captured"
        sentence += listening.hint(instance, hop)
        return Absence(Status.UNOBSERVED, Reason.HOP_NOT_CAPTURED, sentence)
    due = _due(instance, hop, run)
    if due is None:
        return Absence(Status.PENDING, Reason.CAPTURE_ENDS_EARLY, "was not due yet")
    return _silent(instance, hop, links, due, listening)


def _certain(instance: Instance, hop: int) -> Absence | None:
    """What needs no look at the links: the message's own Vias, or that it cannot be told."""
    arrow = instance.program.hops[hop]
    if instance.step(hop).kind is Kind.REQUEST:
        evidence = bypassed(instance, hop)
        if evidence:
            sentence = f"the message went round {arrow.sender} to {arrow.receiver}: its Via shows"
            return Absence(Status.MISSING, Reason.GAP, sentence, evidence)
    if instance.ambiguous >> hop & 1:
        sentence = "two conversations fit one message equally"
        return Absence(Status.UNOBSERVED, Reason.AMBIGUOUS_CORRELATION, sentence)
    return None


def _name(instance: Instance, hop: int, listening: Listening) -> str:
    return "{} to {}".format(*listening.between(instance, hop))


def shown(instance: Instance, hop: int) -> bool:
    """Whether what was seen proves that this hop happened."""
    if instance.plan.proves[hop] & instance.mask:
        return True
    step = instance.step(hop)
    if step.kind is Kind.RESPONSE:
        return answer_came(instance, step, hop)
    if step.kind is Kind.REQUEST and instance.answered_unseen(step):
        return True
    if step.kind in (Kind.REQUEST, Kind.ACKNOWLEDGE):
        return any(occurrence.refused for occurrence in instance.occurrences[step.index])
    return False


def _shown(instance: Instance, hop: int, links: list[Link], listening: Listening) -> Absence:
    name, hint = _name(instance, hop, listening), listening.hint(instance, hop)
    if not links:
        sentence = f"{name} was not captured{hint}"
        return Absence(Status.UNOBSERVED, Reason.HOP_NOT_CAPTURED, sentence)
    start = min(listening.survey.starts.values(), default=0)
    early = instance.starts_late or instance.first_time - start < SECOND
    reason = Reason.CAPTURE_STARTS_LATE if early else Reason.GAP
    return Absence(Status.UNOBSERVED, reason, f"{name} happened but is not in the capture{hint}")


def _due(instance: Instance, hop: int, run: int) -> Seen | None:
    """What made the hop due: the last of its causes, all seen or shown; None if not due."""
    latest: Seen | None = None
    for cause in bits(instance.program.enabled_by[hop]):
        if not run >> instance.step(cause).index & 1:
            continue
        seen = instance.first[cause]
        if seen is None:
            if not shown(instance, cause):
                return None
            continue
        if _lost(seen):
            return None
        if latest is None or seen.time > latest.time:
            latest = seen
    if latest is None and instance.program.enabled_by[hop]:
        return _last_seen(instance)
    return latest


def _lost(seen: Seen) -> bool:
    """Whether an answer did not arrive: its request was sent again after it was seen."""
    transaction = seen.event.transaction if seen.event else None
    request = transaction.request if transaction else None
    if seen.event is None or request is None or request is seen.event or not request.repeats:
        return False
    return request.repeats[-1] > seen.last


def _running(instance: Instance, step: Step) -> str:
    """Why a session's end is not due: its messages were not seen, or not all of them."""
    channel = instance.channel(step)
    if channel is None or not channel.seen_from:
        return "the session's messages were not captured, so that its end cannot be told"
    transfers = list(channel.transfers.values())
    if not any(transfer.complete for transfer in transfers):
        return "no message of the session was seen whole"
    if any(not (transfer.complete or transfer.aborted) for transfer in transfers):
        return "a message of the session is still under way"
    return ""


def _last_seen(instance: Instance) -> Seen | None:
    seen = [one for one in instance.first if one is not None]
    return max(seen, key=lambda one: one.time, default=None)


def _silent(
    instance: Instance, hop: int, links: list[Link], due: Seen, listening: Listening
) -> Absence:
    """A visible hop that was due and did not come."""
    name = _name(instance, hop, listening)
    step = instance.step(hop)
    pointless = _pointless(instance, hop, due, name)
    if pointless is not None:
        return pointless
    wait = _wait(instance, hop, due, listening)
    left = nothing_left(instance, step, wait.end, listening) if step.kind is Kind.SEND else ""
    if left:
        return Absence(Status.PENDING, Reason.POLICY_UNKNOWN, f"{name}: {left}")
    hidden = _hidden(instance, hop, links, wait, listening)
    if hidden is not None:
        return hidden
    proof = proof_of_silence(instance, hop, wait, listening)
    if proof is None:
        sentence = f"{name}: nothing shows that it was still awaited"
        return Absence(Status.PENDING, Reason.GAP, sentence)
    return _missing(instance, name, due, wait, proof)


def _pointless(instance: Instance, hop: int, due: Seen, name: str) -> Absence | None:
    """Why a hop that was due need not come: something else has come before it, or has not."""
    step = instance.step(hop)
    running = _running(instance, step) if step.ends_session and hop == step.hops[0] else ""
    if running:
        return Absence(Status.PENDING, Reason.HOP_NOT_CAPTURED, f"{name}: {running}")
    idle = _run_out(instance, hop, due) or not_standing(instance, step)
    if idle:
        return Absence(Status.PENDING, Reason.GAP, f"{name}: {idle}")
    refused = _refused(instance, step, due)
    if refused:
        return Absence(Status.DECLINED, Reason.POLICY_UNKNOWN, f"{name}: {refused}")
    return None


def _run_out(instance: Instance, hop: int, due: Seen) -> str:
    """Why an answer that came so late does not go on: nobody waits for it (RFC 4320 4.2)."""
    step = instance.step(hop)
    passes_on = instance.step(due.hop).kind is Kind.RESPONSE
    if step.kind is not Kind.RESPONSE or not passes_on or is_invite_answer(instance, step):
        return ""
    limit = int(instance.profile.network_leg * SECOND) - SECOND
    asked = [seen.time for origin in origins(instance, hop) for seen in instance.all[origin]]
    late = any(due.last - time > limit for time in asked)
    return "the answer came when nobody waited for it any more" if late else ""


def _refused(instance: Instance, step: Step, due: Seen) -> str:
    """Why a request was not passed on: whoever was to do it refused it, as it may; "" if not.

    A session's end may cross another one, so that who keeps its dialog knows it no more (481).
    """
    transaction = due.event.transaction if due.event else None
    if step.kind is not Kind.REQUEST or due.hop not in step.hops or transaction is None:
        return ""
    for answer in transaction.final:
        status = getattr(answer.message, "status", 0)
        if status == 481 or (status >= 300 and not instance.profile.departs(status)):
            return f"{said(answer.observation)} was the answer to it"
    return ""


def _wait(instance: Instance, hop: int, due: Seen, listening: Listening) -> Wait:
    step = instance.step(hop)
    since = due.time
    if step.ends_session and hop == step.hops[0]:
        channel = instance.channel(step)
        since = max(since, channel.last_time if channel else 0)
    successor = _successor(instance, hop, due, listening)
    # What was sent again may have arrived only then.
    end = (
        successor.time if successor else max(since, due.last) + _deadline(instance, hop, listening)
    )
    return Wait(due, since, end, successor)


def _hidden(
    instance: Instance, hop: int, links: list[Link], wait: Wait, listening: Listening
) -> Absence | None:
    """What may have hidden the hop: another clock, the end, a gap, an unwatched direction."""
    name = _name(instance, hop, listening)
    reason, why = Reason.GAP, ""
    gap = listening.gap_between(wait.since, wait.end, links)
    if not listening.one_clock(wait.due.observation, links):
        reason, why = Reason.AMBIGUOUS_CORRELATION, "the link was recorded by another clock"
    elif wait.successor is None and listening.clock_end(instance) <= wait.end:
        reason, why = Reason.CAPTURE_ENDS_EARLY, "the capture ends before the deadline"
    elif gap is not None:
        encrypted = gap.reason is GapReason.UNDECRYPTABLE
        reason = Reason.UNDECRYPTABLE if encrypted else Reason.GAP
        why = f"{gap.where} (after frame {gap.after_frame})"
    elif not listening.both_ways(links):
        reason, why = Reason.HOP_NOT_CAPTURED, "only one direction of the link was captured"
    elif listening.memory.orphaned(links, wait.since, wait.end, instance.step(hop).method):
        why = "an answer was seen whose request was not"
    elif _blind(instance, hop):
        why = "other messages of this conversation are missing from that link"
    return Absence(Status.PENDING, reason, f"{name}: {why}") if why else None


def _blind(instance: Instance, hop: int) -> bool:
    """Whether the link hides what is shown to have happened on it: then silence says nothing."""
    arrow = instance.program.hops[hop]
    ends = {arrow.sender, arrow.receiver}
    return any(
        {other.sender, other.receiver} == ends
        and other.index != hop
        and not instance.mask >> other.index & 1
        and instance.step(other.index).kind in (Kind.REQUEST, Kind.RESPONSE)
        and instance.plan.proves[other.index] & instance.mask
        for other in instance.program.hops
    )


def _missing(instance: Instance, name: str, due: Seen, wait: Wait, proof: str) -> Absence:
    if wait.successor is not None:
        later = wait.successor
        words = f"{said(later.observation)} (step {instance.step(later.hop).label})"
        sentence = f"{name}: nothing was sent, and {words} followed"
        evidence = (due.observation, later.observation)
        return Absence(Status.MISSING, Reason.GAP, sentence, evidence)
    seconds = (wait.end - wait.since) // SECOND
    sentence = f"{name}: nothing within {seconds} s of {said(due.observation)}; {proof}"
    return Absence(Status.MISSING, Reason.GAP, sentence, (due.observation,))


def _successor(instance: Instance, hop: int, due: Seen, listening: Listening) -> Seen | None:
    """Something seen, by the same clock, that may only come after this hop."""
    later = instance.program.after[hop] & instance.mask
    seen = [one for one in (instance.first[bit] for bit in bits(later)) if one is not None]
    timed = [one for one in seen if listening.same_clock(one.observation, due.observation)]
    return min(timed, key=lambda one: one.time, default=None)


def _deadline(instance: Instance, hop: int, listening: Listening) -> int:
    """How long the hop may take, in ns: the flow's own deadline, else the profile's."""
    profile, step = instance.profile, instance.step(hop)
    at_client = Role.CLIENT in listening.between(instance, hop)
    seconds: float
    if step.deadline is not None:
        seconds = (
            step.deadline.seconds
            if step.deadline.seconds is not None
            else float(profile.value(step.deadline.setting)[0])
        )
    elif step.ends_session and hop == step.hops[0]:
        seconds = profile.teardown
    elif step.kind is Kind.RESPONSE and is_invite_answer(instance, step):
        seconds = profile.timer_c
    elif at_client:
        seconds = profile.client_leg
    else:
        seconds = profile.network_leg
    if at_client:
        seconds = max(seconds, profile.client_leg)
    return int(seconds * SECOND)
