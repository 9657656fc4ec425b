"""Pages of instances packed into the report: deflated together in blocks, opened when asked for.

A record is one line of JSON and then its parts one after another, as that line says; records
stand in blocks that are deflated (RFC 1950) and written in base64. Neighbours share most of
their text, so a block costs little more than its first page.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.report.minicapture import Ranges

BLOCK = 600_000
"""Octets of pages after which a block is closed: what a browser inflates for one click."""

PARTS = ("html", "capture", "loose", "text", "mermaid", "plantuml")
"""The parts of a record, in their order."""


@dataclass(frozen=True, slots=True)
class Page:
    """One instance's page: its markup, its capture, and the ladder as texts.

    `ranges` are where the octets of each message lie in `capture` and in `loose` behind it, which
    holds those of messages that are in no packet.
    """

    html: str
    capture: bytes
    loose: bytes
    ranges: tuple[Ranges, ...]
    text: str
    mermaid: str
    plantuml: str


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record lies: the block's number, offset and length in the inflated block."""

    block: int
    offset: int
    length: int


class Packer:
    """Takes pages one by one, and gives a block whenever one is full."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._block = 0

    def add(self, page: Page) -> Location:
        """Add one page to the block that is open."""
        record = _record(page)
        at = Location(self._block, len(self._held), len(record))
        self._held += record
        return at

    def full(self) -> Iterator[str]:
        """The block as base64 if it is full."""
        if len(self._held) >= BLOCK:
            yield from self.rest()

    def rest(self) -> Iterator[str]:
        """The block as base64, however little it holds."""
        if self._held:
            yield packed(bytes(self._held))
            self._held.clear()
            self._block += 1


def packed(octets: bytes) -> str:
    """Octets deflated, in base64."""
    return b64encode(zlib.compress(octets, 9)).decode("ascii")


def _record(page: Page) -> bytes:
    parts = (
        page.html.encode(),
        page.capture,
        page.loose,
        page.text.encode(),
        page.mermaid.encode(),
        page.plantuml.encode(),
    )
    head = {"parts": [len(part) for part in parts], "octets": page.ranges}
    line = json.dumps(head, separators=(",", ":")).encode("ascii")
    return line + b"\n" + b"".join(parts)
