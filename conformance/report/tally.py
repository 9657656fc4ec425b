"""Counting as instances settle: by flow, by capture, by requirement; constant in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from conformance.flow.catalogue import Entry, catalogue
from conformance.flow.program import Program
from conformance.report.devices import Devices
from conformance.report.model import CaptureFlow, DeviceResult, FlowResult, RequirementResult
from conformance.report.spool import Spool
from conformance.verifier.verdict import InstanceResult, Reason, Verdict, worst

LISTED = 2_000
"""Passing instances that a report lists; those beyond are counted."""

NAMED = 1_000
"""Instances that one requirement names for one verdict."""


class Tally:
    """What is kept of the instances: numbers in memory, the listed ones in the spool."""

    def __init__(self, spool: Spool, *, everything: bool = False) -> None:
        self._spool = spool
        self._room = LISTED
        self._everything = everything
        self._flows: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self._reasons: dict[str, dict[Verdict, Reason]] = defaultdict(dict)
        self._cells: dict[tuple[int, str], Counter[Verdict]] = defaultdict(Counter)
        self._requirements: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self._named: dict[tuple[str, Verdict], list[str]] = defaultdict(list)
        self._devices = Devices()
        self.counted = 0

    def add(self, instance: InstanceResult) -> None:
        """Count one settled instance, and list it unless it passed beyond the limit."""
        verdict = instance.verdict
        self._flows[instance.flow][verdict] += 1
        if instance.reason_code is not None:
            self._reasons[instance.flow].setdefault(verdict, instance.reason_code)
        for capture in instance.captures:
            self._cells[capture, instance.flow][verdict] += 1
        self._devices.add(instance)
        listed = self._lists(verdict)
        for requirement, judged in instance.judged:
            self._requirements[requirement][judged] += 1
            named = self._named[requirement, judged]
            if listed and len(named) < NAMED and instance.id not in named[-1:]:
                named.append(instance.id)
        if listed:
            self._spool.append(instance)
        else:
            self.counted += 1

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
