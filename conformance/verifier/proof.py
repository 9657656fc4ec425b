"""What a silent peer causes: a request sent again to the end, given up, or gone on without.

Without it the absence of an answer shows only that the capture missed something.
"""

from dataclasses import dataclass

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.verifier.exchange import SECOND, Event, Transaction
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import bits
from conformance.verifier.silence import Listening

_ENOUGH = 24
"""Of the 64 T1 for which a request is sent again, so many must have passed."""


@dataclass(slots=True)
class Wait:
    """A hop that was awaited: from when to when, what came that needed it."""

    due: Seen
    since: int
    end: int
    successor: Seen | None


def is_invite_answer(instance: Instance, step: Step) -> bool:
    """Whether a step answers an INVITE."""
    return step.answers is not None and instance.program.steps[step.answers].method == "INVITE"


def proof_of_silence(instance: Instance, hop: int, wait: Wait, listening: Listening) -> str | None:
    """What a silent peer causes; None when its absence shows that the capture missed something."""
    step = instance.step(hop)
    if step.kind in (Kind.RESPONSE, Kind.ACKNOWLEDGE):
        return _unanswered(instance, hop, wait, listening)
    if step.method == "ACK":
        return _unacknowledged(instance, hop, wait.due)
    return "both directions of the link were watched"


def _unanswered(instance: Instance, hop: int, wait: Wait, listening: Listening) -> str | None:
    """The request was sent again to the end, or given up, or its connection went on without it."""
    repeated = _answer_repeated(instance, hop)
    if repeated is not None:
        return repeated
    for origin in origins(instance, hop):
        for seen in instance.all[origin]:
            if seen.event is None or seen.event.transaction is None:
                continue
            found = _still_waiting(instance, seen, seen.event.transaction)
            if found is not None:
                return found
            if not seen.event.transaction.final and listening.went_on(seen.observation, wait.end):
                return "the connection went on without an answer, and without a gap"
        before = _before(instance, origin, wait, listening)
        if before is not None:
            return before
    return None


def _before(instance: Instance, hop: int, wait: Wait, listening: Listening) -> str | None:
    """Whoever sent a request before this hop waited in vain: so no answer came this way either.

    Over a reliable transport nothing is sent again, and the last answer may be lost to the tap.
    """
    for earlier in bits(instance.plan.chain[hop] & ((1 << hop) - 1)):
        for seen in instance.all[earlier]:
            transaction = seen.event.transaction if seen.event else None
            link = seen.places[::-1]
            if transaction is None or not listening.both_ways([link]) or seen.direct:
                continue
            waits = _still_waiting(instance, seen, transaction)
            if waits and listening.gap_between(wait.since, wait.end, [link]) is None:
                return f"{waits} (step {instance.step(earlier).label})"
    return None


def origins(instance: Instance, hop: int) -> list[int]:
    """The request hops that this answer's link carried."""
    step = instance.step(hop)
    if step.kind is Kind.ACKNOWLEDGE and step.answers is not None:
        return list(instance.program.steps[step.answers].hops[-1:])
    return [origin for origin, answers in instance.plan.reverse.items() if hop in answers]


def _answer_repeated(instance: Instance, hop: int) -> str | None:
    """An INVITE's 2xx is sent again until its ACK: so it had not arrived further on."""
    step = instance.step(hop)
    if step.kind is not Kind.RESPONSE or not is_invite_answer(instance, step):
        return None
    for earlier in step.hops[: step.hops.index(hop)]:
        for seen in instance.all[earlier]:
            if seen.event is not None and _to_the_end(instance, hop, seen.time, seen.event):
                return f"the answer before it was sent again {len(seen.event.repeats)} times"
    return None


def _to_the_end(instance: Instance, hop: int, since: int, event: Event) -> bool:
    """Whether repeats went on for a good part of 64 T1: sooner, an answer may have come."""
    arrow, profile = instance.program.hops[hop], instance.profile
    at_client = Role.CLIENT in (arrow.sender, arrow.receiver)
    t1 = min(profile.t1, profile.t1_client) if at_client else profile.t1
    return bool(event.repeats) and event.repeats[-1] - since > int(_ENOUGH * t1 * SECOND)


def _still_waiting(instance: Instance, seen: Seen, transaction: Transaction) -> str | None:
    if transaction.final:
        return None
    if seen.event is not None and _to_the_end(instance, seen.hop, seen.time, seen.event):
        return f"the request was sent again {len(seen.event.repeats)} times"
    if seen.event is not None and seen.occurrence.cancelled:
        return "the request was cancelled"
    return None


def _unacknowledged(instance: Instance, hop: int, due: Seen) -> str | None:
    """Whoever answered the INVITE at this link sent the answer again, the ACK long due."""
    arrow = instance.program.hops[hop]
    for other in instance.program.hops:
        if (other.sender, other.receiver) != (arrow.receiver, arrow.sender):
            continue
        if instance.step(other.index).kind is not Kind.RESPONSE:
            continue
        for seen in instance.all[other.index]:
            if seen.event is not None and _to_the_end(instance, hop, due.time, seen.event):
                return f"the answer was sent again {len(seen.event.repeats)} times"
    return None
