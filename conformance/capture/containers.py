"""Compressed files as the octets inside them: gzip, xz, zstd and lz4, read as a stream.

gzip and xz need the standard library only, zstd and lz4 the packages of the extras so named.
What a container may grow to is bounded, so that a small file cannot keep us busy for ever.
"""

import lzma
import zlib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from conformance.wire.limits import MAX_EXPANSION, MAX_EXPANSION_FREE

SNIFF = 6
"""Octets at a file's beginning that tell what it is."""

_CHUNK = 16_384
_XZ_MEMORY = 134_217_728
_ZSTD_WINDOW = 134_217_728


class Container(NamedTuple):
    """A kind of compression: its name, and the package that reads it ("" for our own)."""

    name: str
    package: str = ""

    @property
    def missing(self) -> str:
        """A sentence where the package is not installed, "" where all is there."""
        if not self.package or find_spec(self.package):
            return ""
        return f"it is compressed with {self.name}: install cpmspec[{self.name}], or decompress it"


_KINDS = {
    b"\x1f\x8b": Container("gzip"),
    b"\xfd7zXZ\x00": Container("xz"),
    b"\x28\xb5\x2f\xfd": Container("zstd", "zstandard"),
    b"\x04\x22\x4d\x18": Container("lz4", "lz4"),
}


def container_of(first: bytes) -> Container | None:
    """The kind of compression of a file that begins with these octets; None for none we know."""
    return next((kind for magic, kind in _KINDS.items() if first.startswith(magic)), None)


class Unpacked:
    """The octets inside a compressed file, piece by piece; `read` is that of the file.

    `trouble` is a sentence once the container is damaged, cut or larger than what is borne, and
    `too_large` tells the last of these apart; the octets before it are good.
    """

    def __init__(self, kind: Container, read: Callable[[int], bytes]) -> None:
        self.trouble = ""
        self.too_large = False
        self._kind = kind
        self._read = read
        self._fresh, self._errors = _reader_of(kind)
        self._inner: Any = None
        self._waiting = b""
        self._taken = 0
        self._given = 0
        self._piece = b""

    def read(self, size: int) -> bytes:
        """The next octets, at most `size`; b"" at the end."""
        while not self.trouble:
            octets = self._more()
            if octets is None or not self._step(octets, size):
                return b""
            if self._piece:
                self._given += len(self._piece)
                self._bound()
                return self._piece
        return b""

    def _more(self) -> bytes | None:
        """Compressed octets to go on with, b"" where the reader has some left; None at the end."""
        if self._inner is not None and not self._inner.needs_input:
            return b""
        octets = self._waiting or self._read(_CHUNK)
        self._waiting = b""
        self._taken += len(octets)
        if octets:
            return octets
        if self._inner is not None:
            self.trouble = f"the {self._kind.name} stream of the file is cut before its end"
        return None

    def _step(self, octets: bytes, size: int) -> bool:
        """Decompress some; False at a damaged place, and behind the last stream."""
        try:
            if self._inner is None:
                octets = octets.lstrip(b"\0") if self._given else octets
                if not octets:
                    self._piece = b""
                    return True
                self._inner = self._fresh()
            self._piece = self._inner.decompress(octets, size)
        except self._errors as error:
            self.trouble = f"the {self._kind.name} stream of the file is damaged: {error}"
            return False
        if self._inner.eof:
            self._waiting = self._inner.unused_data or b""
            self._taken -= len(self._waiting)
            self._inner = None
        return True

    def _bound(self) -> None:
        if self._given > MAX_EXPANSION_FREE + self._taken * MAX_EXPANSION:
            self.too_large = True
            self.trouble = (
                f"limit: the {self._kind.name} stream grows beyond {MAX_EXPANSION} times its size"
            )


class _Gzip:
    """One member of a gzip file, with the interface of `lzma.LZMADecompressor`."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inner.unconsumed_tail

    def decompress(self, octets: bytes, size: int) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + octets, size)
        # All input may be taken and output still be held inside: then there is a full piece.
        self._full = len(piece) == size
        return piece


class _Zstd:
    """One frame of a zstd file, with the interface of `lzma.LZMADecompressor`.

    The package gives all that its input holds at once: little input at a time bounds that.
    """

    _STEP = 256

    def __init__(self) -> None:
        module = import_module("zstandard")
        self._inner = module.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._octets = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._octets

    @property
    def needs_input(self) -> bool:
        return not self._octets

    def decompress(self, octets: bytes, size: int) -> bytes:
        waiting = self._octets + octets
        pieces, have, at = [], 0, 0
        while at < len(waiting) and have < size and not self._inner.eof:
            piece = self._inner.decompress(waiting[at : at + self._STEP])
            at += self._STEP
            pieces.append(piece)
            have += len(piece)
        self._octets = waiting[at:]
        return b"".join(pieces)


def _reader_of(kind: Container) -> tuple[Callable[[], Any], tuple[type[Exception], ...]]:
    """What makes a decompressor of one stream, and the errors that it raises."""
    if kind.name == "gzip":
        return _Gzip, (zlib.error,)
    if kind.name == "xz":
        return lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY), (lzma.LZMAError, MemoryError)
    if kind.name == "zstd":
        return _Zstd, (import_module("zstandard").ZstdError,)
    return import_module("lz4.frame").LZ4FrameDecompressor, (RuntimeError, ValueError)
