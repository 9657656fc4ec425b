"""Open conversations that were put on file, found again by what a message may name of them.

Of each key a few octets are held, so that a message may wake a conversation that is not meant:
that costs time and changes nothing.
"""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from errno import ENOSPC
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

from conformance.verifier.tie_index import Key

_NONE, _GONE = 0, 1
"""What a mark is where none was ever, and where one was."""
_FIRST_SIZE = 1024
_WASTE = 64_000_000
"""Octets of file that nobody needs any more, before the rest is written anew."""


class Marks:
    """Which groups a key may belong to: an open-addressed table of marks, 12 octets a place."""

    def __init__(self) -> None:
        self._marks = array("Q", bytes(8 * _FIRST_SIZE))
        self._groups = array("I", bytes(4 * _FIRST_SIZE))
        self._used = 0
        self._live = 0

    def add(self, key: Key, group: int) -> None:
        """Let a key lead to a group."""
        if 3 * (self._used + 1) > 2 * len(self._marks):
            self._grow()
        self._put(_mark(key), group)
        self._live += 1

    def remove(self, key: Key, group: int) -> None:
        """Let a key lead to a group no more."""
        for place in self._places(_mark(key)):
            if self._groups[place] == group:
                self._marks[place] = _GONE
                self._live -= 1
                return

    def groups(self, key: Key) -> list[int]:
        """The groups that a key may belong to."""
        return [self._groups[place] for place in self._places(_mark(key))]

    def _places(self, mark: int) -> Iterator[int]:
        marks, mask = self._marks, len(self._marks) - 1
        place = mark >> 2 & mask
        while marks[place] != _NONE:
            if marks[place] == mark:
                yield place
            place = place + 1 & mask

    def _put(self, mark: int, group: int) -> None:
        marks, mask = self._marks, len(self._marks) - 1
        place = mark >> 2 & mask
        while marks[place] > _GONE:
            place = place + 1 & mask
        self._used += marks[place] == _NONE
        marks[place], self._groups[place] = mark, group

    def _grow(self) -> None:
        """Make room: for more, or by leaving out what is gone."""
        size = len(self._marks) * (2 if 3 * self._live > len(self._marks) else 1)
        before = zip(self._marks, self._groups, strict=True)
        self._marks, self._groups = array("Q", bytes(8 * size)), array("I", bytes(4 * size))
        self._used = 0
        for mark, group in before:
            if mark > _GONE:
                self._put(mark, group)


def _mark(key: Key) -> int:
    return hash(key) & (1 << 64) - 1 | 2


class Asleep:
    """Conversations on file, by the numbers of their instances and by their keys."""

    def __init__(self) -> None:
        self._marks = Marks()
        self._file: IO[bytes] | None = None
        self._end = self._waste = 0
        # By group: where its record lies, how long it is, when it began, was heard last, is due.
        self._places, self._sizes = array("Q"), array("I")
        self._first, self._last, self._due = array("q"), array("q"), array("q")
        self._leaders = array("Q")
        self._free: list[int] = []
        # By the number of an instance, from `_base` on: its group, and 1 more; 0 for none.
        self._homes, self._base = array("I"), 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Octets of the file."""
        return self._end

    def write(self, octets: bytes) -> int:
        """Write a conversation; gives its group, to be `put` then. OSError: it cannot be."""
        if self._file is None:
            self._file = self._new_file()
        self._append(self._file, self._end, octets)
        group = self._free.pop() if self._free else self._room()
        self._places[group], self._sizes[group] = self._end, len(octets)
        self._end += len(octets)
        return group

    def put(
        self, group: int, numbers: Sequence[int], keys: Iterable[Key], span: tuple[int, int, int]
    ) -> None:
        """Let it be found; `span`: when it began, was heard last, and is due, in ns."""
        self._first[group], self._last[group], self._due[group] = span
        self._leaders[group] = min(numbers)
        for number in numbers:
            self._settle_in(number, group + 1)
        self._count += len(numbers)
        for key in keys:
            self._marks.add(key, group)

    def groups(self, key: Key) -> list[int]:
        """The conversations that a key may belong to."""
        return self._marks.groups(key)

    def home(self, number: int) -> int | None:
        """The conversation of an instance; None if it is not asleep."""
        place = number - self._base
        found = self._homes[place] if 0 <= place < len(self._homes) else 0
        return found - 1 if found else None

    def due(self, group: int) -> int:
        """When a conversation may be over, in ns."""
        return self._due[group]

    def octets(self, group: int) -> bytes:
        """What was put on file."""
        assert self._file is not None
        self._file.seek(self._places[group])
        return self._file.read(self._sizes[group])

    def take(self, group: int, numbers: Iterable[int], keys: Iterable[Key]) -> None:
        """Take a conversation off the file again: it is awake."""
        for key in keys:
            self._marks.remove(key, group)
        for number in numbers:
            self._homes[number - self._base] = 0
            self._count -= 1
        self._waste += self._sizes[group]
        self._sizes[group] = 0
        self._free.append(group)
        if not self._count:
            assert self._file is not None
            self._file.close()
            self.__init__()  # type: ignore[misc]
        elif self._waste > _WASTE and 2 * self._waste > self._end:
            self._tidy()

    def oldest(self) -> list[tuple[int, int]]:
        """When each conversation was heard last, and the number of its first instance."""
        return [
            (self._last[group], self._leaders[group])
            for group, size in enumerate(self._sizes)
            if size
        ]

    def first_time(self) -> int | None:
        """When the first of them began, in ns."""
        times = (self._first[group] for group, size in enumerate(self._sizes) if size)
        return min(times, default=None)

    def numbers(self) -> list[int]:
        """The instances that are asleep."""
        return [self._base + place for place, home in enumerate(self._homes) if home]

    def _new_file(self) -> IO[bytes]:
        """A file that goes when this goes, whoever forgets to end the judge."""
        # Nothing is buffered: what cannot be written must not be tried again by a later read.
        made = TemporaryFile(prefix="cpmspec-", buffering=0)  # noqa: SIM115 - see above
        finalize(self, made.close)
        return made

    @staticmethod
    def _append(file: IO[bytes], place: int, octets: bytes) -> None:
        """Write octets at a place, all of them. OSError: they have no room."""
        file.seek(place)
        if file.write(octets) != len(octets):
            raise OSError(ENOSPC, os.strerror(ENOSPC))

    def _room(self) -> int:
        for table in (
            self._places,
            self._sizes,
            self._first,
            self._last,
            self._due,
            self._leaders,
        ):
            table.append(0)
        return len(self._places) - 1

    def _settle_in(self, number: int, home: int) -> None:
        if not self._homes:
            self._base = number
        if number < self._base:
            self._homes = array("I", bytes(4 * (self._base - number))) + self._homes
            self._base = number
        missing = number - self._base + 1 - len(self._homes)
        if missing > 0:
            self._homes.frombytes(bytes(4 * missing))
        self._homes[number - self._base] = home

    def _tidy(self) -> None:
        """Write what is still needed anew, and forget the numbers before the first of them."""
        assert self._file is not None
        fresh, places, end = self._new_file(), array("Q", self._places), 0
        self._waste = 0
        for group, size in enumerate(self._sizes):
            if not size:
                continue
            try:
                self._append(fresh, end, self.octets(group))
            except OSError:
                # Where there is no room for both, the old file stays, with what nobody needs.
                fresh.close()
                return
            places[group] = end
            end += size
        self._file.close()
        self._file, self._places, self._end = fresh, places, end
        first = next(place for place, home in enumerate(self._homes) if home)
        del self._homes[:first]
        self._base += first
