"""Which hop of an instance a message takes: the streaming half of matching.

A message takes a hop when its method and roles are the hop's, what binds the step (dialog,
session, identities) fits, and the step's `where` holds. Retransmissions never come here.
"""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.flow.program import Step
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier import breach, segments
from conformance.verifier.exchange import SECOND, Event
from conformance.verifier.identification import identifies
from conformance.verifier.implied import acknowledges_success, note_dialog, note_implied
from conformance.verifier.instance import Instance, Line, Occurrence, Seen
from conformance.verifier.plan import selected
from conformance.verifier.route import goes_past, hops_for
from conformance.verifier.sessions import learn_media
from conformance.verifier.tie_index import hops_of

_SLACK = 10_000_000
"""How far, in ns, two taps of one clock may be off each other."""
_PASSING_ON = 32 * SECOND
"""How long a B2BUA may take to pass a request on."""


def request(instance: Instance, event: Event, *, tied: bool = False, again: bool = False) -> bool:
    """Offer a request; True when it took a hop. `tied`: evidence ties another Call-ID's leg."""
    message = event.message
    if not isinstance(message, SipRequest):
        return False
    for hop in hops_for(instance.plan, event, message.method):
        step = instance.step(hop)
        occurrence = _occurrence(instance, step, hop, event, tied=tied, again=again)
        if occurrence is not None:
            _take_request(instance, hop, event, occurrence)
            return True
    if message.call_id in instance.legs:
        note_implied(instance, event, message)
    return False


def response(instance: Instance, event: Event, hop: int) -> bool:
    """Offer a response to a request that took `hop`; True when it took a hop or refused one."""
    message = event.message
    answers = instance.plan.reverse.get(hop, [])
    if not isinstance(message, SipResponse):
        return False
    if message.status < 200:
        if message.body and message.header("Require"):
            instance.reliable_answer = True
            learn_media(instance, instance.step(hop), event)
        return False
    original = _answered_occurrence(instance, event, hop)
    if not answers or original is None:
        return _other_answer(instance, event, hop)
    if message.status < 300 and _awaits_segments(instance, original):
        original.accepted = True
        return False
    if instance.profile.retries(message.status):
        original.superseded = True
    chosen = _chosen(instance, answers, message.status)
    return _take_response(instance, chosen, event, original, fits=_fits(instance, chosen, message))


def _awaits_segments(instance: Instance, original: Occurrence) -> bool:
    """Whether this is a segment, and others of its text are to come or to be answered.

    The last answer is the message's; the others only say that their segment has arrived.
    """
    if segments.segment_of(original.content) is None:
        return False
    group = instance.occurrences[original.step.index]
    whole = segments.joined(one.content for one in group) is not None
    return not whole or any(not one.accepted for one in group if one is not original)


def orphan(instance: Instance, event: Event) -> bool:
    """Offer an answer whose request was not captured at its link; True when it took a hop.

    Its Call-ID and CSeq name the message, its roles the hop.
    """
    message = event.message
    key = (message.call_id, message.cseq)
    pairs = set(event.pairs())
    for index, answers in instance.plan.answers.items():
        original = instance.occurrence(instance.program.steps[index], key)
        if original is None or original.step.method != message.cseq_method:
            continue
        hops = [
            hop
            for answer in answers
            for hop in instance.program.steps[answer].hops
            if (instance.program.hops[hop].sender, instance.program.hops[hop].receiver) in pairs
        ]
        if hops and isinstance(message, SipResponse) and message.status >= 200:
            chosen = _chosen(instance, hops, message.status)
            fits = _fits(instance, chosen, message)
            return _take_response(instance, chosen, event, original, fits=fits)
    return False


def _other_answer(instance: Instance, event: Event, hop: int) -> bool:
    """An answer that no step prints: to a BYE, or to a request that the figure leaves open."""
    for bye in instance.byes:
        if bye.hop == hop:
            instance.touch(event.time)
    return False


def would_take(instance: Instance, event: Event, *, again: bool = False) -> bool:
    """Whether a tied request would take a hop of this instance, without taking it."""
    message = event.message
    if not isinstance(message, SipRequest) or message.call_id in instance.foreign:
        return False
    for sender, receiver in event.pairs():
        for hop in instance.plan.requests.get((message.method, sender, receiver), ()):
            step = instance.step(hop)
            if not _bound(instance, step, event, own=False, tied=True):
                continue
            if not _selected(instance, step, event):
                continue
            if _has_room(instance, step, hop, event, again=again):
                return True
    return False


def _has_room(instance: Instance, step: Step, hop: int, event: Event, *, again: bool) -> bool:
    """Whether the step takes one more message, or this one as another leg of one it has."""
    return bool(
        step.many
        or not instance.occurrences[step.index]
        or _joinable(instance, step, hop, event.time)
        or (again and _is_again(instance, step, hop, event))
        or _is_segment(instance, step, event)
    )


def mark_ambiguous(group: list[Instance], event: Event) -> None:
    """Note that a message could be any of these instances': nobody takes it, nobody lacks it."""
    for instance in group:
        instance.ambiguous |= hops_of(instance.plan, event)


def _is_again(instance: Instance, step: Step, hop: int, event: Event) -> bool:
    """An application's retry: a new Call-ID to the same receiver, the earlier one unanswered."""
    return _is_retry(instance, step) and any(
        seen.places[1] == event.place_to for seen in instance.all[hop]
    )


def _is_segment(instance: Instance, step: Step, event: Event) -> bool:
    """One more segment of a text that the step brings in several short messages."""
    contents = (one.content for one in instance.occurrences[step.index])
    return segments.is_another(contents, event.content)


def _occurrence(
    instance: Instance, step: Step, hop: int, event: Event, *, tied: bool, again: bool
) -> Occurrence | None:
    """The occurrence of the step that this request belongs to, new or known; None if none."""
    message = event.message
    key = (message.call_id, message.cseq)
    known = instance.occurrence(step, key)
    own = message.call_id in instance.legs
    if known is not None or not (own or tied or not instance.mask):
        return known
    bound = _bound(instance, step, event, own=own, tied=tied)
    if not bound or not _selected(instance, step, event):
        return None
    if tied and not own:
        other = _joinable(instance, step, hop, event.time)
        if other is not None:
            other.keys += (key,)
            return other
        repeated = step.many or step.each is not None
        repeated = repeated or (again and _is_again(instance, step, hop, event))
        repeated = repeated or _is_segment(instance, step, event)
        if instance.occurrences[step.index] and not repeated:
            return None
    occurrence = Occurrence(step, event.content, (key,))
    instance.begin(occurrence)
    return occurrence


def _bound(instance: Instance, step: Step, event: Event, *, own: bool, tied: bool) -> bool:
    """Whether what binds the step fits: its dialog or session, its identities, its being new."""
    message = event.message
    if step.method == "ACK":
        return own and acknowledges_success(instance, step, event)
    anchor = step.session if step.session is not None else step.dialog
    if step.ends_session or anchor is not None:
        in_leg = anchor is None or _same_leg(instance, message.call_id, anchor)
        return not instance.mask or (own and in_leg) or (tied and step.dialog is not None)
    if step.forwards is not None:
        return own or not _deferred(instance, step)
    if step.about is not None and not own:
        return tied
    return message.to_tag is None and (tied or step.many or _is_retry(instance, step))


def _deferred(instance: Instance, step: Step) -> bool:
    """Whether a participating function has deferred what it would have passed on.

    Its 202 says so: what goes on of it later is a delivery of its own.
    """
    hops = instance.program.hops
    return bool(instance.plan.passed_on >> step.hops[0] & 1) and any(
        hops[seen.hop].sender is Role.PF and getattr(seen.observation.message, "status", 0) == 202
        for group in instance.all
        for seen in group
    )


def _is_retry(instance: Instance, step: Step) -> bool:
    """Whether the step is still free for this request: the first, or after a refused one."""
    return not any(earlier.accepted for earlier in instance.occurrences[step.index])


def _same_leg(instance: Instance, call_id: str, anchor: int) -> bool:
    return (
        any(
            call_id == key[0]
            for occurrence in instance.occurrences[anchor]
            for key in occurrence.keys
        )
        or not instance.occurrences[anchor]
    )


def _selected(instance: Instance, step: Step, event: Event) -> bool:
    return selected(instance.plan, step, event.content, instance.earlier)


def _joinable(instance: Instance, step: Step, hop: int, time: int) -> Occurrence | None:
    """The one occurrence that has not been seen at this hop yet: a B2BUA's other leg.

    What a B2BUA passes on follows what it received, and soon: else it is another message.
    """
    open_ones = [
        occurrence
        for occurrence in instance.occurrences[step.index]
        if all(_follows(seen, hop, time) for seen in occurrence.seen)
    ]
    return open_ones[0] if len(open_ones) == 1 else None


def _follows(seen: Seen, hop: int, time: int) -> bool:
    """Whether a message at this hop and time may be the seen one's other leg."""
    if seen.hop == hop:
        return False
    later = time - seen.time if hop > seen.hop else seen.time - time
    return -_SLACK <= later <= _PASSING_ON


def _take_request(instance: Instance, hop: int, event: Event, occurrence: Occurrence) -> None:
    step = occurrence.step
    message = event.message
    seen = Seen(hop, event.time, event.observation, occurrence, event)
    if message.call_id not in instance.legs:
        instance.legs[message.call_id] = step.index
    breach.order(instance, seen)
    _add(instance, seen, event)
    last = step.hops[-1] if seen.direct else hop
    event.claims += ((instance, last),)
    show(instance, event, last)
    if step.ends_session:
        instance.byes.append(seen)
    if step.method == "ACK":
        instance.acks.append(event)
    note_dialog(instance, message)
    if occurrence.seen[0] is seen:
        _supersede(instance, occurrence)
    breach.conditions(instance, seen)
    if instance.program.identified.hops >> hop & 1 and not instance.identified:
        instance.identified = identifies(instance, seen)
    if step.method in ("INVITE", "ACK"):
        learn_media(instance, step, event)


def _add(instance: Instance, seen: Seen, event: Event) -> None:
    """Put a message at its hop, or at every hop of its step when it goes past the core."""
    step = seen.occurrence.step
    seen.direct = goes_past(instance.program.hops[seen.hop], event)
    instance.add(seen)
    for hop in step.hops if seen.direct else ():
        if hop != seen.hop:
            instance.add(replace(seen, hop=hop))


def _supersede(instance: Instance, occurrence: Occurrence) -> None:
    """A retry of a request that was challenged or refused takes its place."""
    if occurrence.step.many:
        return
    for earlier in instance.occurrences[occurrence.step.index]:
        if earlier is not occurrence and (earlier.refused or earlier.superseded):
            earlier.superseded = True


def _answered_occurrence(instance: Instance, event: Event, hop: int) -> Occurrence | None:
    request_event = event.transaction.request if event.transaction else None
    for seen in instance.all[hop]:
        if seen.event is request_event:
            return seen.occurrence
    return None


def _chosen(instance: Instance, answers: list[int], status: int) -> int:
    """The answer hop whose printed status this is, else the one for success."""
    steps = {hop: instance.step(hop) for hop in answers}
    for hop, step in steps.items():
        if status in step.statuses:
            return hop
    for hop, step in steps.items():
        if any(200 <= printed < 300 for printed in step.statuses):
            return hop
    return answers[0]


def _fits(instance: Instance, hop: int, message: SipResponse) -> bool:
    step = instance.step(hop)
    if message.status in step.statuses:
        return True
    success = any(200 <= printed < 300 for printed in step.statuses)
    return success and 200 <= message.status < 300


def _take_response(
    instance: Instance, hop: int, event: Event, original: Occurrence, *, fits: bool
) -> bool:
    step = instance.step(hop)
    key = (event.message.call_id, event.message.cseq)
    occurrence = instance.occurrence(step, key)
    if occurrence is None:
        occurrence = Occurrence(step, event.content, (key,))
        instance.begin(occurrence)
    seen = Seen(hop, event.time, event.observation, occurrence, event)
    event.claims += ((instance, hop),)
    show(instance, event, hop if fits else None)
    instance.touch(event.time)
    if not fits:
        occurrence.refused.append(seen)
        original.refused.append(seen)
        return True
    original.accepted = True
    note_dialog(instance, event.message)
    breach.wrong_success(instance, seen)
    breach.order(instance, seen)
    _add(instance, seen, event)
    breach.conditions(instance, seen)
    if original.step.method == "INVITE":
        learn_media(instance, original.step, event)
    return True


def show(instance: Instance, event: Event, hop: int | None) -> None:
    """Add a message to the observed ladder; implied traffic has no hop."""
    for line in reversed(instance.lines[-4:]):
        if line.event is event:
            line.hop = hop if hop is not None else line.hop
            return
    program_hop = instance.program.hops[hop] if hop is not None else None
    if program_hop and goes_past(program_hop, event):
        program_hop = None
    sender = str(program_hop.sender) if program_hop else _names(event.senders)
    receiver = str(program_hop.receiver) if program_hop else _names(event.receivers)
    instance.lines.append(Line(event.observation, sender, receiver, hop, event))


def _names(roles: frozenset[object]) -> str:
    return "/".join(sorted(map(str, roles))) or "?"
