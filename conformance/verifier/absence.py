"""One hop that was not seen: shown, invisible, not due yet, or silent.

An absence convicts only here. The order of the questions is the law: was it seen, is it shown to
have happened, could it have been seen, was it due, did something come that needed it, did the
clock run past its deadline, and does what a silent peer causes stand in the capture.
"""

from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.observation.packet import Transport
from conformance.observation.trace import GapReason, Observation
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import SECOND, Transaction
from conformance.verifier.findings import said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import bits
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
    links = listening.links(instance, hop)
    if instance.step(hop).kind is Kind.REQUEST:
        evidence = _bypassed(instance, hop)
        if evidence:
            arrow = instance.program.hops[hop]
            sentence = f"the message went round {arrow.sender} to {arrow.receiver}: its Via shows"
            return Absence(Status.MISSING, Reason.GAP, sentence, evidence)
    if shown(instance, hop):
        return _shown(instance, hop, links, listening)
    arrow = instance.program.hops[hop]
    if not links:
        sentence = f"{arrow.sender} to {arrow.receiver} was not captured"
        return Absence(Status.UNOBSERVED, Reason.HOP_NOT_CAPTURED, sentence)
    due = _due(instance, hop, run)
    if due is None:
        return Absence(Status.PENDING, Reason.CAPTURE_ENDS_EARLY, "was not due yet")
    return _silent(instance, hop, links, due, listening)


def shown(instance: Instance, hop: int) -> bool:
    """Whether what was seen proves that this hop happened."""
    if instance.plan.proves[hop] & instance.mask:
        return True
    step = instance.step(hop)
    if step.kind is Kind.RESPONSE:
        return _acknowledged(instance, step)
    if step.kind in (Kind.REQUEST, Kind.ACKNOWLEDGE):
        return any(occurrence.refused for occurrence in instance.occurrences[step.index])
    return False


def _acknowledged(instance: Instance, step: Step) -> bool:
    """An ACK, a BYE or MSRP of the session shows that the INVITE was answered."""
    invite = step.answers
    if invite is None or instance.program.steps[invite].method != "INVITE":
        return False
    channel = instance.channels.get(invite)
    if channel is not None and channel.seen_from:
        return True
    return bool(instance.acknowledged or instance.byes or instance.aborts)


def _shown(instance: Instance, hop: int, links: list[Link], listening: Listening) -> Absence:
    arrow = instance.program.hops[hop]
    name = f"{arrow.sender} to {arrow.receiver}"
    if not links:
        return Absence(Status.UNOBSERVED, Reason.HOP_NOT_CAPTURED, f"{name} was not captured")
    start = min(listening.survey.starts.values(), default=0)
    early = instance.starts_late or instance.first_time - start < SECOND
    reason = Reason.CAPTURE_STARTS_LATE if early else Reason.GAP
    return Absence(Status.UNOBSERVED, reason, f"{name} happened but is not in the capture")


def _due(instance: Instance, hop: int, run: int) -> Seen | None:
    """What made the hop due: the last of its causes, all of them seen or shown; None if not due."""
    latest: Seen | None = None
    for cause in bits(instance.program.enabled_by[hop]):
        if not run >> instance.step(cause).index & 1:
            continue
        seen = instance.first[cause]
        if seen is None:
            if not shown(instance, cause):
                return None
            continue
        if latest is None or seen.time > latest.time:
            latest = seen
    if latest is None and instance.program.enabled_by[hop]:
        return _last_seen(instance)
    return latest


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
    arrow = instance.program.hops[hop]
    name = f"{arrow.sender} to {arrow.receiver}"
    step = instance.step(hop)
    successor = _successor(instance, hop)
    since = due.time
    if step.ends_session and hop == step.hops[0]:
        running = _running(instance, step)
        if running:
            return Absence(Status.PENDING, Reason.HOP_NOT_CAPTURED, f"{name}: {running}")
        channel = instance.channel(step)
        since = max(since, channel.last_time if channel else 0)
    end = successor.time if successor else since + _deadline(instance, hop)
    if successor is None and listening.clock_end(instance) <= end:
        sentence = f"{name}: the capture ends before the deadline"
        return Absence(Status.PENDING, Reason.CAPTURE_ENDS_EARLY, sentence)
    gap = listening.gap_between(since, end, links)
    if gap is not None:
        reason = Reason.GAP
        if gap.reason is GapReason.UNDECRYPTABLE:
            reason = Reason.UNDECRYPTABLE
        sentence = f"{name}: {gap.where} (after frame {gap.after_frame})"
        return Absence(Status.PENDING, reason, sentence)
    if not listening.both_ways(links):
        sentence = f"{name}: only one direction of the link was captured"
        return Absence(Status.PENDING, Reason.HOP_NOT_CAPTURED, sentence)
    proof = _proof_of_silence(instance, hop, due)
    if proof is None:
        sentence = f"{name}: nothing shows that it was still awaited"
        return Absence(Status.PENDING, Reason.GAP, sentence)
    if successor is not None:
        words = f"{said(successor.observation)} (step {instance.step(successor.hop).label})"
        sentence = f"{name}: nothing was sent, and {words} followed"
        evidence = (due.observation, successor.observation)
        return Absence(Status.MISSING, Reason.GAP, sentence, evidence)
    seconds = (end - since) // SECOND
    sentence = f"{name}: nothing within {seconds} s of {said(due.observation)}; {proof}"
    return Absence(Status.MISSING, Reason.GAP, sentence, (due.observation,))


def _successor(instance: Instance, hop: int) -> Seen | None:
    """Something seen that may only come after this hop."""
    later = instance.program.after[hop] & instance.mask
    seen = [one for one in (instance.first[bit] for bit in bits(later)) if one is not None]
    return min(seen, key=lambda one: one.time, default=None)


def _deadline(instance: Instance, hop: int) -> int:
    """How long the hop may take, in ns: the flow's own deadline, else the profile's for the leg."""
    profile, step = instance.profile, instance.step(hop)
    arrow = instance.program.hops[hop]
    seconds: float
    if step.deadline is not None:
        seconds = (
            step.deadline.seconds
            if step.deadline.seconds is not None
            else float(profile.value(step.deadline.setting)[0])
        )
    elif step.ends_session and hop == step.hops[0]:
        seconds = profile.teardown
    elif step.kind is Kind.RESPONSE and _is_invite_answer(instance, step):
        seconds = profile.timer_c
    elif Role.CLIENT in (arrow.sender, arrow.receiver):
        seconds = profile.client_leg
    else:
        seconds = profile.network_leg
    if Role.CLIENT in (arrow.sender, arrow.receiver):
        seconds = max(seconds, profile.client_leg)
    return int(seconds * SECOND)


def _is_invite_answer(instance: Instance, step: Step) -> bool:
    return step.answers is not None and instance.program.steps[step.answers].method == "INVITE"


def _proof_of_silence(instance: Instance, hop: int, due: Seen) -> str | None:
    """What a silent peer causes; None when its absence shows that the capture missed something."""
    step = instance.step(hop)
    if step.kind is Kind.RESPONSE:
        return _unanswered(instance, hop)
    if step.method == "ACK":
        return _unacknowledged(instance, hop)
    return "both directions of the link were watched"


def _unanswered(instance: Instance, hop: int) -> str | None:
    """The request at this link was sent again, or given up, or went over a reliable transport."""
    step = instance.step(hop)
    for earlier in step.hops[: step.hops.index(hop)]:
        for seen in instance.all[earlier]:
            if _is_invite_answer(instance, step) and seen.event and seen.event.repeats:
                return f"the answer before it was sent again {len(seen.event.repeats)} times"
    for origin, answers in instance.plan.reverse.items():
        if hop not in answers:
            continue
        for seen in instance.all[origin]:
            if seen.event is None or seen.event.transaction is None:
                continue
            found = _still_waiting(seen, seen.event.transaction)
            if found is not None:
                return found
    return None


def _still_waiting(seen: Seen, transaction: Transaction) -> str | None:
    if transaction.final:
        return None
    if seen.event is not None and seen.event.repeats:
        return f"the request was sent again {len(seen.event.repeats)} times"
    if seen.observation.transport is not Transport.UDP:
        return "the request went over a reliable transport without a gap"
    if seen.event is not None and seen.occurrence.cancelled:
        return "the request was cancelled"
    return None


def _unacknowledged(instance: Instance, hop: int) -> str | None:
    """Whoever answered the INVITE at this link sent the answer again."""
    arrow = instance.program.hops[hop]
    for other in instance.program.hops:
        if (other.sender, other.receiver) != (arrow.receiver, arrow.sender):
            continue
        if instance.step(other.index).kind is not Kind.RESPONSE:
            continue
        for seen in instance.all[other.index]:
            if seen.event is not None and seen.event.repeats:
                return f"the answer was sent again {len(seen.event.repeats)} times"
    return None


def _bypassed(instance: Instance, hop: int) -> tuple[Observation, ...]:
    """Two seen hops of one message between which fewer Vias were added than hops lie."""
    chain = sorted([hop, *bits(instance.plan.chain[hop])])
    place = chain.index(hop)
    before = next((h for h in reversed(chain[:place]) if instance.first[h]), None)
    after = next((h for h in chain[place:] if instance.first[h]), None)
    if before is None or after is None:
        return ()
    one, other = instance.first[before], instance.first[after]
    if one is None or other is None:
        return ()
    first, second = one.observation.message, other.observation.message
    if not isinstance(first, SipRequest) or not isinstance(second, SipRequest):
        return ()
    if (first.call_id, first.cseq) != (second.call_id, second.cseq):
        return ()
    vias, longer = _sent_bys(first), _sent_bys(second)
    added = len(longer) - len(vias)
    if added < 1 or longer[added:] != vias or added >= chain.index(after) - chain.index(before):
        return ()
    return one.observation, other.observation


def _sent_bys(request: SipRequest) -> list[str]:
    return [via.partition(";")[0].strip() for via in request.vias]
