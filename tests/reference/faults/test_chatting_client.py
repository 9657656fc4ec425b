"""Clients that take deferred chat messages wrongly: what leaves them."""

import pytest

from conformance.msrp.message import MsrpRequest
from conformance.observation.content import Content
from conformance.observation.trace import Message, Observation
from conformance.reference.faults.catalogue import Mutant
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, played


def from_client(one: Mutant) -> list[Message]:
    """What left the faulty client."""
    run = played(one)
    return [
        item.message
        for item in trace_of(run).items
        if isinstance(item, Observation)
        and item.source.host == run.scenario.setting.host("client")
    ]


def accepted(fault: str) -> SipResponse:
    """Its final answer to the invitation."""
    answers = [
        message
        for message in from_client(line(fault, "chat-deferred"))
        if isinstance(message, SipResponse) and message.cseq_method == "INVITE"
    ]
    return answers[-1]


def notifications(fault: str, variant: str) -> list[Message]:
    """What carries its disposition notifications."""
    return [
        message
        for message in from_client(line(fault, "chat-deferred", variant))
        if isinstance(message, SipRequest | MsrpRequest) and Content(message).imdns
    ]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("client-accepts-chat-202", 202),
        ("client-declines-chat-603", 603),
        ("client-declines-chat-486", 486),
        ("client-answers-chat-500", 500),
    ],
)
def test_how_it_answers(fault: str, status: int) -> None:
    assert accepted(fault).status == status


@pytest.mark.parametrize("direction", ["sendrecv", "sendonly"])
def test_the_direction_of_its_answer(direction: str) -> None:
    body = accepted(f"client-answers-{direction}").body
    assert (b"a=" + direction.encode()) in body or b"a=" not in body.partition(b"m=")[2]


@pytest.mark.parametrize("fault", ["client-talks-first", "client-replies-in-session"])
def test_content_goes_the_wrong_way(fault: str) -> None:
    said = [
        message
        for message in from_client(line(fault, "chat-deferred"))
        if isinstance(message, MsrpRequest) and message.body
    ]
    assert said


def test_notifications_go_over_msrp() -> None:
    found = notifications("client-notifies-over-msrp", "delivered")
    assert any(isinstance(message, MsrpRequest) for message in found)


def test_two_notifications_go_in_one() -> None:
    found = notifications("client-notifies-two-in-one", "delivered-and-displayed")
    assert len(found) == 3
    assert all(len(Content(message).imdns) == 2 for message in found)


def test_notifications_nobody_asked_for_and_none() -> None:
    assert notifications("client-notifies-unasked", "base")
    assert not notifications("client-never-notifies", "delivered-and-displayed")


def test_a_reply_in_no_session() -> None:
    sent = from_client(line("client-replies-by-message", "chat-deferred"))
    methods = [message.method for message in sent if isinstance(message, SipRequest)]
    assert "MESSAGE" in methods
    assert "INVITE" not in methods


def test_the_second_session_has_no_channel() -> None:
    run = played(line("client-connects-chat-once", "chat-deferred"))
    assert len(run.world.client.received) == 1


def test_no_conversation_is_known() -> None:
    run = played(line("client-ignores-conversations", "chat-deferred"))
    noted = [one.note.what for one in run.world.simulation.notes if one.party == "client"]
    assert "conversation" not in noted
    assert not run.world.client.conversations
