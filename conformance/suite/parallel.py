"""A run shared out: captures are judged side by side, and what came of them merged in order.

The report is that of a serial run, octet for octet. Files that continue one another are one
task, every other file is one by itself; no file is split.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol, TypeVar

from conformance.flow.library import load
from conformance.observation.trace import CaptureHealth
from conformance.report.model import Fault, Report
from conformance.report.spool import Spool
from conformance.report.tally import Tally
from conformance.suite.campaign import Stamp, Work
from conformance.suite.index import Entry
from conformance.suite.inputs import Input, Progress, grouped, inputs, quiet
from conformance.suite.parallel_part import (
    Part,
    Reading,
    Task,
    absorb,
    judge,
    read,
    sent,
    unread,
)
from conformance.suite.remote import is_remote
from conformance.suite.setting import Grouping, Setting
from conformance.verifier.verdict import Verdict

Done = TypeVar("Done", Reading, Part)


@dataclass(frozen=True, slots=True)
class Lost:
    """A task that nobody could finish, and the sentence that says why."""

    sentence: str


Tell = Callable[[int], None]
"""Told now and then: octets read so far, by all."""


class Crew(Protocol):
    """Those who do tasks: processes of this host, or a cluster's workers."""

    folder: str
    """A folder that all of them share with us, or "" for none."""
    fetches: bool
    """Whether they fetch captures from addresses by themselves."""

    def do(
        self, work: Callable[..., Done], tasks: Sequence[Task], tell: Tell
    ) -> Iterator[tuple[int, Done | Lost]]:
        """Do tasks side by side; each one's place and what came of it, as they are done.

        Raises what a task raises; the tasks after it are given up.
        """
        ...

    def refuse(self, paths: Sequence[str], setting: Setting) -> None:
        """Raise ConformanceError for what this crew cannot do."""
        ...


def run(
    paths: Sequence[str],
    setting: Setting,
    spool: Spool,
    stamp: Stamp,
    crew: Crew,
    *,
    index: dict[str, Entry] | None = None,
    stdin: BinaryIO | None = None,
    progress: Progress = quiet,
) -> Report:
    """Judge captures against flows as `campaign.run` does, by a crew.

    Raises what `campaign.run` raises. A task whose process ends without an answer twice becomes
    a Fault and the verdict `error`; the others are judged all the same.
    """
    crew.refuse(paths, setting)
    library = load(setting.flows)
    work = Work(setting, library, index or {}, Tally(spool, everything=setting.everything))
    with ExitStack() as closing:
        captures = _captures(paths, stdin, crew, closing)
        for capture in captures:
            if not is_remote(capture.file):
                capture.open(setting)  # refuses what is no capture before anything is judged
        share = _Share(work, crew, captures, progress)
        share.passing = spool.keeps(Verdict.PASS)
        if index or setting.grouping is Grouping.SEPARATE:
            healths = share.judge_each()
        else:
            healths = share.judge_groups()
        return work.report(captures, healths, spool, stamp)


def _captures(
    paths: Sequence[str], stdin: BinaryIO | None, crew: Crew, closing: ExitStack
) -> tuple[Input, ...]:
    """The captures; those at an address are left to who fetches them where they are judged."""
    if crew.fetches:
        return tuple(Input(index, path, path) for index, path in enumerate(paths))
    return inputs(paths, stdin, closing)


class _Share:
    """Hands out the captures of one run and takes back what was found."""

    def __init__(
        self, work: Work, crew: Crew, captures: Sequence[Input], progress: Progress
    ) -> None:
        self.work = work
        self.crew = crew
        self.captures = captures
        self.passing = True
        self._progress = progress
        self._before = 0
        compared = work.opinions is not None
        self._total = (3 if compared else 2) * sum(capture.size() for capture in captures)

    def judge_each(self) -> list[CaptureHealth]:
        """Every capture alone, read and judged in one go."""
        tasks = [self._task([capture]) for capture in self.captures]
        healths: list[CaptureHealth] = []
        for capture, done in zip(self.captures, self._in_order(judge, tasks), strict=True):
            if isinstance(done, Lost):
                self._lose("judging", [capture], done)
                healths.append(unread(capture))
            else:
                healths.extend(done.healths)
                absorb(self.work, done)
        return healths

    def judge_groups(self) -> list[CaptureHealth]:
        """Every capture read, then those judged as one that continue one another."""
        readings = self._read()
        healths = [reading.healths[0] for reading in readings]
        groups = [
            group
            for group in grouped(self.captures, healths, self.work.setting.grouping)
            if not any(readings[member.index].faults for member in group)
        ]
        tasks = [self._judging(group, readings) for group in groups]
        for group, done in zip(groups, self._in_order(judge, tasks), strict=True):
            if isinstance(done, Lost):
                self._lose("judging", group, done)
            else:
                absorb(self.work, done)
                # Files of a ring are read better together.
                for member, health in zip(group, done.healths, strict=False):
                    healths[member.index] = health
        return healths

    def _read(self) -> list[Reading]:
        tasks = [self._task([capture]) for capture in self.captures]
        readings: list[Reading] = []
        for capture, done in zip(self.captures, self._in_order(read, tasks), strict=True):
            if isinstance(done, Lost):
                self._lose("reading", [capture], done)
                fault = Fault(f"reading {capture.path}", done.sentence)
                readings.append(Reading(healths=[unread(capture)], faults=[fault]))
            else:
                self.work.faults.extend(done.faults)
                readings.append(done)
        self._before = sum(capture.size() for capture in self.captures)
        return readings

    def _judging(self, group: Sequence[Input], readings: Sequence[Reading]) -> Task:
        first = readings[group[0].index]
        if len(group) > 1:
            self._total += sum(capture.size() for capture in group)
        return replace(
            self._task(group),
            found=first.found if len(group) == 1 else None,
            kept=tuple(readings[member.index].kept for member in group),
        )

    def _task(self, members: Sequence[Input]) -> Task:
        known = {one.path: self.work.entries.get(one.path) for one in members}
        return Task(
            members=sent(members),
            setting=self.work.setting,
            entries={path: entry for path, entry in known.items() if entry is not None},
            folder=self.crew.folder,
            passing=self.passing,
        )

    def _in_order(self, work: Callable[..., Done], tasks: Sequence[Task]) -> Iterator[Done | Lost]:
        """What came of each task, in the order of the tasks; the largest are begun first."""
        order = sorted(range(len(tasks)), key=lambda place: -_size(tasks[place]))
        chosen = [replace(tasks[place], slot=slot) for slot, place in enumerate(order)]
        waiting: dict[int, Done | Lost] = {}
        following = 0
        for slot, done in self.crew.do(work, chosen, self._tell):
            waiting[order[slot]] = done
            while following in waiting:
                yield waiting.pop(following)
                following += 1

    def _tell(self, octets: int) -> None:
        count = len(self.captures)
        name = f"{count} captures" if count > 1 else self.captures[0].path
        self._progress("judging", name, min(self._before + octets, self._total), self._total)

    def _lose(self, doing: str, members: Sequence[Input], lost: Lost) -> None:
        names = ", ".join(member.path for member in members)
        self.work.faults.append(Fault(f"{doing} {names}", lost.sentence))


def _size(task: Task) -> int:
    return sum(member.size() for member in task.members)
