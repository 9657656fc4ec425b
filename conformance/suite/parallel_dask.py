"""Tasks done by the workers of a Dask cluster; a worker that is lost loses nothing.

The cluster does what is asked again elsewhere. Each worker must have this version of cpmspec
and the same flows, and must see the captures: in a folder that all share, or by an address.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from conformance import __version__
from conformance.capture.errors import CaptureError
from conformance.capture.source import STDIN
from conformance.flow.library import load
from conformance.suite import remote
from conformance.suite.campaign import flows_sha256
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Input
from conformance.suite.parallel import Lost
from conformance.suite.parallel_part import OF_THE_USER, Task
from conformance.suite.setting import Grouping, Setting

if TYPE_CHECKING:
    from conformance.suite.parallel import Done, Tell

RETRIES = 3
"""How often a task is tried again that failed by no fault of its capture."""
_LOST = (
    "every worker that took it ended without an answer, even where it did nothing else: it ran "
    "out of memory, or was killed"
)
WAIT = 10
"""Seconds in which the scheduler must answer."""

# One capture at a time in one process, however many threads a worker has.
_one = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Refused:
    """What the user gave is wrong: told as a result, so that nobody tries again."""

    error: CaptureError | ConformanceError | Exception


class Cluster:
    """A crew of all workers of the cluster whose scheduler has this address."""

    folder = ""
    fetches = True

    def __init__(self, address: str, wait: float | None = None) -> None:
        wait = wait or WAIT
        try:
            self._dask: Any = import_module("distributed")
        except ImportError:
            sentence = "a cluster needs Dask: pip install 'cpmspec[dask]'"
            raise ConformanceError(sentence, f"--dask {address}") from None
        try:
            self._client = self._dask.Client(address, timeout=wait)
            self._client.wait_for_workers(1, timeout=wait)
        except (OSError, ValueError, TypeError) as error:
            sentence = f"no Dask scheduler with a worker answers there: {error}"
            raise ConformanceError(sentence, f"--dask {address}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def refuse(self, paths: Sequence[str], setting: Setting) -> None:
        """Refuse standard input, which no worker can read, and what cannot be shared out."""
        if setting.grouping is Grouping.MERGE:
            raise ConformanceError(
                "what is merged is judged on one host: leave --dask out", "--merge"
            )
        if STDIN in paths:
            raise ConformanceError("a cluster cannot read standard input", "--dask")

    def do(
        self, work: "Callable[..., Done]", tasks: Sequence[Task], tell: "Tell"
    ) -> "Iterator[tuple[int, Done | Lost]]":
        """Do tasks side by side; each one's place and what came of it, as they are done."""
        rules = _rules(tasks[0].setting) if tasks else ("", "")
        suspects: list[int] = []
        octets = 0
        for place, done in self._all(work, tasks, range(len(tasks)), rules):
            octets += sum(member.size() for member in tasks[place].members)
            tell(octets)
            if done is None:
                suspects.append(place)
            else:
                yield place, done
        # Whose worker ended may only have waited there beside the one that ended it.
        for suspect in suspects:
            for place, done in self._all(work, tasks, [suspect], rules):
                yield place, Lost(_LOST) if done is None else done

    def _all(
        self,
        work: "Callable[..., Done]",
        tasks: Sequence[Task],
        places: Iterable[int],
        rules: tuple[str, str],
    ) -> "Iterator[tuple[int, Done | Lost | None]]":
        """Do these tasks; None for one with which too many workers ended."""
        futures = {
            self._client.submit(_done, work, tasks[place], rules, pure=False, retries=RETRIES): (
                place
            )
            for place in places
        }
        try:
            for future in self._dask.as_completed(list(futures)):
                yield futures[future], _answer(future)
                future.release()
        finally:
            self._client.cancel(list(futures))


def _answer(future: Any) -> Any:  # noqa: ANN401 - Dask has no types
    try:
        found = future.result()
    except Exception as error:  # noqa: BLE001 - of Dask, or of ours in a worker: others go on
        name = type(error).__name__
        return None if name == "KilledWorker" else Lost(f"no worker could do it: {name}: {error}")
    if isinstance(found, _Refused):
        raise found.error
    return found


def _rules(setting: Setting) -> tuple[str, str]:
    """Which version of cpmspec judges, and by which flows."""
    return __version__, flows_sha256(load(setting.flows))


def _done(work: "Callable[[Task], Done]", task: Task, rules: tuple[str, str]) -> "Done | _Refused":
    """Do one task in a worker; what lies at an address is fetched."""
    with _one, ExitStack() as closing:
        try:
            _check(task, rules)
            return work(replace(task, members=tuple(_near(one, closing) for one in task.members)))
        except OF_THE_USER as error:
            return _Refused(error)


def _check(task: Task, rules: tuple[str, str]) -> None:
    mine = _rules(task.setting)
    if mine[0] != rules[0]:
        raise ConformanceError(f"a worker has cpmspec {mine[0]}, here is {rules[0]}", "--dask")
    if mine[1] != rules[1]:
        raise ConformanceError("a worker has other flows than those here", "--dask")


def _near(capture: Input, closing: ExitStack) -> Input:
    if remote.is_remote(capture.file):
        return replace(capture, file=remote.fetched(capture.file, closing))
    if not os.path.exists(capture.file):
        sentence = "a worker does not see it: put it into a folder that all share, or use fsspec"
        raise CaptureError(capture.path, sentence)
    return capture
