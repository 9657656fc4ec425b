"""Invitations to a client: pushed messages and deferred chat."""

import pytest

from conformance.body.sdp import Session, message_media, parse
from conformance.reference.client.cpm_client import ClientSettings, CpmClient
from conformance.reference.client.inbound import ClientInbound
from conformance.reference.engine.timer import SECOND
from conformance.reference.user_agents.incoming import Content
from tests.reference.client.home import PHONE, Call, World

ASKS = ("positive-delivery", "display")


def line_of(world: World, start: str, host: str = "") -> int:
    """Where a first line that begins so was carried, from a host if one is given."""
    return next(
        one.number
        for one in world.wire.carried
        if one.start.startswith(start) and host in ("", one.source.host)
    )


@pytest.mark.parametrize("count", [1, 3, 25])
def test_messages_are_taken_over_one_session(count: int) -> None:
    world = World()
    messages = world.home.defer(count)
    call = world.home.push(*messages)
    world.run(5)
    assert call.status == 200
    assert call.outcomes == [200] * count

    assert call.session is not None
    call.session.bye()
    world.run(5)

    assert world.received() == [m.message_id for m in messages]
    assert world.noted("session-ended") == [{"why": "BYE came", "received": str(count)}]


def test_the_answer_only_receives() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1))
    world.run(5)

    assert call.session is not None
    assert call.session.remote is not None
    found = parse(call.session.remote.body)
    assert isinstance(found, Session)
    media = message_media(found)
    assert media is not None
    assert (media.direction, media.setup) == ("recvonly", "active")


def test_the_channel_is_set_up_only_after_the_ack() -> None:
    world = World()
    world.home.push(*world.home.defer(1), service="session")
    world.run(5)

    assert line_of(world, "ACK") < line_of(world, "MSRP", PHONE)


def test_a_passive_client_waits_to_be_connected() -> None:
    world = World(ClientSettings(setups=("passive",)))
    call = world.home.push(*world.home.defer(2))
    world.run(5)

    assert call.outcomes == [200, 200]
    assert line_of(world, "MSRP") == line_of(world, "MSRP", "10.0.1.1")


@pytest.mark.parametrize("setup", ["active", "passive", ""])
def test_an_offer_that_leaves_no_choice_is_followed(setup: str) -> None:
    world = World()
    call = world.home.push(*world.home.defer(1), setup=setup)
    world.run(5)

    assert call.outcomes == [200]


def test_an_invitation_without_an_offer_is_answered_with_one() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1), offers=False)
    world.run(5)

    assert call.outcomes == [200]
    assert world.received() == ["m0"]


def test_a_large_message_comes_in_chunks() -> None:
    world = World()
    world.home.push(*world.home.defer(1, size=100_000), service="largemsg")
    world.run(5)

    assert len(world.client.received[0].body) == 100_000


def test_a_user_takes_a_while() -> None:
    world = World(ClientSettings(answer_after=25 * SECOND, rings=True))
    call = world.home.push(*world.home.defer(1))
    world.run(24)
    assert (call.status, "SIP/2.0 180 Ringing" in world.wire.starts()) == (0, True)

    world.run(5)

    assert call.outcomes == [200]


def test_an_invitation_that_is_taken_back_is_not_answered_any_more() -> None:
    world = World(ClientSettings(answer_after=25 * SECOND, rings=True))
    call = world.home.push(*world.home.defer(1))
    world.run(5)
    assert call.session is not None
    call.session.cancel()
    world.run(60)

    assert call.status == 487
    assert "SIP/2.0 200 OK" in world.wire.starts()
    assert world.received() == []


def test_deferred_chat_is_accepted_and_known_by_its_conversation() -> None:
    world = World()
    messages = world.home.defer(2)
    for _ in range(2):
        call = world.home.push(*messages, service="session")
        world.run(5)
        assert call.session is not None
        call.session.bye()
        world.run(5)

    assert world.noted("conversation") == [
        {"id": "talk", "known": "no"},
        {"id": "talk", "known": "yes"},
    ]
    assert world.received() == ["m0", "m1"]


def test_deferred_chat_is_declined_with_480() -> None:
    world = World(ClientSettings(chat_answers=(480,)))
    call = world.home.push(*world.home.defer(1), service="session")
    world.run(5)

    assert call.status == 480
    assert world.noted("declined") == [{"status": "480", "service": "session"}]


def test_each_notification_of_deferred_chat_is_a_sip_message() -> None:
    world = World()
    call = world.home.push(*world.home.defer(2, *ASKS), service="session")
    world.run(30)

    assert call.came == []
    assert sorted(world.home.notifications()) == [
        ("m0", "delivered"),
        ("m0", "displayed"),
        ("m1", "delivered"),
        ("m1", "displayed"),
    ]


def test_an_invitation_without_msrp_is_not_acceptable() -> None:
    world = World()
    audio = b"v=0\r\no=- 1 1 IN IP4 10.0.1.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
    call = Call(world.home, "sendonly")
    again = world.home.agent.invite(
        f"sip:alice@{PHONE}",
        headers=world.home.headers("deferred"),
        content=Content("application/sdp", audio),
        user=call,
    )
    world.run(5)

    assert again.is_over
    assert call.status == 488
    assert world.noted("not-acceptable") == [{"service": "deferred"}]


def test_octets_that_are_no_message_change_nothing() -> None:
    world = World()
    call = world.home.push()
    call.load = [b"\xff\xff", b""]
    world.run(5)

    assert call.status == 200
    assert world.received() == []
    assert world.noted("malformed")


def test_a_client_can_be_made_to_differ_in_one_thing() -> None:
    class Declines(CpmClient):
        def answer_session(self, reception: object) -> int:
            return 603

    world = World(client_class=Declines)
    call = world.home.push(*world.home.defer(1))
    world.run(5)

    assert issubclass(Declines, ClientInbound)
    assert call.status == 603


def test_a_session_whose_channel_is_gone_does_not_stay_for_ever() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1))
    world.run(5)
    call.msrp.close()
    world.run(20)
    assert call.why == ""

    world.run(20)

    assert call.why == "BYE came"


def test_a_user_may_leave_before_all_has_come() -> None:
    world = World(ClientSettings(leaves_after=2, leaves_delay=SECOND))
    call = world.home.push(*world.home.defer(3))
    world.run(0.5)
    assert call.why == ""

    world.run(5)

    assert call.why == "BYE came"
    assert len(world.received()) == 3
