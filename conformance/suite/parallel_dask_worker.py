"""What a worker of a cluster does: one task at a time, by the same rules as those here."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance import __version__
from conformance.capture.errors import CaptureError
from conformance.flow.library import load
from conformance.suite import remote
from conformance.suite.campaign import flows_sha256
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.parallel_part import OF_THE_USER, Task
from conformance.suite.setting import Setting

if TYPE_CHECKING:
    from conformance.suite.parallel import Done

# One capture at a time in one process, however many threads a worker has.
_one = threading.Lock()


@dataclass(frozen=True, slots=True)
class Refused:
    """What the user gave is wrong: told as a result, so that nobody tries again."""

    error: CaptureError | ConformanceError | Exception


def rules(setting: Setting) -> tuple[str, str]:
    """Which version of cpmspec judges, and by which flows."""
    return __version__, flows_sha256(load(setting.flows))


def do(work: "Callable[[Task], Done]", task: Task, wanted: tuple[str, str]) -> "Done | Refused":
    """Do one task in a worker, by the `rules` that are wanted."""
    with _one, ExitStack() as closing:
        try:
            _check(task, wanted)
            return work(near(task, closing))
        except OF_THE_USER as error:
            return Refused(error)


def near(task: Task, closing: ExitStack) -> Task:
    """The task with its captures on this host: what lies at an address is fetched.

    Raises CaptureError for one that this host does not see.
    """
    return replace(task, members=tuple(_near(one, closing) for one in task.members))


def _near(capture: Input, closing: ExitStack) -> Input:
    if remote.is_remote(capture.file):
        return replace(capture, file=remote.fetched(capture.file, closing))
    if not os.path.exists(capture.file):
        sentence = "a worker does not see it: put it into a folder that all share, or use fsspec"
        raise CaptureError(capture.path, sentence)
    return capture


def _check(task: Task, wanted: tuple[str, str]) -> None:
    mine = rules(task.setting)
    if mine[0] != wanted[0]:
        raise ConformanceError(f"a worker has cpmspec {mine[0]}, here is {wanted[0]}", "--dask")
    if mine[1] != wanted[1]:
        raise ConformanceError("a worker has other flows than those here", "--dask")
