"""What may wait for ever is waited for in a thread, while we look whether it still can come."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

LOOK = 1.0
"""Seconds of silence after which we look whether somebody is there."""
AHEAD = 16
"""What is fetched before it is asked for, at most."""

Item = TypeVar("Item")


class Gone(Exception):  # noqa: N818 - no fault, but the end of those who could bring something
    """Nobody is left who could bring what is waited for; told as a sentence."""


@dataclass(frozen=True, slots=True)
class _Raised:
    error: Exception


class _End:
    """Nothing more comes."""


class _Fetching(Generic[Item]):
    """A thread that takes one after another, and may be left behind where it waits."""

    def __init__(self, coming: Iterable[Item]) -> None:
        self.found: SimpleQueue[Item | _Raised | _End] = SimpleQueue()
        self._coming = coming
        self._room = threading.Semaphore(AHEAD)
        self._over = False
        threading.Thread(target=self._fetch, daemon=True).start()

    def taken(self) -> None:
        """There is room for one more."""
        self._room.release()

    def end(self) -> None:
        """Fetch nothing more."""
        self._over = True
        self._room.release()

    def _fetch(self) -> None:
        try:
            for item in self._coming:
                self._room.acquire()
                if self._over:
                    return
                self.found.put(item)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            self.found.put(_Raised(error))
        self.found.put(_End())


def awaited(
    coming: Iterable[Item],
    there: Callable[[], bool],
    patience: float,
    *,
    look: float = LOOK,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """What comes, as it comes; Gone once nobody has been `there` for `patience` seconds.

    `coming` is iterated in another thread. `there` is asked when nothing came for `look` seconds.
    """
    fetching = _Fetching(coming)
    absent: float | None = None
    try:
        while True:
            try:
                item = fetching.found.get(timeout=look)
            except Empty:
                absent = _absent(absent, there, clock)
                if absent is not None and clock() - absent >= patience:
                    raise Gone(f"nobody has been there for {patience:g} s") from None
                continue
            if isinstance(item, _End):
                return
            if isinstance(item, _Raised):
                raise item.error
            absent = None
            fetching.taken()
            yield item
    finally:
        fetching.end()


def _absent(
    since: float | None, there: Callable[[], bool], clock: Callable[[], float]
) -> float | None:
    """Since when nobody is there."""
    asked = clock()
    if there():
        return None
    return asked if since is None else since
