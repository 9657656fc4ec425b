"""Which open instances an identity leads to; of a crowd's identity, the latest of them.

What very many open instances have in common (the text and the sender of a mailing) would lead to
all of them, and to look at all of them for each message would take for ever. What a B2BUA passes
on follows soon, so the latest are looked at. A message that ties to none of those may be any
member's: none of them is said to lack it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from conformance.flow.program import Kind
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.plan import Plan

Key = tuple[str, str]

CROWD = 64
"""Open instances that are looked at, of those who share a key."""


@dataclass(slots=True)
class _Crowd:
    """Too many instances that a key leads to, with their flows, and the hops in doubt by flow.

    `members` are by number, in the order in which they came; None who is asleep.
    """

    members: dict[int, Instance | None]
    plans: dict[str, Plan] = field(default_factory=dict)
    doubts: dict[str, int] = field(default_factory=dict)


class TieIndex:
    """Which open instances a key leads to.

    `stir` wakes those asleep to whom a key may lead, `wake` one of them by its number.
    """

    def __init__(self) -> None:
        self._groups: dict[Key, list[Instance]] = {}
        self._crowds: dict[Key, _Crowd] = {}
        self.stir: Callable[[Key], object] | None = None
        self.wake: Callable[[int], Instance | None] = _nobody

    def add(self, key: Key, instance: Instance) -> None:
        """Let a key lead to an instance."""
        crowd = self._crowds.get(key)
        if crowd is not None:
            crowd.members[instance.number] = instance
            crowd.plans[instance.program.id] = instance.plan
            return
        if self.stir is not None:
            self.stir(key)
        group = self._groups.setdefault(key, [])
        if instance not in group:
            group.append(instance)
        if len(group) > CROWD:
            plans = {one.program.id: one.plan for one in group}
            self._crowds[key] = _Crowd({one.number: one for one in self._groups.pop(key)}, plans)

    def remove(self, keys: Iterable[Key], instance: Instance) -> None:
        """Forget an instance; what could be a crowd's is in doubt for it (`ambiguous`)."""
        for key in keys:
            group = self._groups.get(key)
            if group is not None and instance in group:
                group.remove(instance)
                if not group:
                    del self._groups[key]
            elif key in self._crowds:
                self._leave(key, instance)

    def part(self, key: Key, instance: Instance) -> bool:
        """Do without an instance while it is asleep; whether its key must be known meanwhile.

        Of a crowd it stays a member, in its place.
        """
        crowd = self._crowds.get(key)
        if crowd is not None and instance.number in crowd.members:
            crowd.members[instance.number] = None
            return False
        group = self._groups.get(key)
        if group is None or instance not in group:
            return False
        group.remove(instance)
        if not group:
            del self._groups[key]
        return True

    def rejoin(self, key: Key, instance: Instance) -> None:
        """Let a key lead to one who is awake again, in the order in which they came by it."""
        crowd = self._crowds.get(key)
        if crowd is not None and instance.number in crowd.members:
            crowd.members[instance.number] = instance
            return
        group = self._groups.setdefault(key, [])
        group.append(instance)
        group.sort(key=lambda one: one.keys[key])

    def _leave(self, key: Key, instance: Instance) -> None:
        crowd = self._crowds[key]
        if instance.number not in crowd.members:
            return
        instance.ambiguous |= crowd.doubts.get(instance.program.id, 0)
        del crowd.members[instance.number]
        # Once a crowd, always one, until nobody is left: what is in doubt stays so.
        if not crowd.members:
            del self._crowds[key]

    def tied(self, keys: Iterable[Key]) -> list[Instance]:
        """The instances to which the most of these keys lead; of a crowd, the latest."""
        found: dict[Instance, int] = {}
        stir = self.stir
        if stir is not None:
            keys = [*keys]
            for key in keys:
                stir(key)
        for key in keys:
            for one in self._groups.get(key) or self._latest(key):
                found[one] = found.get(one, 0) + 1
        if not found:
            return []
        most = max(found.values())
        return [one for one, count in found.items() if count == most]

    def _latest(self, key: Key) -> list[Instance]:
        """The latest of a crowd, in the order in which they came."""
        crowd = self._crowds.get(key) if self._crowds else None
        if crowd is None:
            return []
        last = [*islice(reversed(crowd.members.items()), CROWD)][::-1]
        awake = [one or self.wake(number) for number, one in last]
        return [one for one in awake if one is not None]

    def latest(self, key: Key) -> Instance | None:
        """The instance that came by this key last."""
        if key in self._crowds:
            number, one = next(reversed(self._crowds[key].members.items()))
            return one or self.wake(number)
        if self.stir is not None:
            self.stir(key)
        group = self._groups.get(key)
        return group[-1] if group else None

    @property
    def has_crowds(self) -> bool:
        """Whether some key leads to a crowd."""
        return bool(self._crowds)

    def doubt(self, keys: Iterable[Key], event: Event) -> None:
        """Note a request that tied to nobody: it may be any one's of a crowd with its keys."""
        for key in self._crowds.keys() & set(keys):
            crowd = self._crowds[key]
            for flow, plan in crowd.plans.items():
                crowd.doubts[flow] = crowd.doubts.get(flow, 0) | hops_of(plan, event)


def _nobody(_number: int) -> Instance | None:
    """Nobody is asleep."""
    return None


def hops_of(plan: Plan, event: Event) -> int:
    """The hops of a flow that a request could take, with those that answer them."""
    mask = 0
    for sender, receiver in event.pairs():
        for hop in plan.requests.get((event.message.cseq_method, sender, receiver), ()):
            mask |= 1 << hop
            for answer in _answers(plan, hop):
                mask |= 1 << answer
    return mask


def _answers(plan: Plan, hop: int) -> list[int]:
    """The hops that answer or acknowledge this one."""
    index = plan.step_of[hop].index
    acknowledging = [
        step.hops[0]
        for step in plan.program.steps
        if step.kind is Kind.ACKNOWLEDGE and step.answers == index
    ]
    return [*plan.reverse.get(hop, []), *acknowledging]
