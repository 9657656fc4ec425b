"""`cpmspec compare`: two reports, such as those of two firmware versions, side by side."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "compare",
        help="what got better, worse or other between two reports",
        description="Compare the JSON reports of two runs: flows and requirements that got worse, "
        "better, or are otherwise than before. Exit status: 0 nothing is worse, 1 something is.",
    )
    parser.add_argument("old", metavar="OLD", help="the earlier JSON report")
    parser.add_argument("new", metavar="NEW", help="the later JSON report")
    group = parser.add_argument_group("reports (FILE may be - for standard output)")
    group.add_argument("--markdown", metavar="FILE", help="the comparison as Markdown")
    group.add_argument("--html", metavar="FILE", help="one HTML page that needs no network")
    group.add_argument("-q", "--quiet", action="store_true", help="nothing on the terminal")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare, write, and return 1 when something is worse."""
    from functools import partial
    from io import StringIO

    from conformance.cli import output
    from conformance.cli.stored import STDIN, stored_report
    from conformance.report import render_comparison
    from conformance.report.comparison import Change
    from conformance.suite.compare import compare
    from conformance.suite.errors import ConformanceError

    if args.old == STDIN and args.new == STDIN:
        raise ConformanceError("standard input can be read once only")
    files = output.targets(args)
    made = compare(stored_report(args.old), stored_report(args.new), (args.old, args.new))
    writers = {"markdown": render_comparison.write_markdown, "html": render_comparison.write_html}
    for name, path in files.items():
        output.write(path, partial(writers[name], made))
    if not args.quiet and output.STDOUT not in files.values():
        text = StringIO()
        render_comparison.write_text(made, text)
        output.say(text.getvalue())
    return 1 if made.of(Change.WORSE) else 0
