"""The far end of the legs: a telephone or message centre as its settings make it."""

import pytest

from conformance.reference.interworking.site import CENTRE, PLAIN, SMPP, TELEPHONE
from conformance.reference.legs.leg import Arrival, Cause, NonCpmMessage, Outcome
from conformance.reference.remote.non_cpm_client import MAX_RECEIVED, NonCpmClient, NonCpmSettings
from conformance.reference.user_agents.incoming import Content
from tests.reference.interworking.world import ALICE_TEL, GATEWAY, SERVICE, SMS_USER, World


def test_it_notes_what_it_gets_and_what_becomes_of_its_own() -> None:
    world = World(SMPP)
    world.core.send("Are you coming?")
    world.noncpm.send(ALICE_TEL, "Yes")
    world.run()
    (received,) = world.noted("received")
    assert received == {"source": ALICE_TEL, "to": SMS_USER, "text": "Are you coming?"}
    (sent,) = world.noted("sent")
    assert [note["message"] for note in world.noted("acknowledged")] == [sent["message"]]


def test_it_notes_a_refusal_with_its_cause() -> None:
    world = World(TELEPHONE)
    world.core.status = 404
    world.noncpm.send(ALICE_TEL, "Yes")
    world.run()
    (refused,) = world.noted("refused")
    assert refused["cause"] == "unknown number"


@pytest.mark.parametrize("delay", [0, 700_000_000])
def test_it_acknowledges_when_its_time_has_come(delay: int) -> None:
    world = World(SMPP, noncpm=NonCpmSettings(answer_delay=delay))
    world.core.send("Are you coming?")
    world.run(delay / 1e9 + 0.02)
    assert world.core.statuses == []
    world.run(1)
    assert world.core.statuses == [200]


def test_it_may_report_nothing() -> None:
    world = World(CENTRE, noncpm=NonCpmSettings(delivers=None))
    world.core.send("Are you coming?", wants=("positive-delivery", "negative-delivery"))
    world.run()
    assert (world.core.statuses, world.core.requests) == ([200], [])


def test_a_service_that_it_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no service 'mms'"):
        World(SMPP).noncpm.send(ALICE_TEL, "Yes", service="mms")
    with pytest.raises(ValueError, match="no service"):
        World().noncpm.send(ALICE_TEL, "Yes")


def test_a_form_that_it_does_not_know_is_unsupported() -> None:
    world = World(PLAIN)
    answers: list[object] = []
    world.gateway.agent.request(
        "MESSAGE",
        SMS_USER,
        content=Content("image/png", b"\x89PNG"),
        answered=answers.append,
        routes=(f"<sip:{SERVICE};lr>",),
    )
    world.run()
    assert world.statuses(SERVICE, GATEWAY) == [415]


def test_it_keeps_so_many_messages_at_most() -> None:
    client: NonCpmClient = World(SMPP, noncpm=NonCpmSettings(is_silent=True)).noncpm
    for number in range(MAX_RECEIVED + 5):
        message = NonCpmMessage(str(number), SMS_USER, ALICE_TEL, "text")
        client.arrived(Arrival(message, lambda outcome: None))
    assert (len(client.received), client.received[0].identity) == (MAX_RECEIVED, "5")


def test_another_behaviour_is_one_small_method() -> None:
    class Odd(NonCpmClient):
        """Refuses every second message."""

        def outcome(self) -> Outcome:
            return Outcome(Cause.REFUSED) if len(self.received) % 2 == 0 else super().outcome()

    world = World(SMPP)
    odd = Odd(world.noncpm.station, world.noncpm.legs)
    for _ in range(3):
        world.core.send("Are you coming?")
        world.run(5)
    assert len(odd.received) == 3
    assert world.core.statuses == [200, 603, 200]
