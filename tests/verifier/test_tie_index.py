"""Which instances a key leads to, and that of a crowd the latest are looked at."""

from conformance.flow.library import load
from conformance.flow.profile import Profile
from conformance.verifier.instance import Instance
from conformance.verifier.plan import prepare
from conformance.verifier.tie_index import CROWD, TieIndex, hops_of
from tests.scenarios import push_pager
from tests.verifier.events import events

PLAN = prepare(load().flow("push-pager"), Profile())
SAID = ("text", "tel:+15550142 The train leaves at nine")


def instance(number: int) -> Instance:
    return Instance(PLAN, Profile(), number)


def crowded(index: TieIndex) -> list[Instance]:
    """One more instance than may share a key, each with an identity of its own."""
    members = [instance(number) for number in range(CROWD + 1)]
    for one in members:
        index.add(SAID, one)
        index.add(("imdn", str(one.number)), one)
    return members


def test_that_most_keys_win() -> None:
    index, one, two = TieIndex(), instance(1), instance(2)
    index.add(("imdn", "a"), one)
    index.add(("imdn", "b"), one)
    index.add(("imdn", "b"), two)
    assert index.tied([("imdn", "a"), ("imdn", "b")]) == [one]
    assert index.tied([("imdn", "b")]) == [one, two]
    index.remove([("imdn", "a"), ("imdn", "b")], one)
    assert index.tied([("imdn", "a"), ("imdn", "b")]) == [two]
    assert index.tied([("imdn", "unheard")]) == []


def test_the_one_that_came_last() -> None:
    index = TieIndex()
    members = crowded(index)
    assert index.latest(SAID) is members[-1]
    assert index.latest(("imdn", "3")) is members[3]
    assert index.latest(("imdn", "unheard")) is None


def test_that_of_a_crowd_the_latest_are_looked_at_and_who_has_an_identity_is_found() -> None:
    index = TieIndex()
    members = crowded(index)
    assert index.tied([SAID]) == members[-CROWD:]
    assert index.tied([SAID, ("imdn", "7")]) == [members[7]]
    assert index.tied([("imdn", "0")]) == [members[0]]


def test_that_nobody_of_a_crowd_is_said_to_lack_what_may_be_his() -> None:
    ladder = push_pager.build()
    passed_on = events(ladder)[ladder.find("3")]
    index = TieIndex()
    members = crowded(index)
    index.doubt([SAID], passed_on)
    for one in members:
        index.remove([SAID, ("imdn", str(one.number))], one)
    assert {one.ambiguous for one in members} == {hops_of(PLAN, passed_on)} != {0}
    assert index.tied([("imdn", "7")]) == []


def test_that_without_a_crowd_nothing_is_in_doubt() -> None:
    ladder = push_pager.build()
    index, one = TieIndex(), instance(1)
    index.add(SAID, one)
    index.doubt([SAID], events(ladder)[ladder.find("3")])
    index.remove([SAID], one)
    assert one.ambiguous == 0


def test_that_a_request_puts_its_hop_and_its_answers_in_doubt() -> None:
    ladder = push_pager.build()
    mask = hops_of(PLAN, events(ladder)[ladder.find("2")])
    labels = {PLAN.step_of[hop].label for hop in range(len(PLAN.step_of)) if mask >> hop & 1}
    assert labels == {"2-3", "4-5"}
