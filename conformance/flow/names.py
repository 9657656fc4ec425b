"""What the words of a flow file name: roles, steps, hops, fields, settings, bindings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.flow import nodes
from conformance.flow.errors import FlowSemanticError, did_you_mean
from conformance.flow.nodes import Place, Word
from conformance.flow.profile import setting_names, timer_names
from conformance.observation.fields import FIELDS, HEADERS

_RANGE = re.compile(r"(\d+)([a-z]?)(?:-(\d+)([a-z]?))?")

MAX_HOPS = 64
"""A message of more hops than this is a slip of the pen in a label."""


def field_names() -> frozenset[str]:
    """Every name that a condition may test."""
    return frozenset(FIELDS) | HEADERS


def hop_numbers(label: str) -> tuple[str, ...]:
    """The printed numbers of a label: `2-3` is 2 and 3, `3-4b` 3b and 4b, a word itself."""
    match = _RANGE.fullmatch(label)
    if match is None or match[3] is None:
        return (label,)
    suffix = match[4] or match[2]
    first, last = int(match[1]), int(match[3])
    if not 0 < last - first < MAX_HOPS:
        return ()
    return tuple(f"{number}{suffix}" for number in range(first, last + 1))


def walk(sequence: nodes.Sequence) -> Iterator[nodes.Statement]:
    """Every statement in printed order, blocks before what they hold."""
    for item in sequence.items:
        yield item
        for inner in blocks(item):
            yield from walk(inner)


def blocks(item: nodes.Statement) -> tuple[nodes.Sequence, ...]:
    """The blocks that a statement holds."""
    match item:
        case nodes.Parallel() | nodes.Either():
            return item.branches
        case nodes.Optionally() | nodes.OnlyIf() | nodes.Each():
            return (item.body,)
        case nodes.StepNode() | nodes.NeverNode():
            return ()


@dataclass(slots=True)
class Names:
    """The tables of one flow; every look-up refuses an unknown word with its place."""

    flow: nodes.FlowNode
    roles: dict[str, Role] = field(default_factory=dict)
    used: set[Role] = field(default_factory=set)
    bindings: dict[str, tuple[str, Word]] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    hops: dict[str, str] = field(default_factory=dict)

    def wrong(self, place: Place, sentence: str) -> FlowSemanticError:
        """The error at a place of this file, with its line."""
        lines = self.flow.lines
        source = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        return FlowSemanticError(self.flow.file, place.line, place.column, sentence, source)

    def role(self, word: Word) -> Role:
        """The role of a name."""
        found = self.roles.get(word.text.lower())
        if found is None:
            known = [name.text for role in self.flow.roles for name in role.names]
            hint = did_you_mean(word.text, known)
            raise self.wrong(word.place, f"'{word.text}' is not a role of this flow{hint}")
        self.used.add(found)
        return found

    def label(self, word: Word) -> str:
        """The label of the step that a label or a hop's number names."""
        if word.text in self.labels:
            return word.text
        found = self.hops.get(word.text)
        if found is None:
            hint = did_you_mean(word.text, self.labels)
            raise self.wrong(word.place, f"there is no step '{word.text}' in this flow{hint}")
        return found

    def field(self, name: str, place: Place) -> str:
        """A field's name."""
        known = field_names()
        if name not in known:
            raise self.wrong(place, f"unknown field '{name}'{did_you_mean(name, known)}")
        return name

    def setting(self, name: str, place: Place, *, timer: bool = False) -> str:
        """A profile setting's name; with `timer` one that is a length of time."""
        known = setting_names()
        if name not in known:
            hint = did_you_mean(name, known)
            raise self.wrong(place, f"the profile has no setting '{name}'{hint}")
        if timer and name not in timer_names():
            raise self.wrong(place, f"the profile's setting '{name}' is not a length of time")
        return name


def read_names(flow: nodes.FlowNode) -> Names:
    """The tables of a flow; FlowSemanticError where the file contradicts itself."""
    names = Names(flow)
    _read_roles(names)
    steps = [item for item in walk(flow.body) if isinstance(item, nodes.StepNode)]
    names.labels = frozenset(step.label.text for step in steps)
    for step in steps:
        for number in hop_numbers(step.label.text):
            names.hops.setdefault(number, step.label.text)
        for clause in step.clauses:
            if isinstance(clause, nodes.Let):
                _bind(names, step, clause)
    return names


def _bind(names: Names, step: nodes.StepNode, let: nodes.Let) -> None:
    if let.name.text in names.bindings:
        raise names.wrong(let.name.place, f"'{let.name.text}' is bound twice")
    names.field(let.field.text, let.field.place)
    names.bindings[let.name.text] = (let.field.text, step.label)


def _read_roles(names: Names) -> None:
    known = {role.value for role in Role}
    seen: set[str] = set()
    for role in names.flow.roles:
        if role.id.text not in known:
            hint = did_you_mean(role.id.text, known)
            raise names.wrong(role.id.place, f"'{role.id.text}' is no role of CPM{hint}")
        if role.id.text in seen:
            raise names.wrong(role.id.place, f"the role '{role.id.text}' is listed twice")
        seen.add(role.id.text)
        for name in role.names:
            if name.text.lower() in names.roles:
                raise names.wrong(name.place, f"'{name.text}' names two roles")
            names.roles[name.text.lower()] = Role(role.id.text)
