"""`never` lines to the program's table of what must not happen."""

from conformance.flow import nodes
from conformance.flow.conditions import compile_condition
from conformance.flow.names import Names
from conformance.flow.program import Condition, Kind, Never, Requirement, Rule, Step
from conformance.flow.references import References
from conformance.flow.requirements import named_requirement


def compile_never(
    node: nodes.NeverNode, names: Names, references: References, steps: tuple[Step, ...]
) -> Never:
    """The program's row; FlowSemanticError for what no message could break."""
    sender, receiver = names.role(node.role), names.role(node.to)
    if sender is receiver:
        raise names.wrong(node.to.place, f"{sender} sends nothing to itself")
    bound = _bound(node, names, references)
    return Never(
        requirement=_requirement(node, names, references, steps),
        method=node.method,
        sender=sender,
        receiver=receiver,
        where=_where(node, names, references),
        before=bound.get("before"),
        after=bound.get("after"),
        answered=any(isinstance(clause, nodes.Answered) for clause in node.clauses),
        about=bound.get("about"),
        session=bound.get("session"),
    )


def _bound(node: nodes.NeverNode, names: Names, references: References) -> dict[str, int]:
    bound: dict[str, int] = {}
    for clause in node.clauses:
        if not isinstance(clause, nodes.Bind):
            continue
        if clause.kind in bound:
            raise names.wrong(clause.place, f"this never says twice what it is {clause.kind}")
        target = references.anywhere(clause.ref)
        if clause.kind == "session":
            references.check_session(target, clause.ref)
        if clause.kind in ("before", "after") and target.kind is Kind.INTERNAL:
            raise names.wrong(
                clause.ref.place, f"step {target.label} is internal and has no time of its own"
            )
        bound[clause.kind] = target.index
    return bound


def _where(node: nodes.NeverNode, names: Names, references: References) -> tuple[Condition, ...]:
    anywhere = references.step_anywhere()
    return tuple(
        compile_condition(clause.condition, names, anywhere)
        for clause in node.clauses
        if isinstance(clause, nodes.Where)
    )


def _requirement(
    node: nodes.NeverNode, names: Names, references: References, steps: tuple[Step, ...]
) -> Requirement:
    """A requirement of the line's own, or that of the printed step which it breaks."""
    if node.requirement is not None:
        return named_requirement(node.requirement, names, references.step_anywhere(), None)
    assert node.breaks is not None
    broken = steps[references.anywhere(node.breaks).index].requirements[0]
    return Requirement(
        id=broken.id,
        level=broken.level,
        document=broken.document,
        clause=broken.clause,
        sentence=broken.sentence,
        line=node.place.line,
        rule=Rule.NEVER,
    )
