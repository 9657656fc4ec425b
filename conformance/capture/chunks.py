"""A capture file's octets in chunks: read once, counted and hashed on the way."""

from collections.abc import Callable
from hashlib import sha256
from typing import BinaryIO

from conformance.observation.trace import CaptureHealth

CHUNK = 65_536
"""Octets read at once; larger chunks were measured to be slower."""


class Chunks:
    """The part of a file that is at hand: `octets` begins at the file's octet `position`."""

    def __init__(self, file: BinaryIO, health: CaptureHealth, first: bytes = b"") -> None:
        # A pipe gives what it has; waiting for a full chunk would hold live traffic back.
        self._read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        self._health = health
        self._hash = sha256()
        self.octets = b""
        self.position = 0
        if first:
            self._take(first)

    def need(self, size: int) -> bool:
        """Read until `size` octets are at hand; False if the file ends before."""
        if len(self.octets) >= size:
            return True
        pieces, have = [self.octets], len(self.octets)
        while have < size:
            piece = self._read(CHUNK)
            if not piece:
                break
            self._count(piece)
            pieces.append(piece)
            have += len(piece)
        self.octets = b"".join(pieces)
        return have >= size

    def drop(self, size: int) -> None:
        """Let the first `size` octets go."""
        self.octets = self.octets[size:]
        self.position += size

    def finish(self) -> None:
        """Read what is left, which nobody could make sense of, for length and hash."""
        while piece := self._read(CHUNK):
            self._count(piece)
        self._health.sha256 = self._hash.hexdigest()

    def _take(self, piece: bytes) -> None:
        self._count(piece)
        self.octets += piece

    def _count(self, piece: bytes) -> None:
        self._hash.update(piece)
        self._health.octets += len(piece)
