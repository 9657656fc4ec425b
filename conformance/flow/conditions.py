"""Conditions of the syntax tree to conditions of the program."""

from collections.abc import Callable

from conformance.flow import nodes
from conformance.flow.names import Names
from conformance.flow.nodes import Word
from conformance.flow.program import (
    All,
    AnyOf,
    Condition,
    Field,
    Not,
    Operator,
    Setting,
    Test,
)

StepOf = Callable[[Word], int]
"""The index of the step that a reference names."""

_SETS = (Operator.SUBSET, Operator.EQUAL, Operator.AT_MOST, Operator.AT_LEAST)


def compile_condition(node: nodes.ConditionNode, names: Names, step_of: StepOf) -> Condition:
    """The program's condition; FlowSemanticError for an unknown field, step or setting."""
    match node:
        case nodes.TestNode():
            return _test(node, names, step_of)
        case nodes.NotNode():
            return Not(compile_condition(node.part, names, step_of))
        case nodes.AllNode():
            return All(tuple(compile_condition(part, names, step_of) for part in node.parts))
        case nodes.AnyNode():
            return AnyOf(tuple(compile_condition(part, names, step_of) for part in node.parts))


def _test(node: nodes.TestNode, names: Names, step_of: StepOf) -> Test:
    operand = node.operand
    if node.operator in (Operator.AT_MOST, Operator.AT_LEAST):
        _check_number(node, names)
    field = _field(operand, names, step_of)
    values = tuple(_value(value, node.operator, names, step_of) for value in node.values)
    return Test(field, node.operator, values)


def _field(operand: nodes.Operand, names: Names, step_of: StepOf) -> Field:
    bound = names.bindings.get(operand.name)
    if bound is not None and operand.of is None:
        return Field(bound[0], step_of(Word(bound[1].text, operand.place)))
    names.field(operand.name, operand.place)
    return Field(operand.name, None if operand.of is None else step_of(operand.of))


def _value(
    value: nodes.Value, operator: Operator, names: Names, step_of: StepOf
) -> str | Field | Setting:
    match value:
        case nodes.Literal():
            return value.text
        case nodes.SettingName():
            return Setting(names.setting(value.name, value.place))
        case nodes.Operand():
            bound = value.name in names.bindings
            if value.of is not None or bound or operator in _SETS:
                return _field(value, names, step_of)
            return value.name


def _check_number(node: nodes.TestNode, names: Names) -> None:
    value = node.values[0]
    if isinstance(value, nodes.Literal) and not value.text.replace(".", "", 1).isdecimal():
        raise names.wrong(value.place, f"'{node.operator}' compares numbers, not texts")
