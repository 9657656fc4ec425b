from dataclasses import replace
from io import BytesIO

from conformance.capture.native import NativeSource
from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule
from conformance.observation.trace import CaptureHealth, Gap, GapReason, Observation, Shown
from conformance.verifier import ongoing
from conformance.verifier.ongoing import GrowingSurvey, GrowingTopology, OngoingJudge
from conformance.verifier.verdict import Reason, Verdict
from tests.live.growing import capture

SECOND = 1_000_000_000
ROLES = (
    RoleRule(Role.CORE, "10.0.1.1"),
    RoleRule(Role.PF, "10.0.3.1"),
    RoleRule(Role.CLIENT, "10.0.2.20"),
)


def items(flow: str) -> list[Shown]:
    source = NativeSource(CaptureHealth("x", "native"), 0, lambda: BytesIO(capture(flow)))
    return list(source)


def judge(*rules: RoleRule, told=None) -> OngoingJudge:
    library = load(None)
    return OngoingJudge(
        library.flows.values(),
        library.profile("cpm"),
        GrowingTopology(rules),
        GrowingSurvey(),
        told=told,
    )


def feed(one: OngoingJudge, seen) -> list:
    found = []
    for item in seen:
        one.growing.take(item)
        found += one.learn()
        found += one.feed(item)
    return found


# ---------------------------------------------------------------- survey


def test_the_clock_by_which_silence_is_judged_runs_no_further_than_the_judge() -> None:
    survey = GrowingSurvey()
    seen = items("push-pager")
    for item in seen:
        survey.take(item)
    assert survey.ends == {}
    assert survey.ahead == {0: seen[-1].time}
    survey.reach(0, seen[2].time)
    survey.reach(0, seen[1].time)
    assert survey.ends == {0: seen[2].time}
    assert survey.starts == {0: seen[0].time}


def test_a_clock_that_goes_back_is_noticed_ahead_of_the_judge() -> None:
    survey = GrowingSurvey()
    first, second, *_ = items("push-pager")
    survey.take(second)
    survey.take(replace(first, time=second.time - 2 * SECOND))
    assert survey.unsteady == {0}


def test_gaps_and_streams_that_nobody_asks_for_any_more_are_let_go(monkeypatch) -> None:
    monkeypatch.setattr(ongoing, "_MAX_GAPS", 3)
    monkeypatch.setattr(ongoing, "_MAX_STREAMS", 1)
    survey = GrowingSurvey()
    ends = Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5060)
    for number in range(10):
        survey.take(Gap(0, number, 0, "hole", GapReason.TCP_HOLE, *ends))
    survey.take(Gap(0, 0, 0, "ESP from then on", GapReason.UNDECRYPTABLE, *ends))
    survey.streams = {ends: 1, ends[::-1]: 9}
    survey.trim(8)
    assert [gap.time for gap in survey.gaps] == [8, 9, 0]
    assert survey.streams == {ends[::-1]: 9}
    for number in range(10, 20):
        survey.take(Gap(0, number, 0, "hole", GapReason.TCP_HOLE, *ends))
    survey.trim(0)
    # The oldest stands for all that were too many: it may touch any link.
    assert len(survey.gaps) == 4
    assert (survey.gaps[0].reason, survey.gaps[0].source) == (GapReason.LIMIT, None)


# ---------------------------------------------------------------- roles


def test_what_is_learnt_is_added_and_never_overrules_what_was_given() -> None:
    topology = GrowingTopology([RoleRule(Role.PF, "10.0.0.1")])
    learnt = RoleRule(Role.CLIENT, "10.0.0.2:5070", "registers", given=False)
    assert not topology.learn(learnt)
    topology.learn(RoleRule(Role.CORE, "10.0.0.1", given=False))
    assert topology.roles(Endpoint("10.0.0.1", 5060)) == {Role.PF}
    assert topology.roles(Endpoint("10.0.0.2", 5070)) == {Role.CLIENT}
    assert topology.roles(Endpoint("10.0.0.2", 5060)) == set()
    assert topology.hosts(Role.CLIENT) == {"10.0.0.2"}
    assert topology.by_port("10.0.0.2")
    assert not topology.by_port("10.0.0.3")
    assert topology.evidence(Endpoint("10.0.0.2", 5070)) == [(Role.CLIENT, "registers")]


def test_a_network_that_was_given_stands_for_more_than_hosts() -> None:
    topology = GrowingTopology([RoleRule(Role.CLIENT, "10.0.2.0/24")])
    topology.learn(RoleRule(Role.CLIENT, "10.9.0.1", given=False))
    assert topology.hosts(Role.CLIENT) is None


def test_another_role_for_a_place_replaces_the_first() -> None:
    topology = GrowingTopology()
    end = Endpoint("10.0.0.1", 5060)
    topology.learn(RoleRule(Role.CORE, "10.0.0.1", given=False))
    assert topology.roles(end) == {Role.CORE}
    assert topology.learn(RoleRule(Role.PF, "10.0.0.1", given=False))
    assert topology.roles(end) == {Role.PF}
    assert len(topology.rules) == 1


# ---------------------------------------------------------------- judging


def test_a_conversation_settles_when_the_clock_says_so() -> None:
    one = judge(*ROLES)
    seen = items("push-pager")
    results = feed(one, seen)
    assert one.open
    results += one.tick(0, seen[-1].time + 600 * SECOND)
    assert not one.open
    assert [(result.flow, result.verdict) for result in results] == [("push-pager", Verdict.PASS)]


def test_the_oldest_conversations_are_let_go_first_and_their_rest_begins_nothing() -> None:
    one = judge(*ROLES)
    seen = [item for item in items("push") if isinstance(item, Observation)]
    half = len(seen) * 2 // 3
    feed(one, seen[:half])
    results = list(one.evict(0))
    assert one.open == 0
    assert one.evicted
    results += feed(one, seen[half:])
    results += one.finish()
    assert not [result for result in results if result.verdict is Verdict.FAIL]
    assert {result.reason_code for result in results} <= {Reason.GAP, None}
    assert list(one.evict(5)) == []


def test_roles_that_turn_out_otherwise_make_open_conversations_doubtful() -> None:
    one = judge(*ROLES[:1])
    one.roles.learn(RoleRule(Role.PF, "10.0.3.1", given=False))
    one.roles.learn(RoleRule(Role.CLIENT, "10.0.2.20", given=False))
    seen = items("push-pager")
    for item in seen:
        one.growing.take(item)
        one.growing.evidence.fresh.clear()
        one.feed(item)
    assert one.open
    one.growing.evidence.clues.clear()
    one.growing.evidence._add("10.0.3.1", Role.IWF, 50, "says so")
    results = [*one.learn(), *one.finish()]
    assert one.roles.roles(Endpoint("10.0.3.1", 5060)) == {Role.IWF}
    assert {result.reason_code for result in results} == {Reason.ROLE_UNKNOWN}


def test_findings_are_told_while_the_conversation_is_open() -> None:
    heard = []
    one = judge(*ROLES, told=lambda instance, finding: heard.append(finding))
    seen = [item for item in items("push") if isinstance(item, Observation)]
    feed(one, seen)
    settled = [finding for result in one.finish() for finding in result.findings]
    assert all(finding in settled for finding in heard)


def test_sweeping_lets_go_of_unknown_parties_that_are_silent(monkeypatch) -> None:
    monkeypatch.setattr(ongoing, "_MAX_CLAIMED", -1)
    one = judge()
    seen = [item for item in items("push-pager") if isinstance(item, Observation)]
    for item in seen:
        one.growing.take(item)
        one.growing.evidence.fresh.clear()
        one.feed(item)
    assert not one.sweep(seen[-1].time)
    results = one.sweep(seen[-1].time + 600 * SECOND)
    assert {result.reason_code for result in results} == {Reason.ROLE_UNKNOWN}
    assert not one.sweep(seen[-1].time + 600 * SECOND)
