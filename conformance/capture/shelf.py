"""Things put in the order of time without being held in memory: they lie in a file meanwhile."""

import pickle
from array import array
from collections.abc import Iterator
from itertools import pairwise
from tempfile import TemporaryFile
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Takes things with their times in ns; gives them in the order of time, equal ones as put.

    Of each only its time and place are in memory.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="cpmspec-")  # noqa: SIM115 - closed by `close`
        self._times = array("q")
        self._places = array("Q")

    def put(self, time: int, thing: Thing) -> None:
        """Put one thing at the end."""
        self._times.append(time)
        self._places.append(self._file.tell())
        pickle.dump(thing, self._file, pickle.HIGHEST_PROTOCOL)

    @property
    def first(self) -> int | None:
        """The earliest time; None without any thing."""
        return min(self._times, default=None)

    @property
    def last(self) -> int | None:
        """The latest time; None without any thing."""
        return max(self._times, default=None)

    def __iter__(self) -> Iterator[Thing]:
        times = self._times
        order: range | list[int] = range(len(times))
        if any(before > after for before, after in pairwise(times)):
            order = sorted(order, key=times.__getitem__)
        for number in order:
            self._file.seek(self._places[number])
            thing: Thing = pickle.load(self._file)
            yield thing

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
