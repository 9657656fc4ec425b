"""`cpmspec flows`: list, show, check, draw and compare flows, and list their requirements."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.flow.library import Library
    from conformance.flow.program import Program

USAGE = 2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `flows` with its own commands."""
    parser = subparsers.add_parser(
        "flows",
        help="list, show, draw, compare and check flows",
        description="What the flow files say: as a list, as prose, as figures, as requirements.",
    )
    commands = parser.add_subparsers(metavar="ACTION", required=True, title="actions")
    _command(commands, "list", list_flows, "one line a flow")
    one = _command(commands, "show", show, "a flow's steps and requirements as prose")
    one.add_argument("flow", metavar="ID", help="a flow's id, or a .flow file")
    one = _command(commands, "check", check, "check flow files, or the whole library")
    one.add_argument("files", nargs="*", metavar="FILE", help=".flow or .toml files")
    one = _command(commands, "draw", draw, "a flow's figure on standard output")
    one.add_argument("flow", metavar="ID", help="a flow's id, or a .flow file")
    one.add_argument(
        "--format", choices=("svg", "mermaid", "plantuml"), default="svg", help="default: svg"
    )
    one = _command(commands, "diff", diff, "what changed between two flows, step by step")
    one.add_argument("old", metavar="A", help="a flow's id, or a .flow file")
    one.add_argument("new", metavar="B", help="a flow's id, or a .flow file")
    one = _command(commands, "requirements", requirements, "every requirement of every flow")
    one.add_argument("--markdown", action="store_true", help="as docs/requirements.md")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    action: object,
    sentence: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=sentence, description=sentence)
    parser.add_argument("--flows", metavar="DIR", help="another folder of flows")
    parser.set_defaults(run=run, action=action)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 2 and the place of the mistake when a file cannot be understood."""
    from conformance.flow.errors import FlowError

    try:
        status: int = args.action(args)
    except FlowError as wrong:
        sys.stderr.write(wrong.render() + "\n")
        return USAGE
    return status


def _library(args: argparse.Namespace) -> "Library":
    from conformance.flow.library import load

    return load(args.flows)


def _flow(args: argparse.Namespace, name: str) -> "Program":
    """A flow by its id, or compiled from a file."""
    from conformance.flow.library import read_flow

    if name.endswith(".flow"):
        return read_flow(Path(name))
    return _library(args).flow(name)


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def list_flows(args: argparse.Namespace) -> int:
    """One line a flow: id, clause, steps, title."""
    flows = _library(args).flows.values()
    width = max(len(program.id) for program in flows)
    clauses = max(len(program.clause) for program in flows)
    _print(
        f"{program.id:{width}}  {program.clause:{clauses}}  {program.title}" for program in flows
    )
    return 0


def show(args: argparse.Namespace) -> int:
    """A flow as prose."""
    from conformance.flow.show import show as prose

    sys.stdout.write(prose(_flow(args, args.flow)))
    return 0


def check(args: argparse.Namespace) -> int:
    """Check the files given, each on its own, or the whole library; 2 when one is wrong."""
    from conformance.flow.errors import FlowError, LibraryError
    from conformance.flow.library import read_flow, read_profile

    if not args.files:
        library = _library(args)
        _print(
            [f"{len(library.flows)} flows and {len(library.profiles)} profiles are well formed"]
        )
        return 0
    status = 0
    for name in args.files:
        try:
            path = Path(name)
            if path.is_dir():
                raise LibraryError(
                    name, 0, 0, "it is a folder: check --flows DIR checks all of it"
                )
            profile = path.suffix == ".toml"
            what = read_profile(path).name if profile else read_flow(path).id
        except FlowError as wrong:
            sys.stderr.write(wrong.render() + "\n")
            status = USAGE
        else:
            _print([f"{name}: {what} is well formed"])
    return status


def draw(args: argparse.Namespace) -> int:
    """A flow's figure."""
    from conformance.flow.draw import mermaid, plantuml
    from conformance.flow.draw_svg import svg

    figure = {"svg": svg, "mermaid": mermaid, "plantuml": plantuml}[args.format]
    sys.stdout.write(figure(_flow(args, args.flow)))
    return 0


def diff(args: argparse.Namespace) -> int:
    """What changed from one flow to another."""
    from conformance.flow.diff import render

    sys.stdout.write(render(_flow(args, args.old), _flow(args, args.new)))
    return 0


def requirements(args: argparse.Namespace) -> int:
    """Every requirement, merged over the flows."""
    from conformance.flow.catalogue import catalogue, markdown

    flows = _library(args).flows.values()
    if args.markdown:
        sys.stdout.write(markdown(flows))
        return 0
    entries = catalogue(flows)
    width = max(len(entry.requirement.id) for entry in entries)
    _print(
        f"{entry.requirement.id:{width}}  {entry.requirement.level:8}{', '.join(entry.flows)}: "
        f"{entry.judged_by}"
        for entry in entries
    )
    return 0
