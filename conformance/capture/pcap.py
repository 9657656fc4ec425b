"""Classic pcap files as batches of records: both byte orders, µs or ns."""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import NamedTuple

from conformance.capture.chunks import Chunks

MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""By the file's first octets: byte order, and nanoseconds in one unit of a record's time."""

MAX_RECORD = 16_777_216
"""Octets of one record; more is no record but damage."""

_HEADER = 24
_RECORD = 16
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


class Interface(NamedTuple):
    """An interface by the name that the capture gives it."""

    name: str
    link: int


Item = Batch | Damage | Drop | Interface


def read_pcap(chunks: Chunks) -> Iterator[Item]:
    """Every frame of a classic pcap file, in batches; `Damage` where it is cut short."""
    if not chunks.need(_HEADER) or chunks.octets[:4] not in MAGIC:
        yield Damage("the file is cut inside its header")
        return
    order, unit = MAGIC[chunks.octets[:4]]
    link = Struct(order + "I").unpack_from(chunks.octets, 20)[0] & 0xFFFF
    yield Interface("", link)
    unpack = Struct(order + "IIII").unpack_from
    at = _HEADER
    while True:
        octets = chunks.octets
        records, at = _records(octets, at, unpack, unit)
        if records:
            yield Batch(link, octets, records)
        rest = len(octets) - at
        wanted = _RECORD if rest < _RECORD else _RECORD + unpack(octets, at)[2]
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
    octets: bytes, at: int, unpack: Callable[[bytes, int], tuple[int, ...]], unit: int
) -> tuple[list[tuple[int, int, int, int]], int]:
    """The whole records from `at` on as plain tuples, and where the unfinished one begins."""
    records = []
    end = len(octets)
    last = end - _RECORD
    while at <= last:
        seconds, fraction, captured, length = unpack(octets, at)
        start = at + _RECORD
        stop = start + captured
        if stop > end:
            break
        records.append((seconds * _NANOSECONDS + fraction * unit, start, stop, length))
        at = stop
    return records, at
