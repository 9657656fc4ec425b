"""How a session ended: by whom, what was under way, who had closed its connection before.

And whether the capture shows enough of it to say so.
"""

from conformance.cpm.role import Role
from conformance.observation.trace import Closing, Gap, GapReason, Observation
from conformance.verifier.exchange import SECOND
from conformance.verifier.findings import Excuse
from conformance.verifier.instance import Instance
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel, Transfer
from conformance.verifier.verdict import Reason

LOST = Excuse("its connection may have been lost", Reason.GAP)
"""Who is not heard after the last chunk may have closed it, which is no message."""


def first_bye(instance: Instance) -> tuple[Role | None, Observation] | None:
    """Who sent the first BYE, by the hop it took or by the roles of its link."""
    found: list[tuple[int, Role | None, Observation]] = [
        (seen.time, instance.program.hops[seen.occurrence.step.hops[0]].sender, seen.observation)
        for seen in instance.byes
    ]
    for event in instance.aborts:
        ends = event.senders - {Role.CORE}
        role = next(iter(ends)) if len(ends) == 1 else _opposite(instance, event.receivers)
        found.append((event.time, role, event.observation))
    if not found:
        return None
    _, role, observation = min(found, key=lambda one: one[0])
    return role, observation


def _opposite(instance: Instance, receivers: frozenset[Role]) -> Role | None:
    """A BYE that the core hands to one party comes from the other."""
    for channel in instance.channels.values():
        if channel.offerer in receivers:
            return channel.answerer
        if channel.answerer in receivers:
            return channel.offerer
    return None


def unfinished_message(
    instance: Instance,
    channel: Channel | None,
    ended: tuple[Role | None, Observation],
    listening: Listening,
) -> Observation | None:
    """A message under way when the BYE left, unless the capture has a hole there."""
    role, bye = ended
    if channel is None:
        return None
    for transfer in channel.transfers.values():
        if transfer.aborted or transfer.first.time > bye.time:
            continue
        if transfer.complete:
            if _went_on(instance, transfer, bye, role):
                return transfer.last
            continue
        if transfer.refused or transfer.closed or may_lack_some(channel, listening):
            return None
        return transfer.last
    return None


def stood(channel: Channel, unfinished: Observation, bye: Observation) -> bool:
    """Whether the connection stood when the BYE left: the message went on, or had its answers."""
    return unfinished.time > bye.time or any(
        transfer.last is unfinished and channel.is_answered(transfer)
        for transfer in channel.transfers.values()
    )


def closed_before(
    instance: Instance, channel: Channel | None, role: Role | None, bye: Observation
) -> Excuse | None:
    """That the other side had closed the connection before somebody hung up; None if it had not.

    Who closed it himself, or follows the other, has no excuse by that.
    """
    if channel is None or role is None:
        return None
    other = channel.other(role)
    closing, own = channel.closed.get(other), channel.closed.get(role)
    if closing is None or (own is not None and _when(own) < _when(closing)):
        return None
    tolerance = int(instance.profile.order_tolerance * SECOND)
    if instance.same_clock(closing, bye) and closing.time > bye.time + tolerance:
        return None
    how = "reset" if closing.reset else "closed"
    why = f"{other} had {how} the connection (frame {closing.frame})"
    return Excuse(why, Reason.SPEC_AMBIGUOUS, closing)


def gave_up(instance: Instance, channel: Channel | None, bye: Observation) -> Excuse | None:
    """That nothing had come for longer than any leg may take: nobody need wait for ever."""
    if channel is None or not channel.seen_from:
        return None
    silence = bye.time - channel.last_time
    patience = int(instance.profile.network_leg * SECOND)
    heard = max(channel.seen_from.values(), key=lambda one: one.time)
    if silence <= patience or not instance.same_clock(heard, bye):
        return None
    why = f"nothing had come over the session for {silence / SECOND:.0f} s"
    return Excuse(why, Reason.POLICY_UNKNOWN)


def _when(closing: Closing) -> tuple[int, int]:
    return closing.time, closing.frame


def _went_on(instance: Instance, transfer: Transfer, bye: Observation, role: Role | None) -> bool:
    """Whether whoever hung up went on sending the message that it had begun."""
    late = transfer.last.time - bye.time > int(instance.profile.order_tolerance * SECOND)
    return late and transfer.sender is role and instance.same_clock(transfer.last, bye)


def may_lack_some(channel: Channel | None, listening: Listening) -> bool:
    """Whether the capture may lack a part of the session: a gap there, or an orphaned answer."""
    if channel is None or channel.orphaned or not channel.seen_from:
        return True
    if not all(transfer.owed_answer for transfer in channel.transfers.values()):
        # Nobody answers these: one lost at the end of the connection leaves no trace.
        return True
    torn = any(
        len(transfer.ranges) > 1 or (transfer.ranges and transfer.ranges[0][0] > 1)
        for transfer in channel.transfers.values()
    )
    return torn or any(_touches(gap, channel) for gap in listening.survey.gaps)


def _touches(gap: Gap, channel: Channel) -> bool:
    """Whether a gap may hide a part of this session."""
    first = min(channel.seen_from.values(), key=lambda one: one.time)
    if gap.capture != first.capture or gap.reason is GapReason.CUT_FILE:
        return False
    if not first.time - SECOND <= gap.time <= channel.last_time + 2 * SECOND:
        return False
    if gap.source is None or gap.destination is None:
        return True
    hosts = {first.source.host, first.destination.host}
    return {gap.source.host, gap.destination.host} == hosts
