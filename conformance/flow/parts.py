"""The parts of a statement: words, conditions, requirements, clauses, each with its place."""

from dataclasses import dataclass

from conformance.flow.program import Level, Operator, Rule


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line and a column of the file, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Word:
    """A name as written: of a role, a step, a flow, a requirement or a binding."""

    text: str
    place: Place


# ---------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class Operand:
    """A field, of the message at hand or of step `of`; as a value it may be a bare word."""

    name: str
    of: Word | None
    place: Place


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in quotes, or a number."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class SettingName:
    """`profile.NAME`."""

    name: str
    place: Place


Value = Operand | Literal | SettingName


@dataclass(frozen=True, slots=True)
class TestNode:
    """One comparison of a field with values."""

    operand: Operand
    operator: Operator
    values: tuple[Value, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class AllNode:
    """Conditions joined by `and`."""

    parts: tuple["ConditionNode", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class AnyNode:
    """Conditions joined by `or`."""

    parts: tuple["ConditionNode", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class NotNode:
    """`not` before a condition."""

    part: "ConditionNode"
    place: Place


ConditionNode = TestNode | AllNode | AnyNode | NotNode


# ---------------------------------------------------------------- requirements


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds as written, or the profile's setting that gives them."""

    seconds: float | None
    setting: str
    place: Place


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a requirement stands: the document (empty: the flow's), clause, sentence.

    `rfc` is the number of an RFC, empty for a clause of the specification.
    """

    document: str
    clause: str
    sentence: str
    rfc: str
    place: Place


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a requirement asks, and by which rule it is judged."""

    rule: Rule
    place: Place
    condition: ConditionNode | None = None
    given: ConditionNode | None = None
    role: Word | None = None
    wrong: tuple[int, ...] = ()
    open: tuple[int, ...] = ()
    duration: Duration | None = None
    anchor: Word | None = None
    latest: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RequirementNode:
    """A requirement with its hand-written id."""

    id: Word
    level: Level
    assertion: Assertion
    origin: Origin | None
    place: Place


# ---------------------------------------------------------------- clauses of a step


@dataclass(frozen=True, slots=True)
class Where:
    """Selects a message by a condition."""

    condition: ConditionNode
    place: Place


@dataclass(frozen=True, slots=True)
class Witness:
    """What on the wire shows that an internal step happened."""

    method: str
    outcome: str
    role: Word
    place: Place


@dataclass(frozen=True, slots=True)
class Bind:
    """Ties a step to another: `kind` is dialog, session, about, after or before."""

    kind: str
    ref: Word
    place: Place


@dataclass(frozen=True, slots=True)
class Time:
    """`within D of N` (latest) or `no sooner than D after N`."""

    duration: Duration
    ref: Word
    latest: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Repeat:
    """How often a message may come; `most` None is without bound."""

    least: int
    most: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Let:
    """A name for a value that the step's message brings."""

    name: Word
    field: Word
    place: Place


@dataclass(frozen=True, slots=True)
class Answered:
    """Asks in a `never` that the message was answered."""

    outcome: str
    place: Place


Clause = Where | Witness | Bind | Time | Repeat | Let | Answered
