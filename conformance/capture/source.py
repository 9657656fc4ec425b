"""The door to captures: files, folders and standard input, by our reader or by Wireshark's.

A capture may be compressed; a text log of SIP counts as a capture too.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from conformance.capture.chunks import Chunks
from conformance.capture.containers import SNIFF as CONTAINER_SNIFF
from conformance.capture.containers import container_of
from conformance.capture.errors import CaptureError
from conformance.capture.native import NativeSource
from conformance.capture.needs import needs_wireshark
from conformance.capture.pcap import MAGIC as PCAP_MAGIC
from conformance.capture.pcapng import MAGIC as PCAPNG_MAGIC
from conformance.capture.text_log import SNIFF, TextLogSource, is_text_log
from conformance.observation.trace import CaptureHealth, Source

__all__ = ["READERS", "STDIN", "CaptureError", "expand", "is_capture", "open_capture"]

STDIN = "-"
"""The path that names standard input."""

READERS = ("auto", "native", "tshark")
"""The readers to choose from; `auto` is ours, and Wireshark's where keys are given or held in the
file, or where the file's link type is known to Wireshark only."""

_PEEK = 4_096
_MAGIC_SIZE = 4


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
    return _begins_capture(*_first_octets(path))


def is_capture(file: BinaryIO) -> bool:
    """Whether a file, read from its beginning, begins like a capture; OSError as it raises."""
    return _begins_capture(*_look(file))


def _begins_capture(first: bytes, inside: bytes) -> bool:
    kind = container_of(first)
    # What cannot be opened for lack of a package is named, not passed over.
    return bool(kind and kind.missing) or _is_known(inside)


def _is_known(first: bytes) -> bool:
    return first[:_MAGIC_SIZE] in {PCAPNG_MAGIC, *PCAP_MAGIC} or is_text_log(first)


class _Looked:
    """A file at whose beginning is looked: what was taken from it is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self._read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        self.taken = b""

    def read(self, size: int) -> bytes:
        """The next octets, at most `size`."""
        piece = self._read(min(size, _PEEK))
        self.taken += piece
        return piece


def _look(file: BinaryIO) -> tuple[bytes, bytes]:
    """Octets taken from the file, and the first ones inside it where it is compressed."""
    looked = _Looked(file)
    first = b""
    while len(first) < CONTAINER_SNIFF and (piece := looked.read(CONTAINER_SNIFF)):
        first += piece
    kind = container_of(first)
    if kind is not None and kind.missing:
        return looked.taken, b""
    chunks = Chunks(cast(BinaryIO, looked), CaptureHealth("", ""), first)
    if chunks.need(_MAGIC_SIZE) and not _is_known(chunks.octets):
        chunks.need(SNIFF)
    return looked.taken, chunks.octets[:SNIFF]


def _first_octets(path: str) -> tuple[bytes, bytes]:
    try:
        with Path(path).open("rb", buffering=0) as file:
            return _look(file)
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
    esp_keys: str | None = None,
    stdin: BinaryIO | None = None,
) -> Source:
    """The source of one capture; `index` becomes `Observation.capture`.

    `keylog` names a file of TLS keys (SSLKEYLOGFILE), `esp_keys` one of Wireshark's security
    associations for IPsec (`esp_sa`); only Wireshark's reader can use them.
    `stdin` is where `-` reads from. Raises `CaptureError` for what is no capture, cannot be read
    or asks for what cannot be done.
    """
    if reader not in READERS:
        raise CaptureError(path, f"there is no reader {reader!r}, only {', '.join(READERS)}")
    keys = [file for file in (keylog, esp_keys) if file is not None]
    if keys and reader == "native":
        raise CaptureError(
            path, "keys need the reader tshark, since the native one decrypts nothing"
        )
    for file in keys:
        if not os.path.isfile(file):
            raise CaptureError(file, "the file of keys is missing")
    wireshark = reader == "tshark" or bool(keys)
    if path == STDIN:
        found, open_file = _stdin(stdin, wireshark)
    else:
        found, open_file = _first_octets(path), partial(_open, path)
    first, inside = found
    _check_magic(path, first, inside)
    if is_text_log(inside):
        return _text_log(path, index, reader, open_file, first if path == STDIN else b"")
    if wireshark or (reader == "auto" and _is_exotic(path)):
        from conformance.capture.tshark import TsharkSource

        return TsharkSource(path, index, keylog, esp_keys)
    health = CaptureHealth(path, "native")
    return NativeSource(health, index, open_file, first if path == STDIN else b"")


def _text_log(
    path: str, index: int, reader: str, open_file: Callable[[], BinaryIO], first: bytes
) -> Source:
    if reader == "tshark":
        raise CaptureError(path, "it is a text log, which only the native reader reads")
    return TextLogSource(CaptureHealth(path, "native"), index, open_file, first)


def _is_exotic(path: str) -> bool:
    """Whether Wireshark is here and the file's beginning shows what only Wireshark reads."""
    if path == STDIN or shutil.which("tshark") is None:
        return False
    with _open(path) as file:
        return needs_wireshark(file)


def _stdin(
    stdin: BinaryIO | None, wireshark: bool
) -> tuple[tuple[bytes, bytes], Callable[[], BinaryIO]]:
    """What `_look` finds on standard input, and what gives the rest of it."""
    if wireshark:
        raise CaptureError(STDIN, "the reader tshark needs a file, not standard input")
    if stdin is None:
        raise CaptureError(STDIN, "no standard input to read from")
    file = stdin
    return _look(file), lambda: file


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb", buffering=0)
    except OSError as error:
        raise CaptureError(path, _reason(error)) from error


def _check_magic(path: str, first: bytes, inside: bytes) -> None:
    """Refuse what begins with these octets, or with those inside, and is no capture."""
    if not first:
        raise CaptureError(path, "it is empty")
    kind = container_of(first)
    if kind is not None and kind.missing:
        raise CaptureError(path, kind.missing)
    if _is_known(inside):
        return
    if kind is not None:
        raise CaptureError(path, f"it is compressed with {kind.name}, and holds no capture")
    raise CaptureError(
        path, "it is no capture: it begins neither like pcap or pcapng nor like a log of SIP"
    )
