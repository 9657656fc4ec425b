"""What a report gets of one instance."""

from conformance.verifier.verdict import Status
from tests.scenarios import catalogue, pull
from tests.verifying import verify


def test_that_an_instance_is_named_for_its_flow_capture_and_frame() -> None:
    ladder = pull.build()
    (one,) = verify(ladder).results
    assert one.id == f"pull.1.{ladder.find('2') + 1}"


def test_that_coverage_counts_hops_seen_of_hops_printed() -> None:
    ladder = pull.build()
    (whole,) = verify(ladder).results
    (thinned,) = verify(ladder.drop(ladder.find("3"))).results
    assert thinned.printed == whole.printed == whole.seen
    assert thinned.seen == whole.seen - 1


def test_that_the_ladder_shows_every_message_of_the_conversation() -> None:
    ladder = pull.build()
    (one,) = verify(ladder).results
    shown = [line.number for line in one.ladder]
    assert shown == list(range(ladder.find("2") + 1, len(ladder) + 1))
    assert [line.octets for line in one.ladder] == [
        shot.octets for shot in ladder.shots[ladder.find("2") :]
    ]


def test_that_retransmissions_are_folded_into_one_line() -> None:
    (one,) = verify(catalogue.ladder("BREAKS", "push-pager", "silent-at-4")).results
    assert max(line.folded for line in one.ladder) >= 3


def test_that_a_registration_is_the_witness_of_being_available() -> None:
    (one,) = verify(pull.build()).results
    first = next(step for step in one.steps if step.label == "1")
    assert first.status is Status.WITNESSED
    assert first.frames


def test_that_a_broken_message_is_marked() -> None:
    (one,) = verify(catalogue.ladder("BREAKS", "pull", "expires-raised")).results
    assert any(line.violated for line in one.ladder)


def test_that_the_readings_of_the_text_are_shown_with_every_result() -> None:
    (one,) = verify(pull.build()).results
    assert any("partial order" in note for note in one.notes)
