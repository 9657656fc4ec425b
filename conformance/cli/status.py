"""The exit status of a run, and what of it may be allowed."""

from conformance.report.model import Report
from conformance.suite.errors import ConformanceError
from conformance.verifier.verdict import Verdict

ALLOWABLE = (Verdict.INCONC, Verdict.NONE)

STATUSES = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.INCONC: 3,
    Verdict.NONE: 3,
    Verdict.ERROR: 4,
}


def parse_allow(text: str) -> frozenset[Verdict]:
    """The verdicts of `--allow inconc,none`."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in ALLOWABLE:
            raise ConformanceError(f"'{word}' is neither inconc nor none", f"--allow {text}")
    return frozenset(Verdict(word) for word in words)


def exit_status(report: Report, allowed: frozenset[Verdict]) -> int:
    """0 to 4; with an index, whether all came out as it expects."""
    if report.faults:
        return STATUSES[Verdict.ERROR]
    if report.index:
        return 0 if all(row.as_expected for row in report.index) and _met(report) else 1
    return 0 if report.verdict in allowed else STATUSES[report.verdict]


def _met(report: Report) -> bool:
    return all(wanted.met for wanted in report.expected)
