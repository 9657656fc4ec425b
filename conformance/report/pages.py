"""Pages of instances packed into the report: deflated together in blocks, opened when asked for.

A block begins with one line of JSON, which lists its pages: the length of each part, and where
the octets of messages lie. Behind it stand the first parts of all pages, then the second, and so
on: neighbours share most of their text, and deflate (RFC 1950) sees no further than 32 768 octets.
Blocks are written in base64.
"""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from conformance.report.minicapture import Ranges

BLOCK = 600_000
"""Octets of pages after which a block is closed: what a browser inflates for one click."""

PARTS = ("html", "capture", "loose", "text", "mermaid", "plantuml")
"""The parts of a page, in their order."""


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
    """Where a page lies: the block's number, and its place among the pages there."""

    block: int
    place: int


class Packer:
    """Takes pages one by one, and gives a block whenever one is full."""

    def __init__(self) -> None:
        self._heads: list[dict[str, object]] = []
        self._parts: list[list[bytes]] = [[] for _ in PARTS]
        self._held = 0
        self._block = 0

    def add(self, page: Page) -> Location:
        """Add one page to the block that is open."""
        parts = _parts(page)
        for known, part in zip(self._parts, parts, strict=True):
            known.append(part)
        self._heads.append({"parts": [len(part) for part in parts], "octets": page.ranges})
        self._held += sum(map(len, parts))
        return Location(self._block, len(self._heads) - 1)

    def full(self) -> Iterator[str]:
        """The block as base64 if it is full."""
        if self._held >= BLOCK:
            yield from self.rest()

    def rest(self) -> Iterator[str]:
        """The block as base64, however little it holds."""
        if self._heads:
            line = json.dumps(self._heads, separators=(",", ":")).encode("ascii")
            yield packed(b"".join([line, b"\n", *chain(*self._parts)]))
            self._heads.clear()
            for known in self._parts:
                known.clear()
            self._held = 0
            self._block += 1


def packed(octets: bytes) -> str:
    """Octets deflated, in base64."""
    return b64encode(zlib.compress(octets, 9)).decode("ascii")


def _parts(page: Page) -> tuple[bytes, ...]:
    return (
        page.html.encode(),
        page.capture,
        page.loose,
        page.text.encode(),
        page.mermaid.encode(),
        page.plantuml.encode(),
    )
