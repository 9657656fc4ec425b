import pytest

from conformance.reference.pf.deferred_chat import conversations
from conformance.reference.store.deferred_queue import Deferred
from tests.reference.pf.world import ALICE, BOB, PfWorld, message, services_in


def deferred(number: int, **changes: object) -> Deferred:
    made = message(number, **changes)
    return Deferred(made.message_id, made, "chat", 0, None, frozenset(), ALICE)


def chat_world(*numbers: int, **changes: object) -> PfWorld:
    world = PfWorld()
    for number in numbers:
        assert world.pf.deferral.defer(ALICE, message(number, **changes), "chat")
    return world


def test_that_chats_are_kept_apart_by_conversation_and_sender() -> None:
    carol = "sip:+15550199@home-b.example"
    waiting = [
        deferred(1),
        deferred(2, conversation_id="conv-2"),
        deferred(3),
        deferred(4, sender=carol),
    ]
    found = [[one.id for one in together] for together in conversations(waiting)]
    assert found == [["msg-1", "msg-3"], ["msg-2"], ["msg-4"]]


def test_that_a_chat_is_delivered_in_a_one_way_session() -> None:
    # 7.3.12
    world = chat_world(1, 2)
    world.register()
    (client,) = world.clients
    assert client.ids == ["msg-1", "msg-2"]
    assert services_in(client.request) == {"oma.cpm.session"}
    assert b"a=sendonly" in client.request.body
    assert client.request.header("Conversation-ID") == "conv-1"
    assert client.request.header("Referred-By") == f"<{BOB}>"
    assert client.ended_by == "BYE came"
    assert world.queue == []


@pytest.mark.parametrize("status", [480, 486, 603])
def test_that_a_declined_chat_stays_deferred(status: int) -> None:
    world = chat_world(1, 2)
    world.on_session = lambda client: client.session.refuse(status)
    world.register()
    assert world.queue == ["msg-1", "msg-2"]


def test_that_declining_one_conversation_does_not_hold_up_the_other() -> None:
    world = chat_world(1)
    assert world.pf.deferral.defer(ALICE, message(2, conversation_id="conv-2"), "chat")
    answers = [lambda c: c.session.refuse(480), lambda c: c.accept()]
    world.on_session = lambda client: answers.pop(0)(client)
    world.register()
    assert world.clients[1].ids == ["msg-2"]
    assert world.queue == ["msg-1"]


def test_that_chats_and_messages_do_not_share_a_session() -> None:
    world = chat_world(1)
    world.defer(0)
    world.send(message(2))
    world.register()
    found = [(services_in(client.request), client.ids) for client in world.clients]
    assert sorted(ids for _, ids in found) == [["msg-1"], ["msg-2"]]
    assert {service for services, _ in found for service in services} == {
        "oma.cpm.session",
        "oma.cpm.deferred",
    }


def test_that_an_anonymous_chat_refers_to_nobody() -> None:
    world = chat_world(1, anonymous=True)
    world.register()
    assert world.clients[0].request.header("Referred-By") is None
