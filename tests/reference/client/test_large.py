"""A large message on its way."""

import pytest

from conformance.reference.messaging.content import CpmMessage, read
from tests.reference.client.home import BOB, World


def test_a_large_message_has_a_session_of_its_own() -> None:
    world = World()
    text = "All of it. " * 1_000
    sending = world.client.send_large(BOB, text)
    world.run(5)

    (invite,) = world.home.of("INVITE")
    assert invite.header(
        "P-Preferred-Service",
    ).endswith(".largemsg")  # type: ignore[union-attr]
    (call,) = world.home.calls
    ((kind, body),) = call.came
    found = read(kind, body)
    assert isinstance(found, CpmMessage)
    assert found.text == text
    assert sending.has_arrived
    assert sending.is_over
    assert call.why == "BYE came"


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_a_large_message_goes_whoever_connects(setup: str) -> None:
    world = World()
    world.home.setup = setup
    sending = world.client.send_large(BOB, "text")
    world.run(5)

    assert sending.has_arrived


def test_a_large_message_that_nobody_takes_is_noted() -> None:
    world = World()
    world.home.status["INVITE"] = 486
    sending = world.client.send_large(BOB, "text")
    world.run(5)

    assert sending.is_over
    assert world.noted("failed") == [{"message": sending.message.message_id, "status": "486"}]


def test_a_large_message_whose_channel_breaks_is_noted() -> None:
    world = World()
    sending = world.client.send_large(BOB, "text " * 50_000)
    world.run(0.05)
    world.home.calls[0].msrp.close()
    world.run(5)

    assert sending.is_over
    assert world.noted("failed") == [{"message": sending.message.message_id, "status": "481"}]


def test_a_large_message_that_gets_no_channel_is_given_up() -> None:
    world = World()
    world.home.setup = "active"
    world.wire.refuses.add(world.client.link.endpoint)
    sending = world.client.send_large(BOB, "text")
    world.run(100)

    assert sending.is_over
    assert world.home.calls[0].why == "BYE came"
