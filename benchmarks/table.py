"""Whole processes on the same captures, in turn: medians, peak memory, and ratios.

`python -m benchmarks.table [KIND …] [--runs N] [--quick]` makes the captures (see `generate`),
runs every tool that is installed on each, and prints a table in Markdown. Ratios are to
`tshark -Y 'sip or msrp'`, of the same runs on the same machine: machines differ.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import generate
from benchmarks.against_tshark import Run, run

YARDSTICK = "tshark -Y"
FILTER = "sip or msrp"
FIELDS = (
    "frame.number", "frame.time_epoch", "ip.src", "ip.dst", "sip.Method", "sip.Status-Code",
    "sip.Call-ID", "sip.CSeq.seq", "sip.from.tag", "sip.to.tag", "sip.Via.branch",
    "msrp.transaction.id", "msrp.from.path", "msrp.to.path",
)  # fmt: skip
_PYSHARK = """
import sys, pyshark
for packet in pyshark.FileCapture(sys.argv[1], display_filter="sip or msrp", keep_packets=False):
    pass
"""
_SLOW = ("pyshark", "tshark -T json")


class Measured(NamedTuple):
    """One tool on one capture: median seconds, least seconds of processor, peak kilobytes."""

    median: float
    processor: float
    memory: int


def tools(capture: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Every tool that is here, with the command that reads the capture."""
    tshark = ["tshark", "-n", "-r", str(capture)]
    roles = capture.with_name(f"{capture.name}.roles").read_text(encoding="utf-8").split()
    verify = [sys.executable, "-m", "conformance.cli.main", "verify", str(capture), *roles]
    yield "cat", ["cat", str(capture)]
    if shutil.which("tcpdump"):
        yield "tcpdump 'port 5060'", ["tcpdump", "-n", "-r", str(capture), "port", "5060"]
    if shutil.which("sngrep"):
        yield (
            "sngrep",
            ["sngrep", "-N", "-q", "-I", str(capture), "-O", str(folder / "sngrep.pcap")],
        )
    if shutil.which("tshark"):
        yield YARDSTICK, [*tshark, "-Y", FILTER]
        fields = [word for name in FIELDS for word in ("-e", name)]
        yield "tshark -T fields", [*tshark, "-Y", FILTER, "-T", "fields", *fields]
        yield "tshark -T json", [*tshark, "-Y", FILTER, "-T", "json"]
        yield "pyshark", [sys.executable, "-c", _PYSHARK, str(capture)]
    yield "cpmspec verify", verify
    yield "cpmspec verify --json", [*verify, "--quiet", "--json", str(folder / "report.json")]


def measure(capture: Path, folder: Path, runs: int, *, quick: bool) -> dict[str, Measured]:
    """Every tool on one capture, in turn, so that what disturbs one disturbs all."""
    found: dict[str, list[Run]] = {}
    for number in range(runs):
        for name, command in tools(capture, folder):
            slow = name in _SLOW
            if slow and (quick or number):
                continue
            found.setdefault(name, []).append(run(command))
    return {
        name: Measured(
            statistics.median(one.seconds for one in rows),
            min(one.processor for one in rows),
            max(one.memory for one in rows),
        )
        for name, rows in found.items()
    }


def rows(kind: str, capture: Path, measured: dict[str, Measured]) -> Iterator[str]:
    """The table of one capture."""
    size = capture.stat().st_size / 1e6
    yield f"| {kind}, {size:.0f} MB | median s | processor s | peak MB | of {YARDSTICK} |"
    yield "|---|---|---|---|---|"
    yardstick = measured.get(YARDSTICK)
    for name, one in measured.items():
        # By the processor, which other work on the machine disturbs least.
        ratio = f"{one.processor / yardstick.processor:.2f}" if yardstick else "-"
        figures = f"{one.median:.2f} | {one.processor:.2f} | {one.memory / 1024:.0f}"
        yield f"| {name} | {figures} | {ratio} |"
    yield ""


def main(arguments: list[str]) -> int:
    """Measure and print; without kinds A, B and D."""
    parser = argparse.ArgumentParser(prog="benchmarks.table", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="A, B, C or D")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--quick", action="store_true", help="without pyshark and tshark -T json")
    given = parser.parse_args(arguments)
    kinds = given.kinds or ["A", "B", "D"]
    if unknown := [kind for kind in kinds if kind not in generate.PACKETS]:
        parser.error(f"there is no kind {unknown[0]}, only {', '.join(generate.PACKETS)}")
    # What a user has: modules compiled once. Some containers switch that off.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in kinds:
            capture = folder / f"{kind}.pcapng"
            generate.write(capture, generate.Shape(kind, generate.PACKETS[kind]))
            measured = measure(capture, folder, given.runs, quick=given.quick)
            sys.stdout.write("\n".join(rows(kind, capture, measured)) + "\n")
            sys.stdout.flush()
            capture.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
