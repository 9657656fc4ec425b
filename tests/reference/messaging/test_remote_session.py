"""One session of a remote system: what waits, what arrives, what is lost."""

from conformance.reference.messaging.remote_session import described_in
from conformance.sip.message import SipRequest
from tests.reference.remote.systems import ALICE, Systems


def test_messages_wait_for_the_channel_and_arrive_in_order() -> None:
    systems = Systems()
    session = systems.bob.start_chat(ALICE)
    for number in range(5):
        systems.bob.say(session, ALICE, str(number))
    assert systems.alice.received == type(systems.alice.received)()
    systems.run(5)
    assert [message.text for message in systems.alice.received] == list("01234")


def test_a_session_that_is_lost_fails_what_was_under_way() -> None:
    systems = Systems()
    session = systems.bob.start_chat(ALICE, "one")
    systems.run(5)
    # Given that the other side hangs up,
    (other,) = systems.alice.sessions
    other.end()
    systems.run(5)
    assert session.is_over
    # then there is no more to be sent,
    session.send("late", b"late")
    session.end()
    systems.run(5)
    assert len(systems.requests("BYE")) == 1
    assert [message.text for message in systems.alice.received] == ["one"]


def test_a_channel_that_never_comes_ends_the_session() -> None:
    systems = Systems()
    link = systems.alice.link.endpoint
    systems.wire.refuses.add(link)
    systems.wire.refuses.add(systems.bob.link.endpoint)
    message = systems.bob.send_large(ALICE, "Hello")
    systems.run(30)
    assert systems.noted(systems.bob, "failed") == [
        {"message": message.message_id, "status": "481"}
    ]
    assert systems.bob.sessions == []


def test_a_receive_only_side_sends_nothing() -> None:
    systems = Systems()
    systems.bob.send_large(ALICE, "x" * 3000)
    systems.run(0.2)
    for session in systems.alice.sessions:
        session.send("reply", b"reply")
    systems.run(10)
    assert len(systems.bob.received) == 0


def test_the_description_in_a_message() -> None:
    bare = SipRequest(b"INVITE sip:a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n")
    assert described_in(bare) == b"v=0\r\n"
    assert described_in(SipRequest(b"INVITE sip:a SIP/2.0\r\n\r\n")) == b""
