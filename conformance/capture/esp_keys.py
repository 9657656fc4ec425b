"""Keys of IPsec ESP: a file of Wireshark's security associations, as arguments for tshark.

A line has eight values in quotation marks: protocol, source, destination, SPI, cipher, its key,
authentication, its key. So Wireshark keeps them itself (`esp_sa` in its folder of preferences).
"""

import csv
import os
import subprocess
from functools import lru_cache
from pathlib import Path

from conformance.capture.errors import CaptureError

_VALUES = 8
_SECONDS = 30

OPEN_ESP = {"esp.enable_encryption_decode": "TRUE"}
"""The preference of Wireshark by which the keys are used."""


def security_associations(path: str, tshark: str) -> tuple[str, ...]:
    """The associations in a file; CaptureError with the line for what `tshark` does not take."""
    found: dict[int, str] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        values = next(csv.reader([line], skipinitialspace=True))
        if len(values) < _VALUES:
            sentence = f"line {number} holds {len(values)} values, not {_VALUES}: {_FORM}"
            raise CaptureError(path, sentence)
        found[number] = line.strip()
    if not found:
        raise CaptureError(path, f"the file of ESP keys holds none; a line is {_FORM}")
    associations = tuple(found.values())
    if _refusal(tshark, associations):
        for number, line in found.items():
            if reason := _refusal(tshark, (line,)):
                raise CaptureError(path, f"line {number} is refused by tshark: {reason}")
    return associations


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise CaptureError(path, f"the file of ESP keys cannot be read: {reason}") from None


_FORM = (
    '"IPv4","source","destination","SPI","cipher","key","authentication","key", '
    "as Wireshark writes them to its file esp_sa"
)


def as_options(associations: tuple[str, ...]) -> list[str]:
    """The arguments by which tshark gets them."""
    return [word for line in associations for word in ("-o", f"uat:esp_sa:{line}")]


@lru_cache(maxsize=256)
def _refusal(tshark: str, associations: tuple[str, ...]) -> str:
    """Why tshark takes one for none, "" if it takes them all; the keys in it are not told."""
    # It reads its options before it looks at the file, which holds nothing.
    words = [tshark, *as_options(associations), "-r", os.devnull]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=_SECONDS)
    _, refused, told = done.stderr.partition("Invalid -o flag")
    if not refused:
        return ""
    return told.strip().rpartition('": esp_sa:1: ')[2].partition("\n")[0] or "it is none"
