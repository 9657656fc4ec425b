"""All requirements of all flows in one list: what is asked, where, and how it is judged."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.flow.errors import LibraryError
from conformance.flow.program import Level, Program, Requirement, Rule

_JUDGED = {
    Rule.STEP: "the printed step seen, and in its order",
    Rule.CONDITION: "a condition on a message",
    Rule.AT_END: "a condition at the end",
    Rule.TEARDOWN: "the BYE after the last delivery",
    Rule.WAIT: "the registration before a push",
    Rule.FRESH: "no delivery of what was delivered",
    Rule.REMOVED: "no listing of what was handled",
    Rule.DELIVER: "the messages that a session carried",
    Rule.CONNECT: "the MSRP connection after the ACK",
    Rule.ANSWER: "the status of a refusal",
    Rule.NEVER: "a message that must not come",
    Rule.TIMING: "the time between two steps",
    Rule.REFERENCE: "the reference comparison",
    Rule.NONE: "not observable",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement with the flows that ask for it and the ways in which it is judged."""

    requirement: Requirement
    flows: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def judged_by(self) -> str:
        """In words how it is judged; a `may` never fails."""
        said = "; ".join(dict.fromkeys(_JUDGED[rule] for rule in self.rules))
        if Rule.NONE in self.rules:
            return f"{said}: {self.requirement.reason}"
        return f"{said} (never fails)" if self.requirement.level is Level.MAY else said


def requirements(program: Program) -> Iterator[Requirement]:
    """Every requirement of one flow, steps first, repetitions included."""
    for step in program.steps:
        yield from step.requirements
    for never in program.nevers:
        yield never.requirement
    yield from program.general


def catalogue(programs: Iterable[Program]) -> tuple[Entry, ...]:
    """The merged list: the printed steps flow by flow, then the named ones by id."""
    found: dict[str, tuple[Requirement, list[str], list[Rule]]] = {}
    for program in programs:
        for requirement in requirements(program):
            known = found.setdefault(requirement.id, (requirement, [], []))
            if program.id not in known[1]:
                known[1].append(program.id)
            if requirement.rule not in known[2]:
                known[2].append(requirement.rule)
    entries = [Entry(one, tuple(flows), tuple(rules)) for one, flows, rules in found.values()]
    steps = [entry for entry in entries if Rule.STEP in entry.rules]
    named = [entry for entry in entries if Rule.STEP not in entry.rules]
    return (*steps, *sorted(named, key=lambda entry: entry.requirement.id))


def check_across(programs: Iterable[Program]) -> None:
    """The same id in two files says the same; LibraryError where it does not."""
    known: dict[str, tuple[Requirement, str]] = {}
    for program in programs:
        for requirement in requirements(program):
            first, file = known.setdefault(requirement.id, (requirement, program.file))
            if file != program.file and _said(first) != _said(requirement):
                raise LibraryError(
                    program.file,
                    requirement.line,
                    1,
                    f"'{requirement.id}' has another level, clause or sentence in "
                    f"{file}:{first.line}",
                )


def _said(requirement: Requirement) -> tuple[Level, str, str, str]:
    return (
        requirement.level,
        requirement.document,
        requirement.clause,
        requirement.sentence,
    )


def markdown(programs: Iterable[Program]) -> str:
    """The catalogue as the document docs/requirements.md."""
    entries = catalogue(programs)
    named = [entry for entry in entries if Rule.STEP not in entry.rules]
    steps = [entry for entry in entries if Rule.STEP in entry.rules]
    lines = [
        "# Requirements",
        "",
        "Made from the flow files by `cpmspec flows requirements --markdown`; a test keeps it",
        "current. Level: the text's own word, `derived` (presupposed by a SHALL), `flow` (the",
        "printed figure) or `rfc`. `should` and `may` never fail unless `--strict` is given.",
        "",
        f"## Named requirements ({len(named)})",
        "",
        *_table(named),
        "",
        f"## Printed steps ({len(steps)})",
        "",
        *_table(steps),
    ]
    return "\n".join(lines) + "\n"


def _table(entries: list[Entry]) -> Iterator[str]:
    yield "| id | level | clause | flows | judged by | sentence |"
    yield "|---|---|---|---|---|---|"
    for entry in entries:
        one = entry.requirement
        cells = (
            f"`{one.id}`",
            one.level.value,
            f"{one.document}, {one.clause}",
            ", ".join(entry.flows),
            entry.judged_by,
            one.sentence,
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
