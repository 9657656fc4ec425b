"""What changed between two flows, step by step: aligned by message, not by number."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from conformance.flow.catalogue import requirements
from conformance.flow.program import Kind, Program, Rule, Step
from conformance.flow.wording import arrow_text, step_name


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison: `sign` is ' ', '-' (only the first), '+' or '~' (renumbered)."""

    sign: str
    old: str
    new: str
    text: str


def diff(old: Program, new: Program) -> tuple[Change, ...]:
    """The steps of both, in order, then the requirements that only one of them has."""
    return (*_steps(old, new), *_requirements(old, new))


def render(old: Program, new: Program) -> str:
    """The comparison as text."""
    lines = [f"--- {old.id}  {old.clause}", f"+++ {new.id}  {new.clause}"]
    lines += [
        f"{change.sign} {change.old:>14} {change.new:>14}  {change.text}"
        for change in diff(old, new)
    ]
    return "\n".join(lines) + "\n"


def _steps(old: Program, new: Program) -> Iterator[Change]:
    before = [_key(old, step) for step in old.steps]
    after = [_key(new, step) for step in new.steps]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, first, last in matcher.get_opcodes():
        if tag == "equal":
            for here, there in zip(old.steps[low:high], new.steps[first:last], strict=True):
                sign = " " if here.label == there.label else "~"
                yield Change(sign, step_name(here), step_name(there), _text(new, there))
            continue
        for step in old.steps[low:high]:
            yield Change("-", step_name(step), "", _text(old, step))
        for step in new.steps[first:last]:
            yield Change("+", "", step_name(step), _text(new, step))


def _key(program: Program, step: Step) -> tuple[object, ...]:
    path = tuple((program.hops[h].sender, program.hops[h].receiver) for h in step.hops)
    said = step.role if step.kind is Kind.INTERNAL else ""
    return (step.kind, step.method, tuple(sorted(step.statuses)), path, said, step.initial)


def _text(program: Program, step: Step) -> str:
    if not step.hops:
        return step.text
    first, last = program.hops[step.hops[0]], program.hops[step.hops[-1]]
    where = "" if step.initial or step.kind is not Kind.REQUEST else " in its dialog"
    return f"{arrow_text(step)}{where}, {first.sender} to {last.receiver}"


def _requirements(old: Program, new: Program) -> Iterator[Change]:
    before = {one.id: one for one in requirements(old) if one.rule is not Rule.STEP}
    after = {one.id: one for one in requirements(new) if one.rule is not Rule.STEP}
    for name in sorted(before.keys() - after.keys()):
        if "/" not in name:
            yield Change("-", "", "", f"requirement {name}")
    for name in sorted(after.keys() - before.keys()):
        if "/" not in name:
            yield Change("+", "", "", f"requirement {name}")
