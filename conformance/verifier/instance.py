"""One instance of a flow while it runs: which messages took which hops.

An instance is a mask of hops seen and, for each hop, who was seen there. It decides nothing that
depends on what is missing: that is for `settle`. Breaches are noted as they happen, by `breach`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from conformance.cpm.role import Role
from conformance.flow.profile import Profile
from conformance.flow.program import Kind, Program, Step
from conformance.observation.content import Content
from conformance.observation.fields import Values, values
from conformance.observation.trace import Closing, Observation
from conformance.verifier.exchange import Event
from conformance.verifier.plan import Plan
from conformance.verifier.sparse import Sparse
from conformance.verifier.transfer import Channel, Transfer
from conformance.verifier.verdict import Finding, Verdict

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Seen:
    """One message at one hop of an instance; `event` is None for MSRP.

    `direct`: it went from end to end, past the core, and stands for every hop of its step.
    """

    hop: int
    time: int
    observation: Observation
    occurrence: "Occurrence"
    event: Event | None = None
    transfer: Transfer | None = None
    branch: int = 0
    passive: bool = False
    direct: bool = False

    @property
    def last(self) -> int:
        """When it was seen last: what was sent again may not have arrived before."""
        repeats = self.event.repeats if self.event is not None else ()
        return repeats[-1] if repeats else self.time

    @property
    def places(self) -> tuple[str, str]:
        """From where to where."""
        if self.event is not None:
            return self.event.place_from, self.event.place_to
        return self.observation.source.host, self.observation.destination.host


@dataclass(slots=True, eq=False)
class Occurrence(Sparse):
    """One message of a step, at however many hops: its keys are (Call-ID, CSeq) pairs."""

    _sparse: ClassVar[Mapping[str, Callable[[], object]]] = {"refused": list}

    step: Step
    content: Content
    keys: tuple[tuple[str, int], ...] = ()
    seen: list[Seen] = field(default_factory=list)
    refused: list[Seen] = field(init=False)
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


@dataclass(slots=True, eq=False)
class Instance(Sparse):
    """A candidate, and later an instance, of one flow.

    `mask` has a bit for each hop seen, `first` and `all` who was seen there. `legs` are its
    Call-IDs with the step that brought each; `keys` lead to it, in the order of their values,
    `new_keys` are still to be indexed.
    `ambiguous` are the hops whose message could not be told from another instance's,
    `offenders` the observations (capture, number) that break something, `orphans` the answers
    (method, Call-ID, CSeq) to what was not captured, `dialogs` the remote tags of its INVITE's
    dialogs: several, when it was forked; `foreign` are Call-IDs found not to be its own.
    `breaches` are pairs of hops, early and late, that convict; `placed` the requirements whose
    finding says where a message belongs, not what is wrong with it; `closings` are those that a
    finding rests on. `inherited` is a mask of steps
    that another instance of the same conversation judges.
    """

    _sparse: ClassVar[Mapping[str, Callable[[], object]]] = {
        "channels": dict,
        "findings": list,
        "judged": dict,
        "notes": list,
        "byes": list,
        "aborts": list,
        "acks": list,
        "suspects": list,
        "orphans": set,
        "offenders": set,
        "dialogs": set,
        "foreign": set,
        "disorder": list,
        "breaches": list,
        "placed": set,
        "closings": list,
        "new_keys": list,
        "keys": dict,
    }

    plan: Plan
    profile: Profile
    number: int
    clocks: dict[int, int] = field(default_factory=dict)
    unsteady: set[int] = field(default_factory=set)
    mask: int = 0
    first: list[Seen | None] = field(default_factory=list)
    all: list[Sequence[Seen]] = field(default_factory=list)
    occurrences: list[Sequence[Occurrence]] = field(default_factory=list)
    legs: dict[str, int] = field(default_factory=dict)
    channels: dict[int, Channel] = field(init=False)
    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(init=False)
    judged: dict[str, Verdict] = field(init=False)
    notes: list[str] = field(init=False)
    byes: list[Seen] = field(init=False)
    aborts: list[Event] = field(init=False)
    acks: list[Event] = field(init=False)
    suspects: list[Event] = field(init=False)
    orphans: set[tuple[str, str, int]] = field(init=False)
    offenders: set[tuple[int, int]] = field(init=False)
    dialogs: set[str] = field(init=False)
    foreign: set[str] = field(init=False)
    disorder: list[tuple[Seen, Seen]] = field(init=False)
    breaches: list[tuple[int, int]] = field(init=False)
    placed: set[str] = field(init=False)
    closings: list[Closing] = field(init=False)
    new_keys: list[tuple[str, str]] = field(init=False)
    keys: dict[tuple[str, str], int] = field(init=False)
    first_time: int = 0
    last_time: int = 0
    user: str = ""
    witness: Observation | None = None
    identified: bool = False
    starts_late: bool = False
    ambiguous: int = 0
    inherited: int = 0
    excused: bool = False
    reliable_answer: bool = False
    planned: bool = False
    settled: bool = False
    _addresses: dict[Role, set[str]] | None = None

    def __post_init__(self) -> None:
        self.first = [None] * len(self.program.hops)
        self.all = [()] * len(self.program.hops)
        self.occurrences = [()] * len(self.program.steps)

    @property
    def program(self) -> Program:
        """The compiled flow."""
        return self.plan.program

    @property
    def loses(self) -> bool:
        """Whether something of this conversation was sent again: then copies may be lost."""
        return any(line.event is not None and line.event.repeats for line in self.lines)

    def another(self, number: int) -> "Instance":
        """A further selection from the same list: what led to it is shared, and judged once."""
        fresh = Instance(self.plan, self.profile, number, self.clocks, self.unsteady)
        fresh.identified, fresh.starts_late, fresh.user = True, self.starts_late, self.user
        for step in self.program.steps:
            if self.plan.selection >> step.index & 1:
                continue
            fresh.inherited |= 1 << step.index
            fresh.occurrences[step.index] = list(self.occurrences[step.index])
            for hop in step.hops:
                fresh.first[hop], fresh.all[hop] = self.first[hop], list(self.all[hop])
                fresh.mask |= self.mask & 1 << hop
        hops = self.program.hops
        fresh.lines = [
            line
            for line in self.lines
            if line.hop is not None and fresh.inherited >> hops[line.hop].step & 1
        ]
        for line in fresh.lines:
            if line.event is not None and line.hop is not None:
                line.event.claims += ((fresh, line.hop),)
        return fresh

    def same_clock(self, one: Observation | Closing, other: Observation) -> bool:
        """Whether the times of two may be compared (`clocks`: captures that continue)."""
        first = self.clocks.get(one.capture, one.capture)
        second = self.clocks.get(other.capture, other.capture)
        return first == second and first not in self.unsteady

    def earlier(self, name: str, step: int) -> Values:
        """The values of a field over every message of a step; None when one may be missing."""
        if not self.occurrences[step] or self._lacks(self.program.steps[step]):
            return None
        found: list[str] = []
        # What was asked for and refused plays no part, once it was asked for again.
        granted = [one for one in self.occurrences[step] if one.accepted or not one.refused]
        for occurrence in granted or self.occurrences[step]:
            read = values(name, occurrence.content)
            if read is None:
                return None
            found.extend(value for value in read if value not in found)
        return tuple(found)

    def _lacks(self, step: Step) -> bool:
        """Whether messages of this step may be missing: before the capture, or of seen answers."""
        if not step.many:
            return False
        return self.starts_late or self.answered_unseen(step)

    def answered_unseen(self, step: Step) -> bool:
        """Whether an answer was seen to a message of this step that was not."""
        keys = {key for occurrence in self.occurrences[step.index] for key in occurrence.keys}
        return any(
            method == step.method and (call_id, cseq) not in keys
            for method, call_id, cseq in self.orphans
        )

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

    def begin(self, occurrence: Occurrence) -> None:
        """Put one more message to its step."""
        _grown(self.occurrences, occurrence.step.index).append(occurrence)

    def add(self, seen: Seen) -> None:
        """Put a message at its hop."""
        group = _grown(self.all, seen.hop)
        seen.branch = _branch(group, seen)
        group.append(seen)
        seen.occurrence.seen.append(seen)
        if self.first[seen.hop] is None:
            self.first[seen.hop] = seen
        self.mask |= 1 << seen.hop
        self._addresses = None
        if not self.first_time:
            self.first_time = seen.time
        self.touch(seen.time)

    def touch(self, time: int) -> None:
        """Something of this instance was seen."""
        if time > self.last_time:
            self.last_time = time

    def channel(self, step: Step) -> Channel | None:
        """The MSRP session that a step belongs to."""
        index = step.session if step.session is not None else step.index
        return self.channels.get(index)

    def let_go(self) -> None:
        """Drop what ties this instance to the capture: it has been reported, or was none.

        Its messages and it know one another: so that they die now, each forgets the others.
        """
        for line in self.lines:
            event = line.event
            if event is not None:
                event.claims = tuple([one for one in event.claims if one[0] is not self])
                if not event.claims:
                    event.message.is_done_with()
                    event.rest()
        for group in self.occurrences:
            for occurrence in group:
                occurrence.seen = []
                occurrence.refused = []
        self.lines = []
        self.suspects = []
        self.all = []
        self.first = []
        self.occurrences = []
        self.channels = {}
        self.byes = []
        self.aborts = []
        self.acks = []
        self.disorder = []

    def numbers(self) -> set[tuple[int, int]]:
        """The observations that took a hop: (capture, number)."""
        return {
            (seen.observation.capture, seen.observation.number)
            for group in self.all
            for seen in group
        }

    def addresses(self) -> dict[Role, set[str]]:
        """Which places played which role in this instance."""
        found = self._addresses
        if found is None:
            found = self._addresses = {}
            for hop, group in zip(self.program.hops, self.all, strict=True):
                if self.plan.step_of[hop.index].kind in (Kind.SEND, Kind.CONNECT):
                    continue
                for seen in group:
                    source, destination = seen.places
                    ends = self.ends(hop.index) if seen.direct else (hop.sender, hop.receiver)
                    found.setdefault(ends[0], set()).add(source)
                    found.setdefault(ends[1], set()).add(destination)
        return found

    def passed_by(self, hop: int) -> bool:
        """Whether all that took a hop went past the core: the first hop of its step shows it."""
        return (
            self.mask >> hop & 1 == 1
            and hop != self.step(hop).hops[0]
            and all(seen.direct for seen in self.all[hop])
        )

    def ends(self, hop: int) -> tuple[Role, Role]:
        """Who sends the message of a hop first, and who receives it last."""
        hops = self.step(hop).hops
        return self.program.hops[hops[0]].sender, self.program.hops[hops[-1]].receiver


def _grown(groups: list[Sequence[T]], place: int) -> list[T]:
    """The list at a place of many that are mostly empty."""
    group = groups[place]
    if not isinstance(group, list):
        group = groups[place] = []
    return group


def _branch(group: Sequence[Seen], seen: Seen) -> int:
    """Which branch of a fork a message is: messages of one occurrence to several places."""
    places: list[tuple[str, str]] = []
    for other in group:
        if other.occurrence is seen.occurrence and other.places not in places:
            places.append(other.places)
    return places.index(seen.places) if seen.places in places else len(places)
