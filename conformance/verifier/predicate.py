"""Three-valued truth of a flow's conditions: True, False, or None where it cannot be known."""

from collections.abc import Callable

from conformance.cpm.service import satisfies
from conformance.flow.profile import Profile
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
from conformance.observation.content import Content
from conformance.observation.fields import Values, values

Earlier = Callable[[str, int], Values]
"""The values of a field in the messages of an earlier step."""


def holds(
    condition: Condition, content: Content, profile: Profile, earlier: Earlier
) -> bool | None:
    """Whether a condition holds of a message; None when a field it needs cannot be read."""
    match condition:
        case All(parts):
            truths = [holds(part, content, profile, earlier) for part in parts]
            return False if False in truths else None if None in truths else True
        case AnyOf(parts):
            truths = [holds(part, content, profile, earlier) for part in parts]
            return True if True in truths else None if None in truths else False
        case Not(part):
            truth = holds(part, content, profile, earlier)
            return None if truth is None else not truth
        case Test():
            return _test(condition, content, profile, earlier)


def steps_of(condition: Condition) -> set[int]:
    """The earlier steps whose messages a condition asks about."""
    match condition:
        case All(parts) | AnyOf(parts):
            return {step for part in parts for step in steps_of(part)}
        case Not(part):
            return steps_of(part)
        case Test(field, _, wanted):
            named = [field, *(value for value in wanted if isinstance(value, Field))]
            return {one.step for one in named if one.step is not None}


def read(field: Field, content: Content, earlier: Earlier) -> Values:
    """A field's values, of the message at hand or of an earlier step."""
    if field.step is not None:
        return earlier(field.name, field.step)
    return values(field.name, content)


def _test(test: Test, content: Content, profile: Profile, earlier: Earlier) -> bool | None:
    found = read(test.field, content, earlier)
    if found is None:
        return None
    match test.operator:
        case Operator.PRESENT:
            return bool(found)
        case Operator.ABSENT:
            return not found
        case _:
            expected = wanted(test, content, profile, earlier)
            return None if expected is None else _compare(test, found, expected)


def wanted(test: Test, content: Content, profile: Profile, earlier: Earlier) -> Values:
    """The values that a test compares with, of the profile and of earlier steps too."""
    expected: list[str] = []
    for value in test.values:
        match value:
            case Setting(name):
                expected.extend(profile.value(name))
            case Field():
                found = read(value, content, earlier)
                if found is None:
                    return None
                expected.extend(found)
            case _:
                expected.append(value)
    return tuple(expected)


def _compare(test: Test, found: tuple[str, ...], wanted: tuple[str, ...]) -> bool | None:
    match test.operator:
        case Operator.IS:
            return _matches(test.field.name, found, wanted)
        case Operator.IS_NOT:
            return not _matches(test.field.name, found, wanted)
        case Operator.EQUAL:
            return set(found) == set(wanted)
        case Operator.SUBSET:
            return set(found) <= set(wanted)
        case Operator.AT_MOST | Operator.AT_LEAST:
            return _numbers(test.operator, found, wanted)
        case _:
            return None


def _matches(name: str, found: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if name.endswith("service"):
        return any(_serves(value, want) for value in found for want in wanted)
    folded = {value.casefold() for value in found}
    return any(want.casefold() in folded for want in wanted)


def _serves(value: str, wanted: str) -> bool:
    """A service satisfies its refinements, but a group service is no 1-1 service (TS 24.229)."""
    return satisfies(value, wanted) and (".group" in value) == (".group" in wanted)


def _numbers(operator: Operator, found: tuple[str, ...], wanted: tuple[str, ...]) -> bool | None:
    """Compare first values as numbers; what is absent on either side asks nothing."""
    if not found or not wanted:
        return True
    try:
        left, right = float(found[0]), float(wanted[0])
    except ValueError:
        return None
    return left <= right if operator is Operator.AT_MOST else left >= right
