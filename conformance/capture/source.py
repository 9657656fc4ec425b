"""The door to captures: files, folders and standard input, by our reader or by Wireshark's."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from conformance.capture.errors import CaptureError
from conformance.capture.native import NativeSource
from conformance.capture.pcap import MAGIC as PCAP_MAGIC
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.observation.trace import CaptureHealth, Source

__all__ = ["READERS", "STDIN", "CaptureError", "expand", "open_capture"]

STDIN = "-"
"""The path that names standard input."""

READERS = ("auto", "native", "tshark")
"""The readers to choose from; `auto` is ours, and Wireshark's where keys are given."""

_MAGIC_SIZE = 4
_GZIP = b"\x1f\x8b"
_MODIFIED_PCAP = (b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34")


def expand(paths: Iterable[str]) -> list[str]:
    """The capture files that files, folders and `-` name; folders recursively and sorted.

    In folders only what begins like a capture counts. A path that is missing or unreadable, and a
    folder without a capture, raise `CaptureError`.
    """
    found: list[str] = []
    for path in paths:
        if path != STDIN and os.path.isdir(path):
            found += _captures_in(path)
            continue
        if path != STDIN:
            _first_octets(path)
        found.append(path)
    return found


def _captures_in(folder: str) -> list[str]:
    def refuse(error: OSError) -> None:
        raise CaptureError(str(error.filename), _reason(error)) from error

    files = [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
    ]
    found = [path for path in sorted(files) if os.path.isfile(path) and _is_capture(path)]
    if not found:
        raise CaptureError(folder, "the folder holds no capture")
    return found


def _is_capture(path: str) -> bool:
    magic = _first_octets(path)
    return magic == PCAPNG_MAGIC or magic in PCAP_MAGIC


def _first_octets(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_MAGIC_SIZE)
    except OSError as error:
        raise CaptureError(path, _reason(error)) from error


def _reason(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"


def open_capture(
    path: str,
    *,
    index: int = 0,
    reader: str = "auto",
    keylog: str | None = None,
    stdin: BinaryIO | None = None,
) -> Source:
    """The source of one capture; `index` becomes `Observation.capture`.

    `keylog` names a file of TLS keys (SSLKEYLOGFILE), which only Wireshark's reader can use.
    `stdin` is where `-` reads from. Raises `CaptureError` for what is no capture, cannot be read
    or asks for what cannot be done.
    """
    if reader not in READERS:
        raise CaptureError(path, f"there is no reader {reader!r}, only {', '.join(READERS)}")
    if keylog is not None and reader == "native":
        raise CaptureError(
            path, "keys need the reader tshark, since the native one decrypts nothing"
        )
    if keylog is not None and not os.path.isfile(keylog):
        raise CaptureError(keylog, "the file of keys is missing")
    if reader == "tshark" or keylog is not None:
        from conformance.capture.tshark import TsharkSource

        if path == STDIN:
            raise CaptureError(path, "the reader tshark needs a file, not standard input")
        _check_magic(path, _first_octets(path))
        return TsharkSource(path, index, keylog)
    if path == STDIN:
        return _from_stdin(stdin, index)
    _check_magic(path, _first_octets(path))
    return NativeSource(CaptureHealth(path, "native"), index, partial(_open, path))


def _from_stdin(stdin: BinaryIO | None, index: int) -> Source:
    if stdin is None:
        raise CaptureError(STDIN, "no standard input to read from")
    file = stdin
    first = b""
    while len(first) < _MAGIC_SIZE and (piece := file.read(_MAGIC_SIZE - len(first))):
        first += piece
    _check_magic(STDIN, first)
    return NativeSource(CaptureHealth(STDIN, "native"), index, lambda: file, first)


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb", buffering=0)
    except OSError as error:
        raise CaptureError(path, _reason(error)) from error


def _check_magic(path: str, magic: bytes) -> None:
    if magic == PCAPNG_MAGIC or magic in PCAP_MAGIC:
        return
    if not magic:
        raise CaptureError(path, "it is empty")
    if magic[:2] == _GZIP:
        raise CaptureError(path, "it is compressed with gzip; decompress it first")
    if magic in _MODIFIED_PCAP:
        raise CaptureError(path, "it is a modified pcap of the 1990s; editcap can convert it")
    raise CaptureError(path, "it is no capture: it begins neither like pcap nor like pcapng")
