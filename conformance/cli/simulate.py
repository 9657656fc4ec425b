"""`cpmspec simulate`: a capture of a flow, played by the reference implementation."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.network.medium import Conditions
    from conformance.reference.scenarios.scenario import Scenario
    from conformance.suite.errors import ConformanceError

_DESCRIPTION = """\
Let the reference implementation of every CPM role play a flow on a simulated network, and write
what passed as a pcapng file with true link, IP, UDP and TCP layers and a comment on each step.
The same seed gives the same octets.
"""

_EPILOG = """\
examples:
  cpmspec simulate --list
  cpmspec simulate push -o push.pcapng
  cpmspec simulate pull --variant nothing-chosen --transport tcp --ipv6 -o pull.pcapng
  cpmspec simulate push --mutate pf-never-tears-down -o broken.pcapng
  cpmspec simulate push --loss 0.1 --seed 7 -o lossy.pcapng
  cpmspec simulate --sample -o captures
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "simulate",
        help="make a capture of a flow, played by the reference implementation",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("flow", nargs="?", metavar="FLOW", help="the flow's id")
    parser.add_argument("--variant", default="", metavar="V", help="which of its variants")
    parser.add_argument(
        "--mutate", action="append", default=[], metavar="M", help="plant a fault (repeatable)"
    )
    parser.add_argument("--seed", metavar="N", help="another run of chance")
    parser.add_argument("--transport", choices=("udp", "tcp"), help="of SIP")
    parser.add_argument("--ipv6", action="store_true", help="IPv6 in the place of IPv4")
    parser.add_argument("--preferences", metavar="FILE", help="Alice's user preferences (XML)")
    network = parser.add_argument_group("network")
    for name, sentence in (
        ("loss", "packets that are lost"),
        ("duplication", "packets that come twice"),
        ("reordering", "packets that are overtaken"),
    ):
        network.add_argument(f"--{name}", type=float, default=0.0, metavar="P", help=sentence)
    network.add_argument(
        "--delay", type=float, default=0.0, metavar="MS", help="added to the latency of each link"
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o", "--output", metavar="PATH", help="the file, or the folder of --all or --sample"
    )
    whole = output.add_mutually_exclusive_group()
    whole.add_argument("--all", action="store_true", help="every variant and fault, with an index")
    whole.add_argument("--sample", action="store_true", help="some of each, with an index")
    output.add_argument("--list", action="store_true", help="list flows, variants and faults")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List, write one capture, or write all; the exit status."""
    from conformance.suite.errors import ConformanceError

    if args.list:
        _list(args.flow)
        return 0
    whole = args.all or args.sample
    if not whole and not args.flow:
        raise ConformanceError("say which flow; --list shows them")
    scenario = None if whole else _scenario(args)
    if args.output is None:
        raise ConformanceError("say where to write it: -o FILE")
    if scenario is None:
        return _folder(Path(args.output), whole=args.all)
    return _one(scenario, args.output)


def _scenario(args: argparse.Namespace) -> "Scenario":
    from conformance.observation.packet import Transport
    from conformance.suite.mutants import faults_named
    from conformance.suite.preferences import read_preferences
    from conformance.suite.simulation import Wish, find, wished

    wish = Wish(
        seed=args.seed,
        transport=Transport(args.transport.upper()) if args.transport else None,
        ipv6=args.ipv6,
        conditions=_conditions(args),
        preferences=read_preferences(args.preferences) if args.preferences else None,
        faults=faults_named(args.mutate),
    )
    return wished(find(args.flow, args.variant), wish)


def _conditions(args: argparse.Namespace) -> "Conditions | None":
    from dataclasses import replace

    from conformance.reference.world.setting import NORMAL
    from conformance.suite.errors import ConformanceError

    if not (args.loss or args.duplication or args.reordering or args.delay):
        return None
    extra = int(args.delay * 1_000_000)
    try:
        return replace(
            NORMAL,
            low=NORMAL.low + extra,
            high=NORMAL.high + extra,
            loss=args.loss,
            duplication=args.duplication,
            reordering=args.reordering,
        )
    except ValueError as error:
        raise ConformanceError(str(error)) from None


def _one(scenario: "Scenario", path: str) -> int:
    from conformance.reference.scenarios.scenario import play
    from conformance.suite.simulation import octets_of

    octets = octets_of(play(scenario))
    if path == "-":
        sys.stdout.buffer.write(octets)
        return 0
    try:
        Path(path).write_bytes(octets)
    except OSError as error:
        raise _unwritable(error, path) from None
    sys.stderr.write(f"{path}: {scenario.flow} {scenario.name}, {scenario.shows}\n")
    return 0


def _folder(folder: Path, *, whole: bool) -> int:
    from conformance.reference.scenarios.catalogue import every
    from conformance.suite.mutants import rejected, sample
    from conformance.suite.simulation import write_folder

    try:
        written = write_folder(folder, [*every(), *rejected()] if whole else sample())
    except OSError as error:
        raise _unwritable(error, folder) from None
    sys.stderr.write(f"{folder}: {len(written) - 1} captures and their index\n")
    return 0


def _unwritable(error: OSError, path: object) -> "ConformanceError":
    from conformance.suite.errors import ConformanceError

    return ConformanceError(f"it cannot be written: {error.strerror}", str(path))


def _list(flow: str | None) -> None:
    """Print the flows with their variants and faults, or those of one flow."""
    from conformance.reference.faults.catalogue import mutants
    from conformance.reference.scenarios.catalogue import MODULES, scenarios
    from conformance.suite.simulation import find

    if flow is not None:
        find(flow)
    faults = mutants()
    for name in MODULES if flow is None else [flow]:
        _print(name or "ordinary traffic")
        for one in scenarios(name):
            _print(f"  {one.name:28} {one.verdict:7} {one.shows}")
        for mutant in faults:
            if mutant.flow == name:
                _print(f"    --mutate {mutant.fault:32} {mutant.behaviour}")


def _print(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
