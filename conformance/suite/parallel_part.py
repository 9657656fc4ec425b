"""What one process does of a run: read captures, judge them, and hand back what came of it."""

import os
import pickle
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from io import BytesIO
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

from conformance.capture.errors import CaptureError
from conformance.flow.errors import FlowError
from conformance.flow.library import load
from conformance.observation.topology import RoleRule
from conformance.observation.trace import CaptureHealth, Gap
from conformance.report.model import Fault
from conformance.report.spool import Line
from conformance.report.tally import Tally
from conformance.suite.campaign import Work, first_pass
from conformance.suite.errors import ConformanceError
from conformance.suite.index import Entry, Outcome
from conformance.suite.inputs import Input, Progress, quiet
from conformance.suite.kept import File, Kept
from conformance.suite.setting import Setting
from conformance.verifier.survey import Survey
from conformance.verifier.verdict import InstanceResult, NearMiss, Verdict

if TYPE_CHECKING:
    from conformance.suite.opinions import Opinions

OF_THE_USER = (CaptureError, ConformanceError, FlowError)
"""Exceptions that tell of what the user gave; they end the run as they end a serial one."""

_DEVICES = 10_000
"""Devices that a part tells apart: more than a report does, so that none is missed there."""


@dataclass(frozen=True, slots=True)
class Task:
    """Captures to be read or judged together, and everything that must be known for it.

    `found` is the first pass over them, where that was made. Lines of instances go into a file
    in `folder`, or come back in memory where there is no folder that both sides see. `passing`:
    whether passing instances are kept. `slot` is the place of this task in what shows progress.
    `kept`: for each capture, the file of its messages that its first pass left in `folder`.
    """

    members: tuple[Input, ...]
    setting: Setting
    entries: dict[str, Entry]
    found: Survey | None = None
    folder: str = ""
    passing: bool = True
    slot: int = 0
    kept: tuple[File | None, ...] = ()

    @property
    def names(self) -> str:
        """The captures' paths, for a sentence."""
        return ", ".join(member.path for member in self.members)


@dataclass(slots=True)
class Reading:
    """The first pass over captures; `faults` where it was our own exception that ended it."""

    found: Survey = field(default_factory=Survey)
    healths: list[CaptureHealth] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    kept: File | None = None


@dataclass(slots=True)
class Part:
    """What came of a group of captures: all that `Work` gathers, the lines in a file or here."""

    tally: Tally
    file: str
    octets: bytes
    outcomes: dict[int, Outcome]
    unrelated: dict[int, int]
    limits: dict[int, list[Gap]]
    near_misses: list[NearMiss]
    faults: list[Fault]
    roles: dict[RoleRule, None]
    shown: set[str]
    opinions: "Opinions | None"
    healths: list[CaptureHealth]

    def lines(self) -> Iterator[Line]:
        """The instances that were listed, in order; one at a time in memory."""
        with open(self.file, "rb") if self.file else BytesIO(self.octets) as file:
            while True:
                try:
                    line: Line = pickle.load(file)
                except EOFError:
                    return
                yield line

    def forget(self) -> None:
        """Let the file go."""
        if self.file:
            os.unlink(self.file)


class _Lines:
    """Where a part's instances go: line by line to a file."""

    def __init__(self, file: IO[bytes], *, passing: bool) -> None:
        self._file = file
        self._passing = passing

    def append(self, instance: InstanceResult) -> None:
        """Add one instance; what need not be kept is named only."""
        if self._passing or instance.verdict is not Verdict.PASS:
            self.put(Line.of(instance))
        else:
            self.put(Line(instance.id, instance.verdict, instance.judged, b""))

    def put(self, line: Line) -> None:
        """Add one line."""
        pickle.dump(line, self._file, pickle.HIGHEST_PROTOCOL)


def read(task: Task, progress: Progress = quiet) -> Reading:
    """The first pass over one capture; what it held is kept where others see it.

    Raises what tells of the user's input; our own exceptions become faults.
    """
    kept = Kept(folder=task.folder) if task.folder else None
    reading = _read(task, _with(task, kept), progress)
    if kept is not None:
        found = kept.known(task.members[0].index)
        reading.kept = found if isinstance(found, File) else None
        kept.close()
    return reading


def judge(task: Task, progress: Progress = quiet) -> Part:
    """Judge a task's captures, after a first pass over them where none was made."""
    kept = Kept()
    for member, known in zip(task.members, task.kept, strict=False):
        if known is not None:
            kept.keep(member.index, known, 0)
    members = _with(task, kept)
    reading = Reading(task.found) if task.found else _read(task, members, progress)
    try:
        return _judge(task, members, reading, progress)
    finally:
        kept.close()
        for known in task.kept:
            if known is not None:
                known.close()
                os.unlink(known.name)


def _read(task: Task, members: Sequence[Input], progress: Progress) -> Reading:
    try:
        return Reading(*first_pass(members, task.setting, progress))
    except OF_THE_USER:
        raise
    except Exception as error:  # noqa: BLE001 - it must cross the border between processes
        sentence = f"{type(error).__name__}: {error}"
        fault = Fault(f"reading {task.names}", sentence, traceback.format_exc())
        return Reading(healths=[unread(member) for member in members], faults=[fault])


def _judge(task: Task, members: list[Input], reading: Reading, progress: Progress) -> Part:
    setting = task.setting
    with _file(task) as file:
        lines = _Lines(file, passing=task.passing)
        tally = Tally(lines, everything=setting.everything, limit=_DEVICES)
        work = Work(setting, load(setting.flows), task.entries, tally)
        work.faults.extend(reading.faults)
        if not reading.faults:
            work.judge(members, reading.found, progress)
        return Part(
            tally=tally,
            file=file.name if task.folder else "",
            octets=b"" if task.folder else _value(file),
            outcomes=work.outcomes,
            unrelated=work.unrelated,
            limits=work.limits,
            near_misses=work.near_misses,
            faults=work.faults,
            roles=work.roles,
            shown=work.shown,
            opinions=work.opinions,
            healths=reading.healths,
        )


def absorb(work: Work, part: Part) -> None:
    """Put what a part found behind all that is known; parts must come in their order."""
    work.tally.absorb(part.tally, part.lines())
    part.forget()
    for capture, outcome in part.outcomes.items():
        work.outcomes.setdefault(capture, outcome)
    work.unrelated |= part.unrelated
    work.limits |= part.limits
    work.near_misses.extend(part.near_misses)
    work.faults.extend(part.faults)
    work.roles |= part.roles
    work.shown |= part.shown
    if work.opinions is not None and part.opinions is not None:
        work.opinions.absorb(part.opinions)


def unread(capture: Input) -> CaptureHealth:
    """What is known of a capture that could not be read through our own fault: nothing."""
    return CaptureHealth(capture.path, "none")


def sent(captures: Iterable[Input]) -> tuple[Input, ...]:
    """Captures as they are handed to another process: without what this one keeps of them."""
    return tuple(replace(capture, kept=None) for capture in captures)


def _with(task: Task, kept: Kept | None) -> list[Input]:
    return [replace(member, kept=kept) for member in task.members]


def _file(task: Task) -> AbstractContextManager[IO[bytes]]:
    if not task.folder:
        return nullcontext(BytesIO())
    return NamedTemporaryFile(dir=task.folder, prefix="part-", delete=False)


def _value(file: IO[bytes]) -> bytes:
    return file.getvalue() if isinstance(file, BytesIO) else b""
