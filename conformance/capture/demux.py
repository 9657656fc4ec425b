"""Each frame of a capture to its transport: links, tunnels, IP, fragments, and back again."""

from struct import Struct

from conformance.capture import hep, ip, sctp, tunnels, upper_pdu
from conformance.capture.connections import FIN, RST, SYN, TEXT, Connections
from conformance.capture.decode import Decoder
from conformance.capture.ip import TCP, UDP, Datagram, IpPacket, Reassembly, endpoints, read
from conformance.capture.link import IP_START, SEALED, Link
from conformance.capture.pcap import Batch
from conformance.capture.tcp import Segment
from conformance.capture.wireless import SEALED_AIR
from conformance.observation.trace import GapReason
from conformance.wire.limits import MAX_TUNNELS

# Ethernet and IPv4 without options in one go: ethertype, version with header length, total
# length, fragment flags with offset, protocol, addresses with ports; then a UDP
# datagram's length and first octet, a TCP header's length and control bits.
_FAST = Struct(">12xHBxH2xHxB2x12sH2xB3xBB").unpack_from
_FAST_SIZE = 48
_IPV4 = 0x0800
_PLAIN = 0x45
_FRAGMENTED = 0x3FFF
_DONT_FRAGMENT = 0x40
_TURNS = FIN | SYN | RST
_TCP_HEAD = Struct(">II").unpack_from
_PORTS = tunnels.PORTS | {hep.PORT}
# What a datagram begins with that matters: text, and records of DTLS.
_DATAGRAMS = TEXT | {0x16, 0x17}
_ESP_PORT = (4_500).to_bytes(2)


class Demultiplexer:
    """Leads each frame of a capture to its transport, and that to the decoder."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.connections = Connections(decoder)
        self._fragments = Reassembly()
        self._associations = sctp.Associations()
        self._unreadable: set[int] = set()
        self._told: set[GapReason] = set()
        self._depth = 0

    def read(self, batch: Batch) -> None:
        """Read the frames of one batch; the decoder counts them."""
        if batch.link == Link.ETHERNET:
            self._read_ethernet(batch.octets, batch.records)
            return
        decoder = self.decoder
        for time, start, stop, _ in batch.records:
            decoder.frame += 1
            decoder.time = time
            self._frame(batch.link, batch.octets, start, stop)

    def _read_ethernet(self, octets: bytes, records: list[tuple[int, int, int, int]]) -> None:
        """Sort out at once what most frames are: plain IPv4 that holds no message."""
        decoder, connections = self.decoder, self.connections
        last = len(octets) - _FAST_SIZE
        for decoder.time, start, stop, length in records:
            decoder.frame += 1
            if start > last or stop - start != length:
                self._frame(Link.ETHERNET, octets, start, stop)
                continue
            kind, version, total, flags, protocol, key, size, first, offset, control = _FAST(
                octets, start
            )
            if kind != _IPV4 or version != _PLAIN or flags & _FRAGMENTED:
                self._frame(Link.ETHERNET, octets, start, stop)
            elif protocol == UDP:
                if first in _DATAGRAMS or key[10:] in _PORTS or key[8:10] == _ESP_PORT:
                    self._plain_udp(key, octets, start, stop, size)
            elif protocol == TCP:
                begin = start + 34 + (offset >> 4) * 4
                end = start + 14 + total if total else stop
                # An acknowledgement alone matters only where something is missing.
                if (
                    begin < end
                    or control & _TURNS
                    or connections.waiting
                    or connections.tells(key, *_TCP_HEAD(octets, start + 38))
                ):
                    self._segment(key, octets, start + 38, (begin, end, stop), control)
            else:
                self._frame(Link.ETHERNET, octets, start, stop)

    def _plain_udp(self, key: bytes, octets: bytes, start: int, stop: int, size: int) -> None:
        """Take a UDP datagram of `size` octets in the Ethernet frame from `start` to `stop`."""
        end = start + 34 + size
        if end > stop or size < 8 or key[10:] in _PORTS or key[8:10] == _ESP_PORT:
            self._frame(Link.ETHERNET, octets, start, stop)
            return
        decoder = self.decoder
        mark = octets[start + 18] << 8 | octets[start + 19]
        mirror = mark or (None if octets[start + 20] & _DONT_FRAGMENT else 0)
        decoder.datagram(key, octets[start + 42 : end], (decoder.frame,), mirror)

    def _segment(
        self, key: bytes, octets: bytes, head: int, span: tuple[int, int, int], control: int
    ) -> None:
        """Take a TCP segment if it may matter; its payload's span ends with where octets end."""
        connections = self.connections
        begin, end, stop = span
        sequence, acknowledgement = _TCP_HEAD(octets, head)
        decoder = self.decoder
        payload = octets[begin : end if end < stop else stop]
        if not control & _TURNS:
            if not payload:
                if begin >= end and not (
                    connections.waiting or connections.tells(key, sequence, acknowledgement)
                ):
                    return
            elif not connections.concerns(key, payload[0]) or (
                end <= stop
                and connections.take_whole(
                    key, sequence, acknowledgement, payload, decoder.frame, decoder.time
                )
            ):
                return
        segment = Segment(
            sequence,
            acknowledgement,
            control,
            payload,
            (decoder.frame,),
            decoder.time,
            end > stop,
        )
        connections.take(key, segment)

    def finish(self) -> None:
        """Report what is still open at the capture's end."""
        for found in self._fragments.finish():
            self.decoder.fragments(found)
        for key, frame, time, limit in self._associations.finish():
            ends = endpoints(key)
            where = f"parts are missing of a SIP message over SCTP from {ends[0]} to {ends[1]}"
            reason = GapReason.LIMIT if limit else GapReason.FRAGMENT_MISSING
            where = f"{limit}: {where}" if limit else where
            self.decoder.gap(reason, where, ends, after=frame, time=time)
        self.connections.finish()

    def _frame(self, link: int, octets: bytes, start: int, stop: int) -> None:
        self._depth = 0
        if link == upper_pdu.LINK:
            self._exported(octets, start, stop)
        else:
            self._inner(link, octets, start, stop, (self.decoder.frame,))

    def _inner(
        self, link: int, octets: bytes, start: int, stop: int, frames: tuple[int, ...]
    ) -> None:
        """Read the frame of a link between `start` and `stop`; it may lie inside another one."""
        begin = IP_START.get(link)
        if begin is None:
            self._unknown(link)
            return
        at = begin(octets, start, stop)
        if at >= 0:
            self._ip(octets, at, stop, frames)
        elif at == SEALED:
            self._once(GapReason.UNDECRYPTABLE, SEALED_AIR)

    def _ip(self, octets: bytes, at: int, stop: int, frames: tuple[int, ...]) -> None:
        packet = read(octets, at, stop) if at < stop else None
        if packet is None:
            return
        if packet.offset or packet.more:
            self._fragment(packet, octets, frames)
        else:
            source, destination, protocol, begins, ends, cut, mark = packet[:7]
            self._transport(
                Datagram(source, destination, protocol, octets, begins, ends, cut, mark, frames)
            )

    def _fragment(self, packet: IpPacket, octets: bytes, frames: tuple[int, ...]) -> None:
        decoder = self.decoder
        whole = self._fragments.add(packet, octets, frames, decoder.time)
        if self._fragments.overdue:
            for found in self._fragments.overdue:
                decoder.fragments(found)
            self._fragments.overdue.clear()
        if whole is not None:
            self._transport(whole)

    def _transport(self, datagram: Datagram) -> None:
        match datagram.protocol:
            case ip.UDP:
                self._udp(datagram)
            case ip.TCP:
                self._tcp(datagram)
            case ip.ESP:
                self._esp(datagram, datagram.start)
            case sctp.PROTOCOL:
                self._sctp(datagram)
            case protocol:
                self._tunnel(protocol, datagram)

    def _tunnel(self, protocol: int, datagram: Datagram) -> None:
        octets, start, stop = datagram.octets, datagram.start, datagram.stop
        if protocol in tunnels.IN_IP:
            self._enter(tunnels.Inner(Link.RAW, start), datagram)
        elif protocol == tunnels.GRE:
            self._enter(tunnels.in_gre(octets, start, stop), datagram)
        elif protocol == ip.TOO_MANY:
            where = f"limit: packets with more than {ip.MAX_EXTENSIONS} IPv6 extension headers"
            self._once(GapReason.LIMIT, where)

    def _enter(self, inner: tunnels.Inner | None, datagram: Datagram) -> None:
        """Read what a tunnel carries."""
        if inner is None:
            return
        self._depth += 1
        if self._depth > MAX_TUNNELS:
            where = f"limit: frames with more than {MAX_TUNNELS} packets inside one another"
            self._once(GapReason.LIMIT, where)
            return
        self._inner(inner.link, datagram.octets, inner.start, datagram.stop, datagram.frames)

    def _udp(self, datagram: Datagram) -> None:
        octets, start, stop = datagram.octets, datagram.start, datagram.stop
        if stop - start < 8:
            self._header_only(datagram)
            return
        ports = octets[start : start + 4]
        key = datagram.source + datagram.destination + ports
        length = octets[start + 4] << 8 | octets[start + 5]
        end = min(start + length, stop) if length >= 8 else stop
        if end == start + 8:
            self._header_only(datagram)
        begin = start + 8
        if tunnels.is_esp(ports, octets, begin, end):
            self._esp(datagram._replace(stop=end), begin)
        elif ports[2:] in tunnels.PORTS and (inner := tunnels.in_udp(ports, octets, begin, end)):
            self._enter(inner, datagram._replace(stop=end))
        else:
            payload, mark = octets[begin:end], datagram.identification
            self.decoder.datagram(key, payload, datagram.frames, mark, datagram.cut)

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

    def _esp(self, datagram: Datagram, start: int) -> None:
        """ESP from `start` on: read where its cipher is null, else said to be sealed."""
        found = tunnels.in_esp(datagram.octets, start, datagram.stop)
        if found is None:
            ends = endpoints(datagram.source + datagram.destination + bytes(4))
            self.decoder.sealed(ends, "ESP")
            return
        protocol, begin, end = found
        inside = datagram._replace(protocol=protocol, start=begin, stop=end)
        if protocol in tunnels.IN_IP:
            self._enter(tunnels.Inner(Link.RAW, begin), inside)
        else:
            self._transport(inside)

    def _sctp(self, datagram: Datagram) -> None:
        addresses = datagram.source + datagram.destination
        octets = datagram.octets[datagram.start : datagram.stop]
        key = addresses + octets[:4]
        for found in self._associations.take(
            addresses, octets, datagram.frames, self.decoder.time
        ):
            self.decoder.user_message(key, found)

    def _exported(self, octets: bytes, start: int, stop: int) -> None:
        exported = upper_pdu.read_exported(octets, start, stop)
        if exported is not None:
            self.decoder.exported(exported)

    def _header_only(self, datagram: Datagram) -> None:
        """A snap length so short that no payload was captured: said once for a capture."""
        if datagram.cut:
            where = (
                "frames were captured without their payload (snap length); "
                "capture whole frames (tcpdump -s 0)"
            )
            self._once(GapReason.SNAPLEN, where)

    def _once(self, reason: GapReason, where: str) -> None:
        """Say once for a capture what is so for many of its frames."""
        if reason not in self._told:
            self._told.add(reason)
            self.decoder.gap(reason, where)

    def _unknown(self, link: int) -> None:
        if link not in self._unreadable:
            self._unreadable.add(link)
            where = (
                f"frames of link type {link} cannot be read by this reader; "
                "the reader tshark may know it"
            )
            self.decoder.gap(GapReason.UNREADABLE_LINK, where)
