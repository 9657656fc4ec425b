"""The syntax tree of a flow file: what was written, each node with its place in the file."""

from dataclasses import dataclass, field

from conformance.flow.parts import (
    AllNode,
    Answered,
    AnyNode,
    Assertion,
    Bind,
    Clause,
    ConditionNode,
    Duration,
    Let,
    Literal,
    NotNode,
    Operand,
    Origin,
    Place,
    Repeat,
    RequirementNode,
    SettingName,
    TestNode,
    Time,
    Value,
    Where,
    Witness,
    Word,
)

__all__ = [
    "Acknowledges",
    "AllNode",
    "Answered",
    "Answers",
    "AnyNode",
    "Assertion",
    "Bind",
    "Channel",
    "Clause",
    "ConditionNode",
    "Connects",
    "Duration",
    "Each",
    "Either",
    "Ends",
    "FlowNode",
    "Forwards",
    "IdentifiedNode",
    "Internal",
    "Let",
    "Literal",
    "NeverNode",
    "NotNode",
    "OnlyIf",
    "Operand",
    "Optionally",
    "Origin",
    "Parallel",
    "Place",
    "Repeat",
    "RequirementNode",
    "RoleNode",
    "Sends",
    "Sentence",
    "Sequence",
    "SettingName",
    "SourceNode",
    "Statement",
    "StepNode",
    "TestNode",
    "Time",
    "Value",
    "Where",
    "Witness",
    "Word",
]


# ---------------------------------------------------------------- sentences


@dataclass(frozen=True, slots=True)
class Internal:
    """A role does something within itself."""

    role: Word
    verb: str
    about: Word | None
    place: Place


@dataclass(frozen=True, slots=True)
class Sends:
    """A role sends a request along a path."""

    role: Word
    method: str
    to: Word
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Answers:
    """A role answers a request."""

    role: Word
    ref: Word
    outcome: str
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Forwards:
    """A role passes a message on."""

    role: Word
    ref: Word
    to: Word
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Acknowledges:
    """A role acknowledges a message of any network."""

    role: Word
    ref: Word
    place: Place


@dataclass(frozen=True, slots=True)
class Connects:
    """The active side of an MSRP session connects."""

    role: Word
    to: Word
    place: Place


@dataclass(frozen=True, slots=True)
class Ends:
    """A role ends a session."""

    role: Word
    ref: Word
    via: tuple[Word, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Channel:
    """A whole MSRP session in one printed step."""

    parties: tuple[Word, Word]
    session: Word
    role: Word
    method: str
    to: Word
    clauses: tuple[Clause, ...]
    given: ConditionNode | None
    enders: tuple[Word, ...]
    place: Place


Sentence = Internal | Sends | Answers | Forwards | Acknowledges | Connects | Ends | Channel


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class StepNode:
    """A numbered step; `text_label` is the prose's number where the figure has another."""

    label: Word
    text_label: str
    sentence: Sentence
    clauses: tuple[Clause, ...]
    quotes: tuple[str, ...]
    requirements: tuple[RequirementNode, ...]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """Statements in printed order."""

    items: tuple["Statement", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Parallel:
    """`meanwhile … and`, or `in any order`."""

    branches: tuple[Sequence, ...]
    any_order: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Either:
    """`either … or`."""

    branches: tuple[Sequence, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Optionally:
    """`optionally if "policy"`: the policy is for people and never evaluated."""

    policy: str
    body: Sequence
    place: Place


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """`if CONDITION`."""

    condition: ConditionNode
    body: Sequence
    place: Place


@dataclass(frozen=True, slots=True)
class Each:
    """`for each message of N`."""

    ref: Word
    body: Sequence
    place: Place


@dataclass(frozen=True, slots=True)
class NeverNode:
    """What must not happen; it breaks step `breaks`, or a requirement of its own."""

    role: Word
    method: str
    to: Word
    clauses: tuple[Clause, ...]
    breaks: Word | None
    requirement: RequirementNode | None
    place: Place


Statement = StepNode | NeverNode | Parallel | Either | Optionally | OnlyIf | Each


@dataclass(frozen=True, slots=True)
class RoleNode:
    """A role with the document's names for it; a composite stands for a whole side."""

    id: Word
    names: tuple[Word, ...]
    composite: bool
    place: Place


@dataclass(frozen=True, slots=True)
class SourceNode:
    """Document, clause and figure of a flow."""

    document: str
    clause: str
    figure: str
    place: Place


@dataclass(frozen=True, slots=True)
class IdentifiedNode:
    """The identifying steps and their condition."""

    refs: tuple[Word, ...]
    where: ConditionNode | None
    place: Place


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A whole flow file."""

    id: Word
    title: str
    source: SourceNode | None
    replaces: Word | None
    applies_if: str
    roles: tuple[RoleNode, ...]
    interpretations: tuple[str, ...]
    identified: IdentifiedNode | None
    general: tuple[RequirementNode, ...]
    body: Sequence
    place: Place
    file: str = ""
    lines: tuple[str, ...] = field(default=(), repr=False)
