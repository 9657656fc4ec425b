"""`cpmspec verify`: judge captures against the flows, and report."""

import argparse
import gc
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.report.model import Report
    from conformance.report.spool import Spool

_YOUNG = 1_000_000
"""Objects that are made before the collector looks for cycles, of which judging makes none.

What is open is held by the hundred thousand, and would be looked through again and again.
"""
_YOUNG_LIVE = 20_000
"""The same for what runs on for days."""

_DESCRIPTION = """\
Judge captures (pcap, pcapng; files, folders, or - for standard input) against the flows of the
specification. Roles that are not given are inferred from the traffic, with the evidence shown.
"""

_EPILOG = """\
examples:
  cpmspec verify lab.pcapng
  cpmspec verify lab.pcapng --role pf=10.0.3.1 --role core=10.0.1.0/24 --html report.html
  cpmspec verify captures/ --index captures/index.toml
  cpmspec verify client.pcapng core.pcapng --merge
  cpmspec verify archive/ --jobs auto --json report.json
  tcpdump -w - -i eth0 | cpmspec verify - --expect pull

exit status: 0 pass, 1 fail, 2 usage or unreadable input, 3 inconclusive or nothing exercised,
4 an error of cpmspec itself
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options, output, redaction, sharing
    from conformance.wire.limits import MAX_OPEN

    parser = commands.add_parser(
        "verify",
        help="judge captures against the flows of the specification",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("captures", nargs="+", metavar="CAPTURE", help="files, folders, or -")
    options.add_roles(parser)
    options.add_judging(parser)
    options.add_selection(parser)
    parser.add_argument(
        "--max-open",
        type=int,
        default=MAX_OPEN,
        metavar="N",
        help=f"open conversations at most (default {MAX_OPEN}, most of them on file); the oldest "
        "is let go, and the report says so",
    )
    options.add_comparison(parser)
    output.add_arguments(parser)
    redaction.add_arguments(parser)
    sharing.add_arguments(parser)
    gate = parser.add_argument_group("gate")
    gate.add_argument(
        "--index", metavar="FILE", help="what each capture must yield; 0 only if all do"
    )
    gate.add_argument(
        "--allow", default="", metavar="LIST", help="inconc, none or both: end with 0, not 3"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge, report, and return the exit status."""
    from conformance.cli import output, status
    from conformance.report.spool import Spool

    files = output.targets(args)
    allowed = status.parse_allow(args.allow)
    # The terminal shows what did not pass; all else is for files.
    with Spool(passing=bool(files)) as spool:
        report = judge(args, spool)
        output.write_reports(report, files, quiet=args.quiet)
        tell_faults(report, args.debug)
        _tell_unexplained(report, args.explain)
        return status.exit_status(report, allowed)


def judge(args: argparse.Namespace, spool: "Spool") -> "Report":
    """The report over the captures that the options name."""
    from conformance import __version__
    from conformance.capture.source import STDIN
    from conformance.cli.clock import today
    from conformance.cli.options import captures_of, full_setting
    from conformance.cli.progress import progress_bar
    from conformance.cli.redaction import redacted, redacted_index
    from conformance.cli.sharing import runner
    from conformance.suite.campaign import Stamp
    from conformance.suite.errors import ConformanceError
    from conformance.suite.index import match, read_index

    if args.max_open < 1:
        raise ConformanceError("it must be above 0", f"--max-open {args.max_open}")
    setting = redacted(replace(full_setting(args), max_open=args.max_open), args)
    paths = captures_of(args)
    if paths.count(STDIN) > 1:
        raise ConformanceError("standard input can be read once only")
    index = match(read_index(args.index), paths, args.index) if args.index else None
    index = redacted_index(index, setting)
    collect_rarely()
    with progress_bar(paths, hidden=args.quiet) as progress, runner(args, paths) as run:
        return run(
            paths,
            setting,
            spool,
            Stamp(__version__, today()),
            index=index,
            stdin=sys.stdin.buffer if STDIN in paths else None,
            progress=progress,
        )


def collect_rarely(*, live: bool = False) -> None:
    """Look for cycles less often: what was loaded never dies, and most of the rest by itself."""
    gc.freeze()
    gc.set_threshold(_YOUNG_LIVE if live else _YOUNG, 20, 100)


def _tell_unexplained(report: "Report", flows: "Iterable[str]") -> None:
    """Say on stderr of which flow that is to be explained there is nothing to tell."""
    for flow in flows:
        shown = any(one.id == flow and one.counts for one in report.flows)
        if not shown and all(miss.flow != flow for miss in report.near_misses):
            sys.stderr.write(f"cpmspec: --explain {flow}: nothing in the captures came near it\n")


def tell_faults(report: "Report", debug: bool) -> None:
    """Say on stderr what of ours went wrong."""
    for fault in report.faults:
        if debug and fault.traceback:
            sys.stderr.write(fault.traceback)
        hint = "" if debug else " (--debug shows where)"
        sys.stderr.write(
            f"cpmspec: an error of cpmspec itself while {fault.doing}: {fault.sentence}{hint}\n"
        )
