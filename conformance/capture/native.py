"""Our own streaming reader of capture files: one pass, bounded memory."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import BinaryIO

from conformance.capture.chunks import Chunks
from conformance.capture.clock import ClockWatch
from conformance.capture.decode import Decoder
from conformance.capture.demux import Demultiplexer
from conformance.capture.pcap import Batch, Damage, Drop, Interface, Item, read_pcap
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.capture.pcapng import read_pcapng
from conformance.observation.trace import CaptureHealth, GapReason, Shown


class NativeSource:
    """One capture file, read by ourselves; iterate once."""

    def __init__(
        self,
        health: CaptureHealth,
        index: int,
        open_file: Callable[[], BinaryIO],
        first: bytes = b"",
    ) -> None:
        self._before: NativeSource | None = None
        self._layers: Demultiplexer | None = None
        self._goes_on = False
        self.health = health
        self._index = index
        self._open = open_file
        self._first = first
        self._clock = ClockWatch()

    def __iter__(self) -> Iterator[Shown]:
        with closing(self._open()) as file:
            chunks = Chunks(file, self.health, self._first)
            layers = self._begin()
            decoder = layers.decoder
            chunks.need(len(PCAPNG_MAGIC))
            is_pcapng = chunks.octets.startswith(PCAPNG_MAGIC)
            read_items = read_pcapng if is_pcapng else read_pcap
            for item in read_items(chunks):
                # Where decompression ended early, that is what there is to say.
                if not (isinstance(item, Damage) and chunks.trouble):
                    self._take(item, layers)
                yield from decoder.out
                decoder.out.clear()
            if chunks.trouble:
                decoder.gap(*chunks.trouble)
            chunks.finish()
            if self._goes_on:
                self._layers = layers
            else:
                layers.finish()
            if self._clock.jump:
                frame, sentence = self._clock.jump
                decoder.remark(GapReason.CLOCK, sentence, frame - 1)
            self.health.packets = decoder.packets
            yield from decoder.out
            decoder.out.clear()

    def follow(self, before: "NativeSource") -> None:
        """Go on where the file before ends, which is read before this one: they are a ring's.

        Streams and fragments that are open at the border go on.
        """
        self._before = before
        before._goes_on = True

    def _begin(self) -> Demultiplexer:
        layers = self._before._layers if self._before else None
        if layers is None:
            return Demultiplexer(Decoder(self.health, self._index))
        layers.decoder.turn(self.health, self._index)
        return layers

    def _take(self, item: Item, layers: Demultiplexer) -> None:
        health, decoder = self.health, layers.decoder
        if isinstance(item, Batch):
            if health.first_time is None:
                health.first_time = item.records[0][0]
            self._clock.take(item)
            layers.read(item)
            health.last_time = max(decoder.time, health.last_time or 0)
        elif isinstance(item, Interface):
            health.interfaces.append(f"{item.name}:{item.link}" if item.name else f":{item.link}")
        elif isinstance(item, Damage):
            decoder.gap(GapReason.CUT_FILE, item.sentence)
        elif isinstance(item, Drop):
            after = None if item.here else 0
            time = None if item.here else health.first_time
            decoder.gap(GapReason.DROPPED, item.sentence, after=after, time=time)
        else:
            decoder.keys_inside = True
