"""Whole `cpmspec verify` runs against `tshark -Y 'sip or msrp'` on one capture, in turn.

`python -m benchmarks.against_tshark [CONVERSATIONS]` makes a capture in which every message
belongs to an instance (push-pager, pull and chat interleaved), runs both several times, and
prints medians, peak memory and the ratio. Quote the ratio: machines differ.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from conformance.capture.link import Link
from conformance.capture.writer import PcapngWriter
from tests.scenarios.catalogue import FLOWS
from tests.scenarios.frames import Layers
from tests.scenarios.frames import frames as layered

RUNS = 5
APART = 300_000_000
"""Nanoseconds between the beginnings of two conversations."""
MIXED = ("push-pager", "pull", "chat-deferred")


def make(path: Path, conversations: int) -> dict[str, set[str]]:
    """Write the capture; gives the roles of its addresses."""
    frames: list[tuple[int, bytes]] = []
    roles: dict[str, set[str]] = {}
    for number in range(conversations):
        ladder = FLOWS[MIXED[number % len(MIXED)]].VARIANTS["base"](seed=number + 1)
        for role, addresses in ladder.roles.items():
            roles.setdefault(role, set()).update(addresses)
        frames.extend(layered(ladder.shift(number * APART), Layers(Link.ETHERNET, None)))
    frames.sort(key=lambda frame: frame[0])
    with path.open("wb") as file:
        writer = PcapngWriter(file, link=Link.ETHERNET)
        for at, octets in frames:
            writer.write(at, octets)
    return roles


class Run(NamedTuple):
    """One whole process: seconds by the clock, seconds of processor, peak kilobytes."""

    seconds: float
    processor: float
    memory: int


def run(command: Sequence[str]) -> Run:
    """Run one process to its end; what it prints goes nowhere."""
    begun = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.execvp(command[0], list(command))
    _, _, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begun
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def main(arguments: Sequence[str]) -> int:
    """Measure and print; the number of conversations is the one argument."""
    conversations = int(arguments[0]) if arguments else 1_000
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder, "all-in-instances.pcapng")
        roles = make(capture, conversations)
        given = [f"--role={role}={','.join(sorted(found))}" for role, found in roles.items()]
        ours = [sys.executable, "-m", "conformance.cli.main", "verify", str(capture), *given]
        theirs = ["tshark", "-n", "-r", str(capture), "-Y", "sip or msrp"]
        times: dict[str, list[Run]] = {"cpmspec": [], "tshark": []}
        for _ in range(RUNS):
            times["cpmspec"].append(run(ours))
            times["tshark"].append(run(theirs))
    medians = {
        name: statistics.median(one.seconds for one in rows) for name, rows in times.items()
    }
    for name, rows in times.items():
        peak = max(one.memory for one in rows) / 1024
        sys.stdout.write(f"{name:8} median {medians[name]:6.2f} s  peak {peak:6.0f} MB\n")
    sys.stdout.write(f"cpmspec / tshark: {medians['cpmspec'] / medians['tshark']:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
