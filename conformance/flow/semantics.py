"""What a flow file must say about itself before its steps can be read."""

from conformance.flow import nodes
from conformance.flow.names import Names, blocks, walk
from conformance.flow.nodes import RequirementNode


def check_head(names: Names) -> None:
    """Source, roles, identifying step: FlowSemanticError when one is missing."""
    flow = names.flow
    place = flow.place
    if flow.source is None:
        raise names.wrong(place, "the flow has no source line: document, clause, figure")
    if not flow.roles:
        raise names.wrong(place, "the flow has no table of roles")
    if flow.identified is None:
        raise names.wrong(place, "the flow does not say by which step it is identified")
    if not any(isinstance(item, nodes.StepNode) for item in walk(flow.body)):
        raise names.wrong(place, "the flow has no steps")
    if flow.replaces is not None and flow.replaces.text == flow.id.text:
        raise names.wrong(flow.replaces.place, "a flow does not replace itself")


def check_blocks(names: Names) -> None:
    """Every block holds a step, and a branch is no twin of its sibling."""
    for item in walk(names.flow.body):
        for block in blocks(item):
            if not any(isinstance(inner, nodes.StepNode) for inner in walk(block)):
                raise names.wrong(block.place, "this block has no step")
        if isinstance(item, nodes.Either):
            _check_branches(names, item)


def _check_branches(names: Names, either: nodes.Either) -> None:
    firsts: list[nodes.StepNode] = []
    for branch in either.branches:
        first = next(item for item in walk(branch) if isinstance(item, nodes.StepNode))
        if any(_shape(first) == _shape(other) for other in firsts):
            raise names.wrong(
                first.place,
                "this branch is never reached: it begins with the same message as a branch "
                "before it",
            )
        firsts.append(first)


def _shape(step: nodes.StepNode) -> tuple[object, ...]:
    """What tells a branch's first message from another's: its sentence and its conditions."""
    wheres = [clause.condition for clause in step.clauses if isinstance(clause, nodes.Where)]
    return (step.text.lower(), tuple(_plain(condition) for condition in wheres))


def _plain(node: nodes.ConditionNode) -> object:
    """A condition without its places."""
    match node:
        case nodes.TestNode():
            of = node.operand.of.text if node.operand.of else ""
            values = tuple(
                value.text if isinstance(value, nodes.Literal) else value.name
                for value in node.values
            )
            return (node.operand.name, of, node.operator, values)
        case nodes.NotNode():
            return ("not", _plain(node.part))
        case nodes.AllNode() | nodes.AnyNode():
            return (type(node).__name__, *(_plain(part) for part in node.parts))


def check_ids(names: Names) -> None:
    """Each requirement id once; a `never` may say the same requirement in several ways."""
    seen: dict[str, tuple[RequirementNode, bool]] = {}
    for node, never in _requirements(names.flow):
        known = seen.get(node.id.text)
        if known is None:
            seen[node.id.text] = (node, never)
            continue
        first, first_never = known
        if never and first_never and _same(first, node):
            continue
        raise names.wrong(
            node.id.place,
            f"the requirement id '{node.id.text}' is used twice, first on line "
            f"{first.id.place.line}",
        )


def _same(one: RequirementNode, other: RequirementNode) -> bool:
    if one.origin is None or other.origin is None:
        return one.origin is other.origin and one.level is other.level
    here = (one.level, one.origin.clause, one.origin.sentence)
    return here == (other.level, other.origin.clause, other.origin.sentence)


def _requirements(flow: nodes.FlowNode) -> list[tuple[RequirementNode, bool]]:
    found = [(node, False) for node in flow.general]
    for item in walk(flow.body):
        if isinstance(item, nodes.StepNode):
            found.extend((node, False) for node in item.requirements)
        elif isinstance(item, nodes.NeverNode) and item.requirement is not None:
            found.append((item.requirement, True))
    return found


def check_roles_used(names: Names) -> None:
    """A role that no sentence names is a slip."""
    for role in names.flow.roles:
        if names.roles[role.names[0].text.lower()] not in names.used:
            raise names.wrong(role.id.place, f"the role '{role.id.text}' is never used")
