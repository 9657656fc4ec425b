"""What a pull session was asked for, what it delivered, and what is handled when it is over."""

from conformance.cpm.role import Role
from conformance.flow.program import Field, Rule, Step, Test
from conformance.observation.fields import values
from conformance.verifier.establishment import acknowledged, stands
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Copies, Memory, remember, sighting
from conformance.verifier.transfer import Channel
from conformance.wire.malformed import Malformed


def asked_for(instance: Instance, session: int | None) -> tuple[str, ...] | None:
    """The identities that the client chose to retrieve, None when they cannot be read."""
    for step, requirement in instance.plan.rules(Rule.AT_END):
        if step.session != session or not isinstance(requirement.condition, Test):
            continue
        wanted = requirement.condition.values[0]
        if isinstance(wanted, Field) and wanted.step is not None:
            return instance.earlier(wanted.name, wanted.step)
    return ()


def delivered_by(
    channel: Channel, instance: Instance, role: Role, before: int | None = None
) -> set[str]:
    """The imdn.Message-IDs of what a role has sent whole, up to a time if one is given."""
    found: set[str] = set()
    for transfer in channel.from_role(role):
        if transfer.complete and (before is None or transfer.last.time <= before):
            content = transfer.content(instance.profile.paths())
            found.update(values("imdn.Message-ID", content) or ())
    return found


def confirmed_to(channel: Channel, instance: Instance, role: Role) -> set[str]:
    """The imdn.Message-IDs of what a role has sent, and knows to have arrived."""
    found: set[str] = set()
    for transfer in channel.from_role(role):
        if transfer.confirmed:
            found.update(
                values("imdn.Message-ID", transfer.content(instance.profile.paths())) or ()
            )
    return found


def remember_handled(memory: Memory, instance: Instance) -> None:
    """Remember what a pull session that ends now has handled.

    A later hop of its BYE may show that the participating function never knew of it.
    """
    own = [seen.observation for seen in instance.byes]
    own += [event.observation for event in instance.aborts]
    numbers = {(one.capture, one.number) for one in own}
    for step in instance.program.steps:
        for identity in _named(instance, step):
            known = memory.handled.get((instance.user, identity))
            if known and (known.observation.capture, known.observation.number) in numbers:
                del memory.handled[instance.user, identity]
    for identity, copies in _handled(instance):
        remember(memory.handled, (instance.user, identity), copies)


def _named(instance: Instance, step: Step) -> tuple[str, ...]:
    """What the selections of a step name."""
    if not instance.plan.selection >> step.index & 1 or step.about is None:
        return ()
    return instance.earlier("actions.identities", step.index) or ()


def _handled(instance: Instance) -> list[tuple[str, Copies]]:
    """What a finished pull session handled: each identity, with the BYE that ended it.

    What was not to be retrieved is handled in a session that both sides knew to stand: without
    an ACK the participating function may never have begun.
    """
    byes = [seen.event for seen in instance.byes if seen.event is not None]
    byes.extend(instance.aborts)
    if not byes:
        return []
    ended = min(byes, key=lambda event: event.time)
    found: list[tuple[str, Copies]] = []
    for step, requirement in instance.plan.rules(Rule.AT_END):
        condition, channel = requirement.condition, instance.channel(step)
        wanted = condition.values[0] if isinstance(condition, Test) else None
        if not isinstance(wanted, Field) or wanted.step is None:
            continue
        sender = instance.program.hops[step.hops[0]].sender
        delivered = confirmed_to(channel, instance, sender) if channel is not None else set()
        begun, sure = acknowledged(instance, step), stands(instance, step)
        asked = set(instance.earlier(wanted.name, wanted.step) or ())
        for occurrence in instance.occurrences[wanted.step]:
            listed = occurrence.content.listed
            if listed is None or isinstance(listed, Malformed):
                continue
            for entry in listed:
                done = entry.identity in delivered if entry.identity in asked else begun
                if done and entry.action not in (None, "keep"):
                    is_sure = sure or entry.identity in asked
                    passed_on = entry.action == "interwork"
                    copies = Copies(
                        sighting(ended.observation), ended.repeats.shared(), passed_on, is_sure
                    )
                    found.append((entry.identity, copies))
    return found
