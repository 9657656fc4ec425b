"""The captures of a run: opened, watched while they are read, and put into groups."""

import heapq
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from conformance.capture.errors import CaptureError
from conformance.capture.order import group
from conformance.capture.source import STDIN, open_capture
from conformance.observation.trace import CaptureHealth, Shown, Source
from conformance.suite import remote
from conformance.suite.kept import Kept
from conformance.suite.setting import Grouping, Setting

Progress = Callable[[str, str, int, int], None]
"""Told now and then: what is done, on which capture, octets read, octets in all."""

_PIECE = 1_024


def quiet(doing: str, path: str, octets: int, total: int) -> None:
    """The progress of who does not look."""


@dataclass(frozen=True, slots=True)
class Input:
    """One capture: its index, the path as given, and the file that is read."""

    index: int
    path: str
    file: str
    kept: Kept | None = field(default=None, compare=False, repr=False)

    def open(self, setting: Setting) -> Source:
        """The source of this capture; it can be opened again and again."""
        known = self.kept.known(self.index) if self.kept else None
        if known is not None:
            return known
        source = self._whole(setting)
        return self.kept.keeping(source, self.index, self.size()) if self.kept else source

    def again(self, setting: Setting) -> Source:
        """The source of this capture, read anew whatever is kept of it."""
        return self._whole(setting)

    def _whole(self, setting: Setting) -> Source:
        if setting.redaction is not None:
            return setting.redaction.source(self.file, partial(self._open, setting))
        return self._open(setting)

    def _open(self, setting: Setting) -> Source:
        try:
            return open_capture(
                self.file,
                index=self.index,
                reader=setting.reader,
                keylog=setting.keylog,
                esp_keys=setting.esp_keys,
            )
        except CaptureError as error:
            if error.path != self.file or self.path == self.file:
                raise
            shown = "standard input" if self.path == STDIN else self.path
            raise CaptureError(shown, error.sentence) from None

    def size(self) -> int:
        """Octets of the file."""
        return (
            remote.size(self.file) if remote.is_remote(self.file) else os.path.getsize(self.file)
        )


def inputs(paths: Sequence[str], stdin: BinaryIO | None, closing: ExitStack) -> tuple[Input, ...]:
    """The captures in order; what is no file of this host is put into one: it is read twice."""
    kept = Kept()
    closing.callback(kept.close)
    return tuple(
        Input(index, path, _file(path, stdin, closing), kept) for index, path in enumerate(paths)
    )


def _file(path: str, stdin: BinaryIO | None, closing: ExitStack) -> str:
    if path == STDIN and stdin:
        return _spooled(stdin, closing)
    return remote.fetched(path, closing) if remote.is_remote(path) else path


def _spooled(stdin: BinaryIO, closing: ExitStack) -> str:
    file = closing.enter_context(NamedTemporaryFile(prefix="cpmspec-", suffix=".pcap"))  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(stdin, file)
    file.flush()
    return file.name


def watched(source: Source, capture: Input, doing: str, progress: Progress) -> Iterator[Shown]:
    """What a source yields; progress is told after each piece of it."""
    if progress is quiet:
        yield from source
        return
    total = capture.size()
    items = iter(source)
    while piece := list(islice(items, _PIECE)):
        yield from piece
        progress(doing, capture.path, source.health.octets, total)
    progress(doing, capture.path, total, total)


def merged(streams: Sequence[Iterator[Shown]]) -> Iterator[Shown]:
    """Several captures as one, in the order of time."""
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=lambda item: item.time)


def grouped(
    captures: Sequence[Input], healths: Sequence[CaptureHealth], grouping: Grouping
) -> list[list[Input]]:
    """Which captures are judged together."""
    match grouping:
        case Grouping.AS_ONE | Grouping.MERGE:
            return [list(captures)]
        case Grouping.SEPARATE:
            return [[capture] for capture in captures]
        case Grouping.AUTO:
            return [[captures[place] for place in places] for places in group(healths)]


def together(
    captures: Sequence[Input], healths: Sequence[CaptureHealth], grouping: Grouping
) -> dict[int, tuple[int, ...]]:
    """Of each capture that was not judged alone, the others of its group."""
    groups = [[one.index for one in each] for each in grouped(captures, healths, grouping)]
    return {
        index: tuple(sorted(other for other in group if other != index))
        for group in groups
        if len(group) > 1
        for index in group
    }
