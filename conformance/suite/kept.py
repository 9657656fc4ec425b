"""What captures held, kept from the first pass over them to the next.

The first pass has found the messages among all that a capture carries: what comes after it reads
those alone. Few stay in memory as they are; many go to a file, so that memory stays flat.
"""

import marshal
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import Struct
from tempfile import TemporaryFile, mkstemp
from typing import IO, Any

from conformance.msrp.message import MsrpRequest, MsrpResponse
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import (
    CaptureHealth,
    Message,
    Observation,
    Shown,
    Source,
    Trace,
)
from conformance.sip.message import SipRequest, SipResponse
from conformance.wire.spooled import Reread

_ROOM = 6_000_000
"""Octets of messages that stay in memory, over all captures of a run."""
_LOOK = 1_000_000
"""Octets of messages after which it is told how many there will be."""
_LARGEST = 4_000_000_000
"""Octets of one file; what is more is read from the capture again."""
_BATCH = 256
_RECENT = 64
"""Messages read again that are held: who asks for one mostly asks for it several times."""
_SIP = (SipRequest, SipResponse)
_KINDS: tuple[Callable[..., SipRequest | SipResponse | MsrpRequest | MsrpResponse], ...] = (
    SipRequest,
    SipResponse,
    MsrpRequest,
    MsrpResponse,
)
_KIND_OF = {kind: place for place, kind in enumerate(_KINDS)}
_TRANSPORTS = tuple(Transport)
_TRANSPORT_OF = {transport: place for place, transport in enumerate(_TRANSPORTS)}
_SIZES = Struct(">QQ")
"""Octets of a batch of records, and of the messages behind them."""
_SIZE_BITS = 32
_MARSHAL = 2
"""The version of marshal without references: these records share nothing."""


class File:
    """Observations and gaps in a temporary file, in order; read as often as you like.

    One in a folder keeps its name, so that another process can read it; the folder's owner lets
    it go. A message that was read may let its octets go, since they lie here.
    """

    def __init__(self, health: CaptureHealth, folder: str = "") -> None:
        self.health = health
        self.octets = 0
        self.name = ""
        self._file: IO[bytes] | None
        if folder:
            descriptor, self.name = mkstemp(prefix="kept-", dir=folder)
            self._file = os.fdopen(descriptor, "w+b")
        else:
            self._file = TemporaryFile(prefix="cpmspec-")  # noqa: SIM115 - closed by `close`
        self._ends: dict[tuple[Endpoint, Endpoint], int] = {}
        self._batch: list[tuple[Any, ...]] = []
        self._octets: list[bytes] = []
        self._recent: dict[int, bytes] = {}

    def add(self, item: Shown) -> None:
        """Put one more at the end."""
        self._batch.append(self._record(item))
        if len(self._batch) == _BATCH:
            self.finish()

    def finish(self) -> None:
        """Write what was added last; then it can be read."""
        records = marshal.dumps(self._batch, _MARSHAL)
        octets = b"".join(self._octets)
        file = self._opened()
        file.write(_SIZES.pack(len(records), len(octets)) + records)
        file.write(octets)
        file.flush()
        self.octets += _SIZES.size + len(records) + len(octets)
        self._batch.clear()
        self._octets.clear()

    def _record(self, item: Shown) -> tuple[Any, ...]:
        if not isinstance(item, Observation):
            return (pickle.dumps(item),)
        message = item.message
        kind = _KIND_OF.get(type(message), -1)  # type: ignore[arg-type]
        octets = message.octets if kind >= 0 else pickle.dumps(message)
        end = message.body_start - 2 if isinstance(message, _SIP) and message.regular else 0
        self._octets.append(octets)
        ends = item.source, item.destination
        return (
            item.number,
            item.capture,
            item.time,
            _TRANSPORT_OF[item.transport],
            self._ends.setdefault(ends, len(self._ends)),
            item.frames,
            item.mirror,
            item.copied,
            kind,
            end,
            len(octets),
        )

    def __iter__(self) -> Iterator[Shown]:
        ends, reread = list(self._ends), self._reread
        file = self._opened()
        place = 0
        while True:
            file.seek(place)
            sizes = file.read(_SIZES.size)
            if not sizes:
                return
            size, room = _SIZES.unpack(sizes)
            records, octets = marshal.loads(file.read(size)), file.read(room)
            place += _SIZES.size + size
            at = 0
            for record in records:
                if len(record) == 1:
                    yield pickle.loads(record[0])
                    continue
                length = record[-1]
                where = place + at << _SIZE_BITS | length
                yield _observation(record, ends, octets[at : at + length], reread, where)
                at += length
            place += room

    def _reread(self, place: int) -> bytes:
        """The octets of one message again, by their place in the file and their size."""
        known = self._recent.get(place)
        if known is None:
            size = place & (1 << _SIZE_BITS) - 1
            known = os.pread(self._opened().fileno(), size, place >> _SIZE_BITS)
            self._recent[place] = known
            if len(self._recent) > _RECENT:
                del self._recent[next(iter(self._recent))]
        return known

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = Path(self.name).open("rb")  # noqa: SIM115 - closed by `close`
        return self._file

    def close(self) -> None:
        """Let the file go; one with a name stays where it is."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __getstate__(self) -> dict[str, object]:
        return vars(self) | {"_file": None, "_recent": {}}


def _observation(
    record: tuple[Any, ...],
    ends: list[tuple[Endpoint, Endpoint]],
    octets: bytes,
    reread: Reread,
    where: int,
) -> Observation:
    number, capture, time, transport, pair, frames, mirror, copied, kind, end, _ = record
    message: Message
    if kind >= 0:
        # Where the head of a SIP message ends need not be found again.
        known = message = _KINDS[kind](octets, end) if end else _KINDS[kind](octets)
        known.lies(reread, where)
    else:
        message = pickle.loads(octets)
    source, destination = ends[pair]
    carrier = _TRANSPORTS[transport]
    return Observation(
        number, capture, time, carrier, source, destination, message, frames, mirror, copied
    )


class Kept:
    """What is kept of the captures of a run, by their index; `room` in memory is left.

    With a folder all of it lies there, in files that have a name.
    """

    def __init__(self, room: int = _ROOM, folder: str = "") -> None:
        self.room = 0 if folder else room
        self._folder = folder
        self._known: dict[int, Source] = {}
        self._files: list[File] = []

    def known(self, index: int) -> Source | None:
        """What was kept of a capture; None as long as it was not read to its end."""
        return self._known.get(index)

    def keeping(self, source: Source, index: int, size: int) -> Source:
        """The source of a file of so many octets, which is kept once it is read to its end."""
        return _Keeping(source, index, size, self)

    def keep(self, index: int, found: Trace | File, octets: int) -> None:
        """Keep what a capture held: `octets` of it in memory."""
        self.room -= octets
        self._known[index] = found

    def file(self, health: CaptureHealth) -> File:
        """A new file, closed with all others."""
        made = File(health, self._folder)
        self._files.append(made)
        return made

    def close(self) -> None:
        """Let everything go."""
        self._known.clear()
        for file in self._files:
            file.close()
        self._files.clear()


class _Keeping:
    """A source that is kept while it is read."""

    def __init__(self, source: Source, index: int, size: int, kept: Kept) -> None:
        self.health = source.health
        self._source = source
        self._size = size
        self._index = index
        self._kept = kept

    def __iter__(self) -> Iterator[Shown]:
        items: list[Shown] = []
        taken, look = 0, min(_LOOK, self._kept.room)
        source = iter(self._source)
        for item in source:
            items.append(item)
            if isinstance(item, Observation):
                taken += len(item.message.octets)
            yield item
            if taken > look:
                look = self._kept.room
                if taken > look or self._foreseen(taken) > look:
                    yield from self._on_file(items, source)
                    return
        self._kept.keep(self._index, Trace(items, self.health), taken)

    def _foreseen(self, taken: int) -> int:
        """How many octets there will be, by what the file's beginning held."""
        return taken * self._size // max(self.health.octets, 1)

    def _on_file(self, items: list[Shown], source: Iterator[Shown]) -> Iterator[Shown]:
        """Go on with the source: from here on, and for what came before, a file keeps it."""
        file = self._kept.file(self.health)
        for item in items:
            file.add(item)
        items.clear()
        for item in source:
            if file.octets <= _LARGEST:
                file.add(item)
            yield item
        file.finish()
        if file.octets <= _LARGEST:
            self._kept.keep(self._index, file, 0)
