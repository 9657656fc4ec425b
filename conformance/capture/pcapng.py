"""pcapng files as batches of records (draft-ietf-opsawg-pcapng)."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from conformance.capture.chunks import Chunks
from conformance.capture.pcap import MAX_RECORD, Batch, Damage, Drop, Interface, Item, Secrets

MAGIC = b"\x0a\x0d\x0d\x0a"
"""The type of a section header block, the same in both byte orders."""

_SECTION = 0x0A0D0D0A
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _STATISTICS, _PACKET, _SECRETS = 1, 2, 3, 5, 6, 10
_BYTE_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_NANOSECONDS = 1_000_000_000
_OPTION_NAME, _OPTION_RESOLUTION, _OPTION_OFFSET = 2, 9, 14
_OPTION_PACKET_DROPS, _OPTION_INTERFACE_DROPS, _OPTION_SYSTEM_DROPS = 4, 5, 7


@dataclass(slots=True)
class _Interface:
    name: str
    link: int
    snaplen: int
    per_second: int = 1_000_000
    offset: int = 0

    def time(self, ticks: int) -> int:
        """The time in ns since 1970-01-01 UTC."""
        return ticks * _NANOSECONDS // self.per_second + self.offset


class _Section:
    """One section after another: byte order, interfaces, what was read and not handed on yet."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._records: list[tuple[int, int, int, int]] = []
        self._link = -1
        self._time = 0
        self._begin("<")

    def _begin(self, order: str) -> None:
        self._interfaces: list[_Interface] = []
        self._order = order
        self.head = Struct(order + "II").unpack_from
        self._packet_head = Struct(order + "IIIII").unpack_from
        self._block_and_packet_head = Struct(order + "IIIIIII").unpack_from
        self._old_packet_head = Struct(order + "HHIIII").unpack_from
        self._interface_head = Struct(order + "HHI").unpack_from
        self._option_head = Struct(order + "HH").unpack_from

    def begin(self, octets: bytes, at: int) -> bool:
        """Begin the section whose header block is at `at`; False if its byte order is none."""
        order = _BYTE_ORDER.get(octets[at + 8 : at + 12])
        if order:
            self._begin(order)
        return order is not None

    def flush(self, octets: bytes) -> None:
        """Put the frames gathered so far, which lie in `octets`, among the items."""
        if self._records:
            self.items.append(Batch(self._link, octets, self._records))
            self._records = []

    def say(self, octets: bytes, item: Item) -> None:
        """Put an item behind the frames gathered so far."""
        self.flush(octets)
        self.items.append(item)

    def read_packets(self, octets: bytes, at: int) -> int:
        """Read plain packet blocks of one interface in one go; where any other block begins."""
        unpack, records, current = self._block_and_packet_head, self._records, -1
        end, time, per_second, offset = len(octets), self._time, 1, 0
        while at <= end - 32:
            kind, size, number, high, low, captured, length = unpack(octets, at)
            after, stop = at + size, at + 28 + captured
            # The rest holds padding and the length once more, or options too.
            if (
                kind != _PACKET
                or size & 3
                or after > end
                or not 4 <= after - stop < 12
                or size > MAX_RECORD
            ):
                break
            if number != current:
                if number >= len(self._interfaces) or self._interfaces[number].link != self._link:
                    break
                current, interface = number, self._interfaces[number]
                per_second, offset = interface.per_second, interface.offset
            time = (high << 32 | low) * _NANOSECONDS // per_second + offset
            records.append((time, at + 28, stop, length))
            at = after
        self._time = time
        return at

    def read(self, kind: int, octets: bytes, at: int, end: int) -> None:
        """Read the block between `at` and `end`; kinds unknown say nothing."""
        if kind == _PACKET:
            self._read_packet(octets, at, end)
        elif kind == _INTERFACE:
            self._read_interface(octets, at, end)
        elif kind == _SIMPLE_PACKET:
            self._read_simple_packet(octets, at, end)
        elif kind == _OLD_PACKET:
            self._read_old_packet(octets, at, end)
        elif kind == _STATISTICS:
            self._read_statistics(octets, at, end)
        elif kind == _SECRETS:
            self.say(octets, Secrets(end - at))

    def _add(self, octets: bytes, number: int, ticks: int, span: tuple[int, int, int]) -> None:
        interface = self._interfaces[number]
        if interface.link != self._link:
            self.flush(octets)
            self._link = interface.link
        self._time = ticks * _NANOSECONDS // interface.per_second + interface.offset
        self._records.append((self._time, *span))

    def _read_packet(self, octets: bytes, at: int, end: int) -> None:
        if end - at < 32:
            return self._contradiction(octets)
        number, high, low, captured, length = self._packet_head(octets, at + 8)
        start = at + 28
        stop = start + captured
        if stop > end - 4 or number >= len(self._interfaces):
            return self._contradiction(octets)
        if end - stop >= 12:
            for code, value in self._options(octets, stop + -captured % 4, end - 4):
                if code == _OPTION_PACKET_DROPS:
                    self._drops(octets, self._number(value))
        return self._add(octets, number, high << 32 | low, (start, stop, length))

    def _read_old_packet(self, octets: bytes, at: int, end: int) -> None:
        """The obsolete packet block, which early writers made."""
        if end - at < 32:
            return self._contradiction(octets)
        number, drops, high, low, captured, length = self._old_packet_head(octets, at + 8)
        start = at + 28
        stop = start + captured
        if stop > end - 4 or number >= len(self._interfaces):
            return self._contradiction(octets)
        self._drops(octets, 0 if drops == 0xFFFF else drops)
        return self._add(octets, number, high << 32 | low, (start, stop, length))

    def _read_simple_packet(self, octets: bytes, at: int, end: int) -> None:
        """A packet without a time: it gets that of the packet before it."""
        if end - at < 16 or not self._interfaces:
            return self._contradiction(octets)
        interface, time = self._interfaces[0], self._time
        length = self.head(octets, at + 8)[0]
        captured = min(length, interface.snaplen or length, end - at - 16)
        self._add(octets, 0, 0, (at + 12, at + 12 + captured, length))
        self._time = time
        self._records[-1] = (time, *self._records[-1][1:])
        return None

    def _read_interface(self, octets: bytes, at: int, end: int) -> None:
        if end - at < 20:
            return self._contradiction(octets)
        link, _, snaplen = self._interface_head(octets, at + 8)
        found = _Interface("", link, snaplen)
        for code, value in self._options(octets, at + 16, end - 4):
            if code == _OPTION_NAME:
                found.name = value.rstrip(b"\0").decode("utf-8", "replace")
            elif code == _OPTION_RESOLUTION and value:
                found.per_second = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
            elif code == _OPTION_OFFSET and len(value) == 8:
                unsigned = self._number(value)
                found.offset = (unsigned - (unsigned >> 63 << 64)) * _NANOSECONDS
        self._interfaces.append(found)
        return self.say(octets, Interface(found.name, link))

    def _read_statistics(self, octets: bytes, at: int, end: int) -> None:
        for code, value in self._options(octets, at + 20, end - 4):
            dropped = code in (_OPTION_INTERFACE_DROPS, _OPTION_SYSTEM_DROPS)
            if count := self._number(value) if dropped else 0:
                who = "interface" if code == _OPTION_INTERFACE_DROPS else "operating system"
                sentence = f"the capturing {who} lost {count} packets, nobody knows where"
                self.say(octets, Drop(sentence, here=False, packets=count))

    def _drops(self, octets: bytes, count: int) -> None:
        if count:
            self.say(octets, Drop(f"the capturing host lost {count} packets here", here=True))

    def _options(self, octets: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= end:
            code, size = self._option_head(octets, at)
            if code == 0 or at + 4 + size > end:
                return
            yield code, octets[at + 4 : at + 4 + size]
            at += 4 + size + -size % 4

    def _number(self, octets: bytes) -> int:
        return int.from_bytes(octets, "little" if self._order == "<" else "big")

    def _contradiction(self, octets: bytes) -> None:
        # The block's length still holds: reading goes on behind it.
        self.say(octets, Damage("a block of the file contradicts itself and was passed over"))


def read_pcapng(chunks: Chunks) -> Iterator[Item]:
    """Every frame of a pcapng file, in batches; `Damage` where it is cut short."""
    section = _Section()
    going = True
    while going:
        at, damage = _read_blocks(section, chunks)
        section.flush(chunks.octets)
        chunks.drop(at)
        # Before more is asked for: live traffic may let it wait.
        yield from section.items
        section.items = []
        wanted = 12
        if damage is None and len(chunks.octets) >= 12:
            wanted = _block_size(section, chunks.octets, 0)[1]
            going = chunks.need(wanted)
        elif damage is None:
            going = chunks.need(12)
        else:
            going = False
        if not going and damage is None and chunks.octets:
            damage = Damage(f"the file is cut inside the block at octet {chunks.position}")
        if damage:
            yield damage


def _read_blocks(section: _Section, chunks: Chunks) -> tuple[int, Damage | None]:
    """Read the whole blocks at hand; where the first other one begins, and what is wrong there."""
    octets, at = chunks.octets, 0
    end = len(octets)
    while at + 12 <= end:
        at = section.read_packets(octets, at)
        if at + 12 > end:
            break
        kind, size = _block_size(section, octets, at)
        if size < 12 or size > MAX_RECORD:
            return at, Damage(f"the block at octet {chunks.position + at} is damaged")
        if at + size > end:
            break
        if kind == _SECTION:
            section.flush(octets)
        else:
            section.read(kind, octets, at, at + size)
        at += size
    return at, None


def _block_size(section: _Section, octets: bytes, at: int) -> tuple[int, int]:
    """Type and octets of the block at `at`, 0 octets if it is none; sections begin here."""
    if octets[at : at + 4] == MAGIC and not section.begin(octets, at):
        return _SECTION, 0
    kind, size = section.head(octets, at)
    return kind, size + -size % 4
