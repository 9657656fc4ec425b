"""Verdicts, findings and what is said of one instance of a flow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.cpm.role import Role
from conformance.flow.program import Level


class Verdict(StrEnum):
    """The verdicts of TTCN-3 (ETSI ES 201 873-1 section 24): a worse one overwrites."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    NONE = "none"
    PASS = "pass"
    INCONC = "inconc"
    FAIL = "fail"
    ERROR = "error"

    @property
    def badness(self) -> int:
        """Place in the order none < pass < inconc < fail < error."""
        return _ORDER[self]


_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of the verdicts; `none` when there are none."""
    return max(verdicts, key=_ORDER.__getitem__, default=Verdict.NONE)


class Reason(StrEnum):
    """Why a verdict is `inconc`, or what kind of `none` it is."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    HOP_NOT_CAPTURED = "hop-not-captured"
    CAPTURE_STARTS_LATE = "capture-starts-late"
    CAPTURE_ENDS_EARLY = "capture-ends-early"
    GAP = "gap"
    UNDECRYPTABLE = "undecryptable"
    AMBIGUOUS_CORRELATION = "ambiguous-correlation"
    POLICY_UNKNOWN = "policy-unknown"
    ROLE_UNKNOWN = "role-unknown"
    TIMER_NOT_ELAPSED = "timer-not-elapsed"
    IDENTITY_UNREADABLE = "identity-unreadable"
    SPEC_AMBIGUOUS = "spec-ambiguous"
    NOT_EXERCISED = "not-exercised"
    NOT_APPLICABLE = "not-applicable"
    UNSUPPORTED = "unsupported"
    EXPECTED_ABSENT = "expected-absent"


class Status(StrEnum):
    """How one hop of one step ended."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    OBSERVED = "observed"
    MISSING = "missing"
    VIOLATED = "violated"
    DECLINED = "declined"
    UNOBSERVED = "unobserved"
    NOT_TAKEN = "not-taken"
    PENDING = "pending"
    INTERNAL = "internal"
    WITNESSED = "witnessed"


@dataclass(frozen=True, slots=True)
class FrameRef:
    """A frame of a capture: the capture's index, the frame's number from 1, its time in ns UTC."""

    capture: int
    frame: int
    time: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement and what was seen of it, with the evidence.

    `verdict` is fail, inconc or pass (a pass finding is a note). A `consequence` follows from an
    earlier finding of the same instance and is not its cause.
    """

    requirement: str
    level: Level
    verdict: Verdict
    clause: str
    sentence: str
    expected: tuple[str, ...]
    observed: str
    frames: tuple[FrameRef, ...]
    role_at_fault: Role | None
    reason_code: Reason | None
    repair: str
    flow_file: str
    line: int
    consequence: bool = False
    step: str = ""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One hop of one printed step: `hop` counts from 1, `number` is the printed one."""

    label: str
    number: str
    part: str
    hop: int
    branch: int
    sender: Role | None
    receiver: Role | None
    status: Status
    frames: tuple[FrameRef, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A line of the observed ladder.

    `number` is the observation's; `label` the printed hop number, empty for implied traffic.
    `folded` counts retransmissions and copies shown in this line. `message` is what the octets
    were read as, where that is at hand still: no part of what is reported.
    """

    capture: int
    number: int
    time: int
    frames: tuple[int, ...]
    source: str
    destination: str
    sender: str
    receiver: str
    summary: str
    label: str
    step: str
    octets: bytes
    folded: int = 0
    violated: bool = False
    message: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ShownClosing:
    """Who closed a connection that a finding rests on: `source` sent FIN, or RST (`reset`)."""

    frame: FrameRef
    source: str
    destination: str
    reset: bool = False


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """What is said of one instance of a flow: the data of one report page."""

    id: str
    flow: str
    title: str
    also: tuple[str, ...]
    verdict: Verdict
    reason_code: Reason | None
    would_settle: str
    summary: str
    seen: int
    printed: int
    roles: dict[str, tuple[str, ...]]
    role_evidence: tuple[str, ...]
    captures: tuple[int, ...]
    first_time: int
    last_time: int
    steps: tuple[StepResult, ...]
    findings: tuple[Finding, ...]
    ladder: tuple[ShownMessage, ...]
    judged: tuple[tuple[str, Verdict], ...]
    notes: tuple[str, ...] = ()
    repair: str = ""
    user: str = ""
    call_ids: tuple[str, ...] = ()
    closings: tuple[ShownClosing, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A candidate that did not become an instance: its flow, where it began, what kept it."""

    flow: str
    frame: FrameRef
    summary: str
    kept_by: str
