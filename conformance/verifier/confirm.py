"""Confirmed deliveries: what a client has taken, by MESSAGE or over MSRP."""

from conformance.cpm.role import Role
from conformance.observation.fields import values
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest, SipResponse
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.memory import (
    PER_MESSAGE,
    Copies,
    Delivery,
    Memory,
    Told,
    remember,
    sighting,
)
from conformance.verifier.ties import user_of
from conformance.verifier.transfer import Transfer


def confirmed_by_msrp(memory: Memory, instance: Instance, item: Observation) -> None:
    """Remember what a client has taken over MSRP."""
    for channel in instance.channels.values():
        for transfer in channel.from_role(Role.PF):
            if (transfer.told and not transfer.refused) or transfer.told is transfer.confirmed:
                continue
            transfer.told = not transfer.told
            content = transfer.content(instance.profile.paths())
            for identity in values("imdn.Message-ID", content) or ():
                if transfer.told:
                    _remember(memory, instance, identity, item, transfer)
                else:
                    memory.doubt(identity, _call_id(instance))


def _call_id(instance: Instance) -> str:
    return next(iter(instance.legs), "")


def _remember(
    memory: Memory, instance: Instance, identity: str, item: Observation, transfer: Transfer
) -> None:
    sent, host = transfer.first.time, transfer.first.destination.host
    call_id, sure = _call_id(instance), transfer.is_acknowledged
    # Where no SIP of the client was captured, its end of the connection names it.
    for client in instance.addresses().get(Role.CLIENT) or {host}:
        seen = sighting(item)
        delivery = Delivery(client, instance.user, sent, item.time, call_id, seen, sure)
        memory.deliver(identity, delivery)


def asked_by_message(memory: Memory, event: Event) -> None:
    """Remember what a participating function sends by MESSAGE."""
    message = event.message
    if message.cseq_method != "MESSAGE" or Role.PF not in event.senders:
        return
    for identity in values("imdn.Message-ID", event.content) or ():
        known = memory.told.get(identity, {})
        told = Told(Copies(sighting(event.observation), event.repeats.shared()))
        if len(known) < PER_MESSAGE:
            remember(memory.told, identity, {**known, (message.call_id, message.cseq): told})


def confirmed_by_answer(memory: Memory, event: Event, request: Event) -> None:
    """Remember what a client has taken by MESSAGE, and who was told so."""
    message = request.message
    if Role.PF in event.receivers and message.cseq_method == "MESSAGE":
        for identity in values("imdn.Message-ID", request.content) or ():
            told = memory.told.get(identity, {}).get((message.call_id, message.cseq))
            if told is not None:
                told.answered.append(Copies(sighting(event.observation), event.repeats.shared()))
    if Role.CLIENT not in event.senders or not isinstance(message, SipRequest):
        return
    if message.method != "MESSAGE":
        return
    user = user_of(request, client_sends=False)
    seen = sighting(event.observation)
    # 202 says that it was taken to be delivered later (RFC 3428 section 7).
    sure = not isinstance(event.message, SipResponse) or event.message.status != 202
    for identity in values("imdn.Message-ID", request.content) or ():
        delivery = Delivery(
            event.place_from, user, request.time, event.time, message.call_id, seen, sure
        )
        memory.deliver(identity, delivery)
