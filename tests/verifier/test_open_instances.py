"""Whoever sleeps comes back as if never away: one judge lets everybody sleep all the time."""

import pytest

from conformance.verifier import exchange, open_instances, tie_index
from conformance.verifier.asleep import Asleep
from conformance.verifier.judge import Judge
from conformance.verifier.verdict import InstanceResult
from tests.ladder import Ladder
from tests.laws.neighbours import neighbour
from tests.laws.samples import label, named, spread
from tests.scenarios import catalogue, interwork_in, push_pager
from tests.scenarios.parties import SECOND, Setting
from tests.verifier.closings import closed
from tests.verifier.events import events
from tests.verifying import role_rules, verify

EVERYTHING = named(*catalogue.KINDS)
SOME = list(spread(EVERYTHING, 15, "asleep"))


def judged(ladder: Ladder, monkeypatch, awake: int) -> list[InstanceResult]:
    monkeypatch.setattr(open_instances, "AWAKE", awake)
    return verify(ladder, roles="inferred").results


def assert_same(ladder: Ladder, monkeypatch) -> None:
    assert judged(ladder, monkeypatch, 0) == judged(ladder, monkeypatch, 100_000)


@pytest.mark.parametrize("one", SOME, ids=label)
def test_that_sleep_changes_nothing(one: tuple[str, str, str], monkeypatch) -> None:
    assert_same(catalogue.ladder(*one), monkeypatch)


@pytest.mark.parametrize("flow", catalogue.FLOWS)
def test_that_two_conversations_at_once_may_sleep_and_wake(flow: str, monkeypatch) -> None:
    pair = neighbour(flow, "base", 0).interleave(neighbour(flow, "base", 1).shift(SECOND // 3))
    assert_same(pair, monkeypatch)


@pytest.mark.parametrize("module", [push_pager, interwork_in])
def test_that_a_crowd_may_sleep(module, monkeypatch) -> None:
    monkeypatch.setattr(tie_index, "CROWD", 4)
    mailing = module.build(Setting(seed=1))
    for number in range(1, 10):
        mailing = mailing.interleave(module.build(Setting(seed=number + 1)).shift(number * SECOND))
    assert_same(mailing, monkeypatch)


def test_that_a_closing_wakes_whom_it_concerns(monkeypatch) -> None:
    ladder = catalogue.ladder("BREAKS", "push", "ended-inside-a-message")
    found = []
    for awake in (0, 100_000):
        monkeypatch.setattr(open_instances, "AWAKE", awake)
        trace = closed(ladder, ("peer", -1_000), ("own", -500))
        found.append(verify(trace, rules=role_rules(ladder)).results)
    assert found[0] == found[1] != verify(ladder).results


def test_that_nearly_everyone_is_asleep_then(monkeypatch) -> None:
    """The law above would hold of a judge that never lets anybody sleep."""
    asleep = []
    finish = Judge.finish

    def watched(judge: Judge):
        asleep.append((judge.open, judge._instances.asleep))
        return finish(judge)

    monkeypatch.setattr(Judge, "finish", watched)
    for flow in catalogue.FLOWS:
        judged(catalogue.FLOWS[flow].VARIANTS["base"](seed=1), monkeypatch, 0)
    assert all(open_ == sleeping for open_, sleeping in asleep)
    assert sum(sleeping for _, sleeping in asleep) > 10


def test_that_those_just_heard_stay_awake_while_there_is_room(monkeypatch) -> None:
    monkeypatch.setattr(open_instances, "_ROOM", 2)
    most = []
    feed = Judge.feed

    def watched(judge: Judge, item):
        settled = feed(judge, item)
        most.append((judge.open - judge._instances.asleep, judge._instances.asleep))
        return settled

    monkeypatch.setattr(Judge, "feed", watched)
    many = push_pager.build(Setting(seed=1))
    for number in range(1, 40):
        many = many.interleave(push_pager.build(Setting(seed=number + 1)).shift(number * SECOND))
    judged(many, monkeypatch, 8)
    awake, asleep = map(max, zip(*most, strict=True))
    assert awake <= 2 * 8 + 8
    assert asleep > 50


def test_that_nobody_sleeps_where_nothing_can_be_written(monkeypatch) -> None:
    def full(_asleep: Asleep, _octets: bytes) -> int:
        raise OSError(28, "No space left on device")

    ladder = push_pager.build()
    plain = judged(ladder, monkeypatch, 100_000)
    monkeypatch.setattr(Asleep, "write", full)
    assert judged(ladder, monkeypatch, 0) == plain


def test_that_a_transaction_sleeps_no_longer_than_it_is_remembered() -> None:
    """What would have been forgotten meanwhile is not known again."""
    exchanges = exchange.Exchanges()
    first = exchange.Transaction(None)
    answer = _event(push_pager.build())
    first.final = (answer,)
    key = first.key
    for turns, is_known in ((0, True), (1, True), (2, False)):
        exchanges._young[key] = first
        age = exchanges.take_out(first)
        assert key not in exchanges._young
        for _ in range(turns):
            exchanges._turn(0)
        exchanges.put_back(first, age)
        known = exchanges._young.get(key) or exchanges._old.get(key)
        assert (known is first) is is_known
        exchanges._young.clear()
        exchanges._old.clear()
    assert exchanges.take_out(first) is None


def _event(ladder: Ladder) -> exchange.Event:
    return events(ladder)[-1]
