"""The figure of a flow as Mermaid or PlantUML source, with the printed numbers."""

from collections.abc import Iterator

from conformance.flow.program import BlockKind, Hop, Kind, Program, Step
from conformance.flow.wording import arrow_text

_MERMAID = {
    BlockKind.OPTION: ("opt", "else"),
    BlockKind.CHOICE: ("alt", "else"),
    BlockKind.PARALLEL: ("par", "and"),
}
_PLANTUML = {
    BlockKind.OPTION: ("opt", "else"),
    BlockKind.CHOICE: ("alt", "else"),
    BlockKind.PARALLEL: ("par", "else"),
}


def hop_text(hop: Hop, step: Step) -> str:
    """What stands on an arrow: the printed number and the message."""
    return f"{hop.number}. {arrow_text(step)}"


def internal_text(step: Step) -> str:
    """What stands in the box of an internal step."""
    return f"{step.label}. {step.text.rstrip('.')}"


def mermaid(program: Program) -> str:
    """A Mermaid sequenceDiagram."""
    lines = ["sequenceDiagram", f"    title {_plain(program.title)}"]
    for role, names in program.aliases.items():
        lines.append(f"    participant {_id(role)} as {_plain(names[0])}")
    for depth, kind, text in _items(program, _MERMAID):
        lines.append("    " * (depth + 1) + f"{kind} {text}".strip())
    return "\n".join(lines) + "\n"


def plantuml(program: Program) -> str:
    """A PlantUML sequence diagram."""
    lines = ["@startuml", f"title {_plain(program.title)}"]
    for role, names in program.aliases.items():
        lines.append(f'participant "{_plain(names[0])}" as {_id(role)}')
    for depth, kind, text in _items(program, _PLANTUML):
        lines.append(f"{'  ' * depth}{_plantuml_line(kind, text)}".rstrip())
    return "\n".join([*lines, "@enduml"]) + "\n"


def _plantuml_line(kind: str, text: str) -> str:
    if kind == "Note over":
        return f"note over {text.replace(':', ' :', 1)}"
    return f"{kind} {text.replace('->>', '->', 1).replace('-->>', '-->', 1)}".strip()


def _items(
    program: Program, words: dict[BlockKind, tuple[str, str]]
) -> Iterator[tuple[int, str, str]]:
    """(depth, keyword, text) of every line: blocks, arrows, notes, ends."""
    for step in program.steps:
        depth = 0
        for block in program.blocks:
            inside = [one for one in block.branches if one[0] <= step.index <= one[1]]
            if inside and inside[0][0] == step.index:
                first, other = words[block.kind]
                start = block.branches[0] == inside[0]
                yield depth, first if start else other, _plain(block.title) if start else ""
            depth += bool(inside)
        yield from ((depth, kind, text) for kind, text in _arrows(program, step))
        for block in reversed(program.blocks):
            if block.branches[-1][1] == step.index:
                depth -= 1
                yield depth, "end", ""
            elif any(first <= step.index <= last for first, last in block.branches):
                depth -= 1


def _arrows(program: Program, step: Step) -> Iterator[tuple[str, str]]:
    if step.kind is Kind.INTERNAL and step.role is not None:
        yield "Note over", f"{_id(step.role)}: {_plain(internal_text(step))}"
    dashed = step.kind in (Kind.RESPONSE, Kind.ACKNOWLEDGE)
    for index in step.hops:
        hop = program.hops[index]
        arrow = "-->>" if dashed else "->>"
        text = f"{_id(hop.sender)}{arrow}{_id(hop.receiver)}: {_plain(hop_text(hop, step))}"
        yield "", text


def _id(role: str) -> str:
    return role.replace("-", "_")


def _plain(text: str) -> str:
    """Text without what either language takes as its own."""
    for sign in ";#<>\n":
        text = text.replace(sign, " ")
    return text.replace('"', "'")
