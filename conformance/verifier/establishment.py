"""How far a message session came: whether its answer, and the ACK to that, are known to be there.

Whoever answers an INVITE sends the 2xx again until the ACK has come (RFC 3261 section 13.3.1.4);
so a 2xx that is seen after the last ACK says that this ACK was lost, and nothing is owed in a
session of which one side does not know that it stands.
"""

from collections.abc import Iterator

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import SECOND, Event
from conformance.verifier.instance import Instance

_PATIENCE = 10 * SECOND
"""How long whoever is to connect may take at least: TCP's first three attempts."""


def answer_came(instance: Instance, step: Step, hop: int) -> bool:
    """Whether an ACK, a BYE or MSRP of the session shows that an INVITE's answer took a hop.

    What the answering side sends shows only that it has answered.
    """
    invite = step.answers
    if invite is None or instance.program.steps[invite].method != "INVITE":
        return False
    offerer = _offerer(instance, invite)
    channel = instance.channels.get(invite)
    senders = set(channel.seen_from) if channel is not None else set()
    byes = [_who_ends(instance, event, offerer) for event in _byes(instance)]
    if instance.acks or offerer in senders or offerer in byes:
        return True
    return hop == step.hops[0] and bool(senders or byes)


def acknowledged(instance: Instance, step: Step) -> bool:
    """Whether an ACK was seen, and nothing says that it was lost."""
    return bool(instance.acks) and not _unacknowledged(instance, step) and _arrived(instance, step)


def _arrived(instance: Instance, step: Step) -> bool:
    """Whether the ACK was seen at the answering side, if that is where the session's end was."""
    if step.session is None:
        return True
    invite = instance.program.steps[step.session]
    answerer = instance.program.hops[invite.hops[-1]].receiver
    ended = any(answerer in bye.receivers for bye in _byes(instance))
    return not ended or any(answerer in ack.receivers for ack in instance.acks)


def stands(instance: Instance, step: Step) -> bool:
    """Whether both sides knew of a session: its ACK was seen, and cannot have been lost.

    It was not where MSRP followed, or where the answer was not sent again in the time that the
    timer takes (RFC 3261 section 13.3.1.4).
    """
    if not acknowledged(instance, step):
        return False
    channel = instance.channel(step)
    if channel is not None and channel.transfers:
        return True
    acked = max(map(_last, instance.acks))
    return all(bye.time - acked > instance.profile.t1 * SECOND for bye in _byes(instance))


def not_standing(instance: Instance, step: Step) -> str:
    """Why nothing is owed yet in the session of a step; "" where it is known to stand."""
    if step.kind not in (Kind.SEND, Kind.CONNECT):
        return ""
    return _unacknowledged(instance, step) or _unconnected(instance, step)


def _unacknowledged(instance: Instance, step: Step) -> str:
    invite = step.session
    if invite is None or instance.program.steps[invite].method != "INVITE":
        return ""
    answers = [one for one in instance.program.steps if one.answers == invite]
    answered = [seen.event for one in answers for seen in instance.seen_at(one) if seen.event]
    if not answered:
        return ""
    if not instance.acks:
        sender = instance.program.hops[step.hops[0]].sender
        knows = any(instance.mask >> one.hops[-1] & 1 for one in answers)
        if sender is _offerer(instance, invite) and knows:
            return ""
        return "no ACK shows that both sides knew of the session"
    if max(map(_last, answered)) > max(map(_last, instance.acks)):
        return "the answer was sent again after the ACK: the ACK was lost"
    return ""


def _unconnected(instance: Instance, step: Step) -> str:
    """Why nothing can be sent: the other side was to connect (RFC 4145, RFC 6135), and did not."""
    channel = instance.channel(step)
    if channel is None or step.kind is not Kind.SEND:
        return ""
    answers = channel.setup.get(channel.answerer) == "active"
    active = channel.answerer if answers else channel.offerer
    sender = instance.program.hops[step.hops[0]].sender
    if active is sender or active in channel.seen_from or _at_once(instance, sender):
        return ""
    return f"{active} was to connect, and nothing of it was seen"


def _at_once(instance: Instance, sender: Role) -> bool:
    """Whether the sender hung up itself before anybody could have connected."""
    hops = instance.program.hops
    own = [bye.time for bye in instance.byes if hops[bye.hop].sender is sender]
    acked = max(map(_last, instance.acks), default=0)
    return bool(own) and min(own) - acked < _PATIENCE


def _offerer(instance: Instance, invite: int) -> Role:
    return instance.program.hops[instance.program.steps[invite].hops[0]].sender


def _byes(instance: Instance) -> Iterator[Event]:
    yield from (seen.event for seen in instance.byes if seen.event is not None)
    yield from instance.aborts


def _who_ends(instance: Instance, bye: Event, offerer: Role) -> Role | None:
    """The offerer, unless the BYE's tags say that the other side sent it; None for that."""
    for group in instance.occurrences:
        for occurrence in group:
            first = occurrence.content.message
            if isinstance(first, SipRequest) and first.method == "INVITE":
                same = first.call_id == bye.message.call_id
                if same and first.from_tag != bye.message.from_tag:
                    return None
    return offerer


def _last(event: Event) -> int:
    """When the last copy of a message was seen."""
    return event.repeats[-1] if event.repeats else event.time
