"""The command `cpmspec`: one module a sub-command, imported only when it is the one asked for.

Exit status: 0 pass, 1 fail, 2 usage or unreadable input, 3 inconclusive or nothing exercised,
4 an error of ours; 130 when interrupted, 141 when nobody reads the output any more.
"""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import NoReturn

from conformance import __version__

COMMANDS = {
    "verify": "judge captures against the flows of the specification",
    "watch": "judge traffic while it flows",
    "roles": "write down which address plays which role",
    "report": "render a JSON report again, in any other form",
    "gate": "fail on new failures only, by a policy and a baseline",
    "compare": "what got better, worse or other between two reports",
    "history": "keep the results of runs, and show their trend",
    "ics": "write the supplier's statement, and check it against captures",
    "flows": "list, show, draw, compare and check flows",
    "anonymize": "write a copy of a capture in which nobody can be found",
    "simulate": "make a capture of a flow, played by the reference implementation",
    "mutants": "plant faults in the reference, and show which are noticed",
    "drive": "test a device, the reference implementation playing everyone else",
    "play": "play a role of the reference implementation on real sockets",
    "demo": "make a capture with one fault in it, and judge it",
}

USAGE = 2
OURS = 4
INTERRUPTED = 130
UNREAD = 141

_EPILOG = """\
to begin with:
  cpmspec demo                  a capture with one fault in it, judged
  cpmspec verify lab.pcapng     your own capture
  cpmspec verify --help         the options of a command, with examples

exit status: 0 pass, 1 fail, 2 usage or unreadable input, 3 inconclusive or nothing
exercised, 4 an error of cpmspec itself
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on stderr, and end with exit status 2."""
        hint = "" if "(see " in message else f" (see {self.prog} --help)"
        self.exit(USAGE, f"cpmspec: {_with_a_guess(message)}{hint}\n")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does it; a command says itself what it does not know."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(_unknown(rest[0], self._option_string_actions))
        return found, rest


def _unknown(word: str, options: Iterable[str]) -> str:
    from conformance.flow.errors import did_you_mean

    if not word.startswith("-"):
        return f"nothing is expected at '{word}'"
    name = word.partition("=")[0]
    return f"there is no option {name}{did_you_mean(name, options)}"


def _with_a_guess(message: str) -> str:
    """What argparse says; for a word that is no choice also the choice that is close to it."""
    found = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
    if found is None:
        return message
    from conformance.flow.errors import did_you_mean

    word, choices = found[1], found[2].replace("'", "").split(", ")
    hint = did_you_mean(word, choices) or f": choose from {', '.join(choices)}"
    return message.replace(found[0], f"invalid choice: '{word}'{hint}")


def parser(command: str | None) -> argparse.ArgumentParser:
    """The parser; only the command asked for brings its options along."""
    made = Parser(
        prog="cpmspec",
        description="Conformance verifier for OMA CPM (Converged IP Messaging, the base of RCS).",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"cpmspec {__version__}")
    made.add_argument("--debug", action="store_true", help="show the traceback of our own errors")
    commands = made.add_subparsers(metavar="COMMAND", required=True, title="commands")
    for name, sentence in COMMANDS.items():
        if name == command:
            import_module(f"conformance.cli.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=sentence)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in given if not word.startswith("-")), None)
    if not given:
        parser(None).print_help(sys.stderr)
        return USAGE
    try:
        args = parser(command).parse_args(given)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else USAGE
    try:
        status = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("cpmspec: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told
        return _fell(error, args.debug)
    return int(status)


def _fell(error: Exception, debug: bool) -> int:
    """One clear line for an error of the user's; a crash note for one of ours."""
    sentence = _of_the_user(error)
    if sentence is not None:
        sys.stderr.write(f"cpmspec: {sentence}\n")
        return USAGE
    if debug:
        sys.stderr.write(traceback.format_exc())
    sys.stderr.write(
        f"cpmspec: this is an error of cpmspec {__version__} itself, please report it: "
        f"{type(error).__name__}: {error}{'' if debug else ' (--debug shows where)'}\n"
    )
    return OURS


def _of_the_user(error: Exception) -> str | None:
    from conformance.capture.errors import CaptureError
    from conformance.flow.errors import FlowError
    from conformance.report.place import ReportError
    from conformance.suite.errors import ConformanceError

    if isinstance(error, FlowError):
        return error.render()
    if isinstance(error, CaptureError | ConformanceError | ReportError):
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
