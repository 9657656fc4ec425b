from dataclasses import replace

from conformance.flow.program import Level
from conformance.report.model import Report
from conformance.report.sarif_results import Result, results
from conformance.verifier.verdict import Verdict
from tests.report.samples import cut_pager, failed_pull, passed_pager, report


def of(made: Report) -> list[Result]:
    return list(results(made))


def test_the_worst_comes_first() -> None:
    found = of(report())
    assert [(one.rule, one.level) for one in found] == [
        ("expected-absent", "error"),
        ("not-as-expected", "error"),
        ("pull/6-7", "error"),
        ("pull/10-11", "error"),
        ("capture-ends-early", "none"),
    ]


def test_a_result_stands_at_the_line_that_asks_for_it() -> None:
    (cause, _) = of(report(failed_pull(), full=False))
    assert (cause.file, cause.line) == ("flows/system_description/B.3.6.2_pull.flow", 31)
    assert cause.frames[1] == ("lab/pull.pcapng", "frame 9 at 2026-03-02T09:00:00.090000000Z")


def test_a_should_warns_even_where_the_instance_passes() -> None:
    wrong = replace(failed_pull().findings[0], level=Level.SHOULD)
    (found,) = of(report(replace(passed_pager(), findings=(wrong,)), full=False))
    assert found.level == "warning"


def test_fails_and_errors_without_a_finding_are_not_lost() -> None:
    bare = replace(failed_pull(), findings=())
    broken = replace(passed_pager(), verdict=Verdict.ERROR, captures=(9,))
    found = of(report(bare, broken, full=False))
    assert [(one.rule, one.level, one.file) for one in found] == [
        ("fail", "error", "lab/pull.pcapng"),
        ("error", "error", "captures"),
    ]


def test_a_fingerprint_outlives_frames_and_times_only() -> None:
    def fingerprint(observed: str) -> str:
        wrong = replace(failed_pull().findings[0], observed=observed)
        return of(report(replace(failed_pull(), findings=(wrong,)), full=False))[0].fingerprint

    assert fingerprint("INVITE (frame 9)") == fingerprint("INVITE (frame 10)")
    assert fingerprint("INVITE (frame 9)") != fingerprint("MESSAGE (frame 9)")


def test_a_link_of_the_wire_is_no_link() -> None:
    evil = replace(cut_pager(), summary="[click](http://evil.example)")
    assert "](" not in of(report(evil, full=False))[0].message
