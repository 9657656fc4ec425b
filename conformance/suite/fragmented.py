"""IP fragments of a whole file: which of them were one datagram, and where each lies."""

from dataclasses import dataclass, field

from conformance.capture.ip import IpPacket
from conformance.suite.repackage import Span


@dataclass(slots=True)
class Fragmented:
    """The fragments of one datagram; `header` is the place of an IP header of theirs."""

    packet: IpPacket
    header: int
    depth: int
    cut: bool = False
    size: int | None = None
    parts: dict[int, list[Span]] = field(default_factory=dict)

    def differs(self, packet: IpPacket, original: bytes) -> bool:
        """Whether a fragment cannot be of this datagram: its identification was used again."""
        known = self.parts.get(packet.offset)
        if known is None or self.cut or packet.cut:
            return False
        start, stop = known[0]
        return original[start:stop] != original[packet.start : packet.stop]

    def add(self, packet: IpPacket) -> None:
        """Take one fragment."""
        span = Span(packet.start, packet.stop)
        self.parts.setdefault(packet.offset, []).append(span)
        self.cut |= packet.cut
        if not packet.more:
            self.size = packet.offset + span.size

    def joined(self, original: bytes) -> bytes:
        """The datagram, as far as its fragments follow one another."""
        whole = bytearray()
        for offset in sorted(self.parts):
            if offset > len(whole):
                break
            span = max(self.parts[offset], key=lambda one: one.size)
            whole[offset : offset + span.size] = original[span.start : span.stop]
        return bytes(whole)

    def write(self, changed: bytearray, octets: bytes | bytearray) -> None:
        """Write the datagram into the places of its fragments."""
        for offset, spans in self.parts.items():
            for start, stop in spans:
                known = octets[offset : offset + stop - start]
                changed[start : start + len(known)] = known


class Fragments:
    """The fragments met since they were taken last."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, ...], Fragmented] = {}
        self._all: list[Fragmented] = []

    def add(self, packet: IpPacket, header: int, depth: int, original: bytes) -> None:
        """Take one fragment, whose IP header begins at `header`."""
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        found = self._open.get(key)
        if found is None or found.differs(packet, original):
            found = self._open[key] = Fragmented(packet, header, depth)
            self._all.append(found)
        found.add(packet)

    def take(self) -> list[Fragmented]:
        """Every datagram met, whole or not; they are not given again."""
        found, self._all, self._open = self._all, [], {}
        return found
