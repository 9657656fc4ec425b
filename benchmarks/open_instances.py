"""How much memory an open instance costs: pushes of which none is answered, all open at once.

Run: python -m benchmarks.open_instances [COUNT]

The same run without any instance is taken off, so that what is left is what they cost.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.against_tshark import run
from conformance.capture.link import Link
from conformance.capture.packets import udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from tests.scenarios.catalogue import FLOWS

START = 1_772_442_000_000_000_000
WITHIN = 60_000_000_000
"""Nanoseconds in which all of them begin: none may settle before the last has begun."""
ROLES = ("--role=client=10.0.2.0/24", "--role=core=10.0.1.1", "--role=pf=10.0.3.1")
PF, CORE = Endpoint("10.0.3.1", 5060), Endpoint("10.0.1.1", 5060)
_UNIQUE = (b"Call-ID: ", b"branch=z9hG4bK", b"tag=", b"Message-ID: ", b"ontribution-ID: ")


def template() -> tuple[bytes, bytes]:
    """A pushed MESSAGE at its two hops."""
    ladder = FLOWS["push-pager"].VARIANTS["base"](seed=1)
    pushed = [
        shot.octets
        for shot in ladder.shots
        if shot.octets.startswith(b"MESSAGE ") and b"REGISTER" not in shot.octets[:200]
    ]
    return pushed[0], pushed[1]


def one_of(octets: bytes, number: int) -> bytes:
    """The message as one of many: identities and the user are its own; its length stays."""
    mark = b"%08d" % number
    for name in _UNIQUE:
        at = 0
        while (at := octets.find(name, at)) >= 0:
            at += len(name)
            octets = octets[:at] + mark + octets[at + len(mark) :]
    return octets.replace(b"+15550100", b"+1" + mark[1:])


def packets(count: int) -> Iterator[tuple[int, bytes]]:
    """Both hops of every push, in the order of time."""
    outer, inner = template()
    for number in range(count):
        time = START + number * WITHIN // max(count, 1)
        client = Endpoint(f"10.0.2.{number % 250 + 1}", 5060)
        for late, octets, source, destination in (
            (0, outer, PF, CORE),
            (1_000, inner, CORE, client),
        ):
            for frame in udp_frames(
                source, destination, one_of(octets, number), identification=number % 65_535 + 1
            ):
                yield time + late, frame


def measure(count: int, folder: Path) -> tuple[float, int]:
    """Seconds of processor and peak kilobytes of judging so many."""
    capture = folder / f"{count}.pcapng"
    with capture.open("wb", buffering=1 << 20) as file:
        writer = PcapngWriter(file, link=Link.ETHERNET)
        for time, frame in packets(count):
            writer.write(time, frame)
    command = [sys.executable, "-m", "conformance.cli.main", "verify", "--quiet", str(capture)]
    found = run([*command, *ROLES])
    capture.unlink()
    return found.processor, found.memory


def main(arguments: list[str]) -> int:
    """Print what it costs."""
    count = int(arguments[0]) if arguments else 20_000
    with tempfile.TemporaryDirectory() as name:
        _, base = measure(1, Path(name))
        seconds, peak = measure(count, Path(name))
    each = (peak - base) / count
    sys.stdout.write(
        f"{count} instances open at once: {seconds:.1f} s of processor, {peak / 1024:.0f} MB, "
        f"{each:.2f} kB each\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
