"""What acknowledges a leg to another service: the answer to its MESSAGE, or a report of its own.

A telephone or a service centre answers the SIP request that brought an RP-DATA, and acknowledges
the RP-DATA itself by an RP-ACK in a MESSAGE the other way (TS 24.341 section 5.3). Whichever comes
first tells that the message has arrived.
"""

from conformance.flow.program import Kind, Step
from conformance.observation.content import Content
from conformance.sip.message import SipResponse
from conformance.verifier import breach
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance, Occurrence, Seen
from conformance.verifier.segments import report_of
from conformance.verifier.take import show
from conformance.verifier.tie_index import TieIndex


def answered(instance: Instance, event: Event, hop: int) -> None:
    """Let a final answer to the request of a hop acknowledge it, or refuse to."""
    message = event.message
    if isinstance(message, SipResponse) and message.status >= 200:
        _acknowledge(instance, event, hop, refuses=message.status >= 300)


def reported(index: TieIndex, event: Event) -> list[Instance]:
    """The instances whose message an RP-ACK or RP-ERROR acknowledges, or refuses."""
    report = report_of(event)
    if report is None:
        return []
    # A reference comes again after 256: the last message that had it is meant.
    found = index.latest(report.key)
    if found is None:
        return []
    hops = [
        seen.hop
        for group in found.all
        for seen in group[-1:]
        if seen.places == (event.place_to, event.place_from)
    ]
    taken = [_acknowledge(found, event, hop, refuses=report.failed) for hop in hops]
    return [found] if any(taken) else []


def _acknowledge(instance: Instance, event: Event, hop: int, *, refuses: bool) -> bool:
    index = instance.step(hop).index
    taken = [
        _take(instance, event, step, refuses=refuses)
        for step in instance.program.steps
        if step.kind is Kind.ACKNOWLEDGE and step.answers == index
    ]
    return any(taken)


def _take(instance: Instance, event: Event, step: Step, *, refuses: bool) -> bool:
    hop = step.hops[0]
    if instance.mask >> hop & 1 and not refuses:
        return False
    message = event.message
    occurrence = Occurrence(step, Content(message), ((message.call_id, message.cseq),))
    instance.begin(occurrence)
    seen = Seen(hop, event.time, event.observation, occurrence, event)
    if refuses:
        occurrence.refused.append(seen)
        return True
    breach.order(instance, seen)
    instance.add(seen)
    event.claims += ((instance, hop),)
    show(instance, event, hop)
    return True
