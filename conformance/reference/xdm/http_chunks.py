"""The chunked transfer coding of HTTP/1.1, read (RFC 9112 section 7.1)."""

import re
from enum import Enum, auto

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\Z")
_MAX_LINE = 1_024
_MAX_TRAILERS = 1_024


class BrokenChunksError(ValueError):
    """Octets that are no chunks; the text names the rule."""


class _Awaits(Enum):
    SIZE = auto()
    CONTENT = auto()
    END = auto()
    TRAILER = auto()


class Chunks:
    """Takes chunks off the front of what is held, whose content is at most `most` octets."""

    def __init__(self, most: int) -> None:
        self.content = bytearray()
        self._most = most
        self._awaits = _Awaits.SIZE
        self._left = 0
        self._trailers = 0

    def take(self, held: bytearray) -> bool:
        """Take what is there; whether that was all of them. BrokenChunksError if it is none."""
        while True:
            if self._awaits is _Awaits.CONTENT:
                if not self._take_content(held):
                    return False
                self._awaits = _Awaits.END
            line = _line(held)
            if line is None:
                return False
            if self._awaits is _Awaits.TRAILER and not line:
                return True
            self._take_line(line)

    def _take_content(self, held: bytearray) -> bool:
        taken = min(self._left, len(held))
        self.content += held[:taken]
        del held[:taken]
        self._left -= taken
        return self._left == 0

    def _take_line(self, line: bytes) -> None:
        if self._awaits is _Awaits.SIZE:
            self._begin(line)
        elif self._awaits is _Awaits.END:
            if line:
                raise BrokenChunksError("RFC 9112 section 7.1: a chunk longer than its size")
            self._awaits = _Awaits.SIZE
        else:
            self._trailers += 1
            if self._trailers > _MAX_TRAILERS:
                raise BrokenChunksError(f"more than {_MAX_TRAILERS} trailer fields")

    def _begin(self, line: bytes) -> None:
        match = _SIZE.match(line)
        if match is None:
            raise BrokenChunksError("RFC 9112 section 7.1: no size of a chunk")
        self._left = int(match[1], 16)
        if len(self.content) + self._left > self._most:
            raise BrokenChunksError(f"chunks of more than {self._most} octets")
        self._awaits = _Awaits.CONTENT if self._left else _Awaits.TRAILER


def _line(held: bytearray) -> bytes | None:
    end = held.find(b"\r\n", 0, _MAX_LINE + 2)
    if end < 0:
        if len(held) > _MAX_LINE:
            raise BrokenChunksError("RFC 9112 section 7.1: a line without an end")
        return None
    line = bytes(held[:end])
    del held[: end + 2]
    return line
