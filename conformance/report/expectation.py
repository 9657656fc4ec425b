"""What an index expects: a capture made to fail, and failing as it should, is no failure."""

from conformance.report.model import Report
from conformance.verifier.verdict import InstanceResult

SENTENCE = "as the index expects of this capture"


class Expectation:
    """The captures of a report that came out as their index says."""

    def __init__(self, report: Report) -> None:
        self._captures = frozenset(row.capture for row in report.index if row.as_expected)

    def met_by(self, instance: InstanceResult) -> bool:
        """Whether an instance lies in such captures alone."""
        return self.covers(instance.captures)

    def covers(self, captures: tuple[int, ...]) -> bool:
        """Whether these are such captures, and there is one."""
        return bool(captures) and self._captures.issuperset(captures)
