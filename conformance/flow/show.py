"""A flow as prose: the document's steps, what is asked of each, and how it was read."""

from collections.abc import Iterator
from textwrap import fill

from conformance.flow.program import BlockKind, Never, Program, Requirement, Rule
from conformance.flow.wording import condition_text, requirement_text, step_name

WIDTH = 96


def show(program: Program) -> str:
    """The whole flow, in lines of at most WIDTH columns where words allow it."""
    lines = [*_head(program), "", *_steps(program), *_nevers(program), *_rest(program)]
    return "\n".join(lines) + "\n"


def _head(program: Program) -> Iterator[str]:
    yield f"{program.id}: {program.title}"
    figure = f", figure {program.figure}" if program.figure else ""
    yield f"{program.document}, {program.clause}{figure}"
    yield program.file
    if program.replaces:
        yield f"replaces {program.replaces}"
    if program.applies_if:
        yield f"applies if {program.applies_if}"
    yield ""
    for role, names in program.aliases.items():
        yield _wrap(f"{role:9}{', '.join(names)}", "  ")
    labels = [
        program.steps[hop.step].label
        for hop in program.hops
        if program.identified.hops >> hop.index & 1
    ]
    yield ""
    yield f"Identified by {' or '.join(dict.fromkeys(labels))}"
    for where in program.identified.where:
        yield _wrap(f"where {condition_text(where, program)}", "  ")


def _steps(program: Program) -> Iterator[str]:
    for step in program.steps:
        depth = "  " * _depth(program, step.index)
        yield from _openings(program, step.index)
        yield _wrap(f"{step_name(step)}. {step.text}", depth)
        for where in step.where:
            yield _wrap(f"where {condition_text(where, program)}", depth + "    ")
        if step.witness:
            yield _wrap(f"witness: {step.witness}", depth + "    ")
        for requirement in step.requirements:
            yield from _requirement(requirement, program, depth + "    ")


def _depth(program: Program, step: int) -> int:
    return sum(
        any(first <= step <= last for first, last in block.branches) for block in program.blocks
    )


_WORDS = {
    BlockKind.OPTION: ("optionally", ""),
    BlockKind.CHOICE: ("either", "or"),
    BlockKind.PARALLEL: ("meanwhile", "and"),
}


def _openings(program: Program, step: int) -> Iterator[str]:
    """The words that open the blocks and branches which begin at this step."""
    depth = 0
    for block in program.blocks:
        inside = [branch for branch in block.branches if branch[0] <= step <= branch[1]]
        if not inside:
            continue
        if inside[0][0] == step:
            first, other = _WORDS[block.kind]
            word = first if block.branches[0] == inside[0] else other
            title = f", if {block.title}" if block.title else ""
            yield "  " * depth + f"{word}{title}:"
        depth += 1


def _requirement(requirement: Requirement, program: Program, indent: str) -> Iterator[str]:
    if requirement.rule is Rule.STEP:
        yield _wrap(f"“{requirement.sentence}”", indent)
        return
    asked = requirement_text(requirement, program)
    yield _wrap(f"{requirement.level}: {asked} [{requirement.id}] {requirement.clause}", indent)
    yield _wrap(f"“{requirement.sentence}”", indent + "  ")


def _nevers(program: Program) -> Iterator[str]:
    if program.nevers:
        yield ""
    for never in program.nevers:
        yield _wrap(f"never {never_text(never, program)} [{never.requirement.id}]", "")
        yield _wrap(f"“{never.requirement.sentence}”", "    ")


def never_text(never: Never, program: Program) -> str:
    """What must not come, without its requirement."""
    said = [f"{never.sender} sends {never.method} to {never.receiver}"]
    said += [f"where {condition_text(where, program)}" for where in never.where]
    said += ["answered OK"] if never.answered else []
    bounds = (
        ("about the messages of", never.about),
        ("in the session of", never.session),
        ("before", never.before),
        ("after", never.after),
    )
    said += [f"{word} {program.steps[step].label}" for word, step in bounds if step is not None]
    return " ".join(said)


def _rest(program: Program) -> Iterator[str]:
    for requirement in program.general:
        yield ""
        yield from _requirement(requirement, program, "")
    if program.interpretations:
        yield ""
        yield "How the text is read:"
    for reading in program.interpretations:
        yield _wrap(f"- {reading}", "  ")


def _wrap(text: str, indent: str) -> str:
    return fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
