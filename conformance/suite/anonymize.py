"""A capture in which nobody can be found: every frame stays, who and what was said does not.

Messages are put in disguise where they lie, over segments, fragments and copies; what cannot be
read as a message is emptied. Frame numbers, times, lengths and gaps are those of the original.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack_into

from conformance.capture import ip
from conformance.capture.link import IP_START, NO_IP, Link
from conformance.capture.packets import checksum
from conformance.report.model import Report
from conformance.sip.frames import looks_like_sip, may_become_sip
from conformance.suite.redact import Pieces, Redaction
from conformance.suite.repackage import Frame, Package, unpack
from conformance.suite.streams import Span, Streams

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
_TUNNELS = (4, 41)


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
    work.finish()
    return Anonymized(bytes(package.octets), work.messages, work.emptied)


class _Work:
    """One file: first everything is read and emptied, then messages are written into place."""

    def __init__(self, package: Package, redaction: Redaction) -> None:
        self._redaction = redaction
        self._original = bytes(package.octets)
        self._changed = package.octets
        self._streams = Streams()
        self._fragments: dict[tuple[object, ...], dict[int, list[Span]]] = {}
        self._sums: list[tuple[int, ip.IpPacket, bool]] = []
        self.messages = 0
        self.emptied = 0

    def frame(self, frame: Frame) -> None:
        """Read one frame, and empty it but for its headers."""
        start, stop = frame.start, frame.stop
        begin = IP_START.get(frame.link) if frame.link in _LINKS else None
        at = begin(self._original, start, stop) if begin else NO_IP
        packet = ip.read(self._original, at, stop) if at != NO_IP else None
        for low, high in _HARDWARE.get(Link(frame.link), ()) if frame.link in _LINKS else ():
            self._hardware(start + low, min(start + high, stop))
        if packet is None:
            kept = start + 14 if frame.link == Link.ETHERNET else start
            self._empty(min(kept, stop), stop)
            return
        inner = self._headers(at, packet.start, stop)
        self._empty(packet.stop, stop)
        payload = self._payload(packet)
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
            at = at + length if protocol in _TUNNELS else end
        return inner

    def _payload(self, packet: ip.IpPacket) -> bool:
        """Take what a packet carries; whether a transport checksum can be made anew."""
        start, stop = packet.start, packet.stop
        if packet.offset or packet.more:
            key = (packet.source, packet.destination, packet.protocol, packet.identification)
            parts = self._fragments.setdefault(key, {})
            parts.setdefault(packet.offset, []).append(Span(start, stop))
            self._empty(start + (0 if packet.offset else 8), stop)
            return False
        if packet.protocol == ip.UDP and start + 8 <= stop:
            length = self._original[start + 4] << 8 | self._original[start + 5]
            end = min(start + length, stop) if length >= 8 else stop
            self._empty(start + 8, stop)
            self._datagram(start + 8, end)
            return True
        if packet.protocol == ip.TCP and start + 20 <= stop:
            begin = min(start + (self._original[start + 12] >> 4) * 4, stop)
            self._empty(begin, stop)
            way = packet.source + packet.destination + self._original[start : start + 4]
            self._streams.take(way, self._original, start, Span(begin, stop))
            return True
        self._empty(start, stop)
        return False

    def _datagram(self, start: int, stop: int) -> None:
        payload = self._original[start:stop]
        message = payload.lstrip(b"\r\n")
        if not looks_like_sip(message) and not may_become_sip(message):
            self.emptied += bool(message.strip(b"\0"))
            return
        begin = stop - len(message)
        self._changed[start:begin] = payload[: begin - start]
        self._changed[begin:stop] = self._redaction.disguised.sip(message)
        self.messages += 1

    def finish(self) -> None:
        """Write the messages of streams and of fragments into place, then the checksums."""
        for parts in self._fragments.values():
            self._reassembled(parts)
        pieces = Pieces(self._redaction.disguised)
        runs = list(self._streams.runs(self._original))
        for run in runs:
            for framed in run.framed:
                pieces.add(framed.message)
        pieces.finish()
        for run in runs:
            self.messages += len(run.framed)
            found = run.disguised(self._redaction.disguised, pieces)
            self.emptied += 0 if run.is_known else len(run.spans)
            for place, span in run.spans:
                self._changed[span.start : span.stop] = found[place : place + span.size]
        for inner, packet, whole in self._sums:
            _sum(self._changed, inner, packet, self._original, transport=whole)

    def _reassembled(self, parts: dict[int, list[Span]]) -> None:
        """A datagram from its fragments, as far as they follow one another."""
        whole = bytearray()
        for offset in sorted(parts):
            if offset <= len(whole):
                span = max(parts[offset], key=lambda one: one.size)
                whole[offset : offset + span.size] = self._original[span.start : span.stop]
        message = bytes(whole[8:])
        if not looks_like_sip(message):
            self.emptied += sum(len(spans) for spans in parts.values())
            return
        self.messages += 1
        found = whole[:8] + self._redaction.disguised.sip(message)
        for offset, spans in parts.items():
            for span in spans:
                known = found[offset : offset + span.size]
                self._changed[span.start : span.start + len(known)] = known

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
