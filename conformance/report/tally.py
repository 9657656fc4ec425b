"""Counting as instances settle: by flow, by capture, by requirement; constant in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from conformance.flow.catalogue import Entry, catalogue
from conformance.flow.program import Program
from conformance.oracle.difference import Opinion
from conformance.report.devices import Devices
from conformance.report.model import CaptureFlow, DeviceResult, FlowResult, RequirementResult
from conformance.report.spool import Line
from conformance.verifier.verdict import InstanceResult, Reason, Verdict, worst

LISTED = 2_000
"""Passing instances that a report lists; those beyond are counted."""

NAMED = 1_000
"""Instances that one requirement names for one verdict."""


class Shelf(Protocol):
    """Where listed instances go."""

    def append(self, instance: InstanceResult) -> None:
        """Add one instance at the end."""
        ...

    def put(self, line: Line) -> None:
        """Add one instance that is a line already."""
        ...


class Tally:
    """What is kept of the instances: numbers in memory, the listed ones in the spool."""

    def __init__(
        self, spool: Shelf, *, everything: bool = False, limit: int | None = None
    ) -> None:
        self._spool = spool
        self._room = LISTED
        self._everything = everything
        self._flows: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self._reasons: dict[str, dict[Verdict, Reason]] = defaultdict(dict)
        self._cells: dict[tuple[int, str], Counter[Verdict]] = defaultdict(Counter)
        self._requirements: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self._named: dict[tuple[str, Verdict], list[str]] = defaultdict(list)
        self._devices = Devices(limit)
        self.counted = 0

    def add(self, instance: InstanceResult) -> None:
        """Count one settled instance, and list it unless it passed beyond the limit."""
        verdict = instance.verdict
        self._flows[instance.flow][verdict] += 1
        if instance.reason_code is not None:
            self._reasons[instance.flow].setdefault(verdict, instance.reason_code)
        for capture in instance.captures:
            self._cells[capture, instance.flow][verdict] += 1
        for requirement, judged in instance.judged:
            self._requirements[requirement][judged] += 1
        self._devices.add(instance)
        if self._list(instance):
            self._spool.append(instance)

    def opinions(self, alone: Iterable[Opinion]) -> None:
        """Count the requirements on which the oracle spoke without any instance."""
        for one in alone:
            if one.requirement:
                self._requirements[one.requirement][one.verdict] += 1

    def absorb(self, other: "Tally", listed: Iterable[Line]) -> None:
        """Take in what another one counted and listed, as if it came after all this."""
        for mine, others in (
            (self._flows, other._flows),
            (self._requirements, other._requirements),
        ):
            for name, counts in others.items():
                mine[name].update(counts)
        for cell, counts in other._cells.items():
            self._cells[cell].update(counts)
        for flow, reasons in other._reasons.items():
            self._reasons[flow] = reasons | self._reasons[flow]
        self._devices.absorb(other._devices)
        self.counted += other.counted
        for line in listed:
            if self._list(line):
                self._spool.put(line)

    def __getstate__(self) -> dict[str, object]:
        # What is listed lies in a file of this process.
        return {name: value for name, value in vars(self).items() if name != "_spool"}

    def _list(self, instance: InstanceResult | Line) -> bool:
        """Name an instance where it was judged, and say whether there is room to list it."""
        if not self._lists(instance.verdict):
            self.counted += 1
            return False
        for requirement, judged in instance.judged:
            named = self._named[requirement, judged]
            if len(named) < NAMED and instance.id not in named[-1:]:
                named.append(instance.id)
        return True

    def _lists(self, verdict: Verdict) -> bool:
        if verdict is not Verdict.PASS or self._everything:
            return True
        self._room -= 1
        return self._room >= 0

    def verdict(self) -> Verdict:
        """The worst verdict of any instance."""
        return worst(verdict for counts in self._flows.values() for verdict in counts)

    def flows(
        self, programs: Iterable[Program], kept_out: dict[str, Reason]
    ) -> tuple[FlowResult, ...]:
        """Every flow judged, and those kept out with their reason."""
        return tuple(self._flow(program, kept_out.get(program.id)) for program in programs)

    def _flow(self, program: Program, kept_out: Reason | None) -> FlowResult:
        counts = self._flows.get(program.id, Counter())
        verdict = worst(counts)
        reason = self._reasons.get(program.id, {}).get(verdict)
        if not counts:
            reason = kept_out or Reason.NOT_EXERCISED
        return FlowResult(
            id=program.id,
            title=program.title,
            document=program.document,
            clause=program.clause,
            verdict=verdict,
            reason_code=reason,
            counts=dict(counts),
        )

    def devices(self) -> tuple[DeviceResult, ...]:
        """Every device that named itself, with its verdicts."""
        return self._devices.results()

    def matrix(self) -> tuple[CaptureFlow, ...]:
        """Captures by flows, only the cells that hold something."""
        return tuple(
            CaptureFlow(capture, flow, dict(counts))
            for (capture, flow), counts in sorted(self._cells.items())
        )

    def requirements(self, programs: Sequence[Program]) -> tuple[RequirementResult, ...]:
        """Every requirement of these flows, in the catalogue's order."""
        return tuple(self._requirement(entry) for entry in catalogue(programs))

    def _requirement(self, entry: Entry) -> RequirementResult:
        requirement = entry.requirement
        counts = self._requirements.get(requirement.id, Counter())
        by_badness = sorted(counts, key=lambda verdict: -verdict.badness)
        named: dict[str, None] = {}
        for verdict in by_badness:
            named |= dict.fromkeys(self._named[requirement.id, verdict])
        return RequirementResult(
            id=requirement.id,
            level=requirement.level,
            document=requirement.document,
            clause=requirement.clause,
            sentence=requirement.sentence,
            judged_by=entry.judged_by,
            verdict=worst(counts),
            instances=tuple(named),
            counts=dict(counts),
        )
