"""`cpmspec gate`: close on new failures, by a policy and a baseline."""

import argparse

_EPILOG = """\
exit status, the gravest reason first:
  4  the report tells an error of cpmspec
  1  a new failure
  6  a known failure fails in another way than pinned, or than in the baseline
  5  a known issue has expired
  7  an expected failure passes
  3  more is inconclusive than the policy allows, or nothing was exercised
  8  a flow of the baseline is no longer exercised (policy: [baseline] lost = "fail")
  2  usage or unreadable input
  0  none of these
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "gate",
        help="fail on new failures only, by a policy and a baseline",
        description="Judge the JSON report of a run by a policy and against an earlier report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="FILE", help="the JSON report, or - for standard input")
    parser.add_argument("--policy", metavar="FILE", help="levels, limits and known issues (TOML)")
    parser.add_argument("--baseline", metavar="FILE", help="the JSON report to compare with")
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="only what closes the gate, no notes"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a line for each reason, and return the exit status."""
    from datetime import date

    from conformance.cli.clock import today
    from conformance.cli.output import say
    from conformance.cli.stored import stored_report
    from conformance.report.legible import one_line
    from conformance.suite.gate import WORDS, Outcome, evaluate, status
    from conformance.suite.policy import Policy, read_policy

    policy = read_policy(args.policy) if args.policy else Policy()
    baseline = stored_report(args.baseline) if args.baseline else None
    report = stored_report(args.results)
    lines = evaluate(report, policy, baseline, date.fromisoformat(today()[:10]))
    for line in lines:
        if line.outcome is not Outcome.NOTE or not args.quiet:
            say(one_line(f"{WORDS[line.outcome]}: {line.sentence}", 2_000) + "\n")
    code = status(lines)
    closed = sum(line.outcome is not Outcome.NOTE for line in lines)
    say(f"gate closed ({closed})\n" if code else "gate open\n")
    return code
