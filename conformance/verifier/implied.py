"""What implied traffic says: who gave up, what was acknowledged, which dialogs there are."""

from collections.abc import Iterator

from conformance.flow.program import Kind, Step
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance, Occurrence
from conformance.verifier.sessions import learn_media


def note_implied(instance: Instance, event: Event, message: SipRequest) -> None:
    """Remember what implied traffic shows: who gave up, what was acknowledged, who hung up."""
    if message.method == "BYE":
        instance.aborts.append(event)
    elif message.method in ("ACK", "CANCEL"):
        for occurrence in _invites(instance, (message.call_id, message.cseq)):
            branches = {one.event.message.branch for one in occurrence.seen if one.event}
            if message.method == "CANCEL":
                occurrence.cancelled = True
            elif message.branch not in branches:
                instance.acks.append(event)
                learn_media(instance, occurrence.step, event)


def _invites(instance: Instance, key: tuple[str, int]) -> Iterator[Occurrence]:
    """The INVITEs of this Call-ID and CSeq."""
    for group in instance.occurrences:
        for occurrence in group:
            step = occurrence.step
            if step.kind is Kind.REQUEST and step.method == "INVITE" and key in occurrence.keys:
                yield occurrence


def note_dialog(instance: Instance, message: SipRequest | SipResponse) -> None:
    """Remember the remote tag of a dialog that an INVITE made."""
    if message.cseq_method not in ("INVITE", "ACK", "BYE") or message.to_tag is None:
        return
    for group in instance.occurrences:
        for occurrence in group:
            first = occurrence.content.message
            if not isinstance(first, SipRequest) or first.method != "INVITE":
                continue
            if first.call_id == message.call_id:
                tags = {message.from_tag, message.to_tag} - {first.from_tag, None}
                instance.dialogs.update(str(tag) for tag in tags)
                return


def acknowledges_success(instance: Instance, step: Step, event: Event) -> bool:
    """Whether an ACK is the one that the step prints: of its INVITE, and of a 2xx to it.

    An ACK to a refusal has the INVITE's branch (RFC 3261 section 17.1.1.3), one to a session
    refresh another CSeq: neither is a step.
    """
    anchor = step.dialog if step.dialog is not None else step.session
    if anchor is None:
        return True
    key = (event.message.call_id, event.message.cseq)
    invites = [one for one in _invites(instance, key) if one.step.index == anchor]
    seen = [one.event for invite in invites for one in invite.seen if one.event]
    accepted = {
        answer.message.to_tag
        for invite in seen
        for answer in (invite.transaction.final if invite.transaction else ())
        if isinstance(answer.message, SipResponse) and answer.message.status < 300
    }
    if accepted:
        return event.message.to_tag in accepted
    link = (event.place_from, event.place_to)
    same_link = [one for one in seen if (one.place_from, one.place_to) == link]
    return bool(same_link) and all(one.message.branch != event.message.branch for one in same_link)
