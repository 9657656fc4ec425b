"""The rules of the deferred queue: whom to wait for, what to hand over once, what to forget."""

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Requirement, Rule, Step
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.observation.packet import Transport
from conformance.observation.trace import Observation
from conformance.verifier import findings
from conformance.verifier.exchange import SECOND, Event
from conformance.verifier.findings import note
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.memory import Copies, Memory
from conformance.verifier.verdict import Verdict

_UNSEEN = 4 * SECOND
"""After three lost copies a request is sent for the fourth time (RFC 3261 17.1.2: 7 T1)."""


def judge(instance: Instance, step: Step, requirement: Requirement, memory: Memory) -> None:
    """Judge one rule of the queue on a finished instance."""
    match requirement.rule:
        case Rule.WAIT:
            _wait(instance, requirement, memory)
        case Rule.FRESH:
            _fresh(instance, step, requirement, memory)
        case _:
            _removed(instance, step, requirement, memory)


def witness(instance: Instance, memory: Memory) -> Observation | None:
    """The registration that shows that the client was available when the flow began."""
    for client in sorted(instance.addresses().get(Role.CLIENT, ())):
        for entry in reversed(memory.history(instance.user, client)):
            if entry.seen.time < instance.first_time <= entry.until:
                return entry.seen
    return None


def _wait(instance: Instance, requirement: Requirement, memory: Memory) -> None:
    """A push to a client whose registration on that very link had ended (5.2.1.1.2)."""
    for group in instance.all:
        for seen in group:
            hop = instance.program.hops[seen.hop]
            if seen.event is None or hop.receiver is not Role.CLIENT:
                continue
            if instance.step(seen.hop).kind is not Kind.REQUEST:
                continue
            _wait_at(instance, requirement, memory, seen)
            return


def _wait_at(instance: Instance, requirement: Requirement, memory: Memory, seen: Seen) -> None:
    client = seen.places[1]
    entries = [
        entry for entry in memory.history(instance.user, client) if entry.seen.time < seen.time
    ]
    if not entries:
        return
    last = entries[-1]
    if last.until >= seen.time:
        findings.judge(instance, requirement, Verdict.PASS)
        return
    left = _left_with(instance, seen)
    if last.core != seen.places[0] or not _known_gone(instance, memory, last.until, left):
        return
    if _is_asked_for(instance, memory, client, seen):
        return
    ended = "removed" if last.removed else "expired"
    note(
        instance,
        requirement,
        Verdict.FAIL,
        f"pf pushed to {client}, whose registration was {ended} "
        f"{(seen.time - last.until) // SECOND} s before",
        observations=(last.seen, seen.observation),
        role=Role.PF,
        repair="wait for the client's next registration before pushing",
        step="1",
    )


def _left_with(instance: Instance, seen: Seen) -> int:
    """When the participating function sent what a client was seen to be sent, at the earliest."""
    key = (seen.event.message.call_id, seen.event.message.cseq) if seen.event else None
    events = [one.event for one in seen.occurrence.seen if one.event is not None]
    same = [one for one in events if (one.message.call_id, one.message.cseq) == key]
    own = [one for one in same if Role.PF in one.senders]
    return min((_left(instance, one) for one in own or same), default=seen.time)


def _is_asked_for(instance: Instance, memory: Memory, client: str, seen: Seen) -> bool:
    """Whether the client was registering again: the answer may follow the push."""
    entries = memory.history(instance.user, client)
    asked = [entry.asked for entry in entries if entry.seen.time >= seen.time]
    asked.append(memory.registering.get((instance.user, client), seen.time))
    return min(asked) < seen.time


def _known_gone(instance: Instance, memory: Memory, until: int, now: int) -> bool:
    """Whether the participating function can have known: a grace, or it was told."""
    told, removed = memory.third_party.get(instance.user, (0, False))
    if removed and until <= told < now:
        return True
    return now - until > instance.profile.network_leg * SECOND


def _fresh(instance: Instance, step: Step, requirement: Requirement, memory: Memory) -> None:
    """What was delivered to a client and confirmed is not delivered to it again."""
    for seen, identity, client in _handed_over(instance, step):
        for earlier in memory.deliveries.get(identity, ()):
            if not earlier.sure or earlier.client != client or earlier.time >= seen.time:
                continue
            if earlier.call_id in instance.legs or not _knew(memory, identity, seen.time):
                continue
            note(
                instance,
                requirement,
                Verdict.FAIL,
                f"message {identity} was pushed to {client} again after its confirmed delivery",
                observations=(earlier.observation, seen.observation),
                role=Role.PF,
                repair="remove a delivered message from the queue",
                step=step.label,
            )
            return
        findings.judge(instance, requirement, Verdict.PASS)


def _knew(memory: Memory, identity: str, now: int) -> bool:
    """Whether the participating function can have known of a delivery by MESSAGE.

    Where its own MESSAGE was captured its answer must have been too; else the client's is taken
    for it.
    """
    known = memory.told.get(identity)
    return not known or any(told.before(now) for told in known.values())


def _handed_over(instance: Instance, step: Step) -> list[tuple[Seen, str, str]]:
    """Each message of a step that reached a client: (where, imdn.Message-ID, the client)."""
    found: list[tuple[Seen, str, str]] = []
    clients = instance.addresses().get(Role.CLIENT, set())
    for occurrence in instance.occurrences[step.index]:
        identities = values("imdn.Message-ID", occurrence.content)
        for seen in occurrence.seen[-1:]:
            found.extend(
                (seen, identity, client) for identity in identities or () for client in clients
            )
    return found


def _removed(instance: Instance, step: Step, requirement: Requirement, memory: Memory) -> None:
    """What was handled in a finished pull is not listed again (5.2.1.1.1)."""
    for time, content, observation in _notified(instance, step, memory):
        for identity in values("list.identities", content) or ():
            handled = memory.handled.get((instance.user, identity))
            if handled is None or not _is_done(instance, handled, identity, time, memory):
                findings.judge(instance, requirement, Verdict.PASS)
                continue
            note(
                instance,
                requirement,
                Verdict.FAIL,
                f"message {identity} is listed again after it was handled",
                observations=(observation, handled.observation),
                role=Role.PF,
                repair="remove a handled message from the queue before the next notification",
                step=step.label,
            )


def _is_done(instance: Instance, handled: Copies, identity: str, now: int, memory: Memory) -> bool:
    """Whether a message was handled by then; what was passed on, only once that was answered."""
    if now <= handled.last + SECOND or (instance.loses and not handled.sure):
        return False
    if not handled.passed_on:
        return True
    told = memory.told.get(identity, {})
    if not told and not instance.loses:
        # It was never even sent, where the function's requests were captured.
        return any(Role.PF in event.senders for event in instance.events())
    return any(one.before(now - SECOND) for one in told.values())


def _notified(
    instance: Instance, step: Step, memory: Memory
) -> list[tuple[int, Content, Observation]]:
    """Every list that the client was sent, in the flow's step or later in its dialog."""
    events = [one.seen[0].event for one in instance.occurrences[step.index] if one.seen] + [
        event for event in instance.suspects if event.message.cseq_method == step.method
    ]
    return [
        (_left(instance, event, memory.is_lossy), event.content, event.observation)
        for event in events
        if event is not None
    ]


def _left(instance: Instance, event: Event, is_lossy: bool = False) -> int:
    """When a request may have left the participating function, at the earliest.

    Over UDP the copies before the first that was seen may have been lost: on a link before, or
    on this one, if it is seen to lose.
    """
    if event.observation.transport is not Transport.UDP:
        return event.time
    if Role.PF not in event.senders:
        return event.time - int(instance.profile.network_leg * SECOND)
    return event.time - _UNSEEN if instance.loses or is_lossy else event.time
