from conformance.report.model import SCHEMA
from conformance.verifier.verdict import Verdict
from tests.report.samples import report


def test_totals_cover_the_unlisted() -> None:
    made = report()
    assert made.total(Verdict.PASS) == 3
    assert made.total(Verdict.FAIL) == 1
    assert made.total(Verdict.ERROR) == 0


def test_the_schema_has_its_published_name() -> None:
    assert SCHEMA == "cpmspec-report/1"
