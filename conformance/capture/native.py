"""Our own streaming reader of capture files: one pass, bounded memory."""

from collections.abc import Callable, Iterator
from contextlib import closing
from struct import Struct
from typing import BinaryIO

from conformance.capture.chunks import Chunks
from conformance.capture.connections import FIN, RST, SYN, Connections
from conformance.capture.decode import Decoder
from conformance.capture.ip import ESP, TCP, UDP, Datagram, IpPacket, Reassembly, endpoints, read
from conformance.capture.link import IP_START, NO_IP, Link
from conformance.capture.pcap import Batch, Damage, Interface, Item, read_pcap
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.capture.pcapng import read_pcapng
from conformance.capture.tcp import Segment
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation

# Ethernet and IPv4 without options in one go: ethertype, version with header length, total
# length, identification, fragment flags with offset, protocol, addresses with ports; then a UDP
# datagram's length and first octet, a TCP header's length and control bits.
_FAST = Struct(">12xHBxHHHxB2x12sH2xB3xBB").unpack_from
_FAST_SIZE = 48
_IPV4 = 0x0800
_PLAIN = 0x45
_FRAGMENTED = 0x3FFF
_DONT_FRAGMENT = 0x4000
_TEXT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~\r\n")
_TCP_HEAD = Struct(">II").unpack_from


class Demultiplexer:
    """Leads each frame of a capture to its transport, and that to the decoder."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.connections = Connections(decoder)
        self._fragments = Reassembly()
        self._unreadable: set[int] = set()
        self._headers_only = False

    def read(self, batch: Batch) -> None:
        """Read the frames of one batch; the decoder counts them."""
        if batch.link == Link.ETHERNET:
            self._read_ethernet(batch.octets, batch.records)
            return
        decoder = self.decoder
        for time, start, stop, length in batch.records:
            decoder.frame += 1
            decoder.time = time
            self._frame(batch.link, batch.octets, start, stop, length)

    def _read_ethernet(self, octets: bytes, records: list[tuple[int, int, int, int]]) -> None:
        """Sort out at once what most frames are: plain IPv4 that holds no message."""
        decoder = self.decoder
        last = len(octets) - _FAST_SIZE
        for decoder.time, start, stop, length in records:
            decoder.frame += 1
            if start > last or stop - start != length:
                self._frame(Link.ETHERNET, octets, start, stop, length)
                continue
            kind, version, total, mark, flags, protocol, key, size, first, offset, control = _FAST(
                octets, start
            )
            if kind != _IPV4 or version != _PLAIN or flags & _FRAGMENTED:
                self._frame(Link.ETHERNET, octets, start, stop, length)
            elif protocol == UDP:
                if first in _TEXT:
                    payload = octets[start + 42 : min(start + 34 + size, stop)]
                    mirror = None if mark == 0 and flags & _DONT_FRAGMENT else mark
                    decoder.datagram(key, payload, (decoder.frame,), mirror)
            elif protocol == TCP:
                begin = start + 34 + (offset >> 4) * 4
                end = min(start + 14 + total, stop) if total else stop
                self._segment(key, octets, start + 38, begin, end, control)
            elif protocol == ESP:
                self._frame(Link.ETHERNET, octets, start, stop, length)

    def _segment(
        self, key: bytes, octets: bytes, head: int, begin: int, end: int, control: int
    ) -> None:
        """Take a TCP segment of which `octets[begin:end]` is the payload, if it may matter."""
        connections = self.connections
        if not control & (FIN | SYN | RST):
            if begin >= end:
                if not connections.waiting:
                    return
            elif not connections.concerns(key, octets[begin]):
                return
        sequence, acknowledgement = _TCP_HEAD(octets, head)
        decoder = self.decoder
        frames, payload = (decoder.frame,), octets[begin:end]
        connections.take(
            key,
            Segment(sequence, acknowledgement, control, payload, frames, decoder.time),
        )

    def finish(self) -> None:
        """Report what is still open at the capture's end."""
        for found in self._fragments.finish():
            self.decoder.fragments(found)
        self.connections.finish()

    def _frame(self, link: int, octets: bytes, start: int, stop: int, length: int) -> None:
        begin = IP_START.get(link)
        if begin is None:
            self._unknown(link)
            return
        at = begin(octets, start, stop)
        packet = read(octets, at, stop) if at != NO_IP else None
        if packet is None:
            return
        frames = (self.decoder.frame,)
        if packet.offset or packet.more:
            self._fragment(packet, octets)
        else:
            source, destination, protocol, begins, ends, cut, mark = packet[:7]
            self._transport(
                Datagram(source, destination, protocol, octets, begins, ends, cut, mark, frames)
            )

    def _fragment(self, packet: IpPacket, octets: bytes) -> None:
        decoder = self.decoder
        whole = self._fragments.add(packet, octets, decoder.frame, decoder.time)
        if self._fragments.overdue:
            for found in self._fragments.overdue:
                decoder.fragments(found)
            self._fragments.overdue.clear()
        if whole is not None:
            self._transport(whole)

    def _transport(self, datagram: Datagram) -> None:
        if datagram.protocol == UDP:
            self._udp(datagram)
        elif datagram.protocol == TCP:
            self._tcp(datagram)
        elif datagram.protocol == ESP:
            ends = endpoints(datagram.source + datagram.destination + bytes(4))
            self.decoder.sealed(ends, "ESP")

    def _udp(self, datagram: Datagram) -> None:
        octets, start, stop = datagram.octets, datagram.start, datagram.stop
        if stop - start < 8:
            self._header_only(datagram)
            return
        key = datagram.source + datagram.destination + octets[start : start + 4]
        length = octets[start + 4] << 8 | octets[start + 5]
        end = min(start + length, stop) if length >= 8 else stop
        if end == start + 8:
            self._header_only(datagram)
        payload = octets[start + 8 : end]
        mirror = datagram.identification
        self.decoder.datagram(key, payload, datagram.frames, mirror, datagram.cut)

    def _tcp(self, datagram: Datagram) -> None:
        octets, start, stop = datagram.octets, datagram.start, datagram.stop
        if stop - start < 20:
            self._header_only(datagram)
            return
        sequence, acknowledgement = _TCP_HEAD(octets, start + 4)
        begin = start + (octets[start + 12] >> 4) * 4
        key = datagram.source + datagram.destination + octets[start : start + 4]
        if begin >= stop:
            self._header_only(datagram)
        segment = Segment(
            sequence,
            acknowledgement,
            octets[start + 13],
            octets[begin:stop],
            datagram.frames,
            self.decoder.time,
            datagram.cut,
        )
        self.connections.take(key, segment)

    def _header_only(self, datagram: Datagram) -> None:
        """A snap length so short that no payload was captured: said once for a capture."""
        if datagram.cut and not self._headers_only:
            self._headers_only = True
            where = "frames were captured without their payload (snap length)"
            self.decoder.gap(GapReason.SNAPLEN, where)

    def _unknown(self, link: int) -> None:
        if link not in self._unreadable:
            self._unreadable.add(link)
            where = f"frames of link type {link} cannot be read by this reader"
            self.decoder.gap(GapReason.UNREADABLE_LINK, where)


class NativeSource:
    """One capture file, read by ourselves; iterate once."""

    def __init__(
        self,
        health: CaptureHealth,
        index: int,
        open_file: Callable[[], BinaryIO],
        first: bytes = b"",
    ) -> None:
        self.health = health
        self._index = index
        self._open = open_file
        self._first = first

    def __iter__(self) -> Iterator[Observation | Gap]:
        with closing(self._open()) as file:
            chunks = Chunks(file, self.health, self._first)
            decoder = Decoder(self.health, self._index)
            layers = Demultiplexer(decoder)
            chunks.need(len(PCAPNG_MAGIC))
            is_pcapng = chunks.octets.startswith(PCAPNG_MAGIC)
            read_items = read_pcapng if is_pcapng else read_pcap
            for item in read_items(chunks):
                self._take(item, layers)
                yield from decoder.out
                decoder.out.clear()
            chunks.finish()
            layers.finish()
            self.health.packets = decoder.frame
            yield from decoder.out

    def _take(self, item: Item, layers: Demultiplexer) -> None:
        health, decoder = self.health, layers.decoder
        if isinstance(item, Batch):
            if health.first_time is None:
                health.first_time = item.records[0][0]
            layers.read(item)
            health.last_time = max(decoder.time, health.last_time or 0)
        elif isinstance(item, Interface):
            health.interfaces.append(f"{item.name}:{item.link}" if item.name else f":{item.link}")
        elif isinstance(item, Damage):
            decoder.gap(GapReason.CUT_FILE, item.sentence)
        else:
            after = None if item.here else 0
            time = None if item.here else health.first_time
            decoder.gap(GapReason.DROPPED, item.sentence, after=after, time=time)
