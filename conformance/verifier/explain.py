"""Near misses: what came near a flow and was none, and what kept it."""

from conformance.flow.profile import Profile
from conformance.verifier.exchange import Event
from conformance.verifier.findings import frames_of, said
from conformance.verifier.instance import Instance
from conformance.verifier.plan import Plan, bits
from conformance.verifier.predicate import holds
from conformance.verifier.told import describe
from conformance.verifier.verdict import NearMiss

_PER_FLOW = 20


class Explainer:
    """Collects near misses, the first few of each flow."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._by_flow: dict[str, list[NearMiss]] = {}

    @property
    def near_misses(self) -> list[NearMiss]:
        """All near misses, in the order of their flows."""
        return [miss for flow in sorted(self._by_flow) for miss in self._by_flow[flow]]

    def note(self, plan: Plan, event: Event, kept_by: str) -> None:
        """Note that a message was near a flow."""
        group = self._by_flow.setdefault(plan.program.id, [])
        if len(group) < _PER_FLOW:
            frame = frames_of(event.observation)[-1:]
            if frame:
                group.append(NearMiss(plan.program.id, frame[0], said(event.observation), kept_by))

    def kept_out(self, plan: Plan, hop: int, event: Event) -> None:
        """Note the first selection of a step that a message did not meet."""
        if len(self._by_flow.get(plan.program.id, ())) >= _PER_FLOW:
            return
        for where in plan.step_of[hop].where:
            if holds(where, event.content, self._profile, _nothing) is not True:
                self.note(plan, event, describe(where, event.content, self._profile, _nothing))
                return

    def unidentified(self, instance: Instance) -> None:
        """Note a candidate that ended before its identifying step was seen."""
        program = instance.program
        first = min(
            (seen for seen in instance.first if seen is not None), key=lambda seen: seen.time
        )
        labels = {
            program.steps[program.hops[hop].step].label for hop in bits(program.identified.hops)
        }
        kept_by = f"step {' or '.join(sorted(labels))} was not seen"
        if first.event is not None:
            self.note(instance.plan, first.event, kept_by)


def _nothing(_name: str, _step: int) -> tuple[str, ...]:
    return ()
