"""`cpmspec report`: render a JSON report again, without judging anything anew."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import output

    parser = commands.add_parser(
        "report",
        help="render a JSON report again, in any other form",
        description="Render the JSON report of an earlier run; the exit status is 0 when it could "
        "be rendered, whatever its verdict.",
    )
    parser.add_argument("results", metavar="FILE", help="the JSON report, or - for standard input")
    output.add_arguments(parser, json=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read the report and write it in the formats asked for."""
    from conformance.cli import output
    from conformance.cli.stored import stored_report

    files = output.targets(args)
    output.write_reports(stored_report(args.results), files, quiet=args.quiet)
    return 0
