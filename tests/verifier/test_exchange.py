"""What is one message and what is its copy, its retransmission, its answer."""

from dataclasses import replace

import pytest

from conformance.cpm.role import Role
from tests.ladder import Ladder
from tests.scenarios import pull, push_pager
from tests.verifier.events import events

T1 = 500_000_000


@pytest.fixture
def pushed() -> Ladder:
    return push_pager.build()


def test_that_a_mirrored_packet_is_no_retransmission(pushed: Ladder) -> None:
    first = events(pushed.duplicate(pushed.find("2"), 40_000))[pushed.find("2")]
    assert first.repeats == []


def test_that_the_same_octets_later_are_a_retransmission(pushed: Ladder) -> None:
    index = pushed.find("2")
    shot = pushed.shots[index]
    again = replace(shot, time=shot.time + T1, identification=shot.identification + 9)
    pushed.shots.append(again)
    first = events(pushed)[index]
    assert first.repeats == [again.time]


def test_that_a_packet_of_the_same_identification_a_second_later_is_sent_anew(
    pushed: Ladder,
) -> None:
    index = pushed.find("2")
    first = events(pushed.duplicate(index, 3 * T1))[index]
    assert len(first.repeats) == 1


def test_that_an_answer_finds_its_request_at_its_own_hop(pushed: Ladder) -> None:
    found = events(pushed)
    answer, request = found[pushed.find("4")], found[pushed.find("3")]
    assert answer.transaction is request.transaction
    assert answer.transaction is not None
    assert answer.transaction.final == (answer,)
    assert found[pushed.find("5")].transaction is found[pushed.find("2")].transaction


def test_that_a_hop_further_on_is_another_transaction(pushed: Ladder) -> None:
    found = events(pushed)
    assert found[pushed.find("2")].transaction is not found[pushed.find("3")].transaction


def test_that_provisional_answers_are_kept_apart() -> None:
    ladder = pull.build()
    found = events(ladder)
    invite = found[ladder.find("10")]
    assert invite.transaction is not None
    statuses = [one.message.status for one in invite.transaction.provisional]
    assert statuses == [100]
    assert [one.message.status for one in invite.transaction.final] == [200]


def test_the_roles_of_an_event(pushed: Ladder) -> None:
    event = events(pushed)[pushed.find("3")]
    assert list(event.pairs()) == [(Role.CORE, Role.CLIENT)]


def test_that_what_nobody_took_holds_its_transaction_no_more(pushed: Ladder) -> None:
    request, answer = (events(pushed)[pushed.find(label)] for label in ("2", "5"))
    answer.claims += (("an instance", 0),)
    for event in (request, answer):
        event.rest()
    assert request.transaction is None
    assert answer.transaction is not None
    assert request.content.cpim is not None
