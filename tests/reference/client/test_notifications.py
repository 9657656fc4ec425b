"""What a client tells senders of their messages."""

from dataclasses import replace

import pytest

from conformance.reference.client.cpm_client import ClientSettings
from conformance.reference.messaging.content import CpmMessage, read
from conformance.sip.message import SipRequest
from tests.reference.client.home import ALICE, BOB, World

ASKS = ("positive-delivery", "display")


def message_in(request: SipRequest) -> CpmMessage:
    found = read(request.header("Content-Type") or "", request.body, request)
    assert isinstance(found, CpmMessage)
    return found


def test_what_the_sender_asks_for_it_is_told_in_messages_of_their_own() -> None:
    world = World()
    (message,) = world.home.defer(1, *ASKS)
    world.home.page(message)
    world.run(30)

    first, second = world.home.of("MESSAGE")
    assert world.home.notifications() == [("m0", "delivered"), ("m0", "displayed")]
    assert first.uri == second.uri == BOB
    assert first.call_id != second.call_id
    assert message_in(first).wants == ()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (ClientSettings(notifies=()), []),
        (ClientSettings(notifies=("display",)), [("m0", "displayed")]),
        (ClientSettings(notifying=(False,)), []),
    ],
)
def test_settings_may_withhold_notifications(
    settings: ClientSettings, told: list[tuple[str, str]]
) -> None:
    world = World(settings)
    (message,) = world.home.defer(1, *ASKS)
    world.home.page(message)
    world.run(30)

    assert world.home.notifications() == told


def test_a_message_without_an_identity_cannot_be_reported_on() -> None:
    world = World()
    world.home.page(CpmMessage("", BOB, ALICE, b"x", wants=ASKS, envelope=b""))
    world.run(30)

    assert world.home.pushes == [200]
    assert world.home.of("MESSAGE") == []


def test_a_hidden_sender_is_told_by_the_address_that_the_network_asserts() -> None:
    world = World()
    world.home.page(CpmMessage("m0", BOB, ALICE, b"x", wants=ASKS[:1], anonymous=True))
    world.run(30)

    assert [request.uri for request in world.home.of("MESSAGE")] == [BOB]


def test_a_user_says_when_a_message_was_read() -> None:
    world = World(ClientSettings(display_after=None))
    (message,) = world.home.defer(1, *ASKS)
    world.home.page(message)
    world.run(30)
    assert world.home.notifications() == [("m0", "delivered")]

    world.client.display(world.client.received[0])
    world.run(5)

    assert world.home.notifications()[1:] == [("m0", "displayed")]


def test_a_notification_that_nobody_takes_is_not_sent_again() -> None:
    world = World()
    world.home.status["MESSAGE"] = 404
    (message,) = world.home.defer(1, "positive-delivery")
    world.home.page(message)
    world.run(30)

    assert world.noted("notification-failed") == [{"message": "m0"}]
    assert len(world.home.of("MESSAGE")) == 1


@pytest.mark.parametrize(
    ("identity", "sender"), [("a\x01b", BOB), ("m0", "sip:a b"), ("m0", "http://b.example")]
)
def test_what_no_notification_can_name_or_reach_is_left_alone(identity: str, sender: str) -> None:
    world = World()
    odd = CpmMessage("ID", "SENDER", ALICE, b"x", wants=ASKS[:1])
    octets = odd.cpim().replace(b"ID: ID", f"ID: {identity}".encode())
    world.home.page(replace(odd, envelope=octets.replace(b"SENDER", sender.encode())))
    world.run(30)

    assert world.home.pushes == [200]
    assert all(request.uri == BOB for request in world.home.of("MESSAGE"))
