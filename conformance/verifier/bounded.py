"""A judge that holds no more than so many conversations: the oldest is let go, and that is said.

What is let go is judged as of that moment: what was to come after it convicts nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance.flow.profile import Profile
from conformance.flow.program import Program
from conformance.observation.topology import Topology
from conformance.observation.trace import Gap, GapReason
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import Event
from conformance.verifier.instance import Instance
from conformance.verifier.judge import Judge
from conformance.verifier.survey import Survey
from conformance.verifier.verdict import InstanceResult, Reason, Verdict
from conformance.wire.limits import MAX_TRANSACTIONS

_MAX_EVICTED = 100_000
_FORGOTTEN = (
    f"limit: more than {MAX_TRANSACTIONS} transactions within 200 seconds: what repeats or "
    "answers the oldest is not known again"
)
_LET_GO = "let go before it was over: more conversations were open than --max-open allows"


class BoundedJudge(Judge):
    """A judge that lets go of the oldest conversations; `evicted` counts their readings."""

    def __init__(
        self,
        programs: Iterable[Program],
        profile: Profile,
        topology: Topology,
        survey: Survey,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__(programs, profile, topology, survey, strict=strict)
        self.evicted = 0
        self._let_go: dict[str, tuple[Reason, str]] = {}
        self._forgot: Gap | None = None
        self._exchanges.too_soon = self._forget_soon

    def _forget_soon(self, now: int) -> None:
        """Transactions are forgotten that may yet be answered: silence says nothing now."""
        if self._forgot is None:
            self._forgot = Gap(0, now, 0, _FORGOTTEN, GapReason.LIMIT)
            self.survey.gaps.append(self._forgot)

    def evict(self, most: int, now: int | None = None) -> Sequence[InstanceResult]:
        """Let the oldest conversations go until no more than `most` are open, with some room.

        `now`: the time of the capture until when everything was taken; None where no clock is
        known to run any further.
        """
        over = self.open - most
        if over <= 0:
            return ()
        ends = self.survey.ends
        if now is not None:
            self.survey.ends = {domain: min(end, now) for domain, end in ends.items()}
        try:
            return self._end(self._instances.oldest(over + most // 50), Reason.GAP, _LET_GO)
        finally:
            self.survey.ends = ends

    def gaps(self, time: int, capture: int) -> Iterator[Gap]:
        """What is to be said of a capture of which conversations were let go."""
        if self.evicted:
            where = (
                f"limit: {self.evicted} readings of conversations were let go before they were "
                "over, since more were open than --max-open allows, or roles turned out otherwise"
            )
            yield Gap(0, time, capture, where, GapReason.LIMIT)
        if self._forgot is not None:
            yield replace(self._forgot, capture=capture)

    def finish(self) -> Iterator[InstanceResult]:
        """Settle everything that is still open, one by one."""
        return self._told_why(super().finish())

    def _settle(self, instance: Instance) -> Sequence[InstanceResult]:
        return [*self._told_why(super()._settle(instance))]

    def _told_why(self, results: Iterable[InstanceResult]) -> Iterator[InstanceResult]:
        """The results, with what kept some of them from being watched to their end."""
        for one in results:
            yield _ended(one, self._let_go) if self._let_go else one

    def _end(
        self, instances: Iterable[Instance], reason: Reason, why: str
    ) -> Sequence[InstanceResult]:
        """Settle conversations before their time, with everyone who reads the same messages."""
        results: list[InstanceResult] = []
        for chosen in instances:
            for instance in [chosen, *self._readers(chosen)]:
                if instance.settled:
                    continue
                self.evicted += 1
                for kind, value in instance.keys:
                    if kind == "call":
                        self._forget_call(value, reason, why)
                results.extend(self._settle(instance))
        return results

    def _readers(self, instance: Instance) -> list[Instance]:
        calls = (value for kind, value in instance.keys if kind == "call")
        return [other for call in calls for other in self._instances.of_call(call)]

    def _forget_call(self, call_id: str, reason: Reason, why: str) -> None:
        self._let_go[call_id] = reason, why
        if len(self._let_go) > _MAX_EVICTED:
            del self._let_go[next(iter(self._let_go))]

    def _request(self, event: Event, message: SipRequest) -> None:
        # The rest of what was let go would look like a conversation that begins in its middle.
        if message.call_id not in self._let_go:
            super()._request(event, message)


def _ended(result: InstanceResult, let_go: dict[str, tuple[Reason, str]]) -> InstanceResult:
    """A result with why its conversation was not watched to its end, unless that settled it."""
    found = next((let_go[one] for one in result.call_ids if one in let_go), None)
    if found is None:
        return result
    reason, why = found
    if reason is not Reason.ROLE_UNKNOWN and result.verdict in (Verdict.FAIL, Verdict.PASS):
        return result
    return replace(
        result, verdict=Verdict.INCONC, reason_code=reason, would_settle=f"a new run ({why})"
    )
