"""Files of a ring as one stream: what one file begins and the next one ends is read whole."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from conformance.capture.native import NativeSource
from conformance.observation.trace import CaptureHealth, Shown, Source
from conformance.suite.inputs import Input, Progress, watched
from conformance.suite.setting import Grouping, Setting


class _Ring:
    """The files of a ring one after another; each has a health of its own besides."""

    def __init__(self, streams: Sequence[Iterator[Shown]], health: CaptureHealth) -> None:
        self.health = health
        self._streams = streams

    def __iter__(self) -> Iterator[Shown]:
        for stream in self._streams:
            yield from stream


def streams(
    members: Sequence[Input], setting: Setting, doing: str, progress: Progress
) -> tuple[list[Iterator[Shown]], list[CaptureHealth]]:
    """What captures judged together yield, to be merged in the order of time; their healths.

    One stream for each; for the files of a ring, in their order, one for all: that is what
    several captures are that were put together unasked. Ours are read so; Wireshark's are not,
    nor what is in disguise. Read once more from what is kept of it, a ring tells no healths.
    """
    if len(members) > 1 and setting.grouping is Grouping.AUTO and setting.redaction is None:
        found = _ring(members, setting, doing, progress)
        if found is not None:
            return found
    sources = [member.open(setting) for member in members]
    return [
        watched(source, member, doing, progress)
        for source, member in zip(sources, members, strict=True)
    ], [source.health for source in sources]


def _ring(
    members: Sequence[Input], setting: Setting, doing: str, progress: Progress
) -> tuple[list[Iterator[Shown]], list[CaptureHealth]] | None:
    first = members[0]
    place = -1 - first.index
    known = first.kept.known(place) if first.kept else None
    if known is not None:
        return [watched(known, first, doing, progress)], []
    opened = [member.again(setting) for member in members]
    sources = [source for source in opened if isinstance(source, NativeSource)]
    if len(sources) < len(members):
        return None
    for before, after in pairwise(sources):
        after.follow(before)
    each = [
        watched(source, member, doing, progress)
        for source, member in zip(sources, members, strict=True)
    ]
    ring: Source = _Ring(each, sources[0].health)
    if first.kept:
        ring = first.kept.keeping(ring, place, sum(member.size() for member in members))
    return [iter(ring)], [source.health for source in sources]
