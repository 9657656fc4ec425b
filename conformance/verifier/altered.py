"""Answers that a core passes on as other ones: a proxy forwards the best that it has received.

RFC 3261 section 16.7 lets a proxy choose among its branches and make few answers of its own. What
comes out with the To tag of the answer that came in is that answer, whatever other branches said.
"""

from collections.abc import Iterator

from conformance.cpm.role import Role
from conformance.flow.program import Kind, Step
from conformance.sip.message import SipResponse
from conformance.verifier.findings import note, said
from conformance.verifier.instance import Instance, Seen
from conformance.verifier.verdict import Verdict

_REPLACEABLE = frozenset({408, 430, 487, 503})
"""Answers in whose place a proxy may send another (RFC 3261 16.7 and 16.8, RFC 4320, RFC 5626)."""


def judge_answers(instance: Instance) -> None:
    """Judge that the core passes each final answer on as it came."""
    for index in instance.plan.answers:
        if instance.inherited >> index & 1:
            continue
        answers = list(_answers(instance, index))
        for step, came in answers:
            for _, went in answers:
                if _is_passed_on(instance, came, went) and _is_altered(came, went):
                    _note(instance, step, came, went)


def _answers(instance: Instance, request: int) -> Iterator[tuple[Step, Seen]]:
    """Every final answer to a request step, at whatever hop, printed or not."""
    for index in instance.plan.answers[request]:
        step = instance.program.steps[index]
        if step.kind is Kind.RESPONSE:
            for occurrence in instance.occurrences[index]:
                for seen in (*occurrence.seen, *occurrence.refused):
                    if not seen.direct and isinstance(seen.observation.message, SipResponse):
                        yield step, seen


def _is_passed_on(instance: Instance, came: Seen, went: Seen) -> bool:
    """Whether one answer left the core at the hop behind that at which the other came to it."""
    into, out = instance.program.hops[came.hop], instance.program.hops[went.hop]
    if into.receiver is not Role.CORE or out.sender is not Role.CORE:
        return False
    before, behind = instance.step(came.hop).hops, instance.step(went.hop).hops
    return before.index(came.hop) + 1 == behind.index(went.hop)


def _is_altered(came: Seen, went: Seen) -> bool:
    one, other = came.observation.message, went.observation.message
    if not isinstance(one, SipResponse) or not isinstance(other, SipResponse):
        return False
    same = (one.call_id, one.cseq, one.to_tag) == (other.call_id, other.cseq, other.to_tag)
    if not same or one.to_tag is None or one.status == other.status:
        return False
    return one.status not in _REPLACEABLE and not 300 <= one.status < 400


def _note(instance: Instance, step: Step, came: Seen, went: Seen) -> None:
    note(
        instance,
        instance.plan.step_requirement(step),
        Verdict.FAIL,
        f"core passed {said(came.observation)} on as {said(went.observation)}",
        expected=(f"{said(came.observation)}, as it came (RFC 3261 16.7)",),
        seen=(went, came),
        role=Role.CORE,
        repair=f"pass {said(came.observation)} of step {step.label} on as it came",
        step=step.label,
    )
