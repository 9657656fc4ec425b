"""Requirements of the syntax tree to requirements of the program."""

from conformance.flow import nodes
from conformance.flow.conditions import StepOf, compile_condition
from conformance.flow.draft import Draft
from conformance.flow.names import Names
from conformance.flow.program import (
    NO_SOONER,
    Condition,
    Kind,
    Level,
    Requirement,
    Rule,
)

_KINDS: dict[Rule, tuple[tuple[Kind, ...], str]] = {
    Rule.WAIT: ((Kind.INTERNAL,), "the internal step at which a role becomes available"),
    Rule.FRESH: ((Kind.REQUEST, Kind.SEND), "a step that carries messages"),
    Rule.REMOVED: ((Kind.REQUEST,), "the request that lists the messages"),
    Rule.DELIVER: ((Kind.SEND,), "a step that delivers messages by MSRP"),
    Rule.CONNECT: ((Kind.CONNECT,), "the step that connects"),
    Rule.ANSWER: ((Kind.RESPONSE,), "an answer"),
    Rule.TEARDOWN: ((Kind.REQUEST,), "a step that ends a session"),
}


def named_requirement(
    node: nodes.RequirementNode, names: Names, step_of: StepOf, step: Draft | None
) -> Requirement:
    """The program's requirement; FlowSemanticError for one without clause and sentence."""
    asked = node.assertion
    _check_place(node, names, step)
    if node.origin is None:
        raise names.wrong(node.place, f"{node.id.text} does not say its clause and sentence")
    if asked.duration is not None and asked.duration.setting:
        names.setting(asked.duration.setting, asked.duration.place, timer=True)
    condition = _optional(asked.condition, names, step_of)
    anchor = None if asked.anchor is None else step_of(asked.anchor)
    return Requirement(
        id=node.id.text,
        level=node.level,
        document=node.origin.document or _document(names),
        clause=node.origin.clause,
        sentence=node.origin.sentence,
        line=node.place.line,
        rule=asked.rule,
        condition=condition,
        given=_optional(asked.given, names, step_of),
        wrong_statuses=frozenset(asked.wrong),
        open_statuses=frozenset(asked.open),
        step=anchor,
        seconds=asked.duration.seconds if asked.duration else None,
        setting=asked.duration.setting if asked.duration else "",
        reason=NO_SOONER if asked.rule is Rule.TIMING and not asked.latest else asked.reason,
    )


def step_requirement(draft: Draft, names: Names) -> Requirement:
    """What every printed step is: a requirement of level `flow` with the document's words."""
    node = draft.node
    return Requirement(
        id=f"{names.flow.id.text}/{draft.label}",
        level=Level.FLOW,
        document=_document(names),
        clause=names.flow.source.clause if names.flow.source else "",
        sentence=" ".join(node.quotes) or node.text,
        line=node.place.line,
        rule=Rule.STEP,
    )


def _document(names: Names) -> str:
    return names.flow.source.document if names.flow.source else ""


def _optional(node: nodes.ConditionNode | None, names: Names, step_of: StepOf) -> Condition | None:
    return None if node is None else compile_condition(node, names, step_of)


def _check_place(node: nodes.RequirementNode, names: Names, step: Draft | None) -> None:
    """A rule only means something below the kind of step that it is about."""
    if node.assertion.role is not None:
        names.role(node.assertion.role)
    allowed = _KINDS.get(node.assertion.rule)
    if step is None or allowed is None:
        return
    kinds, wanted = allowed
    ends = step.method == "BYE" or node.assertion.rule is not Rule.TEARDOWN
    if step.kind not in kinds or not ends:
        raise names.wrong(node.place, f"{node.id.text} belongs to {wanted}")
