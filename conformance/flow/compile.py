"""A syntax tree to a Program: the order in which a flow file is understood."""

from dataclasses import replace

from conformance.cpm.role import Role
from conformance.flow import nodes
from conformance.flow.conditions import StepOf, compile_condition
from conformance.flow.draft import Draft
from conformance.flow.expand import Expander
from conformance.flow.names import Names, hop_numbers, read_names
from conformance.flow.nevers import compile_never
from conformance.flow.order import Anchor, Figure, order
from conformance.flow.program import (
    NO_SOONER,
    Deadline,
    Hop,
    Identified,
    Kind,
    Program,
    Requirement,
    Rule,
    Step,
)
from conformance.flow.requirements import named_requirement, step_requirement
from conformance.flow.runs import MAX_RUNS, TooManyRunsError, conflicts, guards, runs
from conformance.flow.semantics import check_blocks, check_head, check_ids, check_roles_used
from conformance.flow.tree import Tree, blocks
from conformance.flow.wording import condition_text


def compile_flow(flow: nodes.FlowNode) -> Program:
    """The Program of a parsed flow; FlowSemanticError with the place of what cannot be meant."""
    names = read_names(flow)
    check_head(names)
    check_blocks(names)
    check_ids(names)
    expander = Expander(names)
    tree = expander.read(flow.body)
    hops = _hops(expander.drafts.items)
    steps = _steps(expander, hops)
    figure = Figure(steps, hops, expander.drafts.trails, _anchors(expander, steps))
    bound = order(figure)
    program = Program(
        id=flow.id.text,
        title=flow.title,
        document=flow.source.document if flow.source else "",
        clause=flow.source.clause if flow.source else "",
        figure=flow.source.figure if flow.source else "",
        file=flow.file,
        aliases=_aliases(names),
        steps=steps,
        hops=hops,
        after=bound.after,
        before=bound.before,
        enabled_by=bound.enabled_by,
        conflict=conflicts(hops, expander.drafts.trails),
        runs=_runs(names, tree),
        guards=guards(tree),
        nevers=tuple(
            compile_never(node, names, expander.references, steps) for node in expander.nevers
        ),
        identified=_identified(expander, steps),
        interpretations=flow.interpretations,
        replaces=flow.replaces.text if flow.replaces else "",
        applies_if=flow.applies_if,
        general=tuple(
            named_requirement(node, names, expander.references.step_anywhere(), None)
            for node in flow.general
        ),
    )
    check_roles_used(names)
    return replace(program, blocks=blocks(tree, lambda one: condition_text(one, program)))


def _aliases(names: Names) -> dict[Role, tuple[str, ...]]:
    return {
        Role(role.id.text): tuple(name.text for name in role.names) for role in names.flow.roles
    }


def _hops(drafts: list[Draft]) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    for draft in drafts:
        links = list(zip(draft.path, draft.path[1:], strict=False))
        numbers = hop_numbers(draft.label)
        if len(numbers) != len(links):
            numbers = (draft.label,) * len(links)
        for number, (sender, receiver) in zip(numbers, links, strict=True):
            hops.append(Hop(len(hops), number, draft.index, sender, receiver))
    return tuple(hops)


def _steps(expander: Expander, hops: tuple[Hop, ...]) -> tuple[Step, ...]:
    mine: dict[int, list[int]] = {}
    for hop in hops:
        mine.setdefault(hop.step, []).append(hop.index)
    return tuple(
        _step(expander, draft, tuple(mine.get(draft.index, ()))) for draft in expander.drafts.items
    )


def _step(expander: Expander, draft: Draft, hops: tuple[int, ...]) -> Step:
    names = expander.names
    step_of = _step_of(expander, draft)
    repeat = draft.repeat
    requirements = _requirements(expander, draft)
    return Step(
        index=draft.index,
        label=draft.label,
        kind=draft.kind,
        text=draft.node.text,
        line=draft.place.line,
        hops=hops,
        requirement=requirements[0].id,
        part=draft.part,
        method=draft.method,
        initial=draft.initial,
        answers=draft.answers,
        forwards=draft.forwards,
        statuses=draft.statuses,
        exact=draft.exact,
        dialog=draft.dialog,
        session=draft.session,
        about=draft.about,
        each=draft.each,
        many=repeat is not None and (repeat.most is None or repeat.most > 1),
        least=1 if repeat is None else repeat.least,
        most=None if repeat is None else repeat.most,
        ends_session=draft.kind is Kind.REQUEST and draft.method == "BYE",
        optional_message=draft.optional_message,
        role=draft.role,
        witness=draft.witness,
        where=tuple(compile_condition(w.condition, names, step_of) for w in draft.wheres),
        requirements=requirements,
        deadline=_deadline(expander, draft),
    )


def _requirements(expander: Expander, draft: Draft) -> tuple[Requirement, ...]:
    names = expander.names
    step_of = _step_of(expander, draft)
    own = step_requirement(draft, names)
    timed = tuple(_no_sooner(own, time, step_of(time.ref)) for time in draft.sooner)
    named = tuple(named_requirement(node, names, step_of, draft) for node in draft.requirements)
    return (own, *timed, *named)


def _no_sooner(own: Requirement, time: nodes.Time, anchor: int) -> Requirement:
    return replace(
        own,
        rule=Rule.TIMING,
        reason=NO_SOONER,
        step=anchor,
        seconds=time.duration.seconds,
        setting=time.duration.setting,
    )


def _step_of(expander: Expander, draft: Draft) -> StepOf:
    trail = expander.drafts.trails[draft.index]
    return expander.references.step_before(trail, draft.index)


def _deadline(expander: Expander, draft: Draft) -> Deadline | None:
    time = draft.deadline
    if time is None:
        return None
    after = _step_of(expander, draft)(time.ref)
    return Deadline(after, time.duration.seconds, time.duration.setting)


def _anchors(expander: Expander, steps: tuple[Step, ...]) -> tuple[Anchor, ...]:
    found = []
    for draft in expander.drafts.items:
        for target, position in draft.anchors:
            hop = None if position is None else steps[target].hops[position]
            found.append(Anchor(draft.index, hop, target))
    return tuple(found)


def _runs(names: Names, tree: Tree) -> tuple[int, ...]:
    try:
        return runs(tree)
    except TooManyRunsError:
        raise names.wrong(
            names.flow.place, f"the flow has more than {MAX_RUNS} ways through it"
        ) from None


def _identified(expander: Expander, steps: tuple[Step, ...]) -> Identified:
    """The identifying hops; where one step identifies, its own conditions go with them."""
    names = expander.names
    node = names.flow.identified
    if node is None:
        return Identified(0, ())
    mask = 0
    chosen: list[Step] = []
    for ref in node.refs:
        draft = expander.references.anywhere(ref)
        if draft.kind is Kind.INTERNAL:
            raise names.wrong(ref.place, f"step {draft.label} is internal and is never seen")
        chosen.append(steps[draft.index])
        position = expander.references.hop(ref, draft)
        hops = chosen[-1].hops if position is None else (chosen[-1].hops[position],)
        mask |= sum(1 << hop for hop in hops)
    where = chosen[0].where if len({step.where for step in chosen}) == 1 else ()
    if node.where is not None:
        step_of = expander.references.step_anywhere()
        where = (*where, compile_condition(node.where, names, step_of))
    return Identified(mask, where)
