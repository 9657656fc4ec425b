"""Confirmed deliveries: what a client has taken, by MESSAGE or over MSRP."""

from conformance.cpm.role import Role
from conformance.observation.fields import values
from conformance.observation.trace import Observation
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Delivery, Memory, sighting
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
                _remember(memory, instance, identity, item, transfer.first.time)


def _remember(
    memory: Memory, instance: Instance, identity: str, item: Observation, sent: int
) -> None:
    call_id = next(iter(instance.legs), "")
    for client in instance.addresses().get(Role.CLIENT, set()):
        delivery = Delivery(client, instance.user, sent, item.time, call_id, sighting(item))
        memory.deliver(identity, delivery)


def confirmed_by_answer(memory: Memory, event: Event, request: Event) -> None:
    """Remember what a client has taken by MESSAGE."""
    message = request.message
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
