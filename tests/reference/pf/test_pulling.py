import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.pf.settings import Ender, PfSettings
from conformance.reference.user_agents.incoming import Content
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import ALICE, BOB, PSI, Client, PfWorld, body_of, message

DEFERRED = "oma.cpm.deferred"


def pull(world: PfWorld, *actions: tuple[str, str], direction: str = "recvonly") -> Client:
    client = world.invite(PSI, DEFERRED, actions, direction=direction)
    world.wait(10)
    return client


def test_that_the_chosen_messages_are_retrieved() -> None:
    # B.3.6.2 steps 10 to 14
    world = PfWorld()
    world.defer(3)
    client = pull(world, ("msg-1", "retrieve"), ("msg-3", "retrieve"))
    assert client.ids == ["msg-1", "msg-3"]
    assert world.queue == ["msg-2"]
    # 5.2.1.1.1: the client tears the session down
    assert client.ended_by == ""
    client.session.bye()
    world.wait(2)
    assert client.ended_by == "BYE answered"
    assert world.pf.agent.dialogs == {}


def test_that_each_action_is_performed() -> None:
    world = PfWorld()
    world.defer(5, wants=("negative-delivery",))
    client = pull(
        world,
        ("msg-1", "retrieve"),
        ("msg-2", "discard"),
        ("msg-3", "store"),
        ("msg-4", "interwork"),
        ("msg-5", "keep"),
    )
    client.session.bye()
    world.wait(2)
    # What was handled SHALL leave the queue; what is kept stays.
    assert world.queue == ["msg-5"]
    assert world.noted("delivered") == ["msg-1"]
    assert world.noted("discarded") == ["msg-2"]
    assert world.noted("stored") == ["msg-3"]
    assert world.noted("interworked") == ["msg-4"]
    (kept,) = world.pf.host.store.list(ALICE)
    assert kept.message.message_id == "msg-3"
    by_uri = {request.uri: body_of(request) for request in world.messages}
    assert by_uri["sip:+15550100@iwf.home-a.example;user=phone"].message_id == "msg-4"
    notice = by_uri[BOB].notification
    assert notice is not None
    assert (notice.message_id, notice.status) == ("msg-2", "failed")


def test_that_nothing_is_sent_where_nothing_is_to_be_retrieved() -> None:
    world = PfWorld()
    world.defer(2)
    client = pull(world, ("msg-1", "discard"))
    assert client.ids == []
    assert world.queue == ["msg-2"]
    assert not any(
        b" SEND\r\n" in c.octets and b"Content-Type" in c.octets for c in world.wire.carried
    )
    client.session.bye()
    world.wait(1)
    assert client.ended_by == "BYE answered"


@pytest.mark.parametrize("by_choice", [True, False])
def test_that_the_participating_function_may_end_it(by_choice: bool) -> None:
    # C.3.3.2 step 10
    settings = PfSettings() if by_choice else PfSettings(pull_end=Ender.PF)
    world = PfWorld(settings, decisions=Chooser({Point.TEARDOWN: 1}) if by_choice else None)
    world.defer(1)
    client = pull(world, ("msg-1", "retrieve"))
    assert client.ids == ["msg-1"]
    assert client.ended_by == "BYE came"


def test_that_a_client_that_never_ends_it_is_not_waited_for_for_ever() -> None:
    world = PfWorld(PfSettings(pull_guard=60_000_000_000))
    world.defer(1)
    client = pull(world, ("msg-1", "retrieve"))
    world.wait(45)
    assert client.ended_by == ""
    world.wait(20)
    assert client.ended_by == "BYE came"


def test_that_what_was_not_retrieved_before_the_bye_stays() -> None:
    world = PfWorld()
    world.defer(4)
    client = world.invite(PSI, DEFERRED, [(f"msg-{n}", "retrieve") for n in range(1, 5)])
    world.after_receipt = lambda one: one.session.bye()
    world.wait(10)
    assert client.ids == ["msg-1", "msg-2"]
    assert world.queue == ["msg-3", "msg-4"]


def test_that_messages_are_not_handled_before_the_session_stands() -> None:
    world = PfWorld()
    world.defer(1)
    world.wire.loses = lambda carried: carried.start.startswith("ACK")
    world.invite(PSI, DEFERRED, [("msg-1", "discard")])
    world.wait(60)
    assert world.queue == ["msg-1"]


def test_that_a_message_that_cannot_be_handed_over_stays() -> None:
    world = PfWorld()
    world.defer(1)
    world.answers = [503]
    pull(world, ("msg-1", "interwork"))
    assert world.queue == ["msg-1"]


def test_that_messages_of_others_and_unknown_ones_are_left_alone() -> None:
    world = PfWorld(PfSettings(users=("tel:+15550111",)))
    world.defer(1)
    eve = world.invite(
        PSI, DEFERRED, [("msg-1", "discard")], sender="sip:+15550111@home-a.example"
    )
    mine = world.invite(PSI, DEFERRED, [("nothing", "retrieve")])
    world.wait(10)
    assert world.queue == ["msg-1"]
    assert eve.ids == mine.ids == []


def test_that_a_message_named_twice_is_handled_once() -> None:
    world = PfWorld()
    world.defer(1)
    client = pull(world, ("msg-1", "retrieve"), ("msg-1", "discard"))
    assert client.ids == ["msg-1"]
    assert world.noted("discarded") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (Content("application/sdp", b"v=0\r\n"), 400),
        (Content("text/plain", b"please"), 400),
        (
            Content(
                "application/vnd.oma.cpm-deferred-actions+xml",
                b'<deferred-actions xmlns="urn:oma:xml:cpm:deferred-actions"/>',
            ),
            488,
        ),
    ],
)
def test_that_an_invitation_that_cannot_be_served_is_refused(body: Content, status: int) -> None:
    world = PfWorld()
    client = world.invite(PSI, DEFERRED, body=body)
    world.wait(5)
    assert getattr(client.refused_with, "status", None) == status
    assert world.pf.host.station.next_deadline() is None or world.queue == []


def test_that_strangers_are_not_served() -> None:
    world = PfWorld()
    client = world.invite(PSI, DEFERRED, [("msg-1", "retrieve")], sender=BOB)
    world.wait(5)
    assert getattr(client.refused_with, "status", None) == 403


def test_that_the_device_that_retrieved_is_known() -> None:
    world = PfWorld()
    world.answers = [480]
    world.register(whole=False)
    world.answers = [200]
    world.defer(0)
    world.pf.deferral.defer(ALICE, message(1), "pager")
    client = pull(world, ("msg-1", "retrieve"))
    assert client.ids == ["msg-1"]
    assert world.wire.noted("delivered")[0]["device"] == "tel:+15550100"


def test_that_an_inactive_offer_retrieves_nothing() -> None:
    world = PfWorld()
    world.defer(1)
    client = pull(world, ("msg-1", "retrieve"), direction="inactive")
    assert client.ids == []
    assert world.queue == ["msg-1"]
    assert client.ended_by == "BYE came"


def test_that_what_is_deferred_for_a_telephone_number_can_be_pulled() -> None:
    world = PfWorld(PfSettings(users=("tel:+15550100",)))
    world.send(message(1), to="tel:+15550100")
    client = pull(world, ("msg-1", "retrieve"))
    assert client.ids == ["msg-1"]


def test_that_a_client_that_sets_up_no_channel_is_not_waited_for() -> None:
    world = PfWorld(PfSettings(channel_guard=20_000_000_000))
    world.defer(1)
    world.wire.refuses.add(world.link.endpoint)
    client = world.invite(PSI, DEFERRED, [("msg-1", "retrieve")])
    client.local = b""
    world.wait(30)
    assert client.ended_by == "BYE came"
    assert world.queue == ["msg-1"]


def test_that_what_is_being_handed_over_does_not_go_another_way() -> None:
    # Given a gateway that takes its time, and a client that ends the session meanwhile
    world = PfWorld()
    world.defer(1)
    world.answers = [0]
    client = pull(world, ("msg-1", "interwork"))
    client.session.bye()
    world.wait(2)
    (deferred,) = world.pf.deferral.waiting(ALICE)
    assert world.pf.deferral.is_held(deferred)
    # when the gateway has it
    world.unanswered[0].respond(202)
    world.wait(2)
    # then the message is gone.
    assert world.queue == []
    assert not world.pf.deferral.is_held(deferred)
