"""CPM System A: what it sends, what it takes, what it notes (C.3.1.1.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.engine.timer import SECOND
from conformance.reference.messaging.content import CpmMessage, imdn
from conformance.reference.remote.system import MAX_SESSIONS, RemoteSettings
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from tests.reference.remote.systems import ALICE, BOB, Systems

LONG = "The train leaves at nine from platform four. " * 100


def test_a_pager_message_asks_for_what_its_user_wants_to_know() -> None:
    systems = Systems(RemoteSettings(wants=("negative-delivery",), expires=7200 * SECOND))
    message = systems.bob.send_pager(ALICE, "Are you coming?")
    systems.run(5)
    (request,) = systems.requests("MESSAGE")
    assert (request.uri, request.header("Expires")) == (ALICE, "7200")
    assert request.header("P-Asserted-Identity") == f"<{BOB}>"
    assert request.header("Conversation-ID") == message.conversation_id
    assert request.header("Contribution-ID") == message.contribution_id
    (came,) = systems.alice.received
    assert (came.message_id, came.wants) == (message.message_id, ("negative-delivery",))
    assert systems.noted(systems.bob, "sent") == [{"message": message.message_id, "status": "200"}]


@pytest.mark.parametrize("status", [202, 404, 480])
def test_its_answer_is_noted(status: int) -> None:
    systems = Systems(alice=RemoteSettings(message_answers=(status,)))
    systems.bob.send_pager(ALICE, "Are you coming?")
    systems.run(5)
    what = "sent" if status < 300 else "failed"
    assert [note["status"] for note in systems.noted(systems.bob, what)] == [str(status)]


def test_a_network_that_does_not_answer_is_noted() -> None:
    systems = Systems()
    systems.wire.stations.remove(systems.alice.station)
    systems.bob.send_pager(ALICE, "Are you coming?")
    systems.run(60)
    assert [note["status"] for note in systems.noted(systems.bob, "failed")] == ["408"]


@pytest.mark.parametrize("status", ["failed", "delivered"])
def test_a_notification_is_answered_200_and_noted(status: str) -> None:
    # Given a message of Bob's,
    systems = Systems(RemoteSettings(message_answers=(480,)))
    message = systems.bob.send_pager(ALICE, "Are you coming?")
    systems.run(5)
    # when a notification about it comes (steps 7 and 8),
    octets = imdn(message, status, "delivery", systems.alice.station.chance, systems.wire.now)
    answers: list[object] = []
    systems.alice.agent.request(
        "MESSAGE",
        BOB,
        headers=systems.alice.service_fields("msg"),
        content=Content("message/cpim", octets),
        answered=answers.append,
    )
    systems.run(5)
    # then it is taken (step 9), whatever becomes of messages.
    assert [answer.status for answer in answers if isinstance(answer, SipResponse)] == [200]
    assert systems.noted(systems.bob, "notified") == [
        {"message": message.message_id, "status": status}
    ]
    assert len(systems.bob.notices) == 1


def test_a_recipient_tells_of_a_delivery_where_that_is_asked() -> None:
    systems = Systems(RemoteSettings(wants=("positive-delivery",)))
    message = systems.bob.send_pager(ALICE, "Are you coming?")
    systems.run(5)
    assert systems.noted(systems.bob, "notified") == [
        {"message": message.message_id, "status": "delivered"}
    ]
    # and tells nothing of the notification itself.
    assert len(systems.requests("MESSAGE")) == 2


def test_a_large_message_goes_in_a_session_that_its_sender_ends() -> None:
    systems = Systems()
    message = systems.bob.send_large(ALICE, LONG)
    systems.run(10)
    (invite,) = systems.requests("INVITE")
    assert b"a=sendonly" in invite.body
    assert "oma.cpm.largemsg" in (invite.header("P-Asserted-Service") or "")
    assert invite.header("Conversation-ID")
    (came,) = systems.alice.received
    assert (came.text, came.message_id) == (LONG, message.message_id)
    (bye,) = systems.requests("BYE")
    assert bye.uri == "sip:system@10.0.1.1:5060"
    assert systems.noted(systems.bob, "sent") == [{"message": message.message_id, "status": "200"}]
    assert (systems.bob.sessions, systems.alice.sessions) == ([], [])


@pytest.mark.parametrize("setup", ["actpass", "active", "passive"])
def test_either_side_may_connect(setup: str) -> None:
    systems = Systems(RemoteSettings(setup=setup))
    systems.bob.send_large(ALICE, LONG)
    systems.run(10)
    assert [message.text for message in systems.alice.received] == [LONG]


def test_a_large_message_that_nobody_takes_has_failed() -> None:
    systems = Systems(alice=RemoteSettings(session_answers=(480,)))
    message = systems.bob.send_large(ALICE, LONG)
    systems.run(10)
    assert systems.noted(systems.bob, "failed") == [
        {"message": message.message_id, "status": "481"}
    ]
    assert [note["why"] for note in systems.noted(systems.bob, "session-ended")] == [
        "480 Temporarily Unavailable"
    ]


def test_a_chat_goes_both_ways_and_ends_when_nobody_says_more() -> None:
    systems = Systems()
    systems.bob.start_chat(ALICE, "Are you coming?", "It is late")
    systems.run(2)
    assert [message.text for message in systems.alice.received] == [
        "Are you coming?",
        "It is late",
    ]
    # Alice answers in the same session.
    (session,) = systems.alice.sessions
    systems.alice.say(session, BOB, "Yes")
    systems.run(2)
    assert [message.text for message in systems.bob.received] == ["Yes"]
    systems.run(60)
    assert len(systems.requests("BYE")) == 1
    assert systems.bob.sessions == []


def test_a_chat_may_be_ended_at_once() -> None:
    systems = Systems()
    session = systems.bob.start_chat(ALICE, "Are you coming?")
    systems.run(2)
    systems.bob.end_chat(session)
    systems.run(2)
    assert len(systems.requests("BYE")) == 1


def test_sessions_are_limited() -> None:
    systems = Systems()
    systems.alice.sessions.extend([None] * MAX_SESSIONS)
    systems.bob.send_large(ALICE, LONG)
    systems.run(5)
    assert "486 Busy Here" in [n["why"] for n in systems.noted(systems.bob, "session-ended")]


@pytest.mark.parametrize("body", [b"", b"v=0\r\n", b"\xff" * 40])
def test_an_invitation_without_a_usable_offer_is_not_acceptable(body: bytes) -> None:
    systems = Systems()
    refusals: list[int] = []

    class User:
        """Waits for the refusal."""

        def refused(self, session: object, why: object) -> None:
            assert isinstance(why, SipResponse)
            refusals.append(why.status)

        def progressed(self, session: object, response: object) -> None:
            """Nothing follows."""

    content = Content("application/sdp", body)
    systems.bob.agent.invite(ALICE, content=content, user=User())
    systems.run(5)
    assert refusals == [488]
    assert systems.alice.sessions == []


@settings(max_examples=50)
@given(st.binary(max_size=120), st.sampled_from(["message/cpim", "text/plain", "multipart/mixed"]))
def test_no_content_does_harm(octets: bytes, content_type: str) -> None:
    systems = Systems()
    answers: list[object] = []
    systems.bob.agent.request(
        "MESSAGE", ALICE, content=Content(content_type, octets), answered=answers.append
    )
    systems.run(5)
    assert len(answers) == 1


def test_what_is_asked_for_may_differ_by_message() -> None:
    systems = Systems()
    message: CpmMessage = systems.bob.send_pager(ALICE, "Hi", wants=(), conversation="c-1")
    systems.run(5)
    assert (message.wants, systems.alice.received[0].conversation_id) == ((), "c-1")
