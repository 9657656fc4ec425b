"""`cpmspec ics`: write a supplier's statement, and check it against what captures show."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options

    parser = commands.add_parser(
        "ics",
        help="write the supplier's statement, and check it against captures",
        description="The implementation conformance statement (ICS, ISO/IEC 9646-7) says what an "
        "implementation supports; verify --ics leaves out what it does not claim.",
    )
    actions = parser.add_subparsers(metavar="init|check", required=True, title="what to do")
    making = actions.add_parser("init", help="write a statement to fill in")
    making.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="the statement (default: stdout)"
    )
    making.add_argument("--flows", metavar="DIR", help="flows of your own instead of the built-in")
    making.set_defaults(run=_init)
    checking = actions.add_parser(
        "check",
        help="find what captures show against the statement",
        description="Exit status: 0 no contradiction, 1 contradictions, 3 the captures show "
        "neither a flow nor a registration.",
    )
    checking.add_argument("ics", metavar="ICS", help="the statement (TOML)")
    checking.add_argument("captures", nargs="+", metavar="CAPTURE", help="files or folders")
    options.add_roles(checking)
    checking.add_argument("--profile", metavar="NAME|FILE", help="cpm (default), rcs, or a file")
    checking.add_argument("--flows", metavar="DIR", help="flows of your own")
    checking.set_defaults(run=_check)


def _init(args: argparse.Namespace) -> int:
    from pathlib import Path

    from conformance.cli import output
    from conformance.flow.library import load
    from conformance.suite.errors import ConformanceError
    from conformance.suite.ics import template

    text = template(load(args.flows).flows)
    if args.output != output.STDOUT and Path(args.output).exists():
        raise ConformanceError("it exists: a statement is not written over", args.output)
    output.write(args.output, lambda file: file.write(text))
    return 0


def _check(args: argparse.Namespace) -> int:
    """Judge every flow, look at the registrations, and print each remark."""
    from dataclasses import replace

    from conformance import __version__
    from conformance.capture.source import STDIN
    from conformance.cli.options import base_setting, captures_of
    from conformance.cli.output import say
    from conformance.cli.progress import progress_bar
    from conformance.flow.library import load
    from conformance.report.legible import one_line
    from conformance.report.spool import Spool
    from conformance.suite import ics
    from conformance.suite.campaign import Stamp, run
    from conformance.suite.errors import ConformanceError
    from conformance.suite.registrations import registrations

    setting = base_setting(args)
    setting = replace(
        setting,
        profile=args.profile or setting.profile,
        flows=args.flows or setting.flows,
        flow=(),
        expect=(),
    )
    paths = captures_of(args)
    if STDIN in paths:
        raise ConformanceError("ics check reads files, not standard input")
    statement = ics.read_statement(args.ics, load(setting.flows).flows)
    with progress_bar(paths) as progress, Spool() as spool:
        report = run(paths, setting, spool, Stamp(__version__), progress=progress)
        registered = registrations(paths, setting)
        remarks = ics.check(statement, report, registered)
    for remark in remarks:
        say(one_line(f"{remark.kind}: {remark.sentence}", 2_000) + "\n")
    if any(remark.kind is ics.Kind.CONTRADICTION for remark in remarks):
        return 1
    return 0 if registered or any(any(flow.counts.values()) for flow in report.flows) else 3
