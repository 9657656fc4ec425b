"""Tasks done by the workers of a Dask cluster; a worker that is lost loses nothing.

The cluster does what is asked again elsewhere; when no worker is left, or the scheduler is gone,
what is left is done here, one task after another. Each worker must have this version of cpmspec
and the same flows, and must see the captures: in a folder that all share, or by an address.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, suppress
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from conformance.capture.source import STDIN
from conformance.suite import parallel_dask_worker as worker
from conformance.suite.errors import ConformanceError
from conformance.suite.inputs import Progress
from conformance.suite.parallel import Lost
from conformance.suite.parallel_awaited import Gone, awaited
from conformance.suite.parallel_dask_worker import Refused
from conformance.suite.parallel_part import Task
from conformance.suite.parallel_processes import Processes
from conformance.suite.setting import Grouping, Setting

if TYPE_CHECKING:
    from conformance.suite.parallel import Done, Tell

RETRIES = 3
"""How often a task is tried again that failed by no fault of its capture, and the scheduler."""
WAIT = 10
"""Seconds in which the scheduler must answer."""
PATIENCE = 60
"""Seconds that we wait for another worker, or for the scheduler, when there is none."""
_LOST = (
    "every worker that took it ended without an answer, even where it did nothing else: it ran "
    "out of memory, or was killed"
)


class _Mark(Enum):
    """What became of a task that has no answer."""

    ENDED = auto()
    """Its worker ended, and so did those that took it after it."""
    CUT = auto()
    """The scheduler was lost, and knows of it no more."""


class Cluster:
    """A crew of all workers of the cluster whose scheduler has this address.

    `say` is told in a sentence when nobody of the cluster is left and what is left is done here.
    Raises ConformanceError where no scheduler answers in `wait` seconds (WAIT), or has no worker.
    """

    folder = ""
    fetches = True

    def __init__(
        self,
        address: str,
        wait: float | None = None,
        *,
        patience: float = PATIENCE,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._address = address
        self._wait = WAIT if wait is None else wait
        self._patience = patience
        self._say = say
        self._lost = 0
        self._missed = ""
        self._gone = ""
        try:
            self._dask: Any = import_module("distributed")
        except ImportError:
            sentence = "a cluster needs Dask: pip install 'cpmspec[dask]'"
            raise ConformanceError(sentence, f"--dask {address}") from None
        # What Dask would log of a cluster that goes away, with tracebacks, we say in a sentence.
        for handler in logging.getLogger("distributed").handlers:
            handler.setLevel(logging.CRITICAL)
        try:
            self._client = self._joined(self._wait)
        except (OSError, ValueError, TypeError) as error:
            sentence = f"no Dask scheduler with a worker answers there: {error}"
            raise ConformanceError(sentence, f"--dask {address}") from None

    def _joined(self, wait: float) -> Any:  # noqa: ANN401 - Dask has no types
        client = self._dask.Client(self._address, timeout=wait)
        try:
            client.wait_for_workers(1, timeout=wait)
        except OSError:
            client.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        with suppress(OSError):  # no answer from a scheduler that hangs
            self._client.close(timeout=self._wait)

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
        left = dict.fromkeys(range(len(tasks)))
        octets = 0
        for place, done in self._by_workers(work, tasks):
            del left[place]
            octets += sum(member.size() for member in tasks[place].members)
            tell(octets)
            yield place, done
        if left:
            yield from _here(work, tasks, list(left), lambda more: tell(octets + more))

    def _by_workers(
        self, work: "Callable[..., Done]", tasks: Sequence[Task]
    ) -> "Iterator[tuple[int, Done | Lost]]":
        """Do the tasks for as long as somebody of the cluster is left."""
        if self._gone or not tasks:
            return
        rules = worker.rules(tasks[0].setting)
        suspects: list[int] = []
        try:
            for place, done in self._all(work, tasks, range(len(tasks)), rules):
                if isinstance(done, _Mark):
                    suspects.append(place)
                else:
                    yield place, done
            # Whose worker ended may only have waited there beside the one that ended it.
            for suspect in suspects:
                for place, done in self._all(work, tasks, [suspect], rules):
                    yield place, Lost(_LOST) if isinstance(done, _Mark) else done
        except Gone as gone:
            self._gone = str(gone)
            self._say(f"{gone}: what is left is judged here, one capture after another")

    def _all(
        self,
        work: "Callable[..., Done]",
        tasks: Sequence[Task],
        places: Iterable[int],
        rules: tuple[str, str],
    ) -> "Iterator[tuple[int, Done | Lost | _Mark]]":
        """Do these tasks; ENDED for one with which too many workers ended."""
        waiting = list(places)
        while waiting:
            cut: list[int] = []
            for place, done in self._once(work, tasks, waiting, rules):
                if done is _Mark.CUT:
                    cut.append(place)
                else:
                    yield place, done
            if cut:
                self._join_again()
            waiting = cut

    def _once(
        self,
        work: "Callable[..., Done]",
        tasks: Sequence[Task],
        places: Sequence[int],
        rules: tuple[str, str],
    ) -> "Iterator[tuple[int, Done | Lost | _Mark]]":
        """Do these tasks; CUT for what the scheduler was not there to tell of."""
        client, futures = self._client, dict[Any, int]()
        try:
            for place in places:
                given = (work, tasks[place], rules)
                futures[client.submit(worker.do, *given, pure=False, retries=RETRIES)] = place
        except Exception:
            if client.status == "running":
                raise
            yield from ((place, _Mark.CUT) for place in places)
            return
        finished = self._dask.as_completed(list(futures), loop=client.loop)
        answers = ((futures[future], self._answer(future)) for future in finished)
        try:
            for place, found in awaited(answers, partial(self._there, futures), self._patience):
                if isinstance(found, Refused):
                    raise found.error
                yield place, found
        except Gone:
            raise Gone(f"{self._missed} for {self._patience:g} s") from None
        finally:
            finished.clear()
            if client.status == "running":
                client.cancel(list(futures))

    def _there(self, futures: Iterable[Any]) -> bool:
        """Whether the scheduler answers, and has a worker that does, or will do, one of these."""
        try:
            workers, given = self._asked("identity")["workers"], self._asked("processing")
        except (OSError, AttributeError):  # AttributeError: the client has closed itself
            self._missed = f"the Dask scheduler {self._address} has not answered"
            return False
        self._missed = f"the Dask scheduler {self._address} has had no worker"
        if not workers:
            return False
        # A worker that is short of memory begins nothing, and nobody takes from it what it has.
        self._missed = (
            f"what is left has waited at paused workers of the Dask scheduler {self._address}"
        )
        left = {future.key for future in futures if future.status == "pending"}
        return may_come(left, workers, given)

    def _asked(self, what: str) -> Any:  # noqa: ANN401 - Dask has no types
        """What the scheduler answers to this question."""
        return self._client.sync(
            getattr(self._client.scheduler, what), callback_timeout=self._wait
        )

    def _answer(self, future: Any) -> Any:  # noqa: ANN401 - Dask has no types
        """What came of a task: Done, Refused, Lost, or a mark."""
        try:
            return future.result()
        except self._dask.CancelledError:
            return _Mark.CUT
        except Exception as error:  # noqa: BLE001 - of Dask, or of ours in a worker: others go on
            if isinstance(error, OSError) and future.status != "error":
                return _Mark.CUT
            name = type(error).__name__
            if name == "KilledWorker":
                return _Mark.ENDED
            return Lost(f"no worker could do it: {name}: {error}")
        finally:
            future.release()

    def _join_again(self) -> None:
        """Ask the scheduler anew after it was lost; Gone where nobody answers."""
        self._lost += 1
        self._leave()
        sentence = f"the Dask scheduler {self._address} was lost"
        if self._lost > RETRIES:
            raise Gone(f"{sentence} {self._lost} times")
        try:
            self._client = self._joined(self._patience)
        except (OSError, ValueError, TypeError):
            raise Gone(f"{sentence}, and does not come back with a worker") from None


def may_come(
    left: Set[str], workers: Mapping[str, Mapping[str, Any]], given: Mapping[str, Iterable[str]]
) -> bool:
    """Whether one of these workers, as the scheduler knows them, does or will do what is left.

    `given`: the tasks that each worker has been given. What nobody has yet is for any that runs.
    """
    at = {address: left & set(given.get(address, ())) for address in workers}
    is_kept = bool(left) and left == set[str]().union(*at.values())
    return any(
        _works(one) if one.get("status") == "paused" else bool(at[address]) or not is_kept
        for address, one in workers.items()
    )


def _works(paused: Mapping[str, Any]) -> bool:
    """Whether a paused worker is still at what it had begun; one that does not tell may be."""
    counts = paused.get("metrics", {}).get("task_counts")
    return counts is None or counts.get("executing", 0) > 0


def _here(
    work: "Callable[..., Done]", tasks: Sequence[Task], places: Sequence[int], tell: "Tell"
) -> "Iterator[tuple[int, Done | Lost]]":
    """Do these tasks on this host, in a process beside this one, which a capture may end."""
    chosen = [replace(tasks[place], slot=slot) for slot, place in enumerate(places)]
    with Processes(1, len(chosen)) as processes:
        for slot, done in processes.do(partial(_fetched, work), chosen, tell):
            yield places[slot], done


def _fetched(work: "Callable[..., Done]", task: Task, progress: Progress) -> "Done":
    with ExitStack() as closing:
        return work(worker.near(task, closing), progress)
