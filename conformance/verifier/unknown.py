"""Messages that name a CPM flow of themselves, between places whose roles nobody knows.

Such a conversation is an instance of some flow, and ambiguous by nature: `role-unknown`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.observation.trace import Message, Observation
from conformance.sip.message import SipRequest
from conformance.verifier.exchange import Event
from conformance.verifier.findings import frames_of, said
from conformance.verifier.plan import Plan, names_itself, selected
from conformance.verifier.result import shown_line
from conformance.verifier.verdict import InstanceResult, Reason, Verdict

Roles = frozenset[Role]

_LIMIT = 10_000
_LINES = 64


@dataclass(slots=True)
class _Conversation:
    plans: list[Plan]
    observations: list[Observation] = field(default_factory=list)


class Unknowns:
    """Conversations of unknown parties, one a Call-ID."""

    def __init__(self, plans: list[Plan]) -> None:
        self._plans = plans
        self._calls: dict[str, _Conversation] = {}
        self._dismissed: set[str] = set()

    def offer(self, event: Event) -> None:
        """Take a request if it says of itself which flow it belongs to."""
        message = event.message
        if not isinstance(message, SipRequest):
            return
        known = self._calls.get(message.call_id)
        if known is None:
            if message.call_id in self._dismissed:
                return
            plans = [plan for plan in self._plans if self._names(plan, event, message)]
            if not plans or len(self._calls) >= _LIMIT:
                return
            known = self._calls[message.call_id] = _Conversation(plans)
        if len(known.observations) < _LINES:
            known.observations.append(event.observation)

    def note(self, event: Event) -> None:
        """Drop the flows that a message of such a conversation cannot belong to."""
        message = event.message
        known = self._calls.get(message.call_id)
        if known is None or not isinstance(message, SipRequest) or message.to_tag is not None:
            return
        known.plans = [plan for plan in known.plans if _may_be(plan, event, message)]
        if not known.plans:
            del self._calls[message.call_id]
            if len(self._dismissed) < _LIMIT:
                self._dismissed.add(message.call_id)

    def reconsider(self, roles: Callable[[Observation], tuple[Roles, Roles]]) -> None:
        """Drop the flows that conversations cannot belong to, by what roles are known by now."""
        for call_id, conversation in list(self._calls.items()):
            for observation in conversation.observations:
                senders, receivers = roles(observation)
                conversation.plans = [
                    plan
                    for plan in conversation.plans
                    if _fits(plan, observation.message, senders, receivers)
                ]
            if not conversation.plans:
                del self._calls[call_id]

    def over(self, before: int, claimed: set[str]) -> list[InstanceResult]:
        """Those conversations of which nothing was seen since, as results; they are let go."""
        ended = {
            call_id: conversation
            for call_id, conversation in self._calls.items()
            if conversation.observations and conversation.observations[-1].time < before
        }
        for call_id in ended:
            del self._calls[call_id]
        return [
            self._result(call_id, conversation)
            for call_id, conversation in ended.items()
            if call_id not in claimed
        ]

    def finish(self, claimed: set[str]) -> list[InstanceResult]:
        """What nobody else could place, as results."""
        return [
            self._result(call_id, conversation)
            for call_id, conversation in self._calls.items()
            if call_id not in claimed
        ]

    def _names(self, plan: Plan, event: Event, message: SipRequest) -> bool:
        program = plan.program
        for hop in program.hops:
            if not program.identified.hops >> hop.index & 1:
                continue
            step = program.steps[hop.step]
            if step.method != message.method or not any(map(names_itself, step.where)):
                continue
            if event.senders and hop.sender not in event.senders:
                continue
            if event.receivers and hop.receiver not in event.receivers:
                continue
            if selected(plan, step, event.content, _nothing):
                return True
        return False

    def _result(self, call_id: str, conversation: _Conversation) -> InstanceResult:
        first, last = conversation.observations[0], conversation.observations[-1]
        program = conversation.plans[0].program
        hops = [hop for step in program.steps for hop in step.hops]
        return InstanceResult(
            id=f"{program.id}.{first.capture + 1}.{frames_of(first)[0].frame}",
            flow=program.id,
            title=program.title,
            also=tuple(plan.program.id for plan in conversation.plans[1:]),
            verdict=Verdict.INCONC,
            reason_code=Reason.ROLE_UNKNOWN,
            would_settle="the roles of the addresses: --role NAME=ADDR or a setting file",
            summary=f"{said(first)} between parties whose roles are not known",
            seen=0,
            printed=len(hops),
            roles={},
            role_evidence=(),
            captures=(first.capture,),
            first_time=first.time,
            last_time=last.time,
            steps=(),
            findings=(),
            ladder=tuple(
                shown_line(one, "?", "?", None, program) for one in conversation.observations
            ),
            judged=(),
            call_ids=(call_id,),
        )


def _may_be(plan: Plan, event: Event, message: SipRequest) -> bool:
    """Whether the flow has a hop that this message could take, as far as roles are known."""
    return _fits(plan, message, event.senders, event.receivers)


def _fits(plan: Plan, message: Message, senders: Roles, receivers: Roles) -> bool:
    return isinstance(message, SipRequest) and any(
        method == message.method
        and (not senders or sender in senders)
        and (not receivers or receiver in receivers)
        for method, sender, receiver in plan.requests
    )


def _nothing(_name: str, _step: int) -> tuple[str, ...]:
    return ()
