"""Tasks done by processes of this host.

Processes are spawned, not forked: they begin clean on every system, whatever threads there are.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import RawArray
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Protocol, Self

from conformance.suite.errors import ConformanceError
from conformance.suite.parallel import Done, Lost, Tell
from conformance.suite.parallel_part import Task
from conformance.suite.setting import Grouping, Setting

LOOK = 0.2
"""Seconds between two looks at how far the processes are."""

_YOUNG = 1_000_000
"""Objects that are made before the collector looks for cycles: judging makes none."""
_LOST = (
    "the process that did it ended without an answer, and so did a second one that did nothing "
    "else: it ran out of memory, or was killed from outside"
)


class Board(Protocol):
    """Numbers that all processes see: the first tells them to stop, the others how far each is."""

    def __getitem__(self, place: int) -> int: ...
    def __setitem__(self, place: int, value: int) -> None: ...


_CONTEXT = multiprocessing.get_context("spawn")
# Known in a worker since it began.
_board: list[Board] = []


def available() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """A crew of at most `jobs` processes; `tasks` bounds how many tasks one call may bring."""

    fetches = False

    def __init__(self, jobs: int, tasks: int) -> None:
        self._jobs = max(1, min(jobs, tasks))
        self._slots = tasks
        self._folder = TemporaryDirectory(prefix="cpmspec-")
        self.folder = self._folder.name
        self._board: Board = RawArray("Q", tasks + 1)
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._board[0] = 1 if error is not None else 0
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def refuse(self, paths: Sequence[str], setting: Setting) -> None:
        """Refuse what cannot be shared out."""
        if setting.grouping is Grouping.MERGE:
            raise ConformanceError("what is merged is judged by one process", "--merge")

    def do(
        self, work: Callable[..., Done], tasks: Sequence[Task], tell: Tell
    ) -> Iterator[tuple[int, Done | Lost]]:
        """Do tasks side by side; each one's place and what came of it, as they are done."""
        waiting = deque(range(len(tasks)))
        while waiting:
            suspects: list[int] = []
            for place, done in self._all(work, tasks, waiting, tell):
                if done is None:
                    suspects.append(place)
                else:
                    yield place, done
            for place in suspects:
                yield place, self._alone(work, tasks[place])
        self._clear()

    def _all(
        self,
        work: Callable[..., Done],
        tasks: Sequence[Task],
        waiting: deque[int],
        tell: Tell,
    ) -> Iterator[tuple[int, Done | None]]:
        """Do what waits until all is done or a process dies: then those under way have None."""
        pool = self._pool = self._pool or self._fresh(self._jobs)
        under_way: dict[Future[Done], int] = {}
        while waiting or under_way:
            # No more than are done at once: so it is known whose process may have died.
            while waiting and len(under_way) < self._jobs:
                try:
                    future = pool.submit(_done, work, tasks[waiting[0]])
                except BrokenProcessPool:
                    break
                under_way[future] = waiting.popleft()
            finished, _ = wait(under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
            tell(sum(self._board[1 + slot] for slot in range(len(tasks))))
            broken = not under_way
            for future in finished:
                place = under_way.pop(future)
                done = _result(future)
                broken = broken or done is None
                yield place, done
            if broken:
                wait(under_way)
                yield from ((place, _result(future)) for future, place in under_way.items())
                self._close()
                return

    def _alone(self, work: Callable[..., Done], task: Task) -> Done | Lost:
        """One task once more, with nobody beside it."""
        with self._fresh(1) as pool:
            done = _result(pool.submit(_done, work, task))
        return Lost(_LOST) if done is None else done

    def _fresh(self, jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            jobs, mp_context=_CONTEXT, initializer=_begin, initargs=(self._board,)
        )

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _clear(self) -> None:
        for slot in range(self._slots):
            self._board[1 + slot] = 0


def _result(future: Future[Done]) -> Done | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _begin(board: Board) -> None:
    """Make ready in a new process."""
    # The keys of the terminal reach all processes: the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _board.append(board)
    threading.Thread(target=_watch, args=(board,), daemon=True).start()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 100)


def _watch(board: Board) -> None:
    """End this process when the one that began it is gone or says so, amid whatever it does."""
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive() and not board[0]:
        parent.join(LOOK)
    os._exit(1)


def _done(work: Callable[..., Done], task: Task) -> Done:
    """Do one task in this process, telling on the board how far it is."""
    board, passes = _board[0], dict[tuple[str, str], int]()

    def progress(doing: str, path: str, octets: int, total: int) -> None:
        passes[doing, path] = octets
        board[1 + task.slot] = sum(passes.values())

    return work(task, progress)
