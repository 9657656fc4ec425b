"""One message in many chunks (RFC 4975 section 5.1): taking apart and putting together."""

from heapq import heappop, heappush
from typing import NamedTuple

from conformance.msrp.message import ByteRange, MsrpRequest
from conformance.wire.limits import MAX_BODY
from conformance.wire.malformed import Malformed


class Chunk(NamedTuple):
    """A part of a message: its Byte-Range, its octets, its continuation flag."""

    byte_range: ByteRange
    body: bytes
    flag: str


def split(body: bytes, size: int) -> list[Chunk]:
    """The chunks of a message, of at most `size` octets each; ValueError if that is not positive.

    Each but the last is flagged "+", the last "$"; an empty message is one chunk 1-0/0.
    """
    if size < 1:
        raise ValueError(f"a chunk of {size} octets holds nothing")
    total = len(body)
    chunks = []
    for at in range(0, max(total, 1), size):
        part = body[at : at + size]
        flag = "$" if at + size >= total else "+"
        chunks.append(Chunk(ByteRange(at + 1, at + len(part), total), part, flag))
    return chunks


class Reassembly:
    """The chunks of one Message-ID in any order, overlapping or sent again.

    Chunks that overlap are taken to agree. A chunk flagged "#" gives the message up; one that
    follows takes it up again, since its octets are the same (RFC 4975 section 5.1).
    `total` is the size of the message in octets, None until a chunk tells it.
    """

    __slots__ = ("_held", "_limit", "_prefix", "_waiting", "is_abandoned", "total")

    def __init__(self, limit: int = MAX_BODY) -> None:
        self._prefix = bytearray()
        self._waiting: list[tuple[int, int, bytes]] = []
        self._held = 0
        self._limit = limit
        self.total: int | None = None
        self.is_abandoned = False

    @property
    def prefix(self) -> bytes:
        """The octets from the first one to the first that is not there yet."""
        return bytes(self._prefix)

    @property
    def is_whole(self) -> bool:
        """Whether every octet of the message is there."""
        return self.total is not None and len(self._prefix) >= self.total

    @property
    def body(self) -> bytes | None:
        """The whole message; None until it is whole."""
        return bytes(self._prefix) if self.is_whole else None

    def add(self, request: MsrpRequest) -> Malformed | None:
        """Take the chunk of a SEND; Malformed says why it cannot belong to the message.

        A chunk without a Byte-Range is the beginning (RFC 4975 section 7.1.1).
        """
        byte_range = request.byte_range
        if byte_range is None and request.header("Byte-Range") is not None:
            return _refuse(request, 'byte-range = range-start "-" range-end "/" total')
        start, _, total = byte_range or ByteRange(1, None, None)
        body = request.body
        if start < 1:
            return _refuse(request, "Byte-Range counts from 1")
        end = start - 1 + len(body)
        if request.flag == "$" and total is None:
            total = end
        if max(end, total or 0) > self._limit or self._held + len(body) > self._limit:
            rule = f"limit: message exceeds {self._limit} octets"
            return Malformed("MSRP", request.octets, 0, rule)
        if total is not None and self.total is not None and total != self.total:
            return _refuse(request, "total of Byte-Range differs between chunks")
        if total is not None and end > total:
            return _refuse(request, "chunk ends past the total of Byte-Range")
        self.total = self.total if total is None else total
        self.is_abandoned = request.flag == "#"
        self._place(start - 1, body)
        return None

    def _place(self, at: int, body: bytes) -> None:
        if at > len(self._prefix):
            if not body:
                return
            # The count of waiting octets keeps the heap's order stable and its size bounded.
            self._held += len(body)
            heappush(self._waiting, (at, self._held, body))
            return
        self._prefix[at : at + len(body)] = body
        while self._waiting and self._waiting[0][0] <= len(self._prefix):
            at, _, waiting = heappop(self._waiting)
            self._held -= len(waiting)
            fresh = len(self._prefix) - at
            if fresh < len(waiting):
                self._prefix += waiting[fresh:]


def _refuse(request: MsrpRequest, rule: str) -> Malformed:
    return Malformed("MSRP", request.octets, 0, f"RFC 4975 section 7.1.1: {rule}")
