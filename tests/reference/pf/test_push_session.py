import pytest

from conformance.body import sdp
from conformance.reference.pf.push_session import sdp_of
from conformance.reference.pf.settings import PfSettings
from tests.reference.pf.world import BOB, DAY, PF_HOST, Client, PfWorld


def media_of(client: Client) -> sdp.Media:
    read = sdp.parse(client.request.body)
    assert isinstance(read, sdp.Session)
    media = sdp.message_media(read)
    assert media is not None
    return media


def test_that_the_invitation_says_what_it_is() -> None:
    world = PfWorld()
    world.defer(1)
    world.register()
    (client,) = world.clients
    assert media_of(client).direction == "sendonly"
    assert media_of(client).setup == "actpass"
    assert client.request.header("Conversation-ID") == "conv-1"
    assert client.request.header("Contribution-ID") == "contrib-1"
    assert client.request.header("P-Asserted-Identity") == f"<{BOB}>"
    assert "oma.cpm.deferred" in (client.request.header("Contact") or "")


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_that_either_side_may_connect(setup: str) -> None:
    world = PfWorld()
    sent = world.defer(3)
    world.on_session = lambda client: client.accept(setup=setup)
    world.register()
    assert [one.body for one in world.clients[0].got] == [one.body for one in sent]
    assert world.queue == []


def test_that_the_bye_follows_the_last_answer() -> None:
    world = PfWorld()
    world.defer(2)
    world.register()
    pf = [c for c in world.wire.carried if c.source.host == PF_HOST]
    byes = [c.number for c in pf if c.start.startswith("BYE")]
    sends = [c.number for c in pf if b" SEND\r\n" in c.octets]
    assert len(byes) == 1
    assert byes[0] > max(sends)


def test_that_a_large_message_comes_whole() -> None:
    world = PfWorld()
    world.defer(1, text="long text " * 2_000)
    world.register()
    assert world.clients[0].ids == ["msg-1"]
    assert len(world.clients[0].got[0].body) == 20_000


def test_that_what_came_before_the_clients_bye_is_gone_and_the_rest_stays() -> None:
    # Given a client that ends the session after the first message
    world = PfWorld()
    world.defer(4)
    world.after_receipt = lambda client: client.session.bye()
    world.register()
    # then what crossed its BYE and was answered counts as delivered
    assert world.clients[0].ids == ["msg-1", "msg-2"]
    assert world.queue == ["msg-3", "msg-4"]
    # and the rest comes with the next registration.
    world.after_receipt = lambda client: None
    world.register()
    assert world.clients[1].ids == ["msg-3", "msg-4"]


def test_that_a_lost_channel_leaves_the_rest_deferred() -> None:
    world = PfWorld()
    world.defer(3)
    world.after_receipt = lambda client: client.channel.close()
    world.register()
    assert world.queue == ["msg-2", "msg-3"] or world.queue == ["msg-1", "msg-2", "msg-3"]
    assert world.clients[0].ended_by == "BYE came"


def test_that_a_session_without_a_channel_is_given_up() -> None:
    world = PfWorld(PfSettings(channel_guard=30_000_000_000))
    world.defer(1)

    def accept_only(client: Client) -> None:
        client.accept(setup="active")
        client.local = b""

    world.on_session = accept_only
    world.register()
    assert world.clients[0].ended_by == ""
    world.wait(60)
    assert world.clients[0].ended_by == "BYE came"
    assert world.queue == ["msg-1"]


@pytest.mark.parametrize("direction", ["inactive", "sendonly"])
def test_that_nothing_is_sent_where_the_client_takes_nothing(direction: str) -> None:
    world = PfWorld()
    world.defer(1)
    world.on_session = lambda client: client.accept(direction=direction)
    world.register()
    assert world.clients[0].ids == []
    assert world.clients[0].ended_by == "BYE came"
    assert world.queue == ["msg-1"]


def test_that_a_message_does_not_expire_under_way() -> None:
    # Given a message that expires while the client thinks about the invitation
    world = PfWorld()
    world.defer(1)
    world.pf.host.queue.extend("msg-1", world.wire.now + 40_000_000_000)
    world.pf.deferral._arm()
    world.on_session = lambda client: None
    world.register()
    world.wait(40)
    assert world.queue == ["msg-1"]
    # when the client accepts after that
    world.clients[0].accept()
    world.wait(5)
    # then it is delivered all the same
    assert world.clients[0].ids == ["msg-1"]
    assert world.queue == []


def test_that_what_was_refused_expires_afterwards() -> None:
    world = PfWorld()
    world.defer(1)
    world.on_session = lambda client: None
    world.pf.host.queue.extend("msg-1", world.wire.now + 40_000_000_000)
    world.register()
    world.wait(40)
    world.clients[0].session.refuse(480)
    world.wait(5)
    assert world.queue == []
    assert world.noted("expired") == world.noted("discarded") == ["msg-1"]


def test_that_an_unanswered_invitation_leaves_all_deferred() -> None:
    world = PfWorld()
    world.defer(1)
    world.wire.loses = lambda carried: b"INVITE sip" in carried.octets
    world.register()
    world.wait(DAY)
    assert world.queue == ["msg-1"]


def test_that_no_body_has_no_description() -> None:
    assert sdp_of(None) == b""
