"""Confirmed deliveries: what a client has taken, by MESSAGE or over MSRP."""

from conformance.cpm.role import Role
from conformance.observation.fields import values
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest
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


def confirmed_by_msrp(memory: Memory, instance: Instance, item: Observation) -> None:
    """Remember what a client has taken over MSRP."""
    for channel in instance.channels.values():
        for transfer in channel.from_role(Role.PF):
            if transfer.told or not transfer.confirmed:
                continue
            transfer.told = True
            content = transfer.content(instance.profile.paths())
            for identity in values("imdn.Message-ID", content) or ():
                _remember(memory, instance, identity, item, transfer.first)


def _remember(
    memory: Memory, instance: Instance, identity: str, item: Observation, first: Observation
) -> None:
    sent, host = first.time, first.destination.host
    call_id = next(iter(instance.legs), "")
    # Where no SIP of the client was captured, its end of the connection names it.
    for client in instance.addresses().get(Role.CLIENT) or {host}:
        delivery = Delivery(client, instance.user, sent, item.time, call_id, sighting(item))
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
    for identity in values("imdn.Message-ID", request.content) or ():
        delivery = Delivery(
            event.place_from, user, request.time, event.time, message.call_id, seen
        )
        memory.deliver(identity, delivery)
