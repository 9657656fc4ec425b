"""Capture files taken apart for change: frames stay where they are, all that names somebody goes.

Only numbers are kept of what a file says beside its frames: names of machines, interfaces and
users, comments, resolved addresses and keys do not come along.
"""

from dataclasses import dataclass, field
from struct import pack_into, unpack_from
from typing import NamedTuple

from conformance.capture.errors import CaptureError
from conformance.capture.pcap import MAGIC as PCAP_MAGIC
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _STATISTICS, _PACKET = 0x0A0D0D0A, 1, 2, 3, 5, 6
_BYTE_ORDER = b"\x1a\x2b\x3c\x4d"
# Where the options of a block begin, and those that are numbers only (draft-ietf-opsawg-pcapng).
_OPTIONS = {_SECTION: 24, _INTERFACE: 16, _STATISTICS: 20}
_NUMBERS = {
    _SECTION: frozenset[int](),
    _INTERFACE: frozenset({8, 9, 10, 13, 14, 16, 17}),
    _STATISTICS: frozenset({2, 3, 4, 5, 6, 7, 8}),
    _PACKET: frozenset({2, 4, 5, 6}),
    _OLD_PACKET: frozenset({2}),
}


class Span(NamedTuple):
    """Octets of a file from `start` to `stop`."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many octets."""
        return self.stop - self.start


@dataclass(slots=True)
class Frame:
    """One frame: `octets[start:stop]` of the package, `cut` if it was longer on the wire."""

    link: int
    start: int
    stop: int
    cut: bool


@dataclass(slots=True)
class Package:
    """A capture file whose frames may be changed in place, in the order of the file."""

    octets: bytearray
    frames: list[Frame] = field(default_factory=list)


def unpack(path: str, octets: bytes) -> Package:
    """Take a pcap or pcapng file apart; CaptureError for what is neither."""
    if octets[:4] in PCAP_MAGIC:
        return _pcap(octets)
    if octets[:4] == PCAPNG_MAGIC:
        return _Pcapng(octets).read()
    raise CaptureError(path, "it is neither pcap nor pcapng: decompress or convert it first")


def _pcap(octets: bytes) -> Package:
    order = PCAP_MAGIC[octets[:4]][0]
    package = Package(bytearray(octets[:24]))
    link = unpack_from(f"{order}I", octets, 20)[0] & 0xFFFF if len(octets) >= 24 else 0
    at = 24
    while at + 16 <= len(octets):
        captured, length = unpack_from(f"{order}II", octets, at + 8)
        data = octets[at + 16 : at + 16 + captured]
        package.octets += octets[at : at + 16]
        if len(data) < captured:
            break
        start = len(package.octets)
        package.octets += data
        package.frames.append(Frame(link, start, start + captured, captured < length))
        at += 16 + captured
    # What is left of a cut record is of use to nobody, but that it is cut must be seen.
    package.octets += bytes(max(len(octets) - len(package.octets), 0))
    return package


class _Pcapng:
    """Blocks, one after the other; each is copied, emptied or left out."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._package = Package(bytearray())
        self._order = "<"
        self._links: list[int] = []

    def read(self) -> Package:
        at = 0
        while (size := self._size(at)) and at + size <= len(self._octets):
            self._block(at, size)
            at += size
        rest = len(self._octets) - at
        # A file that was cut must be seen to be cut.
        self._package.octets += self._octets[at : at + min(rest, 8)] + bytes(max(rest - 8, 0))
        return self._package

    def _size(self, at: int) -> int:
        """The size of the block that begins here, 0 where none can be read."""
        if at + 12 > len(self._octets):
            return 0
        if self._octets[at : at + 4] == PCAPNG_MAGIC:
            self._order = ">" if self._octets[at + 8 : at + 12] == _BYTE_ORDER else "<"
            self._links = []
        size = int(unpack_from(f"{self._order}I", self._octets, at + 4)[0])
        return size if size >= 12 and size % 4 == 0 else 0

    def _block(self, at: int, size: int) -> None:
        kind = int(unpack_from(f"{self._order}I", self._octets, at)[0])
        block = bytearray(self._octets[at : at + size])
        if kind == _INTERFACE and size >= 20:
            self._links.append(unpack_from(f"{self._order}H", block, 8)[0])
        if kind in _OPTIONS:
            self._empty_options(block, kind, _OPTIONS[kind])
        elif kind in (_PACKET, _OLD_PACKET) and size >= 32:
            self._packet(block, kind)
        elif kind == _SIMPLE and size >= 16:
            length = int(unpack_from(f"{self._order}I", block, 8)[0])
            self._frame(block, 0, 12, min(length, size - 16), length)
        else:
            return
        self._package.octets += block

    def _packet(self, block: bytearray, kind: int) -> None:
        place = f"{self._order}I" if kind == _PACKET else f"{self._order}H"
        interface = int(unpack_from(place, block, 8)[0])
        captured, length = unpack_from(f"{self._order}II", block, 20)
        captured = min(captured, len(block) - 32)
        self._frame(block, interface, 28, captured, length)
        self._empty_options(block, kind, 28 + captured + -captured % 4)

    def _frame(
        self, block: bytearray, interface: int, begin: int, captured: int, length: int
    ) -> None:
        link = self._links[interface] if interface < len(self._links) else -1
        start = len(self._package.octets) + begin
        self._package.frames.append(Frame(link, start, start + captured, captured < length))
        padding = range(begin + captured, begin + captured + -captured % 4)
        for place in padding:
            block[place] = 0

    def _empty_options(self, block: bytearray, kind: int, at: int) -> None:
        """Blot out every option that is no number."""
        end = len(block) - 4
        while at + 4 <= end:
            code, length = unpack_from(f"{self._order}HH", block, at)
            last = min(at + 4 + length + -length % 4, end)
            if code == 0:
                break
            if code not in _NUMBERS[kind]:
                pack_into(f"{last - at - 4}s", block, at + 4, b"x" * min(length, last - at - 4))
            at = last
        block[at:end] = bytes(end - at)
