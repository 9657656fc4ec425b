"""When a candidate is an instance: the flow's identifying step, and what only the end can tell."""

from conformance.verifier.instance import Instance, Seen
from conformance.verifier.predicate import holds


def identifies(instance: Instance, seen: Seen) -> bool:
    """Whether a message at an identifying hop may be of the flow, as far as is known by then."""
    return all(
        holds(where, seen.occurrence.content, instance.profile, instance.earlier) is not False
        for where in instance.program.identified.where
    )


def still_identified(instance: Instance) -> bool:
    """Ask again what only the end can tell: how many messages the session carried."""
    program = instance.program
    if instance.starts_late or not program.identified.where:
        return True
    for group in instance.occurrences:
        for occurrence in group:
            channel = instance.channels.get(occurrence.step.index)
            if channel is not None and channel.seen_from:
                sent = channel.from_role(channel.offerer)
                occurrence.content.session_messages = len(sent)
    hops = [seen for seen in instance.first if seen and program.identified.hops >> seen.hop & 1]
    return any(
        all(
            holds(where, seen.occurrence.content, instance.profile, instance.earlier) is True
            for where in program.identified.where
        )
        for seen in hops
    )
