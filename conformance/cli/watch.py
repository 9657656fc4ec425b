"""`cpmspec watch`: verdicts while the traffic flows, and the reports at the end."""

import argparse
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.suite.setting import Setting

_DESCRIPTION = """\
Judge traffic while it flows: of an interface (by dumpcap), of probes that mirror it (HEP), of a
folder that fills with captures, or of standard input. What was judged is kept in a file as it
goes; Ctrl-C, SIGTERM or --duration end the watch, and the reports are written.
"""

_EPILOG = """\
examples:
  cpmspec watch -i eth0 --filter "host 10.0.3.1" --setting lab.toml
  cpmspec watch --hep 127.0.0.1:9060 --jsonl
  cpmspec watch /var/captures --duration 3600 --html report.html
  tcpdump -U -w - -i eth0 | cpmspec watch -
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options, output

    parser = commands.add_parser(
        "watch",
        help="judge traffic while it flows",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_sources(parser)
    _add_bounds(parser)
    options.add_roles(parser, captures=False)
    options.add_judging(parser)
    options.add_selection(parser, captures=False)
    output.add_arguments(parser)
    parser.add_argument(
        "--allow", default="", metavar="LIST", help="inconc, none or both: end with 0, not 3"
    )
    parser.set_defaults(run=run, oracle=False, preferences=None)


def _add_sources(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is watched (one of these)")
    group.add_argument("folder", nargs="?", metavar="DIR", help="a folder, or - for stdin")
    group.add_argument("-i", "--interface", metavar="IFACE", help="an interface, by dumpcap")
    group.add_argument("--hep", metavar="HOST:PORT", help="listen for HEP over UDP and TCP")
    group.add_argument("--filter", metavar="BPF", help="capture only this (with -i)")
    group.add_argument("--ring", metavar="DIR", help="keep the captured files here (with -i)")
    group.add_argument(
        "--ring-files", type=int, default=60, metavar="N", help="how many of them (default: 60)"
    )


def _add_bounds(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how long, and how much")
    group.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    group.add_argument(
        "--max-open", type=int, default=1_000_000, metavar="N", help="open conversations at most"
    )
    group.add_argument(
        "--results", metavar="FILE", help="where results are kept as they settle (SQLite)"
    )
    group.add_argument("--jsonl", action="store_true", help="each finding as a line of JSON")
    group.add_argument(
        "--metrics", type=int, metavar="PORT", help="Prometheus metrics on 127.0.0.1"
    )


def run(args: argparse.Namespace) -> int:
    """Watch until it is over, report, and return the exit status."""
    from conformance.cli import output, status
    from conformance.cli.options import full_setting
    from conformance.cli.verify import collect_rarely, tell_faults
    from conformance.cli.watching import Session

    _check(args)
    files = output.targets(args)
    allowed = status.parse_allow(args.allow)
    setting = full_setting(args)
    _check_setting(setting, hep=args.hep is not None)
    collect_rarely(live=True)
    with ExitStack() as closing:
        session = Session(args, setting, closing)
        report = session.run()
        quiet = args.quiet or args.jsonl
        output.write_reports(report, files, quiet=quiet)
        tell_faults(report, args.debug)
        if not args.quiet:
            sys.stderr.write(session.last_word())
        return status.exit_status(report, allowed)


def _check(args: argparse.Namespace) -> None:
    from conformance.cli.output import FORMATS, STDOUT
    from conformance.suite.errors import ConformanceError

    given = [one for one in (args.folder, args.interface, args.hep) if one is not None]
    if len(given) != 1:
        raise ConformanceError("one of -i, --hep, a folder and - is to be watched")
    for name in ("filter", "ring"):
        if getattr(args, name) is not None and args.interface is None:
            raise ConformanceError(f"--{name} goes with -i only")
    for name in ("duration", "max_open", "ring_files"):
        value = getattr(args, name)
        if value is not None and value <= 0:
            raise ConformanceError("it must be above 0", f"--{name.replace('_', '-')} {value}")
    if args.metrics is not None and not 0 <= args.metrics < 65_536:
        raise ConformanceError("there is no such port", f"--metrics {args.metrics}")
    if args.jsonl and any(getattr(args, name) == STDOUT for name in FORMATS):
        raise ConformanceError("--jsonl and a report cannot both go to standard output")


def _check_setting(setting: "Setting", *, hep: bool) -> None:
    from conformance.suite.errors import ConformanceError

    if hep and (setting.reader == "tshark" or setting.keylog is not None):
        raise ConformanceError("what probes mirror is not encrypted: tshark and keys are no use")
    if setting.keylog is not None and not os.access(setting.keylog, os.R_OK):
        raise ConformanceError("it cannot be read", f"--keylog {setting.keylog}")
