from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.flow.program import Level
from conformance.report.model import Fault, Report
from conformance.suite.gate import PRECEDENCE, Line, Outcome, evaluate, status
from conformance.suite.policy import Action, Known, Policy
from conformance.verifier.verdict import InstanceResult, Reason, Verdict
from tests.report.opinion_samples import compared_report
from tests.report.samples import cut_pager, failed_pull, passed_pager, report

TODAY = date(2026, 6, 1)
OPEN = Policy(inconclusive_shalls=None, inconclusive_instances=None)
KNOWN = Known("pull/6-7", "alice", "ticket 4711", date(2026, 12, 31), "INVITE from the client")


def of(*instances: InstanceResult) -> Report:
    return report(*instances, full=False)


def judged(made: Report, policy: Policy = OPEN, baseline: Report | None = None) -> list[Line]:
    return evaluate(made, policy, baseline, TODAY)


def red(lines: list[Line]) -> set[Outcome]:
    return {line.outcome for line in lines} - {Outcome.NOTE}


def failing(observed: str, requirement: str = "pull/6-7") -> InstanceResult:
    cause = replace(failed_pull().findings[0], observed=observed, requirement=requirement)
    return replace(failed_pull(), findings=(cause,), judged=((requirement, Verdict.FAIL),))


def test_a_failure_is_new_without_baseline_and_policy() -> None:
    (line,) = judged(of(failed_pull()))
    assert line.outcome is Outcome.NEW
    assert line.sentence.startswith("pull/6-7 (pull, pull-1 in lab/pull.pcapng): INVITE")


def test_what_the_baseline_has_too_is_a_note() -> None:
    lines = judged(of(failing("INVITE (frame 9)")), baseline=of(failing("INVITE (frame 3)")))
    assert red(lines) == set()
    assert "in the baseline too" in lines[0].sentence


def test_what_fails_otherwise_than_in_the_baseline_is_red() -> None:
    lines = judged(of(failing("answered 486")), baseline=of(failing("answered 480")))
    assert red(lines) == {Outcome.CHANGED}
    assert 'baseline: "answered 480"' in lines[0].sentence


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_a_report_never_fails_against_itself(texts) -> None:
    made = of(*(failing(text, f"r-{place % 2}") for place, text in enumerate(texts)))
    assert red(judged(made, baseline=made)) == set()
    assert red(judged(made)) == {Outcome.NEW}


def test_another_requirement_is_new() -> None:
    lines = judged(of(failing("x", "pull/8-9")), baseline=of(failing("x")))
    assert red(lines) == {Outcome.NEW}


def test_a_known_issue_is_a_note_with_its_owner() -> None:
    lines = judged(of(failed_pull()), replace(OPEN, known=(KNOWN,)))
    assert red(lines) == set()
    assert "known until 2026-12-31 (alice: ticket 4711)" in lines[0].sentence


def test_it_holds_on_its_last_day_and_not_after() -> None:
    last = replace(KNOWN, expires=TODAY)
    past = replace(KNOWN, expires=date(2026, 5, 31))
    assert red(judged(of(failed_pull()), replace(OPEN, known=(last,)))) == set()
    assert red(judged(of(failed_pull()), replace(OPEN, known=(past,)))) == {Outcome.EXPIRED}


def test_a_known_issue_with_another_message_is_red() -> None:
    lines = judged(of(failing("BYE came")), replace(OPEN, known=(KNOWN,)))
    assert red(lines) == {Outcome.CHANGED}
    assert 'known as "INVITE from the client"' in lines[0].sentence


def test_of_two_known_messages_either_will_do() -> None:
    both = (replace(KNOWN, message="BYE"), KNOWN)
    assert red(judged(of(failed_pull()), replace(OPEN, known=both))) == set()


def test_an_expected_failure_that_passes_is_red() -> None:
    mended = replace(passed_pager(), flow="pull", judged=(("pull/6-7", Verdict.PASS),))
    lines = judged(of(mended), replace(OPEN, known=(KNOWN,)))
    assert red(lines) == {Outcome.PASSES}


def test_a_pass_that_is_only_counted_is_seen_too() -> None:
    made = of(passed_pager())
    row = replace(made.requirements[0], counts={Verdict.PASS: 4_000}, verdict=Verdict.PASS)
    lines = judged(replace(made, requirements=(row,)), replace(OPEN, known=(KNOWN,)))
    assert red(lines) == {Outcome.PASSES}


def test_a_known_issue_that_is_not_judged_is_a_note() -> None:
    elsewhere = replace(KNOWN, capture="field/*")
    lines = judged(of(passed_pager()), replace(OPEN, known=(elsewhere,)))
    assert [line.outcome for line in lines] == [Outcome.NOTE]
    assert "neither fails nor passes" in lines[0].sentence


def test_levels_are_treated_apart() -> None:
    made = of(failed_pull())
    warn = replace(OPEN, levels={Level.FLOW: Action.WARN})
    assert [line.outcome for line in judged(made, warn)] == [Outcome.NOTE]
    assert judged(made, replace(OPEN, levels={Level.FLOW: Action.IGNORE})) == []


def test_inconclusive_shalls_and_instances_have_limits() -> None:
    row = replace(report().requirements[0], id="push-pager/4-5", level=Level.SHALL)
    made = replace(of(cut_pager(), passed_pager()), requirements=(row,))
    assert red(judged(made, Policy())) == {Outcome.INCONCLUSIVE}
    assert len(judged(made, Policy())) == 2
    some = Policy(inconclusive_shalls=1, inconclusive_instances=1)
    assert red(judged(made, some)) == set()
    assert "1 SHALLs inconclusive: push-pager/4-5" in judged(made, some)[0].sentence


def test_nothing_exercised_is_red_unless_allowed() -> None:
    none = replace(of(passed_pager()), instances=(), flows=())
    assert red(judged(none)) == {Outcome.INCONCLUSIVE}
    assert red(judged(none, replace(OPEN, allow_nothing=True))) == set()


def test_a_flow_that_is_lost_is_red_where_the_policy_says_so() -> None:
    made = of(passed_pager())
    fewer = replace(made, flows=made.flows[1:])
    assert red(judged(fewer, baseline=made)) == set()
    assert "pull: the baseline shows it" in judged(fewer, baseline=made)[0].sentence
    assert red(judged(fewer, replace(OPEN, lost=Action.FAIL), made)) == {Outcome.LOST}
    assert judged(fewer, replace(OPEN, lost=Action.IGNORE), made) == []


def test_a_baseline_judged_otherwise_is_noted() -> None:
    made = of(passed_pager())
    lines = judged(made, baseline=replace(made, profile="rcs", version="0.0.9", strict=True))
    assert len(lines) == 3
    assert red(lines) == set()


def test_an_error_of_ours_is_the_gravest() -> None:
    broken = replace(of(failed_pull(), cut_pager()), faults=(Fault("judging a", "KeyError"),))
    lines = judged(broken, Policy())
    assert [line.outcome for line in lines][:2] == [Outcome.ERROR, Outcome.NEW]
    assert status(lines) == 4


def test_expected_flows_are_demands_that_can_be_known() -> None:
    absent = replace(OPEN, known=(replace(KNOWN, requirement="expected-absent", message="push"),))
    made = replace(report(passed_pager()), index=(), faults=())
    assert red(judged(made)) == {Outcome.NEW}
    assert red(judged(made, absent)) == set()
    assert red(judged(made, baseline=made)) == set()


@pytest.mark.parametrize("outcome", PRECEDENCE)
def test_each_reason_has_its_status(outcome) -> None:
    assert status([Line(outcome, ""), Line(Outcome.NOTE, "")]) == outcome.value


def test_statuses_differ_and_leave_usage_alone() -> None:
    assert len({int(one) for one in PRECEDENCE}) == len(PRECEDENCE)
    assert not {0, 2} & {int(one) for one in PRECEDENCE}
    assert status([]) == 0


def test_a_reason_of_inconclusive_alone_opens_where_limits_allow() -> None:
    declined = replace(cut_pager(), reason_code=Reason.POLICY_UNKNOWN)
    assert status(judged(of(declined))) == 0


def test_what_the_reference_finds_outside_every_instance_closes_the_gate() -> None:
    made = replace(compared_report(), instances=(passed_pager(),))
    assert red(judged(made)) == {Outcome.NEW}
    known = replace(
        KNOWN,
        requirement="SD-5.4-consider",
        capture="lab/pull.pcapng",
        message="the reference would have sent INVITE",
    )
    lines = judged(made, replace(OPEN, known=(known,)))
    assert red(lines) == set()
    assert [line.outcome for line in lines] == [Outcome.NOTE]


def test_a_baseline_that_was_not_compared_is_told() -> None:
    made = replace(compared_report(), instances=(passed_pager(),), opinions=())
    bare = replace(made, compared=False, preferences="")
    said = " / ".join(line.sentence for line in judged(made, baseline=bare))
    assert "comparison with the reference differs from the baseline: False, now True" in said
