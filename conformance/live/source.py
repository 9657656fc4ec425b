"""Files that follow one another as one capture: streams and fragments go on from file to file."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from conformance.capture.chunks import Chunks
from conformance.capture.decode import Decoder
from conformance.capture.demux import Demultiplexer
from conformance.capture.native import NativeSource
from conformance.capture.pcap import MAGIC as PCAP_MAGIC
from conformance.capture.pcap import Batch, Damage, Drop, Item, read_pcap
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.capture.pcapng import read_pcapng
from conformance.live.follow import Readable
from conformance.observation.trace import CaptureHealth, GapReason, Shown

if TYPE_CHECKING:
    from conformance.capture.tshark_live import TsharkLayers

_SECOND = 1_000_000_000
_MAX_GAPS = 3_600
_MAGIC_SIZE = 4


class FollowedSource(NativeSource):
    """Captures that are still written, one after another, as one; iterate once.

    `stop` tells whether the watch is over: then a last record that is cut is no damage.
    With `overlapping` each file may begin before the last one ended: what was read already is
    passed over. What a file's end says of lost packets becomes gaps over all the time it covers.
    `meanwhile` is called with each piece that is read, whether a message is in it or not.
    `layers` takes frames apart, where that is not to be our own reader.
    """

    def __init__(
        self,
        health: CaptureHealth,
        files: Iterable[Readable],
        stop: Callable[[], bool],
        *,
        overlapping: bool = False,
        meanwhile: Callable[[], None] | None = None,
        layers: "TsharkLayers | None" = None,
    ) -> None:
        super().__init__(health, 0, _nothing)
        self.healths = [health]
        self.lost = 0
        self._files = files
        self._stop = stop
        self._overlapping = overlapping
        self._meanwhile = meanwhile or _no_more
        self._taken_apart = layers
        self._began = 0
        self._passed = 0
        self._last: set[bytes] = set()

    def __iter__(self) -> Iterator[Shown]:
        own = Demultiplexer(Decoder(self.health, 0)) if self._taken_apart is None else None
        layers = own or cast(Demultiplexer, self._taken_apart)
        decoder = layers.decoder
        for file in self._files:
            try:
                yield from self._read(file, decoder, layers)
            finally:
                file.close()
        layers.finish()
        yield from self._found(decoder)

    def _read(self, file: Readable, decoder: Decoder, layers: Demultiplexer) -> Iterator[Shown]:
        chunks = Chunks(cast(BinaryIO, file), self.health)
        if not chunks.need(_MAGIC_SIZE) and self._stop():
            return
        self._began, before = 0, decoder.time
        self._passed = before
        for item in self._items(chunks):
            self._meanwhile()
            if isinstance(item, Damage) and (self._stop() or chunks.trouble):
                continue
            if isinstance(item, Drop) and not item.here:
                self._drop(item, decoder, before)
            elif kept := self._new(item):
                self._take(kept, layers)
            yield from self._found(decoder)
        if chunks.trouble:
            decoder.gap(*chunks.trouble)
            yield from self._found(decoder)

    def _found(self, decoder: Decoder) -> Iterator[Shown]:
        self.health.packets = decoder.frame
        self.health.interfaces = list(dict.fromkeys(self.health.interfaces))
        found, decoder.out = decoder.out, []
        yield from found

    def _items(self, chunks: Chunks) -> Iterator[Item]:
        if chunks.octets.startswith(PCAPNG_MAGIC):
            return read_pcapng(chunks)
        if chunks.octets[:_MAGIC_SIZE] in PCAP_MAGIC:
            return read_pcap(chunks)
        return iter([Damage("a file that is neither pcap nor pcapng was passed over")])

    def _new(self, item: Item) -> Item | None:
        """The item without frames that the file before has shown already."""
        if not isinstance(item, Batch) or not item.records:
            return item
        if not self._began:
            self._began = item.records[0][0]
        if self._overlapping and item.records[0][0] <= self._passed:
            octets = item.octets
            records = [
                one
                for one in item.records
                if one[0] > self._passed
                or (one[0] == self._passed and octets[one[1] : one[2]] not in self._last)
            ]
            if not records:
                return None
            item = item._replace(records=records)
        if self._overlapping:
            self._remember(item)
        return item

    def _remember(self, item: Batch) -> None:
        """Keep the frames of the last instant, which another file may show once more."""
        last = item.records[-1][0]
        if self.health.last_time != last:
            self._last.clear()
        for time, start, stop, _ in reversed(item.records):
            if time != last:
                break
            self._last.add(item.octets[start:stop])

    def _drop(self, item: Drop, decoder: Decoder, before: int) -> None:
        """Packets were lost somewhere in the time that a file covers: a gap in each second."""
        self.lost += item.packets
        end = decoder.time
        begin = before or self._began or end
        step = max(_SECOND, (end - begin) // _MAX_GAPS)
        decoder.gap(GapReason.DROPPED, item.sentence, time=end)
        listed = len(self.health.gaps)
        for time in range(begin, end, step):
            decoder.gap(GapReason.DROPPED, item.sentence, time=time)
        # People are told once.
        del self.health.gaps[listed:]


def _no_more() -> None:
    """Nothing is to be done meanwhile."""


def _nothing() -> BinaryIO:
    raise NotImplementedError
