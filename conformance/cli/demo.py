"""`cpmspec demo`: a first look in a second, without network, captures or rights."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.model import Report
    from conformance.report.spool import Spool


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import output

    parser = commands.add_parser(
        "demo",
        help="make a capture with one fault in it, and judge it",
        description="Make a small capture, with a push as it should be and a pull in which the "
        "NOTIFY is missing, and judge it. The fault is found: the exit status is 1.",
    )
    parser.add_argument("--capture", metavar="FILE", help="keep the capture (pcapng)")
    output.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the capture, judge it, and show the report."""
    import os
    import pathlib
    from tempfile import TemporaryDirectory

    from conformance.cli import output, status
    from conformance.report.spool import Spool

    files = output.targets(args)
    with TemporaryDirectory(prefix="cpmspec-") as folder, Spool() as spool:
        path = args.capture or os.path.join(folder, "demo.pcapng")
        _make(pathlib.Path(path))
        report = _judge(path, spool)
        if not args.capture:
            report = _unnamed(report)
        output.write_reports(report, files, quiet=args.quiet)
    return status.exit_status(report, frozenset())


def _make(path: "Path") -> None:
    from conformance.cli.demo_trace import write_demo
    from conformance.report.instant import from_text
    from conformance.suite.errors import ConformanceError

    begin = from_text("2026-03-02T09:00:00Z")
    try:
        with path.open("wb") as file:
            write_demo(file, begin or 0)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be written: {reason}", f"--capture {path}") from None


def _unnamed(report: "Report") -> "Report":
    """The report without the path of a capture that is gone when it is read."""
    from dataclasses import replace

    return replace(
        report, captures=tuple(replace(one, path="demo.pcapng") for one in report.captures)
    )


def _judge(path: str, spool: "Spool") -> "Report":
    from conformance import __version__
    from conformance.cli.clock import today
    from conformance.cli.demo_trace import ROLES
    from conformance.suite.campaign import Stamp, run
    from conformance.suite.setting import Setting, parse_role

    roles = tuple(rule for role in ROLES.items() for rule in parse_role("=".join(role)))
    return run([path], Setting(roles=roles), spool, Stamp(__version__, today()))
