"""Following files that are still written: one, a folder of them, or standard input.

Nothing here waits by itself: `pause` is called where nothing is to be read, and lets a moment
pass; `stop` asks whether the watch is over.
"""

import os
import re
import select
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from conformance.capture.errors import CaptureError
from conformance.capture.source import is_capture

Pause = Callable[[], None]
Asked = Callable[[], bool]

_NUMBERS = re.compile(r"(\d+)")
_PIPE = 1_048_576
"""Octets that a pipe may hold (pipe(7): an ordinary user may set this size)."""


class Readable(Protocol):
    """What a reader of captures asks of a file."""

    def read1(self, size: int) -> bytes:
        """What is there, at most so many octets; none only where the file is over."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Growing:
    """A file that somebody still writes: at its end it waits for more, until `ended`.

    What is written after that is not waited for, or a busy writer would never let a watch end.
    """

    def __init__(self, file: BinaryIO, pause: Pause, ended: Asked) -> None:
        self._file = file
        self._pause = pause
        self._ended = ended
        self._end: int | None = None
        self.position = 0

    def read1(self, size: int) -> bytes:
        """What is there, at most so many octets; none only once nobody writes any more."""
        while True:
            # Asked before it is read: what was written up to then is read now.
            if self._end is None and self._ended():
                self._end = os.fstat(self._file.fileno()).st_size
            if self._end is not None:
                size = min(size, max(0, self._end - self.position))
            piece = self._file.read(size) if size else b""
            if piece or self._end is not None:
                self.position += len(piece)
                return piece
            self._pause()

    read = read1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Piped:
    """Standard input or another pipe; it ends with its writer, or with the watch.

    Of a writer that goes on after the watch is over, so much is read as a pipe holds.
    """

    def __init__(self, file: BinaryIO, pause: Pause, stop: Asked) -> None:
        self._number = file.fileno()
        self._pause = pause
        self._stop = stop
        self._left = _PIPE

    def read1(self, size: int) -> bytes:
        """What is there, at most so many octets; none at the end."""
        stopped = self._stop()
        while not select.select([self._number], [], [], 0)[0]:
            if stopped:
                return b""
            self._pause()
            stopped = self._stop()
        if stopped:
            size = min(size, self._left)
            self._left -= size
        return os.read(self._number, size) if size else b""

    read = read1

    def close(self) -> None:
        """Leave it open: it is not ours."""


class Folder:
    """The captures of a folder in the order in which they appear there; iterate once.

    A file is read until the next one appears. Those that appear together come in the order of
    their names, numbers in them counted as numbers. CaptureError for what is no folder.
    """

    def __init__(self, path: str, pause: Pause, stop: Asked) -> None:
        if not os.path.isdir(path):
            raise CaptureError(path, "it is no folder")
        self.path = path
        self._pause = pause
        self._stop = stop
        self._begun: set[tuple[int, int]] = set()
        self._waiting: list[Path] = []
        self._none: dict[Path, int] = {}
        self._is_over = False
        self._look()

    def __iter__(self) -> Iterator[Growing]:
        while True:
            while not self._waiting:
                if self._is_over:
                    return
                # What is there when the watch is over is read; what comes later is not.
                self._is_over = self._stop()
                self._look()
                if not self._waiting and not self._is_over:
                    self._pause()
            path = self._waiting.pop(0)
            try:
                file = path.open("rb", buffering=0)
            except OSError:
                continue
            yield Growing(file, self._pause, self._over)

    def pending(self) -> int:
        """Octets that wait in files behind the one that is read."""
        return sum(_size(path) for path in self._waiting)

    def _over(self) -> bool:
        if not self._waiting and not self._is_over:
            self._is_over = self._stop()
            self._look()
        return bool(self._waiting) or self._is_over

    def _look(self) -> None:
        """Put captures not seen before at the end of what waits."""
        found = []
        try:
            entries = list(os.scandir(self.path))
        except OSError:
            return
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:
                continue
            key = status.st_dev, status.st_ino
            path = Path(entry.path)
            if key in self._begun or not entry.is_file() or not self._begins(path, status.st_size):
                continue
            self._begun.add(key)
            found.append(path)
        self._waiting += sorted(found, key=_natural)

    def _begins(self, path: Path, size: int) -> bool:
        """Whether a file begins like a capture; what does not is asked again once it has grown."""
        if not size or self._none.get(path) == size:
            return False
        try:
            with path.open("rb", buffering=0) as file:
                head = file.read(4_096)
        except OSError:
            return False
        if is_capture(BytesIO(head)):
            self._none.pop(path, None)
            return True
        self._none[path] = size
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = _NUMBERS.split(path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
