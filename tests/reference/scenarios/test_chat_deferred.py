"""What is special in each variant of the delivery of deferred chat messages."""

import pytest

from conformance.msrp.message import MsrpRequest
from conformance.observation.content import Content
from conformance.reference.scenarios.chat_deferred import COMES_BACK, SCENARIOS
from conformance.sip.message import SipRequest
from tests.reference.scenarios.shown import (
    answers,
    content,
    host,
    notes,
    observations,
    played,
    requests,
    times,
)

FLOW = "chat-deferred"


def offers(name: str) -> list[SipRequest]:
    """The sendonly invitations of the participating function, once each."""
    found = {i.call_id: i for i in requests(FLOW, name, "INVITE", "pf") if i.to_tag is None}
    return [one for one in found.values() if b"a=sendonly" in one.body]


def notices(name: str) -> list[SipRequest]:
    """The disposition notifications of the client."""
    return [
        one
        for one in requests(FLOW, name, "MESSAGE", "client")
        if "message/imdn+xml" in Content(one).media_types
    ]


def test_names_are_unique() -> None:
    names = [one.name for one in SCENARIOS]
    assert len(set(names)) == len(names)
    assert names[0] == "base"


def test_three_messages_in_one_session() -> None:
    (offer,) = offers("base")
    assert offer.header("Conversation-ID")
    assert len(content(FLOW, "base", "pf")) == 3
    assert not content(FLOW, "base", "client")


def test_networks() -> None:
    assert all(":" in one.source.host for one in observations(FLOW, "ipv6"))
    nodes = {one.source.host for one in observations(FLOW, "three-core-nodes")}
    assert {"10.0.1.1", "10.0.1.2", "10.0.1.3"} <= nodes


@pytest.mark.parametrize("name", ["retransmitted", "duplicated"])
def test_what_comes_more_than_once(name: str) -> None:
    seen = [
        (one.source, one.destination, getattr(one.message, "octets", b""))
        for one in observations(FLOW, name)
    ]
    assert len(set(seen)) < len(seen)


@pytest.mark.parametrize(
    ("name", "connects"),
    [("base", "client"), ("passive-client", "pf"), ("passive-offer", "client")],
)
def test_who_connects(name: str, connects: str) -> None:
    begin = played(FLOW, name).scenario.setting.begin + COMES_BACK
    first = next(
        one
        for one in observations(FLOW, name)
        if isinstance(one.message, MsrpRequest) and one.time > begin
    )
    assert first.source.host == host(FLOW, name, connects)


def test_a_long_message_is_chunked() -> None:
    chunks = content(FLOW, "chunked", "pf")
    assert len(chunks) > len({chunk.message_id for chunk in chunks}) == 4


def test_conversations() -> None:
    one, other = offers("two-conversations")
    assert one.header("Conversation-ID") != other.header("Conversation-ID")
    first, again = offers("known-conversation")
    assert first.header("Conversation-ID") == again.header("Conversation-ID")
    known = [note["known"] for note in notes(FLOW, "known-conversation", "conversation", "client")]
    assert known == ["no", "yes"]


def test_each_device_has_its_session() -> None:
    devices = [{"client", "second"}, {"client"}]
    assert len(offers("two-devices")) == len(devices[0])
    received = [len(device.received) for device in played(FLOW, "two-devices").world.devices]
    assert received == [3, 3]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("base", 0),
        ("delivered", 3),
        ("delivered-and-displayed", 6),
        ("notifications-late", 6),
        ("notifications-withheld", 0),
    ],
)
def test_each_notification_is_one_message(name: str, count: int) -> None:
    sent = {(one.call_id, one.cseq): one for one in notices(name)}
    assert len(sent) == count
    assert all(len(Content(one).imdns) == 1 for one in sent.values())


def test_late_notifications_follow_the_session() -> None:
    name = "notifications-late"
    ended = times(FLOW, name, "BYE", "pf")[-1]
    assert min(times(FLOW, name, "MESSAGE", "client")) > ended


def test_declined_and_later_taken() -> None:
    assert {a.status for a in answers(FLOW, "declined-480", "INVITE", "client")} == {480}
    assert not played(FLOW, "declined-480").world.client.received
    statuses = [a.status for a in answers(FLOW, "declined-then-delivered", "INVITE", "client")]
    assert statuses == [480, 200]
    assert len(played(FLOW, "declined-then-delivered").world.client.received) == 3


def test_the_client_rings() -> None:
    assert times(FLOW, "rings", "SIP/2.0 180", "client")


def test_an_inactive_answer_brings_nothing() -> None:
    accepted = answers(FLOW, "inactive-answer", "INVITE", "client")
    assert b"a=inactive" in accepted[0].body
    assert not played(FLOW, "inactive-answer").world.client.received


@pytest.mark.parametrize("name", ["reply-in-new-session", "reply-while-open"])
def test_a_reply_is_a_session_of_its_own(name: str) -> None:
    (reply,) = requests(FLOW, name, "INVITE", "client")
    (offer,) = offers(name)
    assert reply.call_id != offer.call_id
    assert reply.header("Conversation-ID") == offer.header("Conversation-ID")
    ended = times(FLOW, name, "BYE", "client" if name == "reply-while-open" else "pf")
    invited = times(FLOW, name, "INVITE", "client")
    assert (invited[0] < ended[0]) is (name == "reply-while-open")


def test_a_refresh_changes_nothing() -> None:
    within = [i for i in requests(FLOW, "refreshed-by-reinvite", "INVITE", "pf") if i.to_tag]
    (offer,) = offers("refreshed-by-reinvite")
    assert {one.body for one in within} == {offer.body}


@pytest.mark.parametrize(
    ("name", "enders"),
    [("base", {"pf"}), ("client-ends", {"client"}), ("crossing-byes", {"client", "pf"})],
)
def test_who_ends_the_session(name: str, enders: set[str]) -> None:
    assert {who for who in ("client", "pf") if requests(FLOW, name, "BYE", who)} == enders


def test_declined_as_busy() -> None:
    assert {a.status for a in answers(FLOW, "declined-486", "INVITE", "client")} == {486}
