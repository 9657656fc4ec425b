from dataclasses import replace

from conformance.flow.program import Level
from conformance.report import compared
from conformance.report.compared import Compared
from conformance.report.ladder import told
from conformance.report.model import IndexResult, OpinionResult
from conformance.verifier.verdict import Verdict
from tests.report.opinion_samples import (
    PREFERENCES,
    compared_report,
    convicted_pager,
    other_conversation,
    silent_pf,
)
from tests.report.samples import cut_pager, failed_pull, report


def test_opinions_are_found_by_their_instance() -> None:
    made = Compared(compared_report())
    assert [one.opinion for one in made.of("push-pager-1")] == [other_conversation()]
    assert [one.opinion.role for one in made.alone] == ["pf", "client"]
    assert made.of("absent") == ()


def test_only_a_fail_of_no_instance_makes_the_run_fail_by_itself() -> None:
    assert [one.opinion for one in Compared(compared_report()).failing()] == [silent_pf()]


def advice():
    made = compared_report()
    rows = tuple(
        replace(one, level=Level.SHOULD) if one.id == PREFERENCES else one
        for one in made.requirements
    )
    return replace(made, requirements=rows)


def test_what_is_only_advised_fails_nobody_unless_strict() -> None:
    assert Compared(advice()).failing() == ()
    assert len(Compared(replace(advice(), strict=True)).failing()) == 1


def test_an_opinion_without_a_requirement_counts_as_a_protocols_must() -> None:
    one = OpinionResult(replace(silent_pf(), requirement=""))
    made = Compared(compared_report())
    assert made.level(one) is Level.RFC
    assert made.counts(one)


def test_an_opinion_lies_in_the_captures_that_were_compared() -> None:
    row = IndexResult(0, "", "", Verdict.FAIL, "", Verdict.FAIL, "", True, "")
    made = Compared(replace(compared_report(), index=(row,)))
    silent, unsure = made.alone
    assert made.is_expected(silent)
    assert not made.is_expected(unsure)


def test_the_page_has_each_opinion_with_the_number_of_its_finding() -> None:
    made = Compared(compared_report())
    pager, pull = convicted_pager(), failed_pull()
    assert [one.number for one in made.told(pager, told(pager))] == [1]
    assert [one.number for one in made.told(pull, told(pull))] == [0]


def test_flow_and_reference_are_set_against_one_another() -> None:
    made = compared_report()
    agreement = Compared(made).agreement
    assert agreement(convicted_pager()).startswith(
        "Flow and reference disagree: by the flow alone this is pass"
    )
    assert agreement(failed_pull()).startswith("Flow and reference disagree: the flow finds a")
    assert agreement(cut_pager()) == "The comparison with the reference finds no fault here."
    against = OpinionResult(other_conversation(), "pull-1", Verdict.FAIL)
    both = Compared(replace(made, opinions=(against,)))
    assert both.agreement(failed_pull()).startswith("Flow and reference agree")


def test_of_a_role_that_is_not_compared_nothing_is_claimed() -> None:
    pull = failed_pull()
    findings = tuple(replace(one, role_at_fault="core") for one in pull.findings)
    said = Compared(compared_report()).agreement(replace(pull, findings=findings))
    assert "only CPM Client" in said
    assert "Participating Function" in said


def test_where_nothing_was_compared_nothing_is_said() -> None:
    assert Compared(report()).agreement(failed_pull()) == ""


def test_the_headline_tells_by_which_preferences() -> None:
    made = compared_report()
    assert compared.headline(made) == "made, by the preferences of lab/alice.xml"
    assert "without preferences" in compared.headline(replace(made, preferences=""))
    assert "not made" in compared.headline(report())


def test_a_requirement_without_a_verdict_says_why() -> None:
    made = compared_report()
    judged, idle = made.requirements[-2:]
    assert compared.silence(made, judged) == ""
    assert compared.silence(made, idle) == "compared, no difference"
    assert compared.silence(replace(made, preferences=""), idle) == "not compared: no preferences"
    assert compared.silence(replace(made, compared=False), idle) == "not compared"
    assert compared.silence(made, made.requirements[1]) == ""


def test_the_rule_of_a_finding_is_a_line_or_the_comparison() -> None:
    assert compared.rule(failed_pull().findings[0]).endswith("B.3.6.2_pull.flow:31")
    assert compared.rule(convicted_pager().findings[0]) == "the reference comparison"


def test_fields_say_which_are_open() -> None:
    assert compared.fields(other_conversation()) == (
        "Conversation-ID: abc expected, xyz seen; sdp.setup: active expected, actpass seen (open)"
    )
    assert compared.sentence(silent_pf()).startswith("Participating Function 10.0.3.1: the refer")


def test_verdicts_are_counted() -> None:
    found = compared.differences(compared_report().opinions)
    assert found == {Verdict.PASS: 1, Verdict.FAIL: 2, Verdict.INCONC: 1}


def test_what_departs_from_advice_alone_is_no_fault() -> None:
    one = OpinionResult(silent_pf(), "push-pager-2", Verdict.INCONC)
    said = Compared(replace(advice(), opinions=(one,))).agreement(cut_pager())
    assert said.startswith("The reference would have done otherwise where the specification adv")


def test_many_files_of_preferences_are_counted() -> None:
    made = replace(compared_report(), preferences="a.xml, b.xml, c.xml, d.xml")
    assert compared.headline(made) == "made, by the preferences of a.xml and 3 files more"
