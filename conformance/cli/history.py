"""`cpmspec history`: results of runs kept in an SQLite file, and their trend."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.suite.history import Run, Trend


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "history",
        help="keep the results of runs, and show their trend",
        description="Keep the verdicts of runs in an SQLite file, and show how each flow and "
        "requirement went from run to run.",
    )
    parser.add_argument("history", metavar="DB", help="the SQLite file; add makes it")
    actions = parser.add_subparsers(metavar="add|show", required=True, title="what to do")
    adding = actions.add_parser("add", help="keep the results of a JSON report")
    adding.add_argument("results", metavar="FILE", help="the JSON report, or - for standard input")
    adding.add_argument("--label", default="", metavar="TEXT", help="a name, such as a version")
    adding.set_defaults(run=_add)
    showing = actions.add_parser("show", help="show the runs, and what moved in them")
    showing.add_argument("--last", type=_count, default=10, metavar="N", help="runs (default: 10)")
    showing.add_argument(
        "--requirement", default="", metavar="ID", help="only this requirement or flow"
    )
    showing.add_argument(
        "--all", action="store_true", help="also what stayed as it was and does not fail"
    )
    showing.set_defaults(run=_show)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= 10_000:
        raise argparse.ArgumentTypeError(f"a number from 1 to 10000 is expected, not '{text}'")
    return int(text)


def _add(args: argparse.Namespace) -> int:
    from conformance.cli.output import say
    from conformance.cli.stored import parsed, stored_text
    from conformance.suite.history import add

    text = stored_text(args.results)
    number = add(args.history, parsed(args.results, text), text, args.label)
    known = "this report was added before"
    say(f"{args.history}: {known if number is None else f'run {number} added'}\n")
    return 0


def _show(args: argparse.Namespace) -> int:
    """Print runs and trends; 3 when there is no run yet."""
    from conformance.cli.output import say
    from conformance.suite.history import show

    runs, trends = show(args.history, args.last, args.requirement)
    if not runs:
        say("no run was added yet\n")
        return 3
    for line in _lines(runs, trends, everything=args.all or bool(args.requirement)):
        say(line.rstrip() + "\n")
    return 0


def _lines(
    runs: "tuple[Run, ...]", trends: "tuple[Trend, ...]", *, everything: bool
) -> "Iterator[str]":
    from conformance.report.comparison import SIGNS as CHANGES
    from conformance.report.legible import one_line
    from conformance.report.wording import SIGNS, WORDS
    from conformance.verifier.verdict import Verdict

    for run in runs:
        label = f"  {run.label}" if run.label else ""
        facts = f"run {run.id}  {run.made or 'no date'}{label}  profile {run.profile}, {run.tool}"
        yield one_line(f"{SIGNS[run.verdict]} {WORDS[run.verdict]}  {facts}")
    yield ""
    bad = (Verdict.FAIL, Verdict.INCONC, Verdict.ERROR)
    shown = [one for one in trends if everything or one.moved or one.last in bad]
    width = min(max((len(one.id) for one in shown), default=0), 48)
    for one in shown:
        signs = "".join(SIGNS[verdict or Verdict.NONE] for verdict in one.verdicts)
        change = f"  {CHANGES[one.change]} {one.change}" if one.change else ""
        yield f"{one_line(one.id).ljust(width)}  {signs}{change}"
    left = len(trends) - len(shown)
    if left:
        yield f"{left} more stayed as they were (--all shows them)"
