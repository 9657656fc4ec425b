"""The report as data: what ran, on what, with which results. Every renderer starts here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from conformance.flow.program import Level
from conformance.observation.trace import Skew
from conformance.oracle.difference import Opinion
from conformance.verifier.verdict import InstanceResult, NearMiss, Reason, Verdict, worst

SCHEMA = "cpmspec-report/1"
"""Within `/1` fields of the JSON report may be added, none renamed, retyped or removed."""


class Instances(Protocol):
    """Instances that can be read again and again: a tuple, or a spool on disk."""

    def __iter__(self) -> Iterator[InstanceResult]:
        """Yield each instance once, in the order in which they settled."""
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...


@dataclass(frozen=True, slots=True)
class GapNote:
    """A place where a capture shows less than there was; `time` in ns UTC."""

    after_frame: int
    time: int
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """What was read from one capture; counts are of messages as read, copies included.

    `judged_with`: the captures that were judged as one with this one, by their numbers.
    """

    path: str
    sha256: str
    reader: str
    octets: int
    packets: int
    first_time: int | None
    last_time: int | None
    sip_messages: int
    msrp_messages: int
    malformed: int
    unrelated: int
    gaps: tuple[GapNote, ...] = ()
    interfaces: tuple[str, ...] = ()
    skew: Skew | None = None
    judged_with: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowResult:
    """One flow over all captures: how many instances got which verdict."""

    id: str
    title: str
    document: str
    clause: str
    verdict: Verdict
    reason_code: Reason | None
    counts: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class CaptureFlow:
    """One cell of the matrix: a capture, a flow, and its instances by verdict."""

    capture: int
    flow: str
    counts: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """One requirement over all instances: the worst verdict that it got, and where.

    `instances` names those listed in the report; `counts` covers the unlisted too.
    """

    id: str
    level: Level
    document: str
    clause: str
    sentence: str
    judged_by: str
    verdict: Verdict
    instances: tuple[str, ...]
    counts: dict[Verdict, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleNote:
    """Which address plays which role, and how that is known."""

    role: str
    address: str
    evidence: str
    given: bool


@dataclass(frozen=True, slots=True)
class DeviceResult:
    """A device as it names itself, and the verdicts of the instances it took part in.

    `product` is its User-Agent or Server, `instance` its `+sip.instance` (RFC 5626). An instance
    that failed through another's fault is counted in `by_others` alone.
    """

    product: str
    instance: str
    roles: tuple[str, ...]
    addresses: tuple[str, ...]
    counts: dict[Verdict, int]
    flows: tuple[tuple[str, dict[Verdict, int]], ...]
    by_others: int = 0

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its own."""
        return worst(self.counts)


@dataclass(frozen=True, slots=True)
class ExpectedFlow:
    """A flow that the user said must appear; `nearest` tells what came closest when it did not."""

    flow: str
    met: bool
    sentence: str
    nearest: NearMiss | None = None


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What an index file expects of one capture, and what came of it."""

    capture: int
    shows: str
    flow: str
    expected_verdict: Verdict
    expected_requirement: str
    verdict: Verdict
    requirement: str
    as_expected: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class OpinionResult:
    """What the oracle says of one output of a role, or of its silence.

    `instance` is the id of the instance that it belongs to, "" if it belongs to none, and
    `flow_verdict` what the flow alone says of that one. `captures` are those compared together.
    """

    opinion: Opinion
    instance: str = ""
    flow_verdict: Verdict = Verdict.NONE
    captures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """An exception of our own: what was being done, its sentence, and the traceback."""

    doing: str
    sentence: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one run. `made` is its date (RFC 3339), or empty.

    `counted` instances passed and are not listed; every count covers them too. `particulars` is
    what the user tells of laboratory and product, for the conformance report's first page;
    `flows_sha256` tells which version of the flow files judged. `compared` says whether the
    oracle was asked, `preferences` by which user preferences, "" for none.
    """

    tool: str
    version: str
    made: str
    profile: str
    strict: bool
    relaxed: tuple[str, ...]
    verdict: Verdict
    captures: tuple[CaptureResult, ...]
    instances: Instances
    counted: int
    flows: tuple[FlowResult, ...]
    matrix: tuple[CaptureFlow, ...]
    requirements: tuple[RequirementResult, ...]
    roles: tuple[RoleNote, ...] = ()
    expected: tuple[ExpectedFlow, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    index: tuple[IndexResult, ...] = ()
    faults: tuple[Fault, ...] = ()
    selection: tuple[str, ...] = ()
    devices: tuple[DeviceResult, ...] = ()
    particulars: tuple[tuple[str, str], ...] = ()
    flows_sha256: str = ""
    opinions: tuple[OpinionResult, ...] = ()
    compared: bool = False
    preferences: str = ""

    def paths(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The captures of these numbers; what a report of others names wrongly is left out."""
        known = range(len(self.captures))
        return tuple(self.captures[number].path for number in numbers if number in known)

    def total(self, verdict: Verdict) -> int:
        """How many instances got this verdict, the unlisted included."""
        return sum(flow.counts.get(verdict, 0) for flow in self.flows)
