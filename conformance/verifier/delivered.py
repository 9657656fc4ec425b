"""What a pull session was asked for, what it delivered, and what is handled when it is over."""

from conformance.cpm.role import Role
from conformance.flow.program import Field, Rule, Test
from conformance.observation.fields import values
from conformance.observation.trace import Observation
from conformance.verifier.instance import Instance
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


def handled_identities(instance: Instance) -> list[tuple[str, Observation]]:
    """What a finished pull session handled: each identity, with the BYE that ended it."""
    byes = [seen.observation for seen in instance.byes]
    byes.extend(event.observation for event in instance.aborts)
    if not byes:
        return []
    ended = min(byes, key=lambda observation: observation.time)
    found: list[tuple[str, Observation]] = []
    for step, requirement in instance.plan.rules(Rule.AT_END):
        condition, channel = requirement.condition, instance.channel(step)
        wanted = condition.values[0] if isinstance(condition, Test) else None
        if not isinstance(wanted, Field) or wanted.step is None:
            continue
        sender = instance.program.hops[step.hops[0]].sender
        delivered = delivered_by(channel, instance, sender) if channel is not None else set()
        asked = set(instance.earlier(wanted.name, wanted.step) or ())
        for occurrence in instance.occurrences[wanted.step]:
            listed = occurrence.content.listed
            if listed is None or isinstance(listed, Malformed):
                continue
            for entry in listed:
                done = entry.identity in delivered if entry.identity in asked else True
                if done and entry.action not in (None, "keep"):
                    found.append((entry.identity, ended))
    return found
