"""What is let go convicts nobody, and the rest is judged as without a bound."""

import pytest

from conformance.flow.library import load
from conformance.observation.topology import Topology
from conformance.verifier import exchange
from conformance.verifier.bounded import BoundedJudge
from conformance.verifier.survey import survey
from conformance.verifier.verdict import InstanceResult, Reason, Verdict
from tests.ladder import Ladder
from tests.laws.neighbours import neighbour
from tests.scenarios import catalogue
from tests.scenarios.parties import SECOND
from tests.verifying import role_rules


def judged(ladder: Ladder, most: int) -> tuple[list[InstanceResult], BoundedJudge]:
    trace = ladder.trace()
    library = load()
    judge = BoundedJudge(
        library.flows.values(), library.profile("cpm"), Topology(role_rules(ladder)), survey(trace)
    )
    results: list[InstanceResult] = []
    for item in trace:
        results.extend(judge.feed(item))
        results.extend(judge.evict(most, item.time))
        assert judge.open <= most
    return [*results, *judge.finish()], judge


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_that_what_is_let_go_is_never_a_fail(flow: str) -> None:
    """Two conforming conversations, of which no more than one reading may be open."""
    two = neighbour(flow, "base", 0).interleave(neighbour(flow, "base", 1).shift(SECOND // 3))
    results, judge = judged(two, 1)
    assert judge.evicted
    assert not [one for one in results if one.verdict in (Verdict.FAIL, Verdict.ERROR)]


def test_that_what_is_let_go_says_why() -> None:
    two = neighbour("push", "base", 0).interleave(neighbour("push", "base", 1).shift(SECOND // 3))
    results, judge = judged(two, 1)
    unknown = [one for one in results if one.verdict is Verdict.INCONC]
    assert {one.reason_code for one in unknown} == {Reason.GAP}
    assert all("--max-open" in one.would_settle for one in unknown)
    (gap,) = judge.gaps(0, 0)
    assert "--max-open" in gap.where


def test_that_transactions_are_bounded_and_silence_says_nothing_then(monkeypatch) -> None:
    """What is answered after it was forgotten convicts nobody."""
    monkeypatch.setattr(exchange, "MAX_TRANSACTIONS", 4)
    for flow in catalogue.FLOWS:
        two = neighbour(flow, "base", 0).interleave(neighbour(flow, "base", 1).shift(SECOND // 3))
        results, judge = judged(two, 100)
        assert not [one for one in results if one.verdict in (Verdict.FAIL, Verdict.ERROR)]
        told = [gap.where for gap in judge.gaps(0, 0)]
        limit = "limit: more than 1000000 transactions within 200 seconds"
        assert [where.partition(": what")[0] for where in told] == [limit]


def test_that_a_bound_that_is_not_reached_changes_nothing() -> None:
    two = neighbour("pull", "base", 0).interleave(neighbour("pull", "base", 1).shift(SECOND // 3))
    bounded, judge = judged(two, 100)
    assert not judge.evicted
    assert [one.verdict for one in bounded] == [Verdict.PASS] * 2
