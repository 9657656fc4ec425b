"""A capture in which nobody can be found: every frame stays, who and what was said does not.

Messages are put in disguise where they lie, over segments, fragments and copies; what cannot be
read as a message is emptied. Frame numbers, times, lengths and gaps are those of the original.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack_into

from conformance.capture import hep, ip, sctp, tunnels
from conformance.capture.link import IP_START, NO_IP, Link
from conformance.capture.packets import checksum
from conformance.report.model import Report
from conformance.sip.frames import looks_like_sip, may_become_sip
from conformance.sip.parser import parse
from conformance.suite.disguise import Disguise
from conformance.suite.disguised import Disguised
from conformance.suite.disguised_hep import disguised_hep
from conformance.suite.disguised_sctp import Associations, crc32c
from conformance.suite.fragmented import Fragmented, Fragments
from conformance.suite.redact import Pieces, Redaction
from conformance.suite.repackage import Frame, Package, Span, unpack
from conformance.suite.streams import Run, Streams
from conformance.wire.limits import MAX_TUNNELS

_LINKS = frozenset(
    {
        Link.ETHERNET, Link.RAW, Link.IPV4, Link.IPV6, Link.NULL, Link.LOOP, Link.PPP,
        Link.LINUX_SLL, Link.LINUX_SLL2,
    }
)  # fmt: skip
# Where hardware addresses lie in a frame of each link.
_HARDWARE = {
    Link.ETHERNET: ((0, 6), (6, 12)),
    Link.LINUX_SLL: ((6, 14),),
    Link.LINUX_SLL2: ((12, 20),),
}


@dataclass(frozen=True, slots=True)
class Anonymized:
    """The file, how many messages are in it, and the frames that were emptied with a payload."""

    octets: bytes
    messages: int
    emptied: int


def anonymize(path: str, octets: bytes, redaction: Redaction) -> Anonymized:
    """The capture file in disguise; CaptureError for what is neither pcap nor pcapng."""
    package = unpack(path, octets)
    work = _Work(package, redaction)
    for frame in package.frames:
        work.frame(frame)
    work.assemble()
    work.finish()
    return Anonymized(bytes(package.octets), work.messages, work.emptied)


class _Work:
    """One file: first everything is read and emptied, then messages are written into place."""

    def __init__(self, package: Package, redaction: Redaction) -> None:
        self._redaction = redaction
        self._original = bytes(package.octets)
        self._changed = package.octets
        self._size = len(self._changed)
        self._streams = Streams()
        self._associations = Associations()
        self._datagrams: list[Span] = []
        self._copies: list[Span] = []
        self._fragments = Fragments()
        # Datagrams put together lie behind the file while they are worked on.
        self._assembled: list[tuple[int, Fragmented, Span]] = []
        # The sums of what lies inside come before those of what is around it.
        self._sums: list[tuple[int, ip.IpPacket, bool]] = []
        self.messages = 0
        self.emptied = 0

    def frame(self, frame: Frame) -> None:
        """Read one frame, and empty it but for its headers."""
        self._frame(frame.link, frame.start, frame.stop, 0)

    def _frame(self, link: int, start: int, stop: int, depth: int) -> None:
        """Read the frame of a link, which may lie inside another one."""
        begin = IP_START.get(link) if link in _LINKS else None
        at = begin(self._original, start, stop) if begin else NO_IP
        packet = ip.read(self._original, at, stop) if at != NO_IP else None
        for low, high in _HARDWARE.get(Link(link), ()) if link in _LINKS else ():
            self._hardware(start + low, min(start + high, stop))
        if packet is None:
            kept = start + 14 if link == Link.ETHERNET else start
            self._empty(min(kept, stop), stop)
            return
        inner = self._headers(at, packet.start, stop)
        self._empty(packet.stop, stop)
        payload = self._payload(packet, inner, depth)
        self._sums.append((inner, packet, payload and not packet.cut))

    def _headers(self, at: int, end: int, stop: int) -> int:
        """Other addresses in each IP header; gives where the innermost one begins."""
        inner = at
        while at < end:
            inner = at
            version = self._original[at] >> 4
            first, size = (12, 4) if version == 4 else (8, 16)
            for place in (at + first, at + first + size):
                found = self._redaction.pseudonyms.packed(self._original[place : place + size])
                self._changed[place : place + size] = found
            length = (self._original[at] & 15) * 4 if version == 4 else 40
            protocol = self._original[at + (9 if version == 4 else 6)]
            if version == 4:
                self._empty(at + 20, min(at + length, stop))
            at = at + length if protocol in tunnels.IN_IP else end
        return inner

    def _payload(self, packet: ip.IpPacket, header: int, depth: int) -> bool:
        """Take what a packet carries; whether a transport checksum can be made anew."""
        start, stop = packet.start, packet.stop
        if packet.offset or packet.more:
            self._fragments.add(packet, header, depth, self._original)
            self._empty(start + (0 if packet.offset else 8), stop)
            return False
        match packet.protocol:
            case ip.UDP if start + 8 <= stop:
                self._udp(packet, header, depth)
                return True
            case ip.TCP if start + 20 <= stop:
                self._tcp(packet)
                return True
            case sctp.PROTOCOL if start + 12 <= stop:
                addresses = packet.source + packet.destination
                self._associations.take(addresses, self._original, self._changed, start, stop)
                return True
            case ip.ESP:
                self._esp(packet, start, header)
            case tunnels.GRE:
                self._enter(tunnels.in_gre(self._original, start, stop), start, stop, depth)
            case protocol if protocol in tunnels.IN_IP:
                self._enter(tunnels.Inner(Link.RAW, start), start, stop, depth)
            case _:
                self._empty(start, stop)
        return False

    def _udp(self, packet: ip.IpPacket, header: int, depth: int) -> None:
        start, stop = packet.start, packet.stop
        ports = self._original[start : start + 4]
        length = self._original[start + 4] << 8 | self._original[start + 5]
        end = min(start + length, stop) if length >= 8 else stop
        begin = start + 8
        self._empty(end, stop)
        if tunnels.is_esp(ports, self._original, begin, end):
            self._esp(packet._replace(stop=end), begin, header)
            return
        inner = None
        if ports[2:] in tunnels.PORTS:
            inner = tunnels.in_udp(ports, self._original, begin, end)
        if inner is not None:
            self._enter(inner, begin, end, depth)
            return
        self._empty(begin, end)
        self._datagram(begin, end, is_collector=ports[2:] == hep.PORT)

    def _tcp(self, packet: ip.IpPacket) -> None:
        start, stop = packet.start, packet.stop
        begin = min(start + (self._original[start + 12] >> 4) * 4, stop)
        self._empty(begin, stop)
        way = packet.source + packet.destination + self._original[start : start + 4]
        self._streams.take(way, self._original, start, Span(begin, stop))

    def _enter(self, inner: tunnels.Inner | None, start: int, stop: int, depth: int) -> None:
        """Take what a tunnel carries whose header begins at `start`."""
        if inner is not None and inner.start <= stop and depth < MAX_TUNNELS:
            self._frame(inner.link, inner.start, stop, depth + 1)
            return
        # That too much lies in one another must be seen, as it was.
        kept = min(inner.start, stop) if inner else start
        self._empty(kept, stop)
        self.emptied += stop > kept

    def _esp(self, packet: ip.IpPacket, start: int, header: int) -> None:
        """Take what ESP with a null cipher carries; its integrity check value tells nothing."""
        found = tunnels.in_esp(self._original, start, packet.stop)
        if found is None:
            self._empty(min(start + 8, packet.stop), packet.stop)
            self.emptied += 1
            return
        protocol, begin, end = found
        # Behind the padding and the two octets that end it.
        self._empty(end + self._padding(end, packet.stop), packet.stop)
        if protocol in tunnels.IN_IP:
            self._frame(Link.RAW, begin, end, MAX_TUNNELS)
            return
        inside = packet._replace(protocol=protocol, start=begin, stop=end)
        whole = self._payload(inside, header, MAX_TUNNELS)
        self._sums.append((header, inside, whole and not packet.cut))

    def _padding(self, end: int, stop: int) -> int:
        """How many octets lie between the end of ESP's payload and its integrity check value."""
        count = 0
        while end + count < stop and self._original[end + count] == count + 1:
            count += 1
        return count + 2

    def _datagram(self, start: int, stop: int, *, is_collector: bool) -> None:
        payload = self._original[start:stop]
        message = payload.lstrip(b"\r\n")
        if (is_collector or message.startswith(hep.MAGIC)) and not looks_like_sip(message):
            self._copies.append(Span(stop - len(message), stop))
            return
        if not looks_like_sip(message) and not may_become_sip(message):
            self.emptied += bool(message.strip(b"\0"))
            return
        begin = stop - len(message)
        self._changed[start:begin] = payload[: begin - start]
        self._datagrams.append(Span(begin, stop))

    def assemble(self) -> None:
        """Read what came in fragments, which may carry fragments again."""
        for _ in range(MAX_TUNNELS):
            found = self._fragments.take()
            octets = [one.joined(self._original) for one in found]
            at = len(self._original)
            self._original += b"".join(octets)
            self._changed += self._original[at:]
            for one, whole in zip(found, octets, strict=True):
                self._datagram_of(one, Span(at, at + len(whole)))
                at += len(whole)

    def _datagram_of(self, one: Fragmented, span: Span) -> None:
        is_whole = one.size == span.size
        if not span.size or not (is_whole or one.cut or one.packet.protocol == ip.UDP):
            self.emptied += sum(map(len, one.parts.values()))
            return
        packet = one.packet._replace(start=span.start, stop=span.stop, offset=0, more=False)
        packet = packet._replace(cut=not is_whole)
        self._assembled.append((len(self._sums), one, span))
        sound = self._payload(packet, one.header, one.depth)
        self._sums.append((one.header, packet, sound and is_whole))

    def finish(self) -> None:
        """Write the messages into place, then the checksums."""
        pieces = Pieces(Disguise(self._redaction.pseudonyms))
        runs = list(self._streams.runs(self._original))
        user_messages = list(self._associations.messages(self._original))
        for run in runs:
            for message in run.messages:
                pieces.add(message)
        for span in self._datagrams:
            pieces.add(parse(self._of(span)))
        for span in self._copies:
            copy = hep.unwrap(self._of(span))
            pieces.add(copy.message if copy else None)
        for one in user_messages:
            pieces.add(one.message)
        pieces.finish()
        self._write(pieces.disguised)
        for one in user_messages:
            one.write(self._changed, pieces.disguised)
        self.messages += len(user_messages)
        for run in runs:
            self._run(run, pieces)
        self._close()

    def _of(self, span: Span) -> bytes:
        return self._original[span.start : span.stop]

    def _write(self, disguised: Disguised) -> None:
        """Write the messages of datagrams."""
        self.messages += len(self._datagrams)
        for span in self._datagrams:
            self._changed[span.start : span.stop] = disguised.sip(self._of(span))
        for span in self._copies:
            found, told = disguised_hep(self._of(span), disguised)
            self._changed[span.start : span.stop] = found
            self.messages += told
            self.emptied += not told

    def _run(self, run: Run, pieces: Pieces) -> None:
        self.messages += len(run.messages)
        self.emptied += run.emptied
        found = run.disguised(pieces.disguised, pieces)
        for place, span in run.spans:
            self._changed[span.start : span.stop] = found[place : place + span.size]

    def _close(self) -> None:
        """Write checksums, and what was put together back into its fragments, inside out."""
        for begin, one, (start, stop) in reversed(self._assembled):
            self._sum_from(begin)
            one.write(self._changed, self._changed[start:stop])
        self._sum_from(0)
        del self._changed[self._size :]

    def _sum_from(self, begin: int) -> None:
        for inner, packet, sound in self._sums[begin:]:
            _sum(self._changed, inner, packet, self._original, transport=sound)
        del self._sums[begin:]

    def _empty(self, start: int, stop: int) -> None:
        if start < stop:
            self._changed[start:stop] = bytes(stop - start)

    def _hardware(self, start: int, stop: int) -> None:
        """Another hardware address, locally administered; a group address stays."""
        octets = self._original[start:stop]
        if len(octets) < 6 or octets[0] & 1 or not any(octets):
            return
        other = bytearray(self._redaction.pseudonyms.stream(octets))
        other[0] = other[0] & 0xFC | 2
        self._changed[start:stop] = other


def _sum(
    changed: bytearray, inner: int, packet: ip.IpPacket, original: bytes, *, transport: bool
) -> None:
    """Checksums that are true of what a frame holds now."""
    if changed[inner] >> 4 == 4:
        end = inner + (changed[inner] & 15) * 4
        pack_into("!H", changed, inner + 10, 0)
        pack_into("!H", changed, inner + 10, checksum(bytes(changed[inner:end])))
    if not transport:
        return
    if packet.protocol == sctp.PROTOCOL:
        _sum_sctp(changed, packet, original)
        return
    place = packet.start + (6 if packet.protocol == ip.UDP else 16)
    if packet.protocol == ip.UDP and not any(original[place : place + 2]):
        return
    size = packet.stop - packet.start
    first, length = (12, 8) if changed[inner] >> 4 == 4 else (8, 32)
    pseudo = bytes(changed[inner + first : inner + first + length])
    pack_into("!H", changed, place, 0)
    head = pseudo + size.to_bytes(4) + packet.protocol.to_bytes(4)
    total = checksum(head + bytes(changed[packet.start : packet.stop]))
    pack_into("!H", changed, place, total or 0xFFFF)


def _sum_sctp(changed: bytearray, packet: ip.IpPacket, original: bytes) -> None:
    place = packet.start + 8
    if any(original[place : place + 4]):
        pack_into("<I", changed, place, 0)
        octets = bytes(changed[packet.start : packet.stop])
        pack_into("<I", changed, place, crc32c(octets))


def differences(first: Report, second: Report) -> Iterator[str]:
    """What two reports of one capture say unlike, each in a sentence; names play no part."""
    one, other = _said(first), _said(second)
    for sentence in sorted(one.keys() | other.keys()):
        before, after = one.get(sentence, 0), other.get(sentence, 0)
        if before != after:
            yield f"{sentence}: {before} times before, {after} times after"


def _said(report: Report) -> dict[str, int]:
    found: dict[str, int] = {}
    for instance in report.instances:
        words = f"{instance.id} {instance.verdict} {instance.reason_code or ''}".strip()
        found[words] = found.get(words, 0) + 1
        for finding in instance.findings:
            frames = ", ".join(str(ref.frame) for ref in finding.frames)
            words = f"{instance.id} {finding.verdict} {finding.requirement} at frames {frames}"
            found[words] = found.get(words, 0) + 1
    for capture in report.captures:
        words = f"{capture.sip_messages} SIP, {capture.msrp_messages} MSRP messages"
        words += f", {capture.malformed} malformed, {len(capture.gaps)} gaps"
        found[words] = found.get(words, 0) + 1
    return found
