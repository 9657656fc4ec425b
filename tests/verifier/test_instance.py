"""What an instance keeps of its messages."""

from conformance.verifier.verdict import Status
from tests.scenarios import catalogue, pull
from tests.verifying import verify


def test_that_each_hop_knows_its_frames() -> None:
    ladder = pull.build()
    (one,) = verify(ladder).results
    items = ladder.trace().items
    frames = {step.number: [ref.frame for ref in step.frames] for step in one.steps}
    for label in ("2", "3", "6", "7", "10", "13"):
        assert frames[label] == list(items[ladder.find(label)].frames)


def test_that_the_places_of_each_role_are_known() -> None:
    (one,) = verify(pull.build()).results
    assert one.roles == {"client": ("10.0.2.20",), "core": ("10.0.1.1",), "pf": ("10.0.3.1",)}


def test_that_the_branches_of_a_fork_are_told_apart() -> None:
    ladder = catalogue.ladder("VARIANTS", "push", "losing-fork-busy")
    (one,) = verify(ladder).results
    assert {step.branch for step in one.steps if step.number == "3"} == {0, 1}


def test_that_a_loop_is_one_step_with_all_its_frames() -> None:
    ladder = catalogue.ladder("VARIANTS", "push", "many-messages")
    (one,) = verify(ladder).results
    (content,) = (step for step in one.steps if step.number == "6" and step.part == "messages")
    assert content.status is Status.OBSERVED
    assert len(content.frames) == 25


def test_that_all_call_ids_of_a_conversation_are_named() -> None:
    (one,) = verify(catalogue.ladder("VARIANTS", "push-pager", "b2bua-core")).results
    assert len(one.call_ids) == 2


def test_that_times_are_those_of_the_first_and_the_last_message() -> None:
    ladder = pull.build()
    (one,) = verify(ladder).results
    assert one.first_time == ladder.shots[ladder.find("2")].time
    assert one.last_time == ladder.shots[-1].time
