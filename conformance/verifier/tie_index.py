"""Which open instances an identity leads to; a crowd's identity leads to none of them.

What very many open instances have in common (the text and the sender of a mailing) tells none of
them from the others, and to look at all of them for each message would take for ever. Such a key
is passed over. A message that nothing but such keys tie to anything may be any member's: none of
them is said to lack it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.flow.program import Kind
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.plan import Plan

Key = tuple[str, str]

CROWD = 64
"""Open instances beyond which what they share identifies nobody."""


@dataclass(slots=True)
class _Group:
    """The instances that a key leads to; of a crowd also its flows, and the hops in doubt."""

    members: dict[Instance, None] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    doubts: dict[str, int] = field(default_factory=dict)

    @property
    def is_crowd(self) -> bool:
        return len(self.members) > CROWD


class TieIndex:
    """Which open instances a key leads to."""

    def __init__(self) -> None:
        self._groups: dict[Key, _Group] = {}
        self._crowds: set[Key] = set()

    def add(self, key: Key, instance: Instance) -> None:
        """Let a key lead to an instance."""
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group()
        group.members[instance] = None
        if group.is_crowd:
            self._crowds.add(key)
            for one in (instance,) if group.plans else group.members:
                group.plans[one.program.id] = one.plan

    def remove(self, keys: Iterable[Key], instance: Instance) -> None:
        """Forget an instance; what could be a crowd's is in doubt for it (`ambiguous`)."""
        for key in keys:
            group = self._groups.get(key)
            if group is None or instance not in group.members:
                continue
            instance.ambiguous |= group.doubts.get(instance.program.id, 0)
            del group.members[instance]
            if not group.members:
                del self._groups[key]
                self._crowds.discard(key)

    def tied(self, keys: Iterable[Key]) -> list[Instance]:
        """The instances to which the most of these keys lead, but for those of a crowd."""
        found: dict[Instance, int] = {}
        for key in keys:
            group = self._groups.get(key)
            if group is not None and not group.is_crowd:
                for one in group.members:
                    found[one] = found.get(one, 0) + 1
        if not found:
            return []
        most = max(found.values())
        return [one for one, count in found.items() if count == most]

    def latest(self, key: Key) -> Instance | None:
        """The instance that came by this key last."""
        group = self._groups.get(key)
        return None if group is None else next(reversed(group.members))

    def doubt(self, keys: Iterable[Key], event: Event) -> None:
        """Note a request that nobody took: where a crowd shares its keys, it may be any one's."""
        if not self._crowds:
            return
        for key in self._crowds.intersection(keys):
            group = self._groups[key]
            for flow, plan in group.plans.items():
                group.doubts[flow] = group.doubts.get(flow, 0) | hops_of(plan, event)


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
