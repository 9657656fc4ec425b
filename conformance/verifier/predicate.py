"""Three-valued truth of a flow's conditions: True, False, or None where it cannot be known."""

from collections.abc import Callable, Iterable
from functools import lru_cache

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
from conformance.observation.fields import Values, reader, values

Earlier = Callable[[str, int], Values]
"""The values of a field in the messages of an earlier step."""

Truth = Callable[[Content, Earlier], bool | None]
"""A condition made ready for one profile: True, False, or None where it cannot be known."""


def holds(
    condition: Condition, content: Content, profile: Profile, earlier: Earlier
) -> bool | None:
    """Whether a condition holds of a message; None when a field it needs cannot be read."""
    return compiled(condition, profile)(content, earlier)


def compiled(condition: Condition, profile: Profile) -> Truth:
    """The condition as one function, for those who ask it of many messages."""
    match condition:
        case All(parts):
            return _all([compiled(part, profile) for part in parts])
        case AnyOf(parts):
            return _any([compiled(part, profile) for part in parts])
        case Not(part):
            return _not(compiled(part, profile))
        case Test():
            return _compiled(condition, profile)


def _all(truths: list[Truth]) -> Truth:
    def every(content: Content, earlier: Earlier) -> bool | None:
        found: bool | None = True
        for truth in truths:
            one = truth(content, earlier)
            if one is False:
                return False
            if one is None:
                found = None
        return found

    return every


def _any(truths: list[Truth]) -> Truth:
    def some(content: Content, earlier: Earlier) -> bool | None:
        found: bool | None = False
        for truth in truths:
            one = truth(content, earlier)
            if one:
                return True
            if one is None:
                found = None
        return found

    return some


def _not(truth: Truth) -> Truth:
    def contrary(content: Content, earlier: Earlier) -> bool | None:
        found = truth(content, earlier)
        return None if found is None else not found

    return contrary


def _compiled(test: Test, profile: Profile) -> Truth:
    name, step = test.field.name, test.field.step
    read_own, judge = reader(name), _comparison(test, profile)

    def own(content: Content, earlier: Earlier) -> bool | None:
        found = read_own(content)
        return None if found is None else judge(found, content, earlier)

    def of_earlier(content: Content, earlier: Earlier) -> bool | None:
        found = earlier(name, step or 0)
        return None if found is None else judge(found, content, earlier)

    return own if step is None else of_earlier


Comparison = Callable[[tuple[str, ...], Content, Earlier], bool | None]


def _comparison(test: Test, profile: Profile) -> Comparison:
    """What a test asks of its field's values; what needs no message is read once."""
    if test.operator is Operator.PRESENT:
        return lambda found, _content, _earlier: bool(found)
    if test.operator is Operator.ABSENT:
        return lambda found, _content, _earlier: not found
    fixed = [value for value in test.values if not isinstance(value, Field)]
    if len(fixed) == len(test.values):
        compare = _comparer(test, _settled(fixed, profile))
        return lambda found, _content, _earlier: compare(found)

    def compare_anew(found: tuple[str, ...], content: Content, earlier: Earlier) -> bool | None:
        expected = wanted(test, content, profile, earlier)
        return None if expected is None else _comparer(test, expected)(found)

    return compare_anew


def _settled(fixed: Iterable[str | Setting], profile: Profile) -> tuple[str, ...]:
    """The values that a test gives itself, or by the profile."""
    found: list[str] = []
    for value in fixed:
        if isinstance(value, Setting):
            found.extend(profile.value(value.name))
        else:
            found.append(value)
    return tuple(found)


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


def wanted(test: Test, content: Content, profile: Profile, earlier: Earlier) -> Values:
    """The values that a test compares with, of the profile and of earlier steps too."""
    expected: list[str] = []
    for value in test.values:
        if isinstance(value, Field):
            found = read(value, content, earlier)
            if found is None:
                return None
            expected.extend(found)
        else:
            expected.extend(_settled((value,), profile))
    return tuple(expected)


def _comparer(test: Test, wanted: tuple[str, ...]) -> Callable[[tuple[str, ...]], bool | None]:
    """How found values compare with the wanted ones."""
    match test.operator:
        case Operator.IS:
            return _matcher(test.field.name, wanted)
        case Operator.IS_NOT:
            matches = _matcher(test.field.name, wanted)
            return lambda found: not matches(found)
        case Operator.EQUAL:
            return lambda found: set(found) == set(wanted)
        case Operator.SUBSET:
            return lambda found: set(found) <= set(wanted)
        case Operator.AT_MOST | Operator.AT_LEAST:
            return lambda found: _numbers(test.operator, found, wanted)
        case _:
            return lambda _found: None


def _matcher(name: str, wanted: tuple[str, ...]) -> Callable[[tuple[str, ...]], bool]:
    if name.endswith("service"):
        return lambda found: _any_serves(found, wanted)
    folded = {want.casefold() for want in wanted}
    return lambda found: any(value.casefold() in folded for value in found)


@lru_cache(maxsize=1024)
def _any_serves(found: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Few sets of services serve a whole capture."""
    return any(_serves(value, want) for value in found for want in wanted)


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
