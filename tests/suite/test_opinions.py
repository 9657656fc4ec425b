from dataclasses import replace

import pytest

from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.flow.profile import Profile, Relaxation
from conformance.flow.program import Level
from conformance.observation.topology import Topology
from conformance.oracle.difference import Opinion
from conformance.report.model import OpinionResult
from conformance.suite import opinions
from conformance.suite.errors import ConformanceError
from conformance.suite.opinions import Opinions
from conformance.verifier.verdict import InstanceResult, Verdict
from tests.report.opinion_samples import PREFERENCES, other_conversation, silent_pf
from tests.report.samples import BEGIN, MS, at, cut_pager, failed_pull, passed_pager

PF = {"pf": ("10.0.3.1:5060",)}


@pytest.fixture
def said() -> Opinions:
    return Opinions.over(load().flows.values(), strict=False)


def attached(said: Opinions, instance: InstanceResult, *heard: Opinion) -> InstanceResult:
    said.waiting.extend(OpinionResult(one, captures=(0,)) for one in heard)
    return said.attach(instance)


# ---------------------------------------------------------------- to which instance it belongs


def test_by_a_shared_call_id(said) -> None:
    attached(said, passed_pager(), replace(other_conversation(), frames=()))
    assert [one.instance for one in said.results()] == ["push-pager-1"]
    assert said.alone() == ()


def test_by_a_frame_of_the_ladder(said) -> None:
    attached(said, passed_pager(), replace(other_conversation(), call_ids=("other",)))
    assert [one.instance for one in said.told] == ["push-pager-1"]


def test_not_by_a_frame_of_another_capture(said) -> None:
    elsewhere = replace(at(21), capture=1)
    one = replace(other_conversation(), call_ids=(), frames=(elsewhere,))
    assert attached(said, passed_pager(), one) == passed_pager()
    assert said.alone() == (one,)


def test_by_the_roles_place_while_the_instance_lasts(said) -> None:
    attached(said, replace(passed_pager(), roles=PF), silent_pf())
    assert [one.instance for one in said.told] == ["push-pager-1"]


@pytest.mark.parametrize(
    "change",
    [
        {"place": "10.0.3.2"},
        {"time": BEGIN},
        {"time": BEGIN + 400_000 * MS},
        {"role": Role.CLIENT},
    ],
)
def test_not_elsewhere_and_not_at_another_time(said, change) -> None:
    attached(said, replace(passed_pager(), roles=PF), replace(silent_pf(), **change))
    assert said.told == []


def test_captures_that_were_not_compared_together_share_nothing(said) -> None:
    other = replace(passed_pager(), captures=(1,))
    assert attached(said, other, other_conversation()) == other
    assert len(said.waiting) == 1


def test_what_is_left_out_waits_no_more(said) -> None:
    said.waiting.append(OpinionResult(other_conversation(), captures=(0,)))
    assert [one.opinion for one in said.leave_out(passed_pager())] == [other_conversation()]
    assert said.results() == ()


# ---------------------------------------------------------------- what it makes of the instance


def test_a_pass_becomes_a_fail_that_says_what_the_flow_alone_says(said) -> None:
    made = attached(said, passed_pager(), other_conversation())
    assert made.verdict is Verdict.FAIL
    assert made.summary.startswith("pf: the reference would have sent MESSAGE")
    assert made.notes[-1] == "by the flow alone: pass: one message pushed and answered"
    (found,) = made.findings
    assert (found.verdict, found.role_at_fault) == (Verdict.FAIL, Role.PF)
    assert found.observed.endswith("Conversation-ID: abc expected, xyz seen")
    assert (found.flow_file, found.line) == ("", 0)
    assert dict(made.judged)[found.requirement] is Verdict.FAIL
    (told,) = said.results()
    assert told.flow_verdict is Verdict.PASS


def test_what_was_inconclusive_has_no_reason_left_when_it_fails(said) -> None:
    made = attached(said, cut_pager(), other_conversation())
    assert (made.verdict, made.reason_code, made.would_settle) == (Verdict.FAIL, None, "")
    assert "by the flow alone: inconc (capture-ends-early): pushed" in made.notes[-1]


def test_what_fails_by_its_flow_keeps_its_summary(said) -> None:
    one = replace(other_conversation(), call_ids=("c1@10.0.2.20",))
    made = attached(said, failed_pull(), one)
    assert made.summary == failed_pull().summary
    assert len(made.findings) == len(failed_pull().findings) + 1


def test_what_is_inconclusive_or_open_changes_no_verdict(said) -> None:
    unsure = replace(other_conversation(), verdict=Verdict.INCONC)
    note = replace(other_conversation(), verdict=Verdict.PASS, requirement="", clause="")
    made = attached(said, passed_pager(), unsure, note)
    assert (made.verdict, made.summary) == (Verdict.PASS, passed_pager().summary)
    assert [one.requirement for one in made.findings] == [unsure.requirement, "reference-pf"]
    assert dict(made.judged)[unsure.requirement] is Verdict.INCONC
    assert [one.role_at_fault for one in made.findings] == [None, None]


def test_a_known_requirement_lends_its_sentence_and_level(said) -> None:
    made = attached(said, replace(passed_pager(), roles=PF), silent_pf())
    known = said.requirements[PREFERENCES]
    assert (made.findings[0].sentence, made.findings[0].level) == (known.sentence, known.level)
    assert "decides message at delivery" in made.findings[0].observed


def test_what_is_only_advised_fails_under_strict_alone(said) -> None:
    known = replace(said.requirements[PREFERENCES], level=Level.SHOULD)
    for strict, verdict in ((False, Verdict.NONE), (True, Verdict.FAIL)):
        heard = Opinions({PREFERENCES: known}, strict)
        assert heard.verdict(silent_pf()) is verdict
    assert said.verdict(replace(silent_pf(), verdict=Verdict.INCONC)) is Verdict.NONE


# ---------------------------------------------------------------- asking


def test_it_is_asked_with_the_preferences_of_the_file(said, tmp_path, monkeypatch) -> None:
    heard = []
    monkeypatch.setattr(
        opinions, "compare", lambda seen, known: heard.append(known) or (silent_pf(),)
    )
    path = tmp_path / "alice.xml"
    path.write_text(
        '<user-preferences xmlns="urn:oma:xml:cpm:user-preferences"><profile id="a"/>'
        "</user-preferences>"
    )
    said.learn(str(path))
    path.unlink()
    for preferences in (str(path), ""):
        assert said.ask([], Topology(), preferences, captures=(2,)) == (silent_pf(),)
    assert heard == [said.known[str(path)], None]
    assert [one.captures for one in said.waiting] == [(2,), (2,)]


def test_a_file_that_holds_no_preferences_is_refused(said) -> None:
    with pytest.raises(ConformanceError, match=r"absent\.xml"):
        said.learn("absent.xml")


def test_what_the_profile_relaxes_is_told_and_fails_nobody(said, monkeypatch) -> None:
    monkeypatch.setattr(opinions, "compare", lambda *_: (silent_pf(), other_conversation()))
    easy = Profile(name="rcs", relaxes=(Relaxation(PREFERENCES, "condition", "they never do"),))
    first, second = said.ask([], Topology(), "", profile=easy)
    assert (first.verdict, first.did) == (Verdict.PASS, "nothing (relaxed by profile rcs)")
    assert second == other_conversation()


def test_what_was_said_of_other_captures_is_taken_in(said) -> None:
    other = Opinions(said.requirements)
    attached(other, passed_pager(), other_conversation())
    other.waiting.append(OpinionResult(silent_pf(), captures=(1,)))
    said.absorb(other)
    assert [one.instance for one in said.results()] == ["push-pager-1", ""]
    assert said.alone() == (silent_pf(),)
