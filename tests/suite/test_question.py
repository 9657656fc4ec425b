from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli.demo_trace import write_demo
from conformance.report.model import Report
from conformance.suite.assertion import verified
from conformance.suite.question import JUDGED_BY, UNSEEN, Answer, Kind, ask
from conformance.verifier.verdict import InstanceResult, Reason, Verdict
from tests.report.opinion_samples import compared_report
from tests.report.samples import BEGIN
from tests.suite.demo import SETTING


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    path = tmp_path_factory.mktemp("demo") / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    return verified(path, SETTING)


def instance(report: Report, flow: str) -> InstanceResult:
    return next(one for one in report.instances if one.flow == flow)


def test_a_flow_that_holds_and_one_that_does_not(report) -> None:
    assert ask(report, "push-pager").kind is Kind.HOLDS
    answer = ask(report, "pull")
    assert answer.kind is Kind.BROKEN
    assert "missing: NOTIFY" in answer.why


def test_a_requirement_tells_its_own_findings_only(report) -> None:
    assert ask(report, "pull", "pull/2-3").kind is Kind.HOLDS
    answer = ask(report, "pull", "pull/6-7")
    assert answer.kind is Kind.BROKEN
    assert answer.why.count("rule:") == 1


def test_what_no_capture_shows_is_not_judged(report) -> None:
    answer = ask(report, "push")
    assert answer.kind is Kind.NOT_JUDGED
    assert answer.why.startswith(Reason.NOT_EXERCISED)


def test_what_no_trace_can_show_says_so(report) -> None:
    answer = ask(report, "pull", "SD-5.2.1.1.1-choice")
    assert answer.kind is Kind.NOT_JUDGED
    assert answer.why.startswith(UNSEEN)


def test_what_only_the_comparison_judges_says_whether_it_was_made(report) -> None:
    asked = "SD-5.4-enforce"
    shown = replace(instance(report, "push-pager"), also=("push",))
    for found, why in (
        (report, "not compared"),
        (replace(report, compared=True), "not compared: no preferences"),
        (replace(report, compared=True, preferences="a.xml"), "compared, no difference"),
    ):
        answer = ask(replace(found, instances=(shown,)), "push", asked)
        assert (answer.kind, answer.why) == (Kind.NOT_JUDGED, f"{JUDGED_BY}: {why}")


def test_the_catalogue_uses_the_words_that_are_looked_for(report) -> None:
    for words in (UNSEEN, JUDGED_BY):
        assert any(one.judged_by.startswith(words) for one in report.requirements)


def test_inconclusive_counts_once(report) -> None:
    unsure = replace(
        instance(report, "push-pager"),
        verdict=Verdict.INCONC,
        reason_code=Reason.GAP,
        would_settle="a capture without the gap",
        judged=(("push-pager/2-3", Verdict.INCONC),),
    )
    found = replace(report, instances=(unsure,))
    answer = ask(found, "push-pager")
    assert answer.kind is Kind.INCONCLUSIVE
    assert "would settle it: a capture without the gap" in answer.why
    part = ask(found, "push-pager", "push-pager/2-3")
    assert part.kind is Kind.NOT_JUDGED
    assert part.why == "inconclusive: a capture without the gap"


def test_a_flow_described_by_another_counts_for_both(report) -> None:
    both = replace(instance(report, "push-pager"), also=("push",))
    assert ask(replace(report, instances=(both,)), "push").kind is Kind.HOLDS


def test_advice_fails_only_when_strict(tmp_path: Path) -> None:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    path.write_bytes(path.read_bytes().replace(b"Contribution-ID", b"Kontribution-ID"))
    found = verified(path, SETTING)
    assert ask(found, "push-pager", "push-pager-ids").kind is Kind.ADVICE
    assert ask(found, "push-pager", "push-pager-ids", strict=True).kind is Kind.BROKEN


def test_expected_and_absent_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "demo.pcapng"
    with path.open("wb") as file:
        write_demo(file, BEGIN)
    found = verified(path, replace(SETTING, expect=("undelivered",)))
    answer = ask(found, "undelivered")
    assert answer.kind is Kind.BROKEN
    assert answer.why.startswith("undelivered was expected")
    assert ask(found, "undelivered", "undelivered/3").kind is Kind.NOT_JUDGED


def test_no_flow_asks_what_the_reference_says_outside_every_instance(report) -> None:
    assert ask(report, "") == Answer(Kind.NOT_JUDGED, "not compared")
    assert ask(replace(report, compared=True), "").kind is Kind.HOLDS
    answer = ask(compared_report(), "")
    assert answer.kind is Kind.BROKEN
    assert answer.why.startswith("Participating Function 10.0.3.1: the reference would have sent")
    assert "\n" not in answer.why
