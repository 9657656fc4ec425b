"""The way of a dialog's requests: past a proxy that has not kept itself in it by Record-Route.

A proxy stays in a dialog only if it says so in the request that forms it (RFC 3261 section 16.6
step 4); else what is sent within the dialog goes round it, and rightly (sections 12.1 and 12.2).
"""

from collections.abc import Iterator
from enum import StrEnum

from conformance.cpm.role import Role
from conformance.flow.program import Hop, Kind, Step
from conformance.observation.packet import Endpoint
from conformance.observation.topology import Topology
from conformance.observation.trace import Observation
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.identity import sent_bys
from conformance.sip.message import SipRequest, SipResponse
from conformance.sip.uri import Uri, parse_uri
from conformance.verifier.exchange import Event
from conformance.verifier.findings import note, said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.plan import Plan, bits
from conformance.verifier.verdict import Verdict

_SIP_PORT = 5060


class Way(StrEnum):
    """Which way the requests of a dialog take between the ends of a step.

    THROUGH: a core node is in the route, by its address. NAMED: somebody is, by a name or an
    address of which nobody knows who that is. PAST: nobody between the ends is. UNKNOWN: no
    captured message tells.
    """

    THROUGH = "through"
    NAMED = "named"
    PAST = "past"
    UNKNOWN = "unknown"


_WHY = {
    Way.PAST: ", which no Record-Route keeps in its dialog",
    Way.NAMED: ": whether a Record-Route names the core cannot be told",
    Way.UNKNOWN: ": what formed its dialog was not captured",
}


def way(
    instance: Instance, step: Step, topology: Topology, call_id: str = ""
) -> tuple[Way, Observation | None]:
    """The way of a step's request, and the message whose Record-Route or Contact tells it.

    `call_id`: of which dialog, where there may be several. A step outside every dialog, and one
    of a single hop, goes as the figure prints it.
    """
    request = instance.program.steps[step.answers] if step.answers is not None else step
    anchor = anchor_of(request)
    if anchor is None or len(request.hops) < 2:
        return Way.THROUGH, None
    forming = instance.program.steps[anchor]
    hops = instance.program.hops
    asks = hops[request.hops[0]].sender is hops[forming.hops[0]].sender
    answers, requests = _answers(instance, forming, call_id), _requests(instance, forming, call_id)
    # Each side goes by what it received itself: the one that asked by the answer.
    for views in (answers, requests) if asks else (requests, answers):
        found = [(_told(message, topology), seen) for message, seen in views]
        if found:
            ways = {one for one, _ in found}
            return found[0] if len(ways) == 1 else (Way.UNKNOWN, found[0][1])
    return Way.UNKNOWN, None


def judge_direct(instance: Instance, topology: Topology) -> None:
    """Judge what went past the core: right where the dialog leaves it out, else a bypass."""
    for step in instance.program.steps:
        for seen in instance.all[step.hops[0]] if step.hops else ():
            message = seen.observation.message
            if not seen.direct or not isinstance(message, SipRequest):
                continue
            if instance.inherited >> step.index & 1:
                continue
            taken, told = way(instance, step, topology, message.call_id)
            sender, receiver = instance.ends(seen.hop)
            name = f"{said(seen.observation)} went from {sender} to {receiver}, past the core"
            if taken is Way.THROUGH and told is not None and _is_recorded(told):
                _bypass(instance, step, seen, told, name)
            else:
                instance.notes.append(f"step {step.label}: {name}{_WHY.get(taken, '')}")


def _is_recorded(told: Observation) -> bool:
    """Whether a Record-Route tells the way: a Contact of the core's may be of another leg."""
    message = told.message
    return isinstance(message, SipRequest | SipResponse) and bool(message.headers("Record-Route"))


def _bypass(instance: Instance, step: Step, seen: Seen, told: Observation, name: str) -> None:
    role = instance.program.hops[seen.hop].sender
    note(
        instance,
        instance.plan.step_requirement(step),
        Verdict.FAIL,
        f"{name}, whose Record-Route is in its dialog",
        expected=(f"step {step.label}: {step.text}",),
        observations=(seen.observation, told),
        role=role,
        repair=f"send {said(seen.observation)} of step {step.label} along the dialog's route set",
        step=step.label,
    )


def hops_for(plan: Plan, event: Event, method: str) -> Iterator[int]:
    """The hops that a request may take by its roles; last of all, those of one past the core."""
    for pair in event.pairs():
        yield from plan.requests.get((method, *pair), ())
    if not _is_of_core(event):
        for pair in event.pairs():
            yield from plan.directs.get((method, *pair), ())


def goes_past(hop: Hop, event: Event) -> bool:
    """Whether a message that took a hop from or to the core went from end to end instead."""
    return Role.CORE in (hop.sender, hop.receiver) and not _is_of_core(event)


def _is_of_core(event: Event) -> bool:
    return Role.CORE in event.senders or Role.CORE in event.receivers


def anchor_of(step: Step) -> int | None:
    """The step that forms the dialog within which a request is sent; None outside of any."""
    if step.kind is not Kind.REQUEST or step.initial:
        return None
    return step.session if step.session is not None else step.dialog


def _requests(
    instance: Instance, forming: Step, call_id: str
) -> Iterator[tuple[SipRequest, Observation]]:
    """The request that forms the dialog as it arrived: with every Record-Route."""
    for seen in instance.all[forming.hops[-1]]:
        message = seen.observation.message
        if isinstance(message, SipRequest) and call_id in ("", message.call_id):
            yield message, seen.observation


def _answers(
    instance: Instance, forming: Step, call_id: str
) -> Iterator[tuple[SipResponse, Observation]]:
    """The answers that form the dialog: they repeat every Record-Route (section 12.1.1)."""
    for index in instance.plan.answers.get(forming.index, ()):
        for seen in instance.seen_at(instance.program.steps[index]):
            message = seen.observation.message
            if not isinstance(message, SipResponse) or not 200 <= message.status < 300:
                continue
            if call_id in ("", message.call_id):
                yield message, seen.observation


def _told(message: SipRequest | SipResponse, topology: Topology) -> Way:
    routes = [_who(value, topology) for value in message.headers("Record-Route")]
    if any(Role.CORE in roles for roles in routes):
        return Way.THROUGH
    if any(not roles for roles in routes):
        return Way.NAMED
    if routes:
        return Way.PAST
    contact = message.header("Contact")
    roles = _who(contact, topology) if contact else frozenset()
    if Role.CORE in roles:
        return Way.THROUGH
    return Way.PAST if roles else Way.UNKNOWN


def _who(address: str, topology: Topology) -> frozenset[Role]:
    """The roles of whom a route or a contact names; none for a name that nobody knows."""
    read = parse_name_addr(address)
    uri = parse_uri(read.uri if isinstance(read, NameAddr) else address.strip())
    if not isinstance(uri, Uri) or not uri.host:
        return frozenset()
    return topology.roles(Endpoint(uri.host.strip("[]"), uri.port or _SIP_PORT))


def bypassed(instance: Instance, hop: int) -> tuple[Observation, ...]:
    """Two seen hops of one message between which fewer Vias were added than hops lie."""
    chain = sorted([hop, *bits(instance.plan.chain[hop])])
    place = chain.index(hop)
    before = next((h for h in reversed(chain[:place]) if instance.first[h]), None)
    after = next((h for h in chain[place:] if instance.first[h]), None)
    if before is None or after is None:
        return ()
    one, other = instance.first[before], instance.first[after]
    if one is None or other is None:
        return ()
    first, second = one.observation.message, other.observation.message
    if not isinstance(first, SipRequest) or not isinstance(second, SipRequest):
        return ()
    if (first.call_id, first.cseq) != (second.call_id, second.cseq):
        return ()
    vias, longer = sent_bys(first), sent_bys(second)
    added = len(longer) - len(vias)
    if added < 1 or longer[added:] != vias or added >= chain.index(after) - chain.index(before):
        return ()
    return one.observation, other.observation
