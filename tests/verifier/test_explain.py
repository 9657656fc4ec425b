"""What came near a flow, and what kept it."""

from tests.ladder import Ladder
from tests.scenarios import catalogue, pull
from tests.scenarios.parties import Setting
from tests.verifying import verify


def misses(ladder: Ladder, flow: str) -> list[str]:
    return [one.kept_by for one in verify(ladder).judge.near_misses if one.flow == flow]


def test_that_another_event_is_said_with_what_was_expected() -> None:
    ladder = pull.build(event="presence", notify_event="presence", actions=())
    expected = "Event is presence, profile cpm expects deferred-messages"
    assert set(misses(ladder, "pull")) == {expected}


def test_that_an_ordinary_chat_lacks_sendonly() -> None:
    ladder = catalogue.ladder("UNIDENTIFIED", "chat-deferred", "without-sendonly")
    (said, *_) = misses(ladder, "chat-deferred")
    assert said.startswith("sdp.direction is ")
    assert said.endswith("the flow expects sendonly")


def test_that_a_candidate_names_the_step_that_it_lacks() -> None:
    ladder = catalogue.ladder("UNIDENTIFIED", "undelivered", "notice-withheld")
    assert misses(ladder, "undelivered") == ["step 7-8 was not seen"]


def test_that_immediate_delivery_is_told_apart_from_a_push() -> None:
    ladder = catalogue.ladder("ORDINARY", "ordinary", "immediate-delivery")
    assert "the participating function still holds it" in misses(ladder, "push-pager")


def test_that_a_near_miss_names_its_frame() -> None:
    ladder = pull.build(event="presence", notify_event="presence", actions=())
    miss = next(one for one in verify(ladder).judge.near_misses if one.flow == "pull")
    assert miss.frame.frame == ladder.find("2") + 1
    assert miss.frame.time == ladder.shots[ladder.find("2")].time


def test_that_the_list_of_near_misses_is_bounded() -> None:
    hour = 3_600_000_000_000
    many = pull.build(event="presence", notify_event="presence", actions=())
    for number in range(1, 30):
        more = pull.build(Setting(seed=number), event="presence", actions=())
        many = many.interleave(more.shift(number * hour))
    assert len(misses(many, "pull")) == 20
