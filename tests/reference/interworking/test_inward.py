"""Other services' messages to CPM Users, ladder by ladder (the second Y.2)."""

import pytest

from conformance.body import sms, tpdu
from conformance.reference.interworking.site import CENTRE, PLAIN, SMPP, TELEPHONE
from conformance.reference.legs.leg import Cause, Outcome
from conformance.reference.messaging.content import CpmMessage, imdn
from tests.reference.interworking.world import (
    ALICE,
    ALICE_TEL,
    GATEWAY,
    LONG,
    SERVICE,
    SMS_USER,
    World,
)

EVERY = (TELEPHONE, CENTRE, SMPP, PLAIN)


def send(world: World, text: str = "Nine o'clock", *, wants_report: bool = False) -> list[Outcome]:
    """The other service's client sends a message to Alice's number."""
    outcomes: list[Outcome] = []
    world.noncpm.send(ALICE_TEL, text, wants_report=wants_report, then=outcomes.append)
    world.run()
    return outcomes


@pytest.mark.parametrize("service", EVERY)
def test_a_message_becomes_a_cpm_message_and_its_answer_the_acknowledgement(service: str) -> None:
    world = World(service)
    outcomes = send(world)
    # It goes to the core as a CPM Message of the number,
    (request,) = world.core.requests
    assert request.uri == ALICE
    assert request.header("P-Asserted-Identity") == f"<{SMS_USER}>"
    assert request.header("P-Asserted-Service") == "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
    assert "oma.cpm.msg" in (request.header("Accept-Contact") or "")
    assert request.header("Conversation-ID")
    assert request.header("Contribution-ID")
    (message,) = world.core.messages
    assert (message.text, message.sender, message.recipient) == ("Nine o'clock", SMS_USER, ALICE)
    assert message.message_id
    # and its 200 acknowledges it.
    assert [outcome.cause for outcome in outcomes] == [None]
    assert len(world.noted("interworked")) == 1


@pytest.mark.parametrize("service", EVERY)
def test_step_10_waits_for_step_9(service: str) -> None:
    world = World(service)
    world.core.status = 0
    outcomes: list[Outcome] = []
    world.noncpm.send(ALICE_TEL, "Nine o'clock", then=outcomes.append)
    world.run(2)
    # Without an answer of the CPM side there is none here,
    assert outcomes == []
    assert world.statuses(GATEWAY, SERVICE) == []
    # and when it comes it is passed on.
    world.core.taken[0].respond(200)
    world.run(2)
    assert [outcome.cause for outcome in outcomes] == [None]


def test_a_telephone_gets_the_answer_and_the_acknowledgement_of_its_message() -> None:
    world = World(TELEPHONE)
    send(world)
    data, ack = world.relayed()
    assert isinstance(data, sms.RpData)
    assert isinstance(ack, sms.RpAck)
    assert (ack.reference, ack.to_network) == (data.reference, False)
    assert isinstance(ack.tpdu, tpdu.SubmitReport)
    assert world.statuses(GATEWAY, SERVICE)[0] == 200


def test_a_gateway_may_answer_the_request_at_once_and_acknowledge_later() -> None:
    world = World(TELEPHONE, holds_answers=False)
    world.core.status = 480
    (outcome,) = send(world)
    assert world.statuses(GATEWAY, SERVICE)[0] == 202
    assert outcome.detail == "RP-Cause 27"
    assert isinstance(world.relayed()[1], sms.RpError)


def test_a_message_that_the_cpm_side_defers_is_taken() -> None:
    world = World(SMPP)
    world.core.status = 202
    (outcome,) = send(world)
    assert outcome.is_taken


@pytest.mark.parametrize("service", EVERY)
@pytest.mark.parametrize(("status", "cause"), [(404, Cause.UNKNOWN), (480, Cause.ABSENT)])
def test_a_refusal_of_the_cpm_side_is_told(service: str, status: int, cause: Cause) -> None:
    world = World(service)
    world.core.status = status
    (outcome,) = send(world)
    assert outcome.cause is cause
    assert len(world.noted("not interworked")) == 1


def test_a_cpm_side_that_never_answers_is_told_too() -> None:
    world = World(SMPP)
    world.core.status = 0
    (outcome,) = send(world)
    assert outcome.cause is Cause.NO_ANSWER


@pytest.mark.parametrize("service", EVERY)
def test_a_long_text_becomes_one_message(service: str) -> None:
    world = World(service)
    outcomes = send(world, LONG)
    assert [message.text for message in world.core.messages] == [LONG]
    assert [outcome.cause for outcome in outcomes] == [None]


def test_two_parties_have_one_conversation() -> None:
    world = World(SMPP)
    send(world)
    send(world, "Ten o'clock")
    first, second = world.core.messages
    assert first.conversation_id == second.conversation_id
    assert first.contribution_id != second.contribution_id


# Reports to the sender.


def notify(world: World, status: str, kind: str = "delivery", message_id: str = "") -> None:
    """The recipient's client tells what became of the message."""
    (message, *_) = world.core.messages
    about = CpmMessage(message_id or message.message_id, SMS_USER, ALICE, b"")
    octets = imdn(about, status, kind, world.core.station.chance, world.core.station.now)
    notice = CpmMessage("", ALICE, SMS_USER, b"", envelope=octets)
    world.core.relay(notice, SMS_USER, SMS_USER)
    world.run()


@pytest.mark.parametrize(("status", "delivered"), [("delivered", "true"), ("failed", "false")])
@pytest.mark.parametrize("text", ["Nine o'clock", LONG])
def test_a_telephone_that_asked_gets_a_status_report(
    status: str, delivered: str, text: str
) -> None:
    # Given a short message that asks for a report,
    world = World(TELEPHONE)
    send(world, text, wants_report=True)
    (message,) = world.core.messages
    assert message.wants == ("positive-delivery", "negative-delivery")
    # when the CPM side tells what became of it,
    notify(world, status)
    # then the telephone is told, once for each segment.
    reports = [r.tpdu for r in world.relayed() if isinstance(r, sms.RpData)]
    told = [one for one in reports if isinstance(one, tpdu.StatusReport)]
    assert len(told) == len([one for one in reports if isinstance(one, tpdu.Submit)])
    assert [note["delivered"] for note in world.noted("reported")] == [delivered]
    assert world.core.statuses == [200]


@pytest.mark.parametrize(
    ("status", "kind", "message_id"),
    [("displayed", "display", ""), ("delivered", "delivery", "unknown")],
)
def test_a_notification_that_means_nothing_there_is_taken_and_told_nobody(
    status: str, kind: str, message_id: str
) -> None:
    world = World(TELEPHONE)
    send(world, wants_report=True)
    notify(world, status, kind, message_id)
    assert world.core.statuses == [200]
    assert world.noted("reported") == []


def test_nothing_is_asked_of_the_cpm_side_that_the_sender_did_not_ask() -> None:
    world = World(TELEPHONE)
    send(world)
    assert world.core.messages[0].wants == ()


def test_what_is_no_number_is_not_found() -> None:
    world = World(PLAIN)
    outcomes: list[Outcome] = []
    world.noncpm.send("sip:bob@home-a.example", "Hello", then=outcomes.append)
    world.run()
    assert [outcome.cause for outcome in outcomes] == [Cause.UNKNOWN]
    assert world.core.requests == []
