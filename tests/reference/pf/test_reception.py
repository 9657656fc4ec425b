import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.messaging.content import CPIM_TYPE
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Disposal, MediaRule, Profile
from conformance.reference.preferences.source import UnknownPreferences
from conformance.reference.user_agents.incoming import Content
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import ALICE, BOB, CORE_HOST, Client, PfWorld, message

LARGE, CHAT = "oma.cpm.largemsg", "oma.cpm.session"
FILE = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.1.1\r\ns=-\r\nc=IN IP4 10.0.1.1\r\nt=0 0\r\n"
    b"m=message 2855 TCP/MSRP *\r\na=path:msrp://10.0.1.1:2855/s;tcp\r\n"
    b'a=accept-types:*\r\na=file-selector:name:"a.png" type:image/png size:9\r\n'
)


def calls(world: PfWorld, service: str, *texts: str) -> Client:
    """Bob invites Alice and sends texts over the session."""
    caller = world.invite(ALICE, service, sender=BOB, direction="sendonly")
    for number, text in enumerate(texts, 1):
        caller.channel.send(message(number, text).cpim(), CPIM_TYPE)
    world.wait(5)
    return caller


def test_that_an_invitation_goes_on_to_an_available_user() -> None:
    world = PfWorld()
    world.register()
    world.defer(0)
    caller = calls(world, CHAT, "Hello.")
    (callee,) = world.clients
    assert callee.request.uri == ALICE
    assert callee.ids == ["msg-1"]
    assert caller.session.dialog is not None
    assert world.pf.agent.dialogs == {}


@pytest.mark.parametrize(("service", "kind"), [(LARGE, "large"), (CHAT, "chat")])
def test_that_messages_for_nobody_are_taken_and_deferred(service: str, kind: str) -> None:
    world = PfWorld()
    caller = calls(world, service, "One.", "Two.")
    waiting = world.pf.host.queue.list(ALICE)
    assert [(one.id, one.kind) for one in waiting] == [("msg-1", kind), ("msg-2", kind)]
    assert waiting[0].message.conversation_id == "conv-1"
    caller.session.bye()
    world.wait(2)
    assert caller.ended_by == "BYE answered"
    assert world.pf.agent.dialogs == {}


def test_that_what_was_taken_is_delivered_later() -> None:
    world = PfWorld()
    caller = calls(world, LARGE, "y" * 9_000)
    caller.session.bye()
    world.wait(2)
    world.register()
    assert len(world.clients[0].got[0].body) == 9_000


@pytest.mark.parametrize("service", [LARGE, CHAT])
def test_that_an_invitation_that_reached_nobody_is_taken(service: str) -> None:
    world = PfWorld()
    world.register()
    world.on_session = lambda client: client.session.refuse(480)
    calls(world, service, "One.")
    assert world.queue == ["msg-1"]


def test_that_a_refusal_goes_back() -> None:
    world = PfWorld()
    world.register()
    world.on_session = lambda client: client.session.refuse(486)
    caller = calls(world, CHAT)
    assert getattr(caller.refused_with, "status", None) == 486


def test_that_a_session_is_rejected_where_the_user_wants_that() -> None:
    # 5.4 D 2
    world = PfWorld(profile=Profile(session_when_unavailable=(Disposal.REJECT,)))
    caller = calls(world, CHAT, "One.")
    assert getattr(caller.refused_with, "status", None) == 480
    assert world.queue == []


def test_that_a_session_is_interworked_where_the_user_wants_that() -> None:
    world = PfWorld(profile=Profile(session_when_unavailable=(Disposal.INTERWORK,)))
    calls(world, CHAT)
    assert world.clients[0].request.uri == "sip:+15550100@iwf.home-a.example;user=phone"


def test_that_chats_are_not_taken_where_the_operator_does_not_want_that() -> None:
    world = PfWorld(PfSettings(accepts_chats=False))
    caller = calls(world, CHAT, "One.")
    assert getattr(caller.refused_with, "status", None) == 480


@pytest.mark.parametrize(
    ("disposal", "queued", "stored"), [(Disposal.STORE, 0, 1), (Disposal.DISCARD, 0, 0)]
)
def test_that_large_messages_are_disposed_of_as_short_ones_are(
    disposal: Disposal, queued: int, stored: int
) -> None:
    world = PfWorld(profile=Profile(when_unavailable=(disposal,)))
    calls(world, LARGE, "One.")
    assert len(world.queue) == queued
    assert len(world.pf.host.store.list(ALICE)) == stored


def test_that_unknown_preferences_leave_everything_open() -> None:
    chooser = Chooser({})
    world = PfWorld(preferences=UnknownPreferences(), decisions=chooser)
    calls(world, CHAT)
    calls(world, LARGE)
    chat, large = chooser.asked[Point.DISPOSAL]
    assert chat == [Disposal.DEFER, Disposal.REJECT, Disposal.INTERWORK]
    assert set(large) >= {Disposal.DEFER, Disposal.STORE, Disposal.DISCARD, Disposal.INTERWORK}


def test_that_other_services_find_nobody() -> None:
    world = PfWorld()
    caller = calls(world, "oma.cpm.filetransfer")
    assert getattr(caller.refused_with, "status", None) == 480


def test_that_media_is_rejected_that_the_user_always_rejects() -> None:
    # 5.4 D 1
    profile = Profile(session_media=(MediaRule("image/*", wanted=False),))
    world = PfWorld(profile=profile)
    world.register()
    file = Content("application/sdp", FILE)
    caller = world.invite(ALICE, "oma.cpm.filetransfer", sender=BOB, body=file)
    world.wait(2)
    assert getattr(caller.refused_with, "status", None) == 488
    other = world.invite(ALICE, CHAT, sender=BOB)
    world.wait(2)
    assert other.refused_with is None


def test_that_an_offer_of_no_channel_is_refused() -> None:
    world = PfWorld()
    caller = world.invite(ALICE, CHAT, sender=BOB, body=Content("application/sdp", b"v=0\r\n"))
    world.wait(2)
    assert getattr(caller.refused_with, "status", None) == 488


def test_that_typing_is_not_deferred() -> None:
    world = PfWorld()
    caller = world.invite(ALICE, CHAT, sender=BOB, direction="sendonly")
    caller.channel.send(b"<isComposing/>", "application/im-iscomposing+xml")
    caller.channel.send(b"no colon", CPIM_TYPE)
    world.wait(5)
    assert world.queue == []


def test_that_a_call_given_up_leaves_nothing() -> None:
    world = PfWorld()
    world.register()
    world.on_session = lambda client: client.session.ring()
    caller = world.invite(ALICE, CHAT, sender=BOB)
    world.wait(1)
    caller.session.cancel()
    world.wait(100)
    assert getattr(caller.refused_with, "status", None) == 487
    assert world.pf.agent.dialogs == {}
    assert CORE_HOST
