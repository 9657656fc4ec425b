"""The rules of the deferred queue: whom to wait for, what to hand over once, what to forget."""

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Requirement, Rule, Step
from conformance.observation.content import Content
from conformance.observation.fields import values
from conformance.observation.trace import Observation
from conformance.verifier import findings
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import note
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.memory import Memory
from conformance.verifier.verdict import Verdict


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
    if last.core != seen.places[0] or not _known_gone(instance, memory, last.until, seen.time):
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
            if earlier.client != client or earlier.time >= seen.time:
                continue
            if earlier.call_id in instance.legs:
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
    for time, content, observation in _notified(instance, step):
        for identity in values("list.identities", content) or ():
            handled = memory.handled.get((instance.user, identity))
            if handled is None or time <= handled.time + SECOND:
                findings.judge(instance, requirement, Verdict.PASS)
                continue
            note(
                instance,
                requirement,
                Verdict.FAIL,
                f"message {identity} is listed again after it was handled",
                observations=(observation, handled),
                role=Role.PF,
                repair="remove a handled message from the queue before the next notification",
                step=step.label,
            )


def _notified(instance: Instance, step: Step) -> list[tuple[int, Content, Observation]]:
    """Every list that the client was sent, in the flow's step or later in its dialog."""
    found = [
        (one.seen[0].time, one.content, one.seen[0].observation)
        for one in instance.occurrences[step.index]
        if one.seen
    ]
    found.extend(
        (event.time, event.content, event.observation)
        for event in instance.suspects
        if event.message.cseq_method == step.method
    )
    return found
