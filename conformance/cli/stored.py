"""Reading the JSON reports of earlier runs."""

import sys
from pathlib import Path

from conformance.report.model import Report
from conformance.report.place import ReportError
from conformance.report.read_json import read_json
from conformance.suite.errors import ConformanceError

STDIN = "-"


def stored_report(path: str) -> Report:
    """The report of a file, or of standard input for `-`; the error names the file.

    A file may hold the results that a watch has kept.
    """
    from conformance.suite.results import is_results, open_results

    if path != STDIN and is_results(path):
        from conformance.suite.restored import restored

        return restored(open_results(path))
    return parsed(path, stored_text(path))


def parsed(path: str, text: str) -> Report:
    """The report that a file's text holds."""
    try:
        return read_json(text)
    except ReportError as error:
        place = f"{path}: {error.where}" if error.where else path
        raise ReportError(place, error.sentence) from None


def stored_text(path: str) -> str:
    """The text of a file, or of standard input for `-`."""
    try:
        octets = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
        return octets.decode()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConformanceError(f"it cannot be read: {reason}", path) from None
    except UnicodeDecodeError:
        raise ConformanceError("it is no JSON report: not UTF-8", path) from None
