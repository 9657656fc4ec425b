"""`cpmspec drive`: test a device, the reference implementation playing everyone else."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.flow.library import Library
    from conformance.live.clock import Clock
    from conformance.suite.bench_setting import BenchSetting
    from conformance.suite.case import Case
    from conformance.suite.drive_verdict import Judged
    from conformance.suite.operated import Operate
    from conformance.suite.second_record import SecondRecord
    from conformance.suite.setting import Setting

_DESCRIPTION = """\
Test a device: the reference implementation plays everyone else on real sockets, case by case.
Each case's trace is recorded and judged by the judge of `verify`.
"""

_EPILOG = """\
exit status: 0 every case passed or is not supported, 1 one failed, 3 one is inconclusive or none
was exercised; 2 and 4 as everywhere

examples:
  cpmspec drive --list --sut client
  cpmspec drive --sut pf --sut-address 192.0.2.3:5060 --setting bench.toml --flow pull -o traces
  cpmspec drive --sut client --sut-address 192.0.2.20 --setting bench.toml --case push/base \\
      --operator 'ssh phone upper-tester' -o push.pcapng --html push.html
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    from conformance.cli import options, output
    from conformance.cli.play import add_rate
    from conformance.suite.case import SUTS

    parser = commands.add_parser(
        "drive",
        help="test a device, the reference implementation playing everyone else",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sut", choices=SUTS, help="the role of the system under test")
    parser.add_argument(
        "--sut-address", metavar="ADDR", help="where it is: ip, ip:port, [v6]:port"
    )
    parser.add_argument("--setting", metavar="FILE", help="who is where, and more (TOML)")
    for name, sentence in (
        ("--flow", "the cases of this flow only (repeatable)"),
        ("--case", "this case only (repeatable)"),
    ):
        parser.add_argument(name, action="append", default=[], metavar="ID", help=sentence)
    parser.add_argument("--list", action="store_true", help="list the test cases")
    parser.add_argument("--document", action="store_true", help="list them as docs/test-cases.md")
    parser.add_argument(
        "--preferences-of",
        metavar="CASE",
        help="print the user preferences (XML) that the device must have for a case",
    )
    parser.add_argument(
        "--operator",
        metavar="COMMAND",
        help="a program that reads what the device's user is to do, a line each; "
        "else it is printed",
    )
    add_rate(parser)
    parser.add_argument(
        "--no-dumpcap",
        action="store_true",
        help="record what passes by ourselves alone, without a dumpcap beside",
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="keep the trace in a file, several in a folder"
    )
    options.add_judging(parser)
    options.add_comparison(parser)
    output.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List, or run the cases chosen; the exit status."""
    from conformance.cli import output
    from conformance.flow.library import load
    from conformance.suite.bench_setting import endpoint_of
    from conformance.suite.drive import prepared
    from conformance.suite.errors import ConformanceError
    from conformance.suite.test_cases import select

    if args.preferences_of:
        return _print_preferences(args.preferences_of)
    if args.list or args.document:
        return _list(args)
    if not args.sut or not args.sut_address:
        raise ConformanceError("say what is tested: --sut ROLE --sut-address ADDR")
    files = output.targets(args)
    chosen = select(args.sut, args.flow, args.case)
    from conformance.cli.play import read

    bench = prepared(args.sut, endpoint_of(args.sut_address, "--sut-address"), read(args.setting))
    library = load(args.flows)
    with TemporaryDirectory(prefix="cpmspec-") as folder:
        paths = _places(args.output, chosen, Path(folder))
        judged = _drive(args, chosen, paths, bench, library)
        _report(args, [paths[one.case.id] for one in judged if _has_run(one)], files)
    return _status(judged)


def _drive(
    args: argparse.Namespace,
    chosen: "Sequence[Case]",
    paths: dict[str, Path],
    bench: "BenchSetting",
    library: "Library",
) -> "list[Judged]":
    from conformance.cli.play import running_clock, say
    from conformance.suite.drive_verdict import unclaimed
    from conformance.suite.ics import read_ics

    left_out = read_ics(args.ics, library.flows) if args.ics else ()
    clock = running_clock(args.rate)
    found: list[Judged] = []
    with _operator(args.operator) as operate, _second_record(args, bench, clock) as second:
        for case in chosen:
            if case.flow in left_out:
                judged = unclaimed(case)
            else:
                judged = _one(
                    *(case, paths[case.id], bench, library, clock, operate, second),
                    strict=bool(args.strict),
                )
            found.append(judged)
            say(f"{judged.verdict:11} {case.id}: {judged.why}")
    return found


def _one(
    case: "Case",
    path: Path,
    bench: "BenchSetting",
    library: "Library",
    clock: "Clock",
    operate: "Operate",
    second: "SecondRecord | None",
    *,
    strict: bool,
) -> "Judged":
    """Run one case, keep its trace, and judge it; and what dumpcap saw of it, if it is there."""
    from conformance.cli.play import say
    from conformance.suite.drive import drive
    from conformance.suite.drive_verdict import judge
    from conformance.suite.second_record import agreed

    if second is not None:
        second.begin()
    driven = drive(case, bench, clock, operate, say, is_open=partial(_is_open, case, library))
    path.write_bytes(driven.octets)
    judged = judge(driven, library, strict=strict)
    seen = second.end() if second is not None else None
    if seen is None:
        return judged
    path.with_suffix(".dumpcap.pcapng").write_bytes(seen.octets)
    judged, sentence = agreed(judged, driven, seen, library, strict=strict)
    if sentence:
        say(f"{case.id}: {sentence}")
    return judged


@contextmanager
def _second_record(
    args: argparse.Namespace, bench: "BenchSetting", clock: "Clock"
) -> "Iterator[SecondRecord | None]":
    """What dumpcap sees of each case; where there is none, it is said why."""
    from conformance.cli.clock import monotonic_ns, now_ns, wait
    from conformance.cli.play import say
    from conformance.suite.second_record import SECOND, Host, SecondRecord

    if args.no_dumpcap:
        yield None
        return
    host = Host(now_ns, lambda: monotonic_ns() / SECOND, lambda: wait(0.02))
    second = SecondRecord(bench, args.sut, clock, host)
    try:
        # Whether it can be is known before a case is run.
        second.begin()
        second.close()
        if second.why_not:
            say(f"no dumpcap beside: {second.why_not}")
        yield None if second.why_not else second
        if second.why_not:
            say(f"dumpcap failed: {second.why_not}")
    finally:
        second.close()


def _is_open(case: "Case", library: "Library", octets: bytes, roles: tuple[str, ...]) -> bool:
    from conformance.suite.drive_verdict import is_open

    return is_open(case, octets, roles, library)


def _has_run(judged: "Judged") -> bool:
    return "does not claim" not in judged.why


def _report(args: argparse.Namespace, paths: Sequence[Path], files: dict[str, str]) -> None:
    """Judge the traces once more, all of them, for the reports that are asked for."""
    if not files or not paths:
        return
    from conformance import __version__
    from conformance.cli import output
    from conformance.cli.clock import today
    from conformance.report.spool import Spool
    from conformance.suite.campaign import Stamp
    from conformance.suite.campaign import run as judge_all

    with Spool() as spool:
        stamp = Stamp(__version__, today())
        report = judge_all([str(path) for path in paths], _setting(args), spool, stamp)
        output.write_reports(report, files, quiet=args.quiet)


def _setting(args: argparse.Namespace) -> "Setting":
    from conformance.suite.setting import Grouping, Setting

    return Setting(
        profile=args.profile or "cpm",
        flows=args.flows,
        strict=bool(args.strict),
        grouping=Grouping.SEPARATE,
        compare=bool(args.oracle or args.preferences),
        preferences=args.preferences or "",
    )


def _places(output: str | None, chosen: "Sequence[Case]", folder: Path) -> dict[str, Path]:
    """Where each case's trace is kept; ConformanceError for what cannot be written."""
    from conformance.cli.output import check
    from conformance.suite.errors import ConformanceError

    if output is None:
        return {case.id: folder / case.file for case in chosen}
    if len(chosen) == 1:
        check(output, f"-o {output}")
        return {chosen[0].id: Path(output)}
    place = Path(output)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConformanceError(f"no folder can be made: {error.strerror}", output) from None
    return {case.id: place / case.file for case in chosen}


@contextmanager
def _operator(command: str | None) -> "Iterator[Operate]":
    """Whoever does what the device's user is to do."""
    from conformance.cli.play import say
    from conformance.suite.drive import prompting

    if command is None:
        yield prompting(say)
        return
    from subprocess import PIPE, Popen

    with Popen(command, shell=True, stdin=PIPE, text=True, encoding="utf-8") as program:
        assert program.stdin is not None
        pipe = program.stdin

        def operate(asked: object) -> None:
            try:
                pipe.write(f"{asked}\n")
                pipe.flush()
            except OSError:
                say(f"the operator is gone; let the device do this now: {asked}")

        yield operate


def _status(judged: "Sequence[Judged]") -> int:
    from conformance.suite.drive_verdict import CaseVerdict

    found = {one.verdict for one in judged}
    if CaseVerdict.FAIL in found:
        return 1
    return 3 if CaseVerdict.INCONC in found or CaseVerdict.PASS not in found else 0


def _print_preferences(name: str) -> int:
    from conformance.reference.preferences.document import write
    from conformance.suite.errors import ConformanceError
    from conformance.suite.test_cases import select

    (case,) = select(name.partition("/")[0], [], [name])
    preferences = case.scenario.setting.preferences
    if preferences is None:
        raise ConformanceError("it needs none", name)
    sys.stdout.write(write(preferences).decode())
    return 0


def _list(args: argparse.Namespace) -> int:
    """Print the cases: all as a document, or those that are asked for."""
    from conformance.suite.case import SUTS
    from conformance.suite.case_rows import markdown
    from conformance.suite.errors import ConformanceError
    from conformance.suite.test_cases import listed

    if args.document:
        if args.sut or args.flow or args.case:
            raise ConformanceError("it holds every case; --list shows some", "--document")
        sys.stdout.write(markdown())
        return 0
    for case in listed((args.sut,) if args.sut else SUTS, args.flow, args.case):
        sys.stdout.write(f"{case.id:44} {case.kind:11} {case.scenario.shows}\n")
    return 0
