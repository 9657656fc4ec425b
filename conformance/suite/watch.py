"""Judging what is seen while it goes on: from a live source to verdicts, and at last to a report.

A first part of the traffic is held back, until it shows who plays which role; a short piece is
held back all the time, so that roles and links are known a little before they are needed.
"""

import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from conformance.flow.library import load
from conformance.observation.trace import CaptureHealth, Closing, Gap, GapReason, Shown
from conformance.report import encode
from conformance.report.legible import legible
from conformance.report.model import Fault, Report
from conformance.report.tally import Tally
from conformance.suite import selection
from conformance.suite.campaign import Stamp, Work, capture_result
from conformance.suite.causal import Sorted
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.results import Results
from conformance.suite.setting import Setting
from conformance.verifier.instance import Instance
from conformance.verifier.ongoing import GrowingSurvey, GrowingTopology, OngoingJudge
from conformance.verifier.verdict import Finding, InstanceResult, Verdict

SECOND = 1_000_000_000
_SWEEP = 60 * SECOND
_MAX_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a watch holds: `most` open conversations, `held` items at most before they are judged.

    `warm_up`, `behind`: ns of traffic held back at the beginning, and always.
    """

    most: int = 1_000_000
    held: int = 20_000
    warm_up: int = 10 * SECOND
    behind: int = SECOND


class Listener(Protocol):
    """Who hears of what is found, as it is found."""

    def finding(self, instance: Instance, finding: Finding) -> None:
        """Something was found on a conversation that still goes on."""
        ...

    def settled(self, instance: InstanceResult) -> None:
        """An instance has its verdict."""
        ...

    def gap(self, gap: Gap) -> None:
        """Something could not be seen."""
        ...


@dataclass(slots=True)
class Counts:
    """How a watch stands: verdicts, gaps by reason, the time of what was judged last (ns UTC)."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    gaps: Counter[GapReason] = field(default_factory=Counter)
    items: int = 0
    last_time: int = 0


class Watch:
    """Takes what a live source shows, item by item, and judges it.

    `healths` are those of the source: one for each clock. An exception of our own becomes a
    fault of the report, and the watch goes on.
    """

    def __init__(
        self,
        setting: Setting,
        results: Results,
        healths: Sequence[CaptureHealth],
        listener: Listener,
        *,
        bounds: Bounds | None = None,
        in_order: bool = True,
    ) -> None:
        self.counts = Counts()
        self._setting = setting
        self._results = results
        self._healths = healths
        self._listener = listener
        self._bounds = bounds or Bounds()
        self._warm_up = 0 if setting.roles else self._bounds.warm_up
        self._held: deque[Shown] = deque() if in_order else Sorted()
        self._begun = 0
        self._swept = 0
        self._newest = 0
        self._tally = Tally(results, everything=setting.everything)
        self._work = Work(setting, load(setting.flows), {}, self._tally)
        self._survey = GrowingSurvey()
        self._judge = OngoingJudge(
            self._work.programs,
            self._work.profile,
            GrowingTopology(setting.roles),
            self._survey,
            strict=setting.strict,
            told=self._told,
        )

    @property
    def open(self) -> int:
        """Conversations that are open, candidates included."""
        return self._judge.open

    @property
    def held(self) -> int:
        """Items that wait to be judged."""
        return len(self._held)

    @property
    def evicted(self) -> int:
        """Conversations that were let go before they were over."""
        return self._judge.evicted

    @property
    def roles(self) -> int:
        """How many roles of addresses are known."""
        return len(self._judge.roles.rules)

    def take(self, item: Shown) -> None:
        """Take one item as it was seen; it is judged a little later."""
        if not isinstance(item, Closing):
            self.counts.items += 1
        if isinstance(item, Gap):
            self.counts.gaps[item.reason] += 1
            self._listener.gap(item)
        self._survey.take(item)
        self._held.append(item)
        if item.time > self._newest:
            self._newest = item.time
            if not self._begun:
                self._begun = item.time
        if self._survey.evidence.fresh:
            self._guard(self._judge.learn)
        if self._warm_up:
            if self._newest < self._begun + self._warm_up and self.held < self._bounds.held:
                return
            self._warm_up = 0
        self._release(self._newest - self._bounds.behind, self._bounds.held)

    def tick(self, time: int) -> None:
        """The source's clock stands at `time` (ns UTC), and nothing from before is to come."""
        if time <= self._newest or not self._begun:
            return
        self._newest = time
        if self._warm_up and time < self._begun + self._warm_up:
            return
        self._warm_up = 0
        self._release(time - self._bounds.behind, self._bounds.held)
        if not self._held:
            for capture in range(len(self._healths)):
                self._guard(partial(self._judge.tick, capture, time - self._bounds.behind))
            self._sweep(time - self._bounds.behind)

    def finish(self) -> None:
        """Nothing more comes: judge what is held, and settle what is open."""
        self._warm_up = 0
        self._release(self._newest, 0)
        for number, health in enumerate(self._healths):
            if health.last_time is not None:
                self._survey.reach(number, health.last_time)
        self._guard(self._judge.finish)
        self._healths[0].gaps.extend(self._judge.gaps(self.counts.last_time, 0))

    def checkpoint(self) -> None:
        """Put what is known of captures and roles beside the results."""
        captures = (
            capture_result(Input(at, one.path, ""), one, self._judge.unrelated if not at else 0)
            for at, one in enumerate(self._healths)
        )
        self._results.tell("captures", [encode.capture(one) for one in captures])
        self._results.tell(
            "roles",
            [
                {
                    "role": rule.role,
                    "address": rule.address,
                    "evidence": legible(rule.evidence),
                    "given": rule.given,
                }
                for rule in self._judge.roles.rules
            ],
        )

    def report(self, stamp: Stamp) -> Report:
        """Everything that was found; after `finish`."""
        self.checkpoint()
        work = self._work
        work.roles |= dict.fromkeys(self._judge.roles.rules)
        work.unrelated[0] = self._judge.unrelated
        wanted = {*self._setting.explain, *self._setting.expect}
        work.near_misses.extend(one for one in self._judge.near_misses if one.flow in wanted)
        captures = [Input(at, one.path, "") for at, one in enumerate(self._healths)]
        return work.report(captures, self._healths, self._results, stamp)

    # ------------------------------------------------------------ judging

    def _release(self, until: int, most: int) -> None:
        """Judge what was held long enough, and what is too much to hold."""
        held = self._held
        while held and (held[0].time <= until or len(held) > most):
            item = held.popleft()
            try:
                settled = self._judge.feed(item)
                if settled:
                    self._settle(settled)
            except Exception as error:  # noqa: BLE001 - one message must not end a watch
                self._fault(error)
            if item.time > self.counts.last_time:
                self.counts.last_time = item.time
        if self._judge.open > self._bounds.most:
            self._guard(partial(self._judge.evict, self._bounds.most))
        self._sweep(self.counts.last_time)

    def _sweep(self, now: int) -> None:
        if now >= self._swept + _SWEEP:
            self._swept = now
            self._guard(partial(self._judge.sweep, now))

    def _guard(self, work: Callable[[], Iterable[InstanceResult]]) -> None:
        try:
            self._settle(work())
        except Exception as error:  # noqa: BLE001 - what was judged before must not be lost
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        if isinstance(error, ConformanceError):
            raise error
        if len(self._work.faults) < _MAX_FAULTS:
            sentence = f"{type(error).__name__}: {error}"
            self._work.faults.append(
                Fault("judging live traffic", sentence, traceback.format_exc())
            )

    def _settle(self, settled: Iterable[InstanceResult]) -> None:
        for instance in settled:
            if not selection.keeps(instance, self._setting):
                continue
            listed = len(self._results)
            self._work.take((instance,))
            if len(self._results) == listed:
                self._results.count(instance)
            self.counts.verdicts[instance.verdict] += 1
            self._listener.settled(instance)

    def _told(self, instance: Instance, finding: Finding) -> None:
        self._listener.finding(instance, finding)
