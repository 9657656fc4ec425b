"""Captures to be judged side by side, and both ways to judge them."""

import io
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance.capture.errors import CaptureError
from conformance.cli.demo_trace import write_demo
from conformance.report.model import Report
from conformance.report.render_json import write_json
from conformance.report.spool import Spool
from conformance.suite import campaign, parallel
from conformance.suite.campaign import Stamp
from conformance.suite.inputs import Progress, quiet
from conformance.suite.parallel_part import Reading, Task, read
from conformance.suite.setting import Setting
from tests.report.samples import BEGIN, MS
from tests.suite.demo import SETTING

STAMP = Stamp("1.2.3", "2026-03-03")


def demos(folder: Path, count: int, apart: int = 3_600_000 * MS) -> list[str]:
    """Captures with a push and a broken pull each, so far apart."""
    paths = []
    for number in range(count):
        path = folder / f"{number}.pcapng"
        with path.open("wb") as file:
            write_demo(file, BEGIN + number * apart)
        paths.append(str(path))
    return paths


def written(report: Report) -> str:
    """The whole report as JSON."""
    file = io.StringIO()
    write_json(report, file)
    return file.getvalue()


def serial(paths: Sequence[str], setting: Setting = SETTING, **more: object) -> str:
    """The report of a serial run."""
    with Spool() as spool:
        return written(campaign.run(paths, setting, spool, STAMP, **more))  # type: ignore[arg-type]


def shared(crew: parallel.Crew, paths: Sequence[str], setting: Setting = SETTING, **more) -> str:
    """The report of a run that is shared out."""
    with Spool() as spool:
        return written(parallel.run(paths, setting, spool, STAMP, crew, **more))


def dies(task: Task, progress: Progress = quiet) -> Reading:
    """Read a capture, unless it is the one that ends whatever process reads it."""
    if task.names.endswith("dies.pcapng"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read(task, progress)


def dies_once(task: Task, progress: Progress = quiet) -> Reading:
    """Read a capture; the process that comes to it first ends."""
    mark = Path(f"{task.names}.mark")
    if task.names.endswith("dies.pcapng") and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return read(task, progress)


def ends_the_scheduler(task: Task, progress: Progress = quiet) -> Reading:
    """Read a capture; who comes first to one with a process beside it ends that process."""
    mark = Path(f"{task.names}.pid")
    with suppress(FileNotFoundError):
        process = int(mark.read_text())
        mark.unlink()
        os.kill(process, signal.SIGKILL)
    return read(task, progress)


def waits(task: Task, progress: Progress = quiet) -> Reading:
    """Read a capture; one that must wait is read when its mark is there."""
    mark = Path(f"{task.names}.mark")
    while task.names.endswith("waits.pcapng") and not mark.exists():
        time.sleep(0.01)
    return read(task, progress)


def refuses(task: Task, progress: Progress = quiet) -> Reading:
    """What the user gave is wrong, as seen in another process."""
    raise CaptureError(task.names, "it cannot be read")


def pauses(dask_worker: Any) -> None:
    """A worker begins nothing more, as one does that is short of memory."""
    from distributed.core import Status

    dask_worker.status = Status.paused
