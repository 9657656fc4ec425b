"""One instance of a flow while it runs: which messages took which hops.

An instance is a mask of hops seen and, for each hop, who was seen there. It decides nothing that
depends on what is missing: that is for `settle`. Breaches are noted as they happen, by `breach`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import Kind, Step
from conformance.observation.content import Content
from conformance.observation.fields import Values, values
from conformance.observation.trace import Observation
from conformance.verifier.exchange import Event
from conformance.verifier.plan import Plan
from conformance.verifier.transfer import Channel, Transfer
from conformance.verifier.verdict import Finding, Verdict


@dataclass(slots=True, eq=False)
class Seen:
    """One message at one hop of an instance; `event` is None for MSRP."""

    hop: int
    time: int
    observation: Observation
    occurrence: "Occurrence"
    event: Event | None = None
    transfer: Transfer | None = None
    branch: int = 0
    passive: bool = False

    @property
    def places(self) -> tuple[str, str]:
        """From where to where."""
        if self.event is not None:
            return self.event.place_from, self.event.place_to
        return self.observation.source.host, self.observation.destination.host


@dataclass(slots=True, eq=False)
class Occurrence:
    """One message of a step, at however many hops: its keys are (Call-ID, CSeq) pairs."""

    step: Step
    content: Content
    keys: set[tuple[str, int]] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)
    refused: list[Seen] = field(default_factory=list)
    superseded: bool = False
    accepted: bool = False
    cancelled: bool = False


@dataclass(slots=True)
class Line:
    """A line of the observed ladder: the observation, its roles, the hop it took if any."""

    observation: Observation
    sender: str
    receiver: str
    hop: int | None
    event: Event | None


class Instance:
    """A candidate, and later an instance, of one flow."""

    def __init__(self, plan: Plan, profile: Profile, number: int) -> None:
        self.plan = plan
        self.program = plan.program
        self.profile = profile
        self.number = number
        self.mask = 0
        count = len(plan.program.hops)
        self.first: list[Seen | None] = [None] * count
        self.all: list[list[Seen]] = [[] for _ in range(count)]
        self.occurrences: list[list[Occurrence]] = [[] for _ in plan.program.steps]
        self.legs: dict[str, int] = {}
        self.channels: dict[int, Channel] = {}
        self.lines: list[Line] = []
        self.findings: list[Finding] = []
        self.judged: dict[str, Verdict] = {}
        self.notes: list[str] = []
        self.first_time = 0
        self.last_time = 0
        self.byes: list[Seen] = []
        self.aborts: list[Event] = []
        self.identified = False
        self.starts_late = False
        self.ambiguous = False
        self.excused = False
        self.acknowledged = False
        self.suspects: list[Event] = []
        self.orphans: set[str] = set()
        self.reliable_answer = False
        self.user = ""
        self.settled = False
        self.planned = False
        self.witness: Observation | None = None
        self.new_keys: list[tuple[str, str]] = []

    def earlier(self, name: str, step: int) -> Values:
        """The values of a field over every message of a step; None when one may be missing."""
        if not self.occurrences[step] or self.program.steps[step].method in self.orphans:
            return None
        found: list[str] = []
        for occurrence in self.occurrences[step]:
            read = values(name, occurrence.content)
            if read is None:
                return None
            found.extend(value for value in read if value not in found)
        return tuple(found)

    def step(self, hop: int) -> Step:
        """The step that a hop belongs to."""
        return self.plan.step_of[hop]

    def seen_at(self, step: Step) -> list[Seen]:
        """Every message that took a hop of this step."""
        return [seen for hop in step.hops for seen in self.all[hop]]

    def observed(self, step: Step) -> bool:
        """Whether the step was seen at one hop at least."""
        return any(self.mask >> hop & 1 for hop in step.hops)

    def occurrence(self, step: Step, key: tuple[str, int]) -> Occurrence | None:
        """The occurrence of a step that this Call-ID and CSeq name."""
        for occurrence in self.occurrences[step.index]:
            if key in occurrence.keys:
                return occurrence
        return None

    def events(self) -> Iterator[Event]:
        """Every SIP event that took a hop."""
        for group in self.all:
            for seen in group:
                if seen.event is not None:
                    yield seen.event

    def add(self, seen: Seen) -> None:
        """Put a message at its hop."""
        group = self.all[seen.hop]
        seen.branch = _branch(group, seen)
        group.append(seen)
        seen.occurrence.seen.append(seen)
        if self.first[seen.hop] is None:
            self.first[seen.hop] = seen
        self.mask |= 1 << seen.hop
        if not self.first_time:
            self.first_time = seen.time
        self.touch(seen.time)

    def touch(self, time: int) -> None:
        """Something of this instance was seen."""
        self.last_time = max(self.last_time, time)

    def channel(self, step: Step) -> Channel | None:
        """The MSRP session that a step belongs to."""
        index = step.session if step.session is not None else step.index
        return self.channels.get(index)

    def numbers(self) -> set[tuple[int, int]]:
        """The observations that took a hop: (capture, number)."""
        return {
            (seen.observation.capture, seen.observation.number)
            for group in self.all
            for seen in group
        }

    def addresses(self) -> dict[Role, set[str]]:
        """Which places played which role in this instance."""
        found: dict[Role, set[str]] = {}
        for hop, group in zip(self.program.hops, self.all, strict=True):
            if self.plan.step_of[hop.index].kind in (Kind.SEND, Kind.CONNECT):
                continue
            for seen in group:
                source, destination = seen.places
                found.setdefault(hop.sender, set()).add(source)
                found.setdefault(hop.receiver, set()).add(destination)
        return found


def _branch(group: list[Seen], seen: Seen) -> int:
    """Which branch of a fork a message is: messages of one occurrence to several places."""
    places: list[tuple[str, str]] = []
    for other in group:
        if other.occurrence is seen.occurrence and other.places not in places:
            places.append(other.places)
    return places.index(seen.places) if seen.places in places else len(places)
