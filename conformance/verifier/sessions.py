"""The MSRP half of matching: sessions learnt from SDP, messages routed by their paths."""

from conformance.body.sdp import Media
from conformance.cpm.role import Role
from conformance.flow.program import Step
from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.msrp.uri import session_id
from conformance.observation.content import Content
from conformance.observation.trace import Closing, Observation
from conformance.sip.message import SipResponse
from conformance.verifier import breach
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance, Line, Occurrence, Seen
from conformance.verifier.tie_index import Key
from conformance.verifier.transfer import Channel, Transfer

_MSRP = (MsrpRequest, MsrpResponse)


def learn_media(instance: Instance, step: Step, event: Event) -> None:
    """Take the MSRP path that an offer or an answer brings (RFC 4975 section 8)."""
    anchor = step.index if step.method == "INVITE" else step.session
    if anchor is None:
        anchor = step.dialog
    if anchor is None or event.content.media is None:
        return
    hops = instance.program.steps[anchor].hops
    offerer = instance.program.hops[hops[0]].sender
    answerer = instance.program.hops[hops[-1]].receiver
    channel = instance.channels.get(anchor)
    if channel is None:
        channel = instance.channels[anchor] = Channel(anchor, offerer, answerer)
    owner = answerer if isinstance(event.message, SipResponse) else offerer
    _learn(instance, channel, owner, event.content.media)


def _learn(instance: Instance, channel: Channel, owner: Role, media: Media) -> None:
    for path in media.path[-1:]:
        identity = session_id(path)
        if identity and identity not in channel.owners:
            channel.owners[identity] = owner
            instance.new_keys.append(("session", identity))
    if media.setup:
        channel.setup[owner] = media.setup
    channel.direction[owner] = media.direction or ""
    if media.address and media.port:
        channel.listening[owner] = (media.address, media.port)


def take(instance: Instance, observation: Observation) -> bool:
    """Offer an MSRP message; True when it belongs to a session of this instance."""
    message = observation.message
    if not isinstance(message, _MSRP):
        return False
    for channel in instance.channels.values():
        sender = channel.sender(message)
        if sender is None:
            continue
        instance.touch(observation.time)
        if channel.leads(observation, sender):
            instance.new_keys.append(connection(observation))
        transfer = channel.take(observation, sender)
        hop = _connect(instance, channel, observation, sender)
        if transfer is not None:
            taken = _send(instance, channel, observation, transfer)
            hop = taken if taken is not None else hop
        receiver = channel.other(sender)
        instance.lines.append(Line(observation, str(sender), str(receiver), hop, None))
        return True
    return False


def connection(seen: Observation | Closing) -> Key:
    """The key of the connection between two ends, whichever of them it was."""
    ends = sorted((str(seen.source), str(seen.destination)))
    return "connection", " ".join(ends)


def close(instance: Instance, closing: Closing) -> None:
    """Tell an instance's sessions that a connection was closed."""
    for channel in instance.channels.values():
        channel.close(closing)


def _connect(
    instance: Instance, channel: Channel, observation: Observation, sender: Role
) -> int | None:
    """The first MSRP message of a session shows that it was set up (a CONNECT step)."""
    step = instance.plan.connects.get(channel.step)
    if step is None:
        return None
    hop = step.hops[0]
    if instance.mask >> hop & 1 or not isinstance(observation.message, MsrpRequest):
        return None
    occurrence = Occurrence(step, Content(observation.message))
    instance.begin(occurrence)
    passive = instance.program.hops[hop].sender is not sender
    instance.add(Seen(hop, observation.time, observation, occurrence, passive=passive))
    return hop


def _send(
    instance: Instance, channel: Channel, observation: Observation, transfer: Transfer
) -> int | None:
    """Give a content chunk to the step that its sender's messages are; conditions at its end."""
    step = instance.plan.sends.get((channel.step, transfer.sender))
    if step is None:
        return None
    hop = step.hops[0]
    occurrence = next(
        (o for o in instance.occurrences[step.index] if o.seen and o.seen[0].transfer is transfer),
        None,
    )
    if occurrence is None:
        occurrence = Occurrence(step, transfer.content(instance.profile.paths()))
        instance.begin(occurrence)
        seen = Seen(hop, observation.time, observation, occurrence, transfer=transfer)
        breach.order(instance, seen)
        breach.after_the_end(instance, seen)
        instance.add(seen)
    if transfer.complete and transfer.last is observation:
        occurrence.content = transfer.content(instance.profile.paths())
        breach.conditions(instance, occurrence.seen[0])
        _tie(instance, occurrence)
    return hop


def _tie(instance: Instance, occurrence: Occurrence) -> None:
    """What is said about this message later names its imdn.Message-ID."""
    wrapped = occurrence.content.cpim
    identity = getattr(wrapped, "message_id", None)
    if identity:
        instance.new_keys.append(("imdn", identity))
