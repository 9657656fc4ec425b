"""What the judge prepares once for each flow: dispatch tables and masks of evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import All as AllOf
from conformance.flow.program import (
    Condition,
    Guard,
    Kind,
    Operator,
    Program,
    Requirement,
    Rule,
    Step,
    Test,
)
from conformance.observation.content import Content
from conformance.verifier.predicate import Earlier, Truth, compiled

SELF_IDENTIFYING = frozenset({"service", "Event", "sdp.direction", "sms.type"})
"""Fields by which a message says of itself that it belongs to a CPM flow."""


def bits(mask: int) -> list[int]:
    """The set bits of a mask, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


class Check(NamedTuple):
    """A condition on a step's messages, asked only where `given` holds."""

    requirement: Requirement
    given: Truth | None
    holds: Truth


@dataclass(slots=True)
class Plan:
    """One flow, made ready.

    `requests`: (method, sender, receiver) to hops; `directs`: the same of requests within a
    dialog that go past the core, to their first hops. `answers`: request step to its answer steps.
    `reverse[h]`: the answer hops that travel a request hop's link back. `proves[h]`: the hops
    whose being seen shows that hop h happened. `chain[h]`: the other hops of h's message.
    `starts`: hops at which a candidate can begin; `late`: in-dialog hops that identify the flow.
    `connects`, `sends`: the CONNECT step of a session, and its SEND step by sender.
    `passed_on`: hops of what a participating function has passed on.
    `deferral`: what it delivers was deferred before; `chooses`: an INVITE about what was listed;
    `selection`: the steps that one such INVITE brings.
    `selects`, `checks`: by step, its `where` and its conditions, made ready for the profile, as
    are `guards`. `methods`: those of its requests, and of what must not happen.
    """

    program: Program
    requests: dict[tuple[str, Role, Role], list[int]] = field(default_factory=dict)
    directs: dict[tuple[str, Role, Role], list[int]] = field(default_factory=dict)
    answers: dict[int, list[int]] = field(default_factory=dict)
    reverse: dict[int, list[int]] = field(default_factory=dict)
    proves: list[int] = field(default_factory=list)
    chain: list[int] = field(default_factory=list)
    starts: int = 0
    late: int = 0
    passed_on: int = 0
    deferral: bool = False
    chooses: bool = False
    selection: int = 0
    step_of: list[Step] = field(default_factory=list)
    connects: dict[int, Step] = field(default_factory=dict)
    sends: dict[tuple[int, Role], Step] = field(default_factory=dict)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    selects: list[tuple[Truth, ...]] = field(default_factory=list)
    checks: list[tuple[Check, ...]] = field(default_factory=list)
    guards: list[tuple[Guard, Truth]] = field(default_factory=list)
    methods: frozenset[str] = frozenset()

    def rules(self, rule: Rule) -> list[tuple[Step, Requirement]]:
        """Every requirement judged by this rule, with its step."""
        return [
            (step, requirement)
            for step in self.program.steps
            for requirement in step.requirements
            if requirement.rule is rule
        ]

    def step_requirement(self, step: Step) -> Requirement:
        """The requirement that the printed step itself is."""
        return self.requirements[step.requirement]


_MOST_PREPARED = 64
# By identity, since a program has no hash; what is kept alive keeps its identity to itself.
_prepared: dict[tuple[int, int], tuple[Program, Profile, Plan]] = {}


def prepare(program: Program, profile: Profile) -> Plan:
    """Make one flow ready for judging by a profile; made once, and changed by nobody."""
    key = id(program), id(profile)
    if key not in _prepared:
        if len(_prepared) >= _MOST_PREPARED:
            _prepared.clear()
        _prepared[key] = program, profile, _made(program, profile)
    return _prepared[key][2]


def _made(program: Program, profile: Profile) -> Plan:
    plan = Plan(program)
    plan.selects = [
        tuple(compiled(where, profile) for where in step.where) for step in program.steps
    ]
    plan.checks = [tuple(_checks(step, profile)) for step in program.steps]
    plan.guards = [(guard, compiled(guard.condition, profile)) for guard in program.guards]
    plan.step_of = [program.steps[hop.step] for hop in program.hops]
    for step in program.steps:
        if step.kind is Kind.CONNECT and step.session is not None:
            plan.connects.setdefault(step.session, step)
        if step.kind is Kind.SEND and step.session is not None:
            sender = program.hops[step.hops[0]].sender
            plan.sends.setdefault((step.session, sender), step)
        for requirement in step.requirements:
            plan.requirements.setdefault(requirement.id, requirement)
        if step.kind is Kind.REQUEST:
            _dispatch(plan, step)
        if step.kind is Kind.RESPONSE and step.answers is not None:
            plan.answers.setdefault(step.answers, []).append(step.index)
            _reverse(plan, step, program.steps[step.answers])
    for requirement in (*program.general, *(never.requirement for never in program.nevers)):
        plan.requirements.setdefault(requirement.id, requirement)
    plan.methods = frozenset(
        {method for method, _, _ in plan.requests} | {never.method for never in program.nevers}
    )
    plan.chain = [_chain(plan, hop.index) for hop in program.hops]
    plan.proves = [_proof(plan, hop.index) for hop in program.hops]
    plan.starts = _starts(program)
    plan.late = _late(plan)
    plan.passed_on = _passed_on(program)
    plan.deferral = bool(plan.rules(Rule.FRESH))
    plan.selection = _selection(program)
    plan.chooses = plan.selection != 0
    return plan


def _checks(step: Step, profile: Profile) -> Iterator[Check]:
    for requirement in step.requirements:
        condition, given = requirement.condition, requirement.given
        if requirement.rule is Rule.CONDITION and condition is not None:
            asked = None if given is None else compiled(given, profile)
            yield Check(requirement, asked, compiled(condition, profile))


def _selection(program: Program) -> int:
    """The INVITE about what was listed, its answers, and all that happens in its session."""
    mask = 0
    for step in program.steps:
        bound = (step.answers, step.dialog, step.session, step.forwards)
        chosen = step.about is not None and step.method == "INVITE"
        if chosen or any(other is not None and mask >> other & 1 for other in bound):
            mask |= 1 << step.index
    return mask


def _dispatch(plan: Plan, step: Step) -> None:
    for index in step.hops:
        hop = plan.program.hops[index]
        plan.requests.setdefault((step.method, hop.sender, hop.receiver), []).append(index)
    ends = plan.program.hops[step.hops[0]].sender, plan.program.hops[step.hops[-1]].receiver
    in_dialog = step.session is not None or step.dialog is not None
    if in_dialog and len(step.hops) > 1 and Role.CORE not in ends:
        plan.directs.setdefault((step.method, *ends), []).append(step.hops[0])


def _reverse(plan: Plan, answer: Step, request: Step) -> None:
    """Pair each request hop with the answer hop that travels its link back.

    Walked from the responder's end, so that a path that crosses one link twice is paired right.
    """
    origins = list(_message_hops(plan.program, request))
    for index in answer.hops:
        hop = plan.program.hops[index]
        for origin in reversed(origins):
            back = plan.program.hops[origin]
            if (back.sender, back.receiver) == (hop.receiver, hop.sender):
                plan.reverse.setdefault(origin, []).append(index)
                origins.remove(origin)
                break


def _message_hops(program: Program, step: Step) -> list[int]:
    """The hops of a message over every step that forwards it, in order."""
    first = step
    while first.forwards is not None:
        first = program.steps[first.forwards]
    hops: list[int] = []
    current: Step | None = first
    while current is not None:
        hops.extend(current.hops)
        index = current.index
        current = next((s for s in program.steps if s.forwards == index), None)
    return hops


def _chain(plan: Plan, index: int) -> int:
    mask = 0
    step = plan.step_of[index]
    for other in _message_hops(plan.program, step):
        if other != index:
            mask |= 1 << other
    return mask


def _proof(plan: Plan, index: int) -> int:
    """Later hops of h's message, its answers, and what only it can have brought about.

    That is what its dialog or session allows, and a notification about the message.
    """
    program, step = plan.program, plan.step_of[index]
    message = _message_hops(program, step)
    place = message.index(index)
    mask = _mask(message[place + 1 :])
    members = {program.hops[hop].step for hop in message}
    if step.kind is Kind.RESPONSE and step.answers is not None:
        members.add(step.answers)
    for answer in program.steps:
        is_answer = answer.answers in members and answer.kind is not Kind.INTERNAL
        if is_answer and _responder_place(program, answer, message) >= place:
            mask |= _mask(answer.hops)
        notifies = answer.method == "MESSAGE" and step.kind is Kind.REQUEST
        reports = answer.about if notifies else None
        if members & {answer.dialog, answer.session, reports}:
            mask |= _mask(answer.hops)
    return mask & ~(1 << index) & ~_other_branches(program, step)


def _responder_place(program: Program, answer: Step, message: list[int]) -> int:
    """How far a request had come when this answer was made: the place of its last hop."""
    responder = program.hops[answer.hops[0]].sender
    arrived = [p for p, hop in enumerate(message) if program.hops[hop].receiver is responder]
    return max(arrived, default=-1)


def _other_branches(program: Program, step: Step) -> int:
    mask = 0
    for hop in step.hops:
        mask |= program.conflict[hop]
    return mask


def _mask(hops: Iterable[int]) -> int:
    mask = 0
    for hop in hops:
        mask |= 1 << hop
    return mask


def _starts(program: Program) -> int:
    first = next(step for step in program.steps if step.kind is not Kind.INTERNAL)
    mask = _mask(_message_hops(program, first)) | program.identified.hops
    return mask & ~_mask(
        tuple(h.index for h in program.hops if program.steps[h.step].about is not None)
    )


def _passed_on(program: Program) -> int:
    """The hops of the flow's first message behind a participating function that received it."""
    first = next(step for step in program.steps if step.kind is not Kind.INTERNAL)
    hops = _message_hops(program, first)
    senders = [program.hops[hop].sender for hop in hops]
    place = senders.index(Role.PF) if Role.PF in senders else 0
    return _mask(hops[place:]) if place else 0


def _late(plan: Plan) -> int:
    """Hops of NOTIFYs whose Event says which flow they belong to, as their SUBSCRIBE's did."""
    mask = 0
    for step in plan.program.steps:
        if step.dialog is None or step.method != "NOTIFY":
            continue
        anchor = plan.program.steps[step.dialog]
        if any(names_itself(where) for where in anchor.where):
            mask |= _mask(step.hops)
    return mask


def names_itself(condition: Condition) -> bool:
    """Whether a selection rests on what a message says of its service."""
    if isinstance(condition, AllOf):
        return any(names_itself(part) for part in condition.parts)
    return (
        isinstance(condition, Test)
        and condition.operator is Operator.IS
        and condition.field.name in SELF_IDENTIFYING
    )


def may_begin(
    plan: Plan, method: str, pairs: Iterable[tuple[Role, Role]], content: Content
) -> bool:
    """Whether a new instance would be selected by a request at any hop; cheap, and often no."""
    for pair in pairs:
        for hop in plan.requests.get((method, *pair), ()):
            if selected(plan, plan.step_of[hop], content, unseen):
                return True
    return False


def selected(plan: Plan, step: Step, content: Content, earlier: Earlier) -> bool:
    """Whether a message is what the step's `where` selects."""
    for truth in plan.selects[step.index]:  # noqa: SIM110 - asked of every message
        if truth(content, earlier) is not True:
            return False
    return True


def unseen(_name: str, _step: int) -> None:
    """The values of earlier steps where nothing was seen yet."""
