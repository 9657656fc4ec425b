"""Large messages through the gateway, in sessions to and from the CPM side (TS 29.311)."""

import pytest

from conformance.observation.packet import Endpoint
from conformance.reference.interworking.large import MAX_SESSIONS
from conformance.reference.interworking.site import PLAIN, SMPP, TELEPHONE
from conformance.reference.legs.leg import Cause, Outcome
from conformance.reference.messaging.content import CpmMessage, feature, icsi
from conformance.reference.messaging.msrp_link import MsrpLink
from conformance.reference.messaging.remote_session import RemoteSession
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.user_agents.session import Session
from conformance.sip.message import SipRequest
from tests.reference.interworking.world import ALICE, ALICE_TEL, CORE, SMS_USER, World

LARGE = "The train leaves at nine from platform four, I keep a seat for you. " * 30
BOTH = ("positive-delivery", "negative-delivery")


class Sessions:
    """The CPM side's end of large messages."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.link = MsrpLink(world.core.station, Endpoint(CORE.host, 2855))
        self.bodies: list[bytes] = []
        self.invites: list[SipRequest] = []
        self.ends: list[str] = []
        self.status = 200
        world.core.agent.on_invite = self.take

    def take(self, session: Session) -> None:
        request = session.request
        assert isinstance(request, SipRequest)
        self.invites.append(request)
        if self.status >= 300:
            session.refuse(self.status)
        else:
            RemoteSession(self.world.core.station, self.link, self).take(session)

    def send(self, text: str, *, service: str = "largemsg", uri: str = SMS_USER) -> CpmMessage:
        message = CpmMessage("large-1", ALICE, SMS_USER, text.encode(), wants=BOTH)
        session = RemoteSession(self.world.core.station, self.link, self)
        headers = [
            ("P-Asserted-Identity", f"<{ALICE}>"),
            ("P-Asserted-Service", icsi(service)),
            ("Accept-Contact", f"*;{feature(service)}"),
        ]
        agent = self.world.core.agent
        session.call(agent, uri, headers, direction="sendonly", setup="actpass", sender=ALICE)
        session.send(message.message_id, message.cpim())
        self.world.run()
        return message

    def content(self, session: RemoteSession, content_type: str, body: bytes) -> None:
        self.bodies.append(body)

    def carried(self, session: RemoteSession, identity: str, status: int) -> None:
        """Nothing follows."""

    def emptied(self, session: RemoteSession) -> None:
        session.end()

    def over(self, session: RemoteSession, why: str) -> None:
        self.ends.append(why)


@pytest.mark.parametrize("service", [TELEPHONE, SMPP, PLAIN])
def test_a_large_message_goes_out_and_its_delivery_is_told(service: str) -> None:
    world = World(service)
    message = Sessions(world).send(LARGE)
    assert [one.text for one in world.noncpm.received] == [LARGE]
    (told,) = [one.notification for one in world.core.messages]
    assert told is not None
    assert (told.message_id, told.status) == (message.message_id, "delivered")
    assert world.gateway.sessions == {}


def test_a_large_message_that_is_not_taken_is_told_as_failed() -> None:
    world = World(SMPP, noncpm=NonCpmSettings(refusal=Cause.REFUSED))
    Sessions(world).send(LARGE)
    (told,) = [one.notification for one in world.core.messages]
    assert told is not None
    assert told.status == "failed"


@pytest.mark.parametrize(
    ("service", "uri", "why"),
    [
        ("session", SMS_USER, "488 Not Acceptable Here"),
        ("largemsg", "sip:bob@home-a.example", "404 Not Found"),
    ],
)
def test_other_invitations_are_refused(service: str, uri: str, why: str) -> None:
    sessions = Sessions(World(TELEPHONE))
    sessions.send(LARGE, service=service, uri=uri)
    assert sessions.ends == [why]


def test_sessions_are_limited_and_need_a_service() -> None:
    world = World(TELEPHONE)
    world.gateway.sessions.update({object(): None for _ in range(MAX_SESSIONS)})
    sessions = Sessions(world)
    sessions.send(LARGE)
    assert sessions.ends == ["486 Busy Here"]
    without = Sessions(World())
    without.send(LARGE)
    assert without.ends == ["480 Temporarily Unavailable"]


@pytest.mark.parametrize("service", [TELEPHONE, SMPP, PLAIN])
def test_a_text_too_large_for_a_pager_message_comes_in_in_a_session(service: str) -> None:
    world = World(service)
    sessions = Sessions(world)
    outcomes: list[Outcome] = []
    world.noncpm.send(ALICE_TEL, LARGE, then=outcomes.append)
    world.run()
    (invite,) = sessions.invites
    assert invite.uri == ALICE
    assert "oma.cpm.largemsg" in (invite.header("P-Asserted-Service") or "")
    assert invite.header("Conversation-ID")
    (body,) = sessions.bodies
    assert body.endswith(LARGE.encode())
    assert [outcome.cause for outcome in outcomes] == [None]
    assert world.gateway.sessions == {}


def test_a_session_that_is_refused_refuses_the_text() -> None:
    world = World(SMPP)
    sessions = Sessions(world)
    sessions.status = 480
    outcomes: list[Outcome] = []
    world.noncpm.send(ALICE_TEL, LARGE, then=outcomes.append)
    world.run()
    assert [outcome.cause for outcome in outcomes] == [Cause.ABSENT]


def test_too_many_texts_at_once_are_told_to_come_later() -> None:
    world = World(SMPP)
    world.gateway.sessions.update({object(): None for _ in range(MAX_SESSIONS)})
    outcomes: list[Outcome] = []
    world.noncpm.send(ALICE_TEL, LARGE, then=outcomes.append)
    world.run()
    assert [outcome.cause for outcome in outcomes] == [Cause.CONGESTED]


def test_a_session_in_which_nothing_comes_is_ended() -> None:
    world = World(TELEPHONE)
    sessions = Sessions(world)
    session = RemoteSession(world.core.station, sessions.link, sessions)
    headers = [("P-Asserted-Service", icsi("largemsg"))]
    agent = world.core.agent
    session.call(agent, SMS_USER, headers, direction="sendonly", setup="actpass")
    world.run(60)
    assert len(world.gateway.sessions) == 1
    world.run(90)
    assert (world.gateway.sessions, sessions.ends) == ({}, ["BYE came"])
