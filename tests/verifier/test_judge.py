"""The judge as a stream: what it holds, what it lets go, what it says at the end."""

import pytest

from conformance.flow.library import load
from conformance.observation.topology import Topology
from conformance.verifier.judge import Judge
from conformance.verifier.survey import survey
from conformance.verifier.tie_index import CROWD
from conformance.verifier.verdict import Verdict, worst
from tests.laws.neighbours import neighbour
from tests.scenarios import catalogue, interwork_in, interwork_out, push_pager
from tests.scenarios.parties import Setting
from tests.verifying import causes, role_rules, said_of, verify

HOUR = 3_600_000_000_000


@pytest.mark.parametrize(("flow", "name"), catalogue.names("VARIANTS"))
def test_that_what_conforms_passes(flow: str, name: str) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, name)
    judged = verify(ladder)
    assert worst(one.verdict for one in judged.of(flow)) == ladder.expect.verdict, said_of(
        ladder, judged
    )


@pytest.mark.parametrize(("flow", "name"), catalogue.names("BREAKS"))
def test_that_what_is_broken_fails_for_its_cause(flow: str, name: str) -> None:
    ladder = catalogue.ladder("BREAKS", flow, name)
    judged = verify(ladder)
    shown = said_of(ladder, judged)
    assert judged.verdict is Verdict.FAIL, shown
    if ladder.expect.requirement:
        assert ladder.expect.requirement in causes(judged), shown


@pytest.mark.parametrize(("flow", "name"), catalogue.names("INCONCLUSIVE"))
def test_that_what_cannot_be_told_is_left_open(flow: str, name: str) -> None:
    ladder = catalogue.ladder("INCONCLUSIVE", flow, name)
    judged = verify(ladder)
    shown = said_of(ladder, judged)
    assert judged.verdict == ladder.expect.verdict, shown
    codes = {str(one.reason_code) for one in judged.results}
    assert ladder.expect.reason_code is None or ladder.expect.reason_code in codes, shown


@pytest.mark.parametrize(
    ("kind", "flow", "name"),
    [(kind, *one) for kind in ("UNIDENTIFIED", "ORDINARY") for one in catalogue.names(kind)],
)
def test_that_what_is_no_flow_makes_no_instance(kind: str, flow: str, name: str) -> None:
    ladder = catalogue.ladder(kind, flow, name)
    judged = verify(ladder)
    assert judged.verdict is Verdict.NONE, said_of(ladder, judged)


def test_that_finished_conversations_are_let_go() -> None:
    many = neighbour("push-pager", "base", 0)
    for number in range(1, 8):
        many = many.interleave(neighbour("push-pager", "base", number).shift(number * HOUR))
    trace = many.trace()
    judge = Judge(
        load().flows.values(), load().profile("cpm"), Topology(role_rules(many)), survey(trace)
    )
    most, settled = 0, 0
    for item in trace:
        settled += len(judge.feed(item))
        most = max(most, judge.open)
    assert settled == 7
    assert most <= 4
    assert len(list(judge.finish())) == 1
    assert judge.open == 0


def test_that_only_the_flows_asked_for_are_judged() -> None:
    judged = verify(push_pager.build(), flows=["pull"])
    assert judged.results == []


def test_that_a_mailing_is_judged_message_by_message() -> None:
    """One sender says the same to a crowd: what they share ties none to another."""
    mailing = push_pager.build(count=CROWD + 10)
    judged = verify(mailing)
    assert [one.verdict for one in judged.results] == [Verdict.PASS] * (CROWD + 10)


@pytest.mark.parametrize(
    ("module", "more"), [(interwork_out, {"has_message_id": False}), (interwork_in, {})]
)
@pytest.mark.parametrize("apart", [1_000_000, 20_000_000, 200_000_000])
def test_that_a_mailing_through_a_b2bua_without_identities_convicts_nobody(
    module, more, apart
) -> None:
    """Every leg beyond it has a Call-ID of its own, and a crowd has the same text and sender."""
    mailing = module.build(Setting(seed=1), b2bua_pf=True, **more)
    for number in range(1, CROWD + 12):
        one = module.build(Setting(seed=number + 1), b2bua_pf=True, **more)
        mailing = mailing.interleave(one.shift(number * apart))
    judged = verify(mailing)
    assert len(judged.results) == CROWD + 12
    assert {one.verdict for one in judged.results} <= {Verdict.PASS, Verdict.INCONC}
    assert Verdict.PASS in {one.verdict for one in judged.results}
