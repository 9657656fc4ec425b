import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.profiles import Profile, Selection
from conformance.reference.preferences.source import UnknownPreferences
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import (
    ALICE,
    BOB,
    DAY,
    PHONE,
    TABLET,
    PfWorld,
    body_of,
    message,
    services_in,
)


def test_that_pager_messages_are_pushed_by_message() -> None:
    # C.3.2.1.3
    world = PfWorld(PfSettings(push=Push.PAGER))
    sent = world.defer(2)
    world.wait(60)
    assert world.messages == []
    world.register()
    assert [body_of(request).message_id for request in world.messages] == ["msg-1", "msg-2"]
    first = world.messages[0]
    assert first.uri == ALICE
    assert services_in(first) == {"oma.cpm.msg"}
    assert first.header("P-Asserted-Identity") == f"<{BOB}>"
    assert first.header("Conversation-ID") == "conv-1"
    assert first.header("Contribution-ID") == "contrib-1"
    assert first.header("Max-Forwards") == "70"
    assert body_of(first).body == sent[0].body
    assert world.queue == []
    assert world.noted("delivered") == world.noted("removed") == ["msg-1", "msg-2"]


def test_that_a_pushed_message_follows_the_answer_to_the_one_before() -> None:
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(2)
    world.register()
    starts = [start.split()[0] for start in world.wire.starts()[-4:]]
    assert starts == ["MESSAGE", "SIP/2.0"] * 2


@pytest.mark.parametrize("status", [480, 486, 404, 500, 603])
def test_that_a_refused_message_stays_deferred(status: int) -> None:
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(1)
    world.answers = [status, 200]
    world.register()
    assert world.queue == ["msg-1"]
    world.wait(3_600)
    assert len(world.messages) == 1
    # When the client registers again, it is tried again.
    world.register()
    assert world.queue == []


def test_that_nobody_is_bothered_further_who_does_not_answer() -> None:
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(3)
    world.answers = [0]
    world.register()
    world.wait(60)
    assert {body_of(request).message_id for request in world.messages} == {"msg-1"}
    assert world.queue == ["msg-1", "msg-2", "msg-3"]


def test_that_each_large_message_has_its_own_session() -> None:
    # C.3.2.1.4
    world = PfWorld(PfSettings(push=Push.LARGE))
    world.defer(2)
    world.register()
    assert [client.ids for client in world.clients] == [["msg-1"], ["msg-2"]]
    assert [services_in(client.request) for client in world.clients] == [{"oma.cpm.largemsg"}] * 2
    assert [client.ended_by for client in world.clients] == ["BYE came", "BYE came"]
    assert world.queue == []


def test_that_large_messages_go_by_session_where_short_ones_go_by_message() -> None:
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(1)
    long = message(2, "x" * 5_000)
    assert world.pf.deferral.defer(ALICE, long, "large")
    world.register()
    assert [body_of(request).message_id for request in world.messages] == ["msg-1"]
    assert [client.ids for client in world.clients] == [["msg-2"]]


def test_that_one_session_brings_everything() -> None:
    # C.3.3.1
    world = PfWorld()
    sent = world.defer(3)
    world.register()
    (client,) = world.clients
    assert [one.body for one in client.got] == [one.body for one in sent]
    assert [one.subject for one in client.got] == [one.subject for one in sent]
    assert services_in(client.request) == {"oma.cpm.deferred"}
    assert client.ended_by == "BYE came"
    assert world.queue == []
    assert world.messages == []


def test_that_the_first_device_to_register_again_takes_what_waits() -> None:
    world = PfWorld()
    # Given a message that waits while both are there
    world.answers = [480]
    world.register(PHONE)
    world.register(TABLET)
    world.send(message(1))
    assert world.queue == ["msg-1"]
    # when both register again
    world.register(PHONE)
    world.register(TABLET)
    # then the first has it, and it is gone for the second
    assert [client.ids for client in world.clients] == [["msg-1"]]


def test_that_two_devices_that_come_at_once_both_get_it() -> None:
    world = PfWorld(PfSettings(push_delay=2_000_000_000))
    world.defer(2)
    register_both(world)
    assert sorted(client.ids for client in world.clients) == [["msg-1", "msg-2"]] * 2
    instances = [client.request.headers("Accept-Contact")[1] for client in world.clients]
    assert [PHONE in instances[0], TABLET in instances[1]] == [True, True]
    assert world.queue == []


def register_both(world: PfWorld) -> None:
    agent_run, world.wire.run = world.wire.run, lambda *args, **named: None  # type: ignore
    world.register(PHONE)
    world.register(TABLET)
    world.wire.run = agent_run  # type: ignore[method-assign]
    world.wait(30)


def test_that_only_the_chosen_devices_get_it() -> None:
    # 5.4 F 1
    world = PfWorld(profile=Profile(messages_to=Selection(instances=(TABLET,))))
    world.defer(1)
    world.register(PHONE)
    assert world.clients == []
    assert world.queue == ["msg-1"]
    world.register(TABLET)
    assert [client.ids for client in world.clients] == [["msg-1"]]


def test_that_only_capable_devices_get_it() -> None:
    # 5.2.1.1.2: "and the registered CPM Client(s) of the recipient are capable"
    world = PfWorld(PfSettings(push=Push.LARGE))
    world.defer(1)
    world.register(PHONE, services=["oma.cpm.msg"])
    assert world.clients == []
    assert world.queue == ["msg-1"]
    world.register(TABLET, services=["oma.cpm.largemsg"])
    assert world.queue == []


def test_that_a_device_of_which_nothing_is_told_gets_it() -> None:
    world = PfWorld()
    world.defer(1)
    world.register(whole=False)
    assert world.clients[0].ids == ["msg-1"]
    assert len(world.clients[0].request.headers("Accept-Contact")) == 1
    assert world.queue == []


def test_that_a_refused_session_leaves_all_deferred() -> None:
    world = PfWorld()
    world.defer(2)
    world.on_session = lambda client: client.session.refuse(486)
    world.register()
    assert world.queue == ["msg-1", "msg-2"]


def test_that_what_is_deferred_meanwhile_waits_for_the_next_registration() -> None:
    world = PfWorld()
    world.answers = [480]
    world.register()
    world.send(message(1))
    world.wait(DAY)
    assert world.queue == ["msg-1"]
    assert world.clients == []


def test_that_an_anonymous_sender_stays_hidden() -> None:
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(1, anonymous=True)
    world.register()
    (request,) = world.messages
    assert "anonymous" in (request.header("From") or "")
    assert request.header("Privacy") == "id"


def test_that_a_notification_is_pushed_by_message_always() -> None:
    world = PfWorld()
    notice = message(
        9,
        '<?xml version="1.0"?><imdn xmlns="urn:ietf:params:xml:ns:imdn">'
        "<message-id>m</message-id><delivery-notification><status><delivered/></status>"
        "</delivery-notification></imdn>",
        content_type="message/imdn+xml",
    )
    world.send(notice)
    world.defer(1)
    world.register()
    assert [body_of(request).message_id for request in world.messages] == ["msg-9"]
    assert world.clients[0].ids == ["msg-1"]


def test_that_the_service_is_asked_for_where_it_is_open() -> None:
    chooser = Chooser({Point.SERVICE: 1})
    world = PfWorld(PfSettings(push=Push.PAGER), decisions=chooser)
    world.defer(1)
    world.register()
    assert services_in(world.messages[0]) == {"oma.cpm.deferred"}
    assert chooser.asked[Point.SERVICE] == [["oma.cpm.msg", "oma.cpm.deferred"]]


def test_that_unknown_preferences_leave_the_devices_open() -> None:
    chooser = Chooser({})
    world = PfWorld(preferences=UnknownPreferences(), decisions=chooser)
    world.defer(1)
    register_both(world)
    sizes = [sorted(len(option) for option in options) for options in chooser.asked[Point.TARGETS]]
    assert sizes[-1] == [1, 1, 2]


def test_that_nothing_is_pushed_to_a_device_that_has_gone() -> None:
    # Given a device that registers for ten seconds, and takes long over the first message
    world = PfWorld(PfSettings(push=Push.PAGER))
    world.defer(2)
    world.answers = [0]
    world.register(seconds=10)
    # when its answer comes after that
    (first,) = world.unanswered[:1]
    first.respond(200)
    world.wait(60)
    # then the second message waits
    assert {body_of(request).message_id for request in world.messages} == {"msg-1"}
    assert world.queue == ["msg-2"]


def test_that_a_push_may_name_the_service_of_deferred_messages() -> None:
    world = PfWorld(PfSettings(push=Push.PAGER, names_deferred=True))
    world.defer(1)
    world.register()
    assert services_in(world.messages[0]) == {"oma.cpm.deferred"}
