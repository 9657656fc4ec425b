"""Ordinary chat, and replies to deferred chat messages."""

from conformance.reference.messaging.content import ANONYMOUS, CpmMessage, read
from tests.reference.client.home import ALICE, BOB, Call, World


def texts(call: Call) -> list[str]:
    found = [read(kind, body) for kind, body in call.came]
    return [message.text for message in found if isinstance(message, CpmMessage)]


def test_a_chat_goes_both_ways() -> None:
    world = World()
    chat = world.client.start_chat(BOB, "Are you there?")
    world.run(5)
    (call,) = world.home.calls
    (message,) = world.home.defer(1)
    call.msrp.send(message.cpim(), "message/cpim")
    chat.say("Good.")
    world.run(5)
    chat.end()
    world.run(5)

    assert texts(call) == ["Are you there?", "Good."]
    assert world.received() == ["m0"]
    assert call.why == "BYE came"
    assert world.client.chats == []


def test_a_reply_to_deferred_chat_is_a_session_of_its_own() -> None:
    world = World()
    delivery = world.home.push(*world.home.defer(1), service="session")
    world.run(5)
    world.client.reply(world.client.received[0], "On my way.")
    world.run(5)

    (invite,) = world.home.of("INVITE")
    (call,) = world.home.calls
    assert delivery.session is not None
    assert delivery.came == []
    assert invite.call_id != delivery.session.request.get("Call-ID")  # type: ignore[union-attr]
    assert invite.uri == BOB
    assert invite.header("Conversation-ID") == "talk"
    assert invite.header("InReplyTo-Contribution-ID") == "k0"
    assert texts(call) == ["On my way."]


def test_a_further_reply_goes_on_in_the_new_session() -> None:
    world = World()
    world.home.push(*world.home.defer(1), service="session")
    world.run(5)
    for text in ("One.", "Two."):
        world.client.reply(world.client.received[0], text)
        world.run(5)

    (call,) = world.home.calls
    assert texts(call) == ["One.", "Two."]


def test_a_reply_to_a_pager_message_is_one() -> None:
    world = World()
    world.home.page(*world.home.defer(1))
    world.run(5)
    world.client.reply(world.client.received[0], "Thanks.")
    world.run(5)

    (request,) = world.home.of("MESSAGE")
    assert (request.uri, request.header("Conversation-ID")) == (BOB, "talk")


def test_an_invitation_to_chat_is_accepted() -> None:
    world = World()
    call = world.home.push(*world.home.defer(1), service="session", direction="sendrecv")
    world.run(5)
    world.client.reply(world.client.received[0], "Here.")
    world.run(5)

    assert texts(call) == ["Here."]
    assert world.home.of("INVITE") == []


def test_a_chat_that_nobody_takes_is_over() -> None:
    world = World()
    world.home.status["INVITE"] = 480
    chat = world.client.start_chat(BOB, "Hello")
    world.run(5)

    assert chat.is_over
    assert world.client.chats == []


def test_nobody_who_hides_can_be_replied_to() -> None:
    world = World()
    world.client.reply(CpmMessage("m", ANONYMOUS, ALICE, b"x"), "Who is it?")
    world.run(5)

    assert world.noted("unreachable") == [{"message": "m"}]
    assert world.home.requests == []


def test_what_is_said_in_a_chat_belongs_to_its_conversation() -> None:
    world = World()
    chat = world.client.start_chat(BOB, "Hello")
    world.run(5)
    (message,) = world.home.defer(1)
    world.home.calls[0].msrp.send(message.cpim(), "message/cpim")
    world.run(5)
    world.client.reply(world.client.received[0], "Yes.")
    world.run(5)

    assert world.client.received[0].conversation_id == chat.conversation
    assert texts(world.home.calls[0]) == ["Hello", "Yes."]
