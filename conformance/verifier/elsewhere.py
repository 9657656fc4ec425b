"""What else became of a user's messages: another device, or another session, has taken them.

A participating function hands a deferred message over once (5.2.1.1.1, 5.2.1.1.2: SHALL remove);
a session that was opened for it meanwhile has nothing left to carry, and may end so.
"""

from collections.abc import Iterable

from conformance.cpm.role import Role
from conformance.flow.program import Step
from conformance.observation.places import endpoint_of
from conformance.observation.trace import Observation
from conformance.verifier.delivered import asked_for
from conformance.verifier.exchange import SECOND
from conformance.verifier.instance import Instance
from conformance.verifier.memory import Memory
from conformance.verifier.silence import Listening

_MEANWHILE = 64 * SECOND
"""How long after a session's end another one may still carry what was meant for both."""


def taken(instance: Instance, identities: Iterable[str], memory: Memory) -> set[str]:
    """Of these messages, those that another conversation of the user delivered or handled."""
    return {identity for identity in identities if _is_taken(instance, identity, memory)}


def nothing_left(instance: Instance, step: Step, until: int, listening: Listening) -> str:
    """Why a session may have had nothing to carry; "" where its messages were still to come."""
    memory = listening.memory
    asked = asked_for(instance, step.session)
    if asked:
        gone = taken(instance, asked, memory) == set(asked)
        return "what was chosen was handed over in another session" if gone else ""
    for delivery in memory.taken_by.get(instance.user, ()):
        begun = delivery.time >= instance.first_time
        if begun and delivery.sent <= until + _MEANWHILE and _is_other(instance, delivery.call_id):
            return "another session of the user has taken messages meanwhile"
    if _unwatched_device(instance, listening):
        return "another device of the user may have taken them, and its link was not captured"
    return ""


def _is_taken(instance: Instance, identity: str, memory: Memory) -> bool:
    ended = memory.handled.get((instance.user, identity))
    if ended is not None and _number(ended.observation) not in _own_ends(instance):
        return True
    return any(
        delivery.user == instance.user and _is_other(instance, delivery.call_id)
        for delivery in memory.deliveries.get(identity, ())
    )


def _own_ends(instance: Instance) -> set[tuple[int, int]]:
    """The BYEs of this conversation."""
    own = [seen.observation for seen in instance.byes]
    own.extend(event.observation for event in instance.aborts)
    return set(map(_number, own))


def _number(observation: Observation) -> tuple[int, int]:
    return observation.capture, observation.number


def _is_other(instance: Instance, call_id: str) -> bool:
    return call_id not in instance.legs


def _unwatched_device(instance: Instance, listening: Listening) -> bool:
    """Whether the user has another device of whose sessions the capture shows nothing."""
    addresses = instance.addresses()
    own = addresses.get(Role.CLIENT, set())
    others = {place for place, _ in listening.memory.clients.get(instance.user, ())} - own
    if listening.memory.bindings.get(instance.user, 0) > len(others | own):
        return True
    watched = {end for link in listening.survey.msrp for end in link}
    return any(endpoint_of(place).host not in watched for place in others)
