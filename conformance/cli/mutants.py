"""`cpmspec mutants`: plant faults in the reference's roles, and show which are noticed."""

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.reference.faults.catalogue import Mutant
    from conformance.suite.mutants import Noticed

_DESCRIPTION = """\
Play every mutant of the list: one fault planted in one role of the reference implementation.
A violation that shows on the wire must be noticed: by the flows, or, where only a role's
behaviour tells, by the comparison with the reference. The last line says how many were; the exit
status is 0 only if all were.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "mutants",
        help="plant faults in the reference, and show which are noticed",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="only these")
    parser.add_argument("--flow", default="", metavar="ID", help="only those of this flow")
    parser.add_argument("--verbose", action="store_true", help="one line for each mutant")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play, judge and print; the exit status."""
    from conformance.suite.mutants import run as play

    found = []
    for one in play(_chosen(args.faults, args.flow)):
        found.append(one)
        if args.verbose or not one.is_as_expected:
            _print(_line(one))
    _print("")
    _summaries(found)
    violations = [one for one in found if one.mutant.is_violation]
    noticed = sum(one.is_noticed for one in violations)
    _print(f"{noticed} of {len(violations)} noticed")
    return 0 if all(one.is_as_expected for one in found) else 1


def _chosen(names: list[str], flow: str) -> "list[Mutant]":
    from conformance.reference.faults.catalogue import mutants
    from conformance.suite.errors import ConformanceError
    from conformance.suite.mutants import faults_named
    from conformance.suite.selection import check_known

    faults_named(names)
    check_known(sorted({one.flow for one in mutants()}), [flow] if flow else [], "--flow")
    found = [
        one
        for one in mutants()
        if (not names or one.fault in names) and (not flow or one.flow == flow)
    ]
    if not found:
        raise ConformanceError(f"no mutant of {flow or 'any flow'} has {', '.join(names)}")
    return found


def _line(one: "Noticed") -> str:
    mutant = one.mutant
    if not mutant.is_violation:
        state = f"{mutant.expected}: {mutant.why}"
        if one.by_flows:
            state += f"; but failed {', '.join(one.by_flows)}"
    elif one.is_noticed:
        state = f"noticed by {'the flow' if mutant.expected == 'fail' else 'the reference'}"
    else:
        seen = ", ".join([*one.by_flows, *one.by_oracle]) or "nothing"
        state = f"NOT NOTICED: {seen} found broken, not {mutant.requirement}"
    return f"{mutant.flow}  {mutant.fault}  {state}"


def _summaries(found: "list[Noticed]") -> None:
    """By flow and by requirement: noticed of violations; then what nobody can notice, and why."""
    violations = [one for one in found if one.mutant.is_violation]
    _counted("flow", [(one.mutant.flow, one.is_noticed) for one in violations])
    _counted("requirement", [(one.mutant.requirement, one.is_noticed) for one in violations])
    silent = [one for one in found if not one.mutant.is_violation]
    if silent:
        _print("no violation on the wire")
        for one in silent:
            why = f": {one.mutant.why}" if one.mutant.why else ""
            _print(f"  {one.mutant.fault:36} {one.mutant.expected}{why}")


def _counted(title: str, noticed: list[tuple[str, bool]]) -> None:
    total = Counter(name for name, _ in noticed)
    seen = Counter(name for name, is_noticed in noticed if is_noticed)
    _print(f"by {title}")
    for name, count in total.items():
        _print(f"  {name:36} {seen[name]} of {count}")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
