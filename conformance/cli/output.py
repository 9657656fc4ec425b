"""Writing reports: to standard output or to a file, whole or not at all."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

from conformance.report.model import Report
from conformance.suite.errors import ConformanceError

STDOUT = "-"

Write = Callable[[TextIO], object]


FORMATS = {
    "json": "the whole report as JSON",
    "html": "one HTML page that needs no network",
    "junit": "JUnit XML for continuous integration",
    "sarif": "SARIF 2.1.0 for code scanning",
    "ctrf": "CTRF JSON (ctrf.io)",
    "markdown": "Markdown for the summary of a job, at most 1 MiB",
    "csv": "a row for each requirement judged",
}
"""Each is written by `write_NAME` of the module `conformance.report.render_NAME`."""


def add_arguments(parser: argparse.ArgumentParser, *, json: bool = True) -> None:
    """The options that say which reports are written."""
    group = parser.add_argument_group("reports (FILE may be - for standard output)")
    for name, sentence in FORMATS.items():
        if json or name != "json":
            group.add_argument(f"--{name}", metavar="FILE", help=sentence)
    group.add_argument("-q", "--quiet", action="store_true", help="no report on the terminal")


def targets(args: argparse.Namespace) -> dict[str, str]:
    """The files asked for by format; refuses what cannot be written before anything is judged."""
    found = {name: path for name in FORMATS if (path := getattr(args, name, None)) is not None}
    for name, path in found.items():
        if path != STDOUT:
            check(path, f"--{name} {path}")
    if list(found.values()).count(STDOUT) > 1:
        raise ConformanceError("only one report can go to standard output")
    if len({os.path.realpath(path) for path in found.values()}) < len(found):
        raise ConformanceError("two reports cannot go to the same file")
    return found


def check(path: str, place: str) -> None:
    """Refuse a file that cannot be written."""
    folder = Path(path).parent
    if not path or Path(path).is_dir():
        raise ConformanceError("it is a folder, not a file", place)
    if not folder.is_dir():
        raise ConformanceError(f"there is no folder {folder}", place)
    if not os.access(path if Path(path).exists() else folder, os.W_OK):
        raise ConformanceError("it cannot be written", place)


def write_reports(report: Report, files: dict[str, str], *, quiet: bool) -> None:
    """Write each report asked for, and the one for the terminal unless stdout is taken."""
    for name, path in files.items():
        write(path, _writer(name, report))
    if not quiet and STDOUT not in files.values():
        from conformance.report.render_console import write_console

        write_console(report, sys.stdout)


def _writer(name: str, report: Report) -> Write:
    module = import_module(f"conformance.report.render_{name}")
    render: Callable[[Report, TextIO], object] = getattr(module, f"write_{name}")
    return lambda file: render(report, file)


def say(text: str) -> None:
    """Print a text; what the terminal's encoding lacks is spelt out."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def write(path: str, writer: Write) -> None:
    """Write a text; a file appears under its name only once it is complete."""
    if path == STDOUT:
        held = StringIO()
        writer(held)
        sys.stdout.write(held.getvalue())
        return
    place = Path(path)
    try:
        if place.exists() and not place.is_file():
            with place.open("w", encoding="utf-8") as device:
                writer(device)
            return
        _replace(place, writer)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be written: {reason}", path) from None


def _replace(place: Path, writer: Write) -> None:
    mask = os.umask(0)
    os.umask(mask)
    descriptor, name = mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            writer(file)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, place)
    except BaseException:
        os.unlink(name)
        raise
