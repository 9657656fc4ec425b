"""What was under way in a session when it ended, and whether the capture shows enough of it."""

from conformance.cpm.role import Role
from conformance.observation.trace import Gap, GapReason, Observation
from conformance.verifier.exchange import SECOND
from conformance.verifier.instance import Instance
from conformance.verifier.silence import Listening
from conformance.verifier.transfer import Channel, Transfer


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
    """Whether the connection stood when the BYE left: the message went on, or had its answers.

    Who is not heard after the last chunk may have closed it, which is no message.
    """
    return unfinished.time > bye.time or any(
        transfer.last is unfinished and channel.is_answered(transfer)
        for transfer in channel.transfers.values()
    )


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
