"""A capture file's octets in chunks: read once, counted and hashed on the way, decompressed."""

from collections.abc import Callable
from hashlib import sha256
from typing import BinaryIO

from conformance.capture.containers import SNIFF, Unpacked, container_of
from conformance.observation.trace import CaptureHealth, GapReason

CHUNK = 65_536
"""Octets read at once; larger chunks were measured to be slower."""


class _File:
    """The octets of the file as it is, counted and hashed."""

    def __init__(self, file: BinaryIO, health: CaptureHealth, first: bytes) -> None:
        # A pipe gives what it has; waiting for a full chunk would hold live traffic back.
        self._read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        self._health = health
        self._hash = sha256()
        self._ahead = first
        self._count(first)

    def peek(self, size: int) -> bytes:
        """The next octets, fewer only where the file ends."""
        while len(self._ahead) < size and (piece := self._read(CHUNK)):
            self._count(piece)
            self._ahead += piece
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """The next octets: what is there, at most `size` but for those looked at before."""
        if self._ahead:
            piece, self._ahead = self._ahead, b""
            return piece
        piece = self._read(size)
        self._count(piece)
        return piece

    def finish(self) -> None:
        """Read what is left for length and hash."""
        while self.read(CHUNK):
            pass
        self._health.sha256 = self._hash.hexdigest()

    def _count(self, piece: bytes) -> None:
        self._hash.update(piece)
        self._health.octets += len(piece)


class Chunks:
    """The part of a file that is at hand: `octets` begins at the capture's octet `position`.

    A compressed file is decompressed; length and hash are those of the file as it is.
    """

    def __init__(self, file: BinaryIO, health: CaptureHealth, first: bytes = b"") -> None:
        self._file = _File(file, health, first)
        self._read = self._file.read
        self._unpacked: Unpacked | None = None
        self.octets = b""
        self.position = 0
        if kind := container_of(self._file.peek(SNIFF)):
            self._unpacked = Unpacked(kind, self._file.read)
            self._read = self._unpacked.read

    def need(self, size: int) -> bool:
        """Read until `size` octets are at hand; False if the file ends before."""
        if len(self.octets) >= size:
            return True
        pieces, have = [self.octets], len(self.octets)
        while have < size:
            piece = self._read(CHUNK)
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        self.octets = b"".join(pieces)
        return have >= size

    def drop(self, size: int) -> None:
        """Let the first `size` octets go."""
        self.octets = self.octets[size:]
        self.position += size

    @property
    def trouble(self) -> tuple[GapReason, str] | None:
        """What was wrong with the compression, once the octets inside came to an end."""
        if self._unpacked is None or not self._unpacked.trouble:
            return None
        reason = GapReason.LIMIT if self._unpacked.too_large else GapReason.CUT_FILE
        return reason, self._unpacked.trouble

    def finish(self) -> None:
        """Read what is left, which nobody could make sense of, for length and hash."""
        self._file.finish()
