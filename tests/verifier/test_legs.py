"""Legs of another Call-ID: tied by evidence, never by a guess."""

from dataclasses import replace

import pytest

from conformance.verifier.verdict import Verdict
from tests.ladder import Ladder
from tests.scenarios import catalogue, interwork_in, interwork_out, pull, pull_notify
from tests.verifying import causes, said_of, verify


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        (flow, name)
        for flow, name in catalogue.names("VARIANTS")
        if name.startswith("b2bua") and flow != "undelivered"
    ],
)
def test_that_the_legs_of_a_back_to_back_user_agent_are_one_conversation(
    flow: str, name: str
) -> None:
    ladder = catalogue.ladder("VARIANTS", flow, name)
    judged = verify(ladder)
    assert [one.verdict for one in judged.results] == [Verdict.PASS], said_of(ladder, judged)
    assert len(judged.results[0].call_ids) > 1


def test_that_an_invitation_is_tied_to_its_notification() -> None:
    """They share no Call-ID: the identities of the list tie them."""
    ladder = pull_notify.build()
    (one,) = verify(ladder).results
    assert len(one.call_ids) == 2


def test_that_a_second_message_of_a_conversation_is_an_instance_of_its_own() -> None:
    ladder = catalogue.ladder("VARIANTS", "push-pager", "two-messages")
    judged = verify(ladder)
    assert len(judged.results) == 2, said_of(ladder, judged)


def test_that_each_selection_from_one_list_is_judged_by_itself() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "two-sessions")
    first, second = verify(ladder).results
    assert (first.flow, second.flow) == ("pull", "pull")
    assert first.id != second.id
    assert not set(first.call_ids) & set(second.call_ids)
    assert [one.frames for one in first.steps if one.label == "2-3"] == [
        one.frames for one in second.steps if one.label == "2-3"
    ]


def test_that_what_led_to_two_selections_is_judged_once() -> None:
    ladder = pull.build(
        actions=("retrieve", "", ""),
        again=True,
        state="absent",
        subscribe_answer=(202, "Accepted"),
    )
    judged = verify(ladder)
    assert len(judged.results) == 2
    assert causes(judged) == ["RFC6665-state"], said_of(ladder, judged)


def test_that_another_attempt_at_a_selection_is_no_other_selection() -> None:
    ladder = catalogue.ladder("VARIANTS", "pull", "challenged")
    assert len(verify(ladder).results) == 1


def otherwise(ladder: Ladder, *, is_cpm: bool) -> Ladder:
    """The text of the CPM messages, or of those beyond the gateway, with another last word."""
    ladder.shots = [
        replace(shot, octets=shot.octets[:-3] + b"all")
        if shot.octets.startswith(b"MESSAGE") and (b"imdn.Message-ID" in shot.octets) is is_cpm
        else shot
        for shot in ladder.shots
    ]
    return ladder


@pytest.mark.parametrize("module", [interwork_out, interwork_in])
@pytest.mark.parametrize("is_cpm", [True, False])
def test_that_another_text_to_the_same_number_may_be_the_message_all_the_same(
    module: object, is_cpm: bool
) -> None:
    """A gateway shortens a text, or puts a name before it: nobody can tell."""
    ladder = otherwise(module.build(), is_cpm=is_cpm)  # type: ignore[attr-defined]
    judged = verify(ladder)
    assert causes(judged) == [], said_of(ladder, judged)
    assert judged.results, said_of(ladder, judged)
