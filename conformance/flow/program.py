"""A compiled flow: hops as bits, their partial order as masks, and what is asked of each.

`Program` is what the judge reads; nothing of the text's grammar is left in it. Hop *i* is bit
*i* of every hop mask; step *j* is bit *j* of every step mask. Positions are lines of the flow
file, so that a finding can name them.
"""

from dataclasses import dataclass
from enum import StrEnum

from conformance.cpm.role import Role


class Level(StrEnum):
    """How binding a requirement is: the text's own word, or where else it comes from."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"
    DERIVED = "derived"
    FLOW = "flow"
    RFC = "rfc"


class Operator(StrEnum):
    """What a test asks of a field's values."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    PRESENT = "present"
    ABSENT = "absent"
    IS = "is"
    IS_NOT = "is not"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    SUBSET = "within"
    EQUAL = "equals"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: of the message at hand, or, with `step`, of an earlier step's."""

    name: str
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that the profile gives under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. IS holds when a value of the field is among `values`; IS_NOT its contrary.

    EQUAL and SUBSET compare sets; AT_MOST and AT_LEAST compare the first values as numbers.
    """

    __test__ = False  # pytest: a value, no test case
    field: Field
    operator: Operator
    values: tuple[str | Field | Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: "Condition"


Condition = Test | All | AnyOf | Not


AT_MOST_ONE = "at most one"
"""The `reason` of a DELIVER that bounds a session's messages from above."""

NO_SOONER = "no sooner"
"""The `reason` of a TIMING that bounds the time from below."""


class Rule(StrEnum):
    """How a requirement is judged."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    STEP = "step"
    CONDITION = "condition"
    AT_END = "at the end"
    TEARDOWN = "teardown"
    WAIT = "wait"
    FRESH = "fresh"
    REMOVED = "removed"
    DELIVER = "deliver"
    CONNECT = "connect"
    ANSWER = "answer"
    NEVER = "never"
    TIMING = "timing"
    REFERENCE = "reference"
    NONE = "not observable"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: hand-written id, level, clause, the sentence, and how it is judged.

    `condition` is what must hold, asked only where `given` holds; `reason` says why a
    requirement is not observable, or is AT_MOST_ONE or NO_SOONER; `step` is the step from which
    TIMING counts, `seconds` or the profile's timer `setting` the time; `open_statuses` are
    answers that the text leaves open (inconc `spec-ambiguous`), `wrong_statuses` answers that
    break it.
    """

    id: str
    level: Level
    document: str
    clause: str
    sentence: str
    line: int
    rule: Rule
    condition: Condition | None = None
    given: Condition | None = None
    wrong_statuses: frozenset[int] = frozenset()
    open_statuses: frozenset[int] = frozenset()
    step: int | None = None
    seconds: float | None = None
    setting: str = ""
    reason: str = ""


class Kind(StrEnum):
    """What a step is."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    REQUEST = "request"
    RESPONSE = "response"
    SEND = "send"
    CONNECT = "connect"
    ACKNOWLEDGE = "acknowledge"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Hop:
    """One arrow of the figure: the bit, its printed number, the two roles."""

    index: int
    number: str
    step: int
    sender: Role
    receiver: Role


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a step may take after another: `seconds`, or the profile's timer `setting`."""

    after: int
    seconds: float | None
    setting: str


@dataclass(frozen=True, slots=True)
class Step:
    """One printed step (or one part of a channel step) with its hops.

    REQUEST: `method`; `initial` when it stands outside every dialog (no To tag).
    RESPONSE: `answers` is the step answered; `statuses` the printed codes, `exact` when no other
    2xx will do. SEND: MSRP content in `session`. CONNECT: the first SEND of the active side.
    ACKNOWLEDGE: a final 2xx or an RP-ACK to `answers`, whichever comes first.
    `forwards` is the step whose message this one passes on (a B2BUA may rewrite it);
    `dialog`, `session`, `about` name the step whose dialog, MSRP session or message identities
    bind this one. `many` allows repetition (`least` to `most`, None without bound); `each` marks
    a step of `for each message of N`. `ends_session` marks a BYE: where several roles may send
    it, each has a step of its own in a branch of its own. `part` tells the parts of one printed
    step apart; `optional_message` marks messages that a channel carries only under its `if`.
    INTERNAL: `role` does it; `witness` is empty or reads `METHOD answered STATUS from ROLE`.
    """

    index: int
    label: str
    kind: Kind
    text: str
    line: int
    hops: tuple[int, ...]
    requirement: str
    part: str = ""
    method: str = ""
    initial: bool = False
    answers: int | None = None
    forwards: int | None = None
    statuses: frozenset[int] = frozenset()
    exact: bool = False
    dialog: int | None = None
    session: int | None = None
    about: int | None = None
    each: int | None = None
    many: bool = False
    least: int = 1
    most: int | None = None
    ends_session: bool = False
    optional_message: bool = False
    role: Role | None = None
    witness: str = ""
    where: tuple[Condition, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """What must not happen: a message of this kind between these roles.

    `before` and `after` (step indices) bound the time; `answered` asks that it was answered 2xx;
    `about` ties it to the messages of a step; `session` to an MSRP session.
    """

    requirement: Requirement
    method: str
    sender: Role
    receiver: Role
    where: tuple[Condition, ...]
    before: int | None = None
    after: int | None = None
    answered: bool = False
    about: int | None = None
    session: int | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """An `if`: the steps in the mask are owed when the condition holds, and only then.

    The condition's fields name their steps; unknown values leave both ways open.
    """

    condition: Condition
    steps: int
    line: int


class BlockKind(StrEnum):
    """How a block of the file binds its steps."""

    OPTION = "option"
    CHOICE = "choice"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class Block:
    """A block as printed: each branch from its first step to its last. For figures only."""

    kind: BlockKind
    title: str
    branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """What makes a candidate an instance: one of these hops seen, and `where` on its message."""

    hops: int
    where: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled flow.

    `after[h]`: hops that may only come later than hop h (transitive); `before[h]` its converse;
    `conflict[h]`: hops of other branches. `runs`: each a mask of steps that together are a
    complete run. `enabled_by[h]`: the hops directly before h, whose last one makes h due.
    """

    id: str
    title: str
    document: str
    clause: str
    figure: str
    file: str
    aliases: dict[Role, tuple[str, ...]]
    steps: tuple[Step, ...]
    hops: tuple[Hop, ...]
    after: tuple[int, ...]
    before: tuple[int, ...]
    enabled_by: tuple[int, ...]
    conflict: tuple[int, ...]
    runs: tuple[int, ...]
    guards: tuple[Guard, ...]
    nevers: tuple[Never, ...]
    identified: Identified
    interpretations: tuple[str, ...]
    replaces: str = ""
    applies_if: str = ""
    general: tuple[Requirement, ...] = ()
    blocks: tuple[Block, ...] = ()
