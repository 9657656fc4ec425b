"""Conditions, requirements and steps of a Program in words."""

from conformance.flow.program import (
    All,
    AnyOf,
    Condition,
    Field,
    Not,
    Operator,
    Program,
    Requirement,
    Rule,
    Setting,
    Step,
    Test,
)

_RULES = {
    Rule.TEARDOWN: "the session is torn down once all messages are delivered",
    Rule.WAIT: "nothing is pushed before the client is registered",
    Rule.FRESH: "what was delivered is not delivered again",
    Rule.REMOVED: "what was handled is not listed again",
    Rule.DELIVER: "at least one message is delivered",
    Rule.CONNECT: "the connection is made only after the ACK",
    Rule.REFERENCE: "judged by the reference comparison",
}


def condition_text(condition: Condition, program: Program) -> str:
    """A condition as a flow file would write it."""
    match condition:
        case All(parts):
            return " and ".join(_inner(part, program) for part in parts)
        case AnyOf(parts):
            return " or ".join(_inner(part, program) for part in parts)
        case Not(part):
            return f"not {_inner(part, program)}"
        case Test():
            return _test(condition, program)


def _inner(condition: Condition, program: Program) -> str:
    said = condition_text(condition, program)
    return f"({said})" if isinstance(condition, All | AnyOf) else said


def _test(test: Test, program: Program) -> str:
    field = _field(test.field, program)
    values = ", ".join(_value(value, program) for value in test.values)
    words = test.operator.value
    if test.operator in (Operator.IS, Operator.IS_NOT) and len(test.values) > 1:
        words += " one of"
    if test.operator is Operator.SUBSET:
        words = "among"
    return f"{field} {words} {values}".rstrip()


def _field(field: Field, program: Program) -> str:
    return (
        field.name if field.step is None else f"{field.name} of {program.steps[field.step].label}"
    )


def _value(value: str | Field | Setting, program: Program) -> str:
    match value:
        case Field():
            return _field(value, program)
        case Setting(name):
            return f"profile.{name}"
        case _:
            return value


def requirement_text(requirement: Requirement, program: Program) -> str:
    """What a requirement asks, in a few words; empty for a printed step's own."""
    said = _asked(requirement, program)
    if requirement.given is not None:
        said += f" if {condition_text(requirement.given, program)}"
    return said


def _asked(requirement: Requirement, program: Program) -> str:
    rule = requirement.rule
    if requirement.condition is not None:
        said = condition_text(requirement.condition, program)
        return f"at the end {said}" if rule is Rule.AT_END else said
    match rule:
        case Rule.ANSWER:
            wrong = ", ".join(map(str, sorted(requirement.wrong_statuses)))
            return f"the refusal is not {wrong}"
        case Rule.NONE:
            return f"not observable: {requirement.reason}"
        case Rule.TIMING:
            return _timing(requirement, program)
        case Rule.DELIVER if requirement.reason:
            return f"{requirement.reason} message is delivered"
    return _RULES.get(rule, "")


def _timing(requirement: Requirement, program: Program) -> str:
    time = requirement.setting or f"{requirement.seconds:g} s"
    after = "" if requirement.step is None else program.steps[requirement.step].label
    return f"{requirement.reason or 'no later'} than {time} after {after}"


def step_name(step: Step) -> str:
    """The label, with the part of a channel."""
    return f"{step.label} ({step.part})" if step.part else step.label


def arrow_text(step: Step) -> str:
    """What the arrow of a figure carries."""
    if step.statuses:
        codes = "/".join(map(str, sorted(step.statuses)))
        return f"{codes} ({step.method})"
    words = {"SEND": "MSRP SEND"}.get(step.method, step.method)
    if step.kind.value == "acknowledge":
        words = "acknowledgement"
    if step.kind.value == "connect":
        words = "MSRP connection"
    return f"{words} (repeated)" if step.many else words
