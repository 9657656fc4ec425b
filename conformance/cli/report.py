"""`cpmspec report`: render a JSON report again, without judging anything anew."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import output

    parser = commands.add_parser(
        "report",
        help="render a JSON report again, as HTML, JUnit or text",
        description="Render the JSON report of an earlier run; the exit status is 0 when it could "
        "be rendered, whatever its verdict.",
    )
    parser.add_argument("results", metavar="FILE", help="the JSON report, or - for standard input")
    output.add_arguments(parser, json=False)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read the report and write it in the formats asked for."""
    from conformance.cli import output
    from conformance.report.place import ReportError
    from conformance.report.read_json import read_json

    files = output.targets(args)
    text = _read(args.results)
    try:
        report = read_json(text)
    except ReportError as error:
        place = f"{args.results}: {error.where}" if error.where else args.results
        raise ReportError(place, error.sentence) from None
    output.write_reports(report, files, quiet=args.quiet)
    return 0


def _read(path: str) -> str:
    import sys
    from pathlib import Path

    from conformance.suite.errors import ConformanceError

    try:
        octets = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return octets.decode()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be read: {reason}", path) from None
    except UnicodeDecodeError:
        raise ConformanceError("it is no JSON report: not UTF-8", path) from None
