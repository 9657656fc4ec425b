"""Conditions that do not hold, in words: what the message has, and what was expected."""

from conformance.flow.profile import Profile
from conformance.flow.program import All, AnyOf, Condition, Not, Operator, Setting, Test
from conformance.observation.content import Content
from conformance.verifier.predicate import Earlier, holds, read, wanted

_LONGEST = 200
"""Characters of a value that are shown."""


_RELATIONS = {
    Operator.IS: "",
    Operator.IS_NOT: "anything but ",
    Operator.SUBSET: "only ",
    Operator.EQUAL: "exactly ",
}


def describe(condition: Condition, content: Content, profile: Profile, earlier: Earlier) -> str:
    """Why a condition does not hold of this content: `Expires is 7200, the flow expects …`."""
    match condition:
        case All(parts):
            for part in parts:
                if holds(part, content, profile, earlier) is not True:
                    return describe(part, content, profile, earlier)
            return "holds"
        case AnyOf(parts):
            return "; ".join(describe(part, content, profile, earlier) for part in parts)
        case Not(part):
            return f"not: {describe(part, content, profile, earlier)}"
        case Test():
            return _test(condition, content, profile, earlier)


def _test(test: Test, content: Content, profile: Profile, earlier: Earlier) -> str:
    has = _shown(read(test.field, content, earlier))
    name = test.field.name
    if test.operator in (Operator.PRESENT, Operator.ABSENT):
        return f"{name} is {has}, expected {test.operator}"
    named = any(isinstance(value, Setting) for value in test.values)
    who = f"profile {profile.name}" if named else "the flow"
    relation = _RELATIONS.get(test.operator, f"{test.operator} ")
    expected = wanted(test, content, profile, earlier)
    return f"{name} is {has}, {who} expects {relation}{_shown(expected, ' or ')}"


def _shown(values: tuple[str, ...] | None, between: str = " ") -> str:
    if values is None:
        return "unreadable"
    text = between.join(values) or "absent"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
