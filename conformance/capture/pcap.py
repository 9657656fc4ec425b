"""Classic pcap files as batches of records: both byte orders, µs or ns, and their variants."""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import NamedTuple

from conformance.capture.chunks import Chunks


class Layout(NamedTuple):
    """How one kind of pcap file is laid out.

    `unit` is the nanoseconds in one unit of a record's time; `header` and `record` are the octets
    of the file's header and of a record's.
    """

    order: str
    unit: int
    header: int = 24
    record: int = 16


MAGIC = {
    b"\xd4\xc3\xb2\xa1": Layout("<", 1_000),
    b"\xa1\xb2\xc3\xd4": Layout(">", 1_000),
    b"\x4d\x3c\xb2\xa1": Layout("<", 1),
    b"\xa1\xb2\x3c\x4d": Layout(">", 1),
    # The "modified" pcap of patched libpcaps: interface, protocol and type follow each record.
    b"\x34\xcd\xb2\xa1": Layout("<", 1_000, record=24),
    b"\xa1\xb2\xcd\x34": Layout(">", 1_000, record=24),
    # Ixia's lcap, by hardware and by software: the length of all records follows the header.
    b"\xac\x01\x00\x1c": Layout("<", 1_000, header=28),
    b"\x1c\x00\x01\xac": Layout(">", 1_000, header=28),
    b"\xab\x01\x00\x1c": Layout("<", 1_000, header=28),
    b"\x1c\x00\x01\xab": Layout(">", 1_000, header=28),
}
"""By the file's first octets: how it is laid out."""

MAX_RECORD = 16_777_216
"""Octets of one record; more is no record but damage."""

_NANOSECONDS = 1_000_000_000


class Record(NamedTuple):
    """One frame: its time in ns, where it lies in the batch's octets, its length on the wire."""

    time: int
    start: int
    stop: int
    length: int


class Batch(NamedTuple):
    """Frames of one link type that follow one another, and the octets in which they lie."""

    link: int
    octets: bytes
    records: list[tuple[int, int, int, int]]


class Damage(NamedTuple):
    """From here on nothing can be read."""

    sentence: str


class Drop(NamedTuple):
    """The capturing host says that it lost packets, just before here or at an unknown place."""

    sentence: str
    here: bool
    packets: int = 0


class Interface(NamedTuple):
    """An interface by the name that the capture gives it."""

    name: str
    link: int


class Secrets(NamedTuple):
    """The file carries keys by which what is encrypted in it can be read."""

    octets: int


Item = Batch | Damage | Drop | Interface | Secrets


def read_pcap(chunks: Chunks) -> Iterator[Item]:
    """Every frame of a classic pcap file, in batches; `Damage` where it is cut short."""
    chunks.need(4)
    layout = MAGIC.get(chunks.octets[:4])
    if layout is None or not chunks.need(layout.header):
        yield Damage("the file is cut inside its header")
        return
    link = Struct(layout.order + "I").unpack_from(chunks.octets, 20)[0] & 0xFFFF
    yield Interface("", link)
    unpack = Struct(layout.order + "IIII").unpack_from
    at, record = layout.header, layout.record
    while True:
        octets = chunks.octets
        records, at = _records(octets, at, unpack, layout)
        if records:
            yield Batch(link, octets, records)
        rest = len(octets) - at
        wanted = record if rest < record else record + unpack(octets, at)[2]
        if wanted > MAX_RECORD:
            yield Damage(f"the record at octet {chunks.position + at} is damaged")
            return
        chunks.drop(at)
        at = 0
        if not chunks.need(wanted):
            if rest:
                yield Damage(f"the file is cut inside the record at octet {chunks.position}")
            return


def _records(
    octets: bytes, at: int, unpack: Callable[[bytes, int], tuple[int, ...]], layout: Layout
) -> tuple[list[tuple[int, int, int, int]], int]:
    """The whole records from `at` on as plain tuples, and where the unfinished one begins."""
    records = []
    unit, size = layout.unit, layout.record
    end = len(octets)
    last = end - size
    while at <= last:
        seconds, fraction, captured, length = unpack(octets, at)
        start = at + size
        stop = start + captured
        if stop > end:
            break
        records.append((seconds * _NANOSECONDS + fraction * unit, start, stop, length))
        at = stop
    return records, at
