"""Captures that come into being while they are read."""

import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from struct import pack

from conformance.reference.scenarios.scenario import play
from conformance.suite.simulation import find, octets_of

MAGIC = b"\x0a\x0d\x0d\x0a"


@cache
def capture(flow: str) -> bytes:
    """The octets of the first scenario of a flow."""
    return octets_of(play(find(flow)))


def blocks(octets: bytes) -> list[bytes]:
    """The blocks of a little-endian pcapng section."""
    found, at = [], 0
    while at < len(octets):
        size = int.from_bytes(octets[at + 4 : at + 8], "little")
        found.append(octets[at : at + size])
        at += size
    return found


def parts(octets: bytes, count: int, *, overlap: int = 0) -> list[bytes]:
    """A capture cut into sections, each with the header; they may share frames at the border."""
    head, packets = split(octets)
    size = -(-len(packets) // count)
    return [
        head + b"".join(packets[max(0, at - overlap) : at + size])
        for at in range(0, len(packets), size)
    ]


def split(octets: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the frames, and the frames' blocks."""
    all_blocks = blocks(octets)
    packets = [one for one in all_blocks if one[:4] == pack("<I", 6)]
    return b"".join(all_blocks[: all_blocks.index(packets[0])]), packets


def statistics(lost: int) -> bytes:
    """An interface statistics block that tells of packets lost by the operating system."""
    body = pack("<III", 0, 0, 0) + pack("<HHQ", 7, 8, lost) + pack("<HH", 0, 0)
    size = len(body) + 12
    return pack("<II", 5, size) + body + pack("<I", size)


class SlowWriter:
    """Does things one after another in a thread, a moment between them; then calls `done`."""

    def __init__(self, acts: Iterable[Callable[[], object]], done: Callable[[], object]) -> None:
        self._acts = list(acts)
        self._done = done
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        pause = threading.Event()
        for act in self._acts:
            act()
            pause.wait(0.002)
        pause.wait(0.05)
        self._done()

    def __enter__(self) -> "SlowWriter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def appending(path: Path, octets: bytes, size: int = 700) -> list[Callable[[], object]]:
    """Acts that write octets to a file piece by piece."""

    def append(piece: bytes) -> None:
        with path.open("ab") as file:
            file.write(piece)

    return [
        lambda piece=octets[at : at + size]: append(piece)  # type: ignore[misc]
        for at in range(0, len(octets), size)
    ]
