from conformance.body.deferred_list import LIST_TYPE, identities
from conformance.reference.engine.decision import Point
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Delivery, Profile, Selection
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import ALICE, BOB, PHONE, PSI, TABLET, PfWorld, Watcher, message
from tests.reference.wiring import Carried


def watched(count: int = 0, expires: int = 3_600) -> tuple[PfWorld, Watcher]:
    world, watcher = PfWorld(), Watcher()
    world.defer(count)
    world.subscribe(watcher, expires)
    world.wait(2)
    return world, watcher


def test_that_a_subscriber_is_told_at_once() -> None:
    # B.3.6.2 steps 2 to 9
    world, watcher = watched(2)
    assert watcher.lists == [["msg-1", "msg-2"]]
    assert watcher.states[0].startswith("active;expires=")
    assert dict(watcher.entries[0].fields) == {
        "subject": "Notice 1",
        "from": BOB,
        "date": "1970-01-01T00:00:00Z",
        "size": "7",
    }
    assert world.noted("notified")[-2:] == ["msg-1", "msg-2"]
    notify = next(c for c in world.wire.carried if c.start.startswith("NOTIFY"))
    assert f"Content-Type: {LIST_TYPE}".encode() in notify.octets
    assert b"Event: deferred-messages" in notify.octets


def test_that_an_empty_list_is_told_too() -> None:
    _, watcher = watched()
    assert watcher.lists == [[]]


def test_that_each_change_is_told() -> None:
    world, watcher = watched(1)
    world.send(message(2))
    client = world.invite(PSI, "oma.cpm.deferred", [("msg-1", "retrieve"), ("msg-2", "discard")])
    world.wait(5)
    assert client.ids == ["msg-1"]
    assert watcher.lists[0:2] == [["msg-1"], ["msg-1", "msg-2"]]
    assert watcher.lists[-1] == ["msg-1"] or watcher.lists[-1] == []
    client.session.bye()
    world.wait(5)
    # What was handled SHALL not be listed again (5.2.1.1.1).
    assert watcher.lists[-1] == []


def test_that_expiry_is_told() -> None:
    world, watcher = PfWorld(PfSettings(defers_for=60_000_000_000)), Watcher()
    world.defer(1)
    world.subscribe(watcher)
    world.wait(120)
    assert watcher.lists == [["msg-1"], []]


def test_that_a_subscription_ends_with_a_last_list() -> None:
    world, watcher = watched(1, expires=60)
    world.wait(100)
    assert watcher.lists == [["msg-1"], ["msg-1"]]
    assert watcher.states[-1].startswith("terminated")
    world.send(message(2))
    world.wait(5)
    assert len(watcher.lists) == 2


def test_that_a_fetch_is_one_list() -> None:
    world, watcher = watched(1, expires=0)
    assert watcher.lists == [["msg-1"]]
    assert watcher.states[0].startswith("terminated")
    assert not world.pf.notifying.is_watched(ALICE)


def test_that_a_subscription_can_be_renewed_and_ended() -> None:
    world, watcher = PfWorld(), Watcher()
    subscription = world.subscribe(watcher)
    world.wait(2)
    assert world.pf.notifying.is_watched(ALICE)
    subscription.refresh()
    world.wait(2)
    subscription.end()
    world.wait(2)
    assert len(watcher.lists) == 3
    assert not world.pf.notifying.is_watched(ALICE)


def test_that_other_packages_times_places_and_people_are_refused() -> None:
    world = PfWorld()
    watchers = [Watcher() for _ in range(4)]
    world.subscribe(watchers[0], event="presence")
    world.subscribe(watchers[1], expires=5)
    agent = world.peer.agent
    headers = [("P-Asserted-Identity", f"<{BOB}>")]
    agent.subscribe(PSI, "deferred-messages", expires=600, headers=headers, user=watchers[2])
    agent.subscribe("sip:10.0.3.1:5060", "deferred-messages", expires=600, user=watchers[3])
    world.wait(5)
    assert [w.refused_with for w in watchers] == [489, None, 403, 404]
    # Five seconds are too few: sixty are asked for and granted then (423).
    assert len(watchers[1].lists) == 1


def test_that_the_list_names_no_notification_and_no_hidden_sender() -> None:
    world, watcher = PfWorld(), Watcher()
    notice = message(
        9,
        '<?xml version="1.0"?><imdn xmlns="urn:ietf:params:xml:ns:imdn">'
        "<message-id>m</message-id><delivery-notification><status><delivered/></status>"
        "</delivery-notification></imdn>",
        content_type="message/imdn+xml",
    )
    world.send(notice)
    world.defer(1, anonymous=True)
    world.subscribe(watcher)
    world.wait(2)
    assert watcher.lists == [["msg-1"]]
    assert "from" not in dict(watcher.entries[0].fields)


def test_that_odd_subjects_can_be_listed() -> None:
    world, watcher = PfWorld(), Watcher()
    world.pf.deferral.defer(ALICE, message(1, subject="  a\x00 <b> & \r\n c\x0b "), "pager")
    world.pf.deferral.defer(ALICE, message(2, message_id="a<b>&\x01c"), "pager")
    world.subscribe(watcher)
    world.wait(2)
    # A message that no document can name is not listed.
    assert watcher.lists == [["msg-1"]]
    assert dict(watcher.entries[0].fields)["subject"].split() == ["a", "<b>", "&", "c"]


# Without a subscription.


def unasked(**changes: object) -> PfSettings:
    wanted = (Delivery.NOTIFICATION, Delivery.MESSAGE)
    return PfSettings(unsolicited=True, deliveries=wanted, **changes)  # type: ignore[arg-type]


def test_that_a_registered_client_is_told_unasked() -> None:
    # C.3.3.2
    world = PfWorld(unasked())
    world.defer(2)
    world.register()
    (notify,) = world.notifies
    assert notify.uri == ALICE
    assert notify.to_tag is None
    assert notify.header("Event") == "deferred-messages"
    assert (notify.header("Subscription-State") or "").startswith("active")
    found = identities(notify.body)
    assert isinstance(found, tuple)
    assert [entry.identity for entry in found] == ["msg-1", "msg-2"]
    assert world.queue == ["msg-1", "msg-2"]
    assert world.clients == []


def test_that_the_user_may_have_it_on_some_devices() -> None:
    world = PfWorld(unasked(), profile=Profile(notifications_to=Selection(instances=(TABLET,))))
    world.defer(1)
    world.register(PHONE)
    assert world.notifies == []
    world.register(TABLET)
    assert len(world.notifies) == 1


def test_that_the_users_wish_for_notifications_binds() -> None:
    world = PfWorld(
        PfSettings(unsolicited=True), profile=Profile(deliveries=(Delivery.NOTIFICATION,))
    )
    world.defer(1)
    world.register()
    assert len(world.notifies) == 1
    assert world.clients == []


def test_that_without_unasked_lists_the_client_subscribes_by_itself() -> None:
    world = PfWorld(PfSettings(deliveries=(Delivery.NOTIFICATION,)))
    world.defer(1)
    world.register()
    assert world.notifies == []
    assert world.queue == ["msg-1"]


def test_that_an_open_wish_is_a_choice() -> None:
    chooser = Chooser({Point.DELIVERY: 1})
    world = PfWorld(PfSettings(unsolicited=True), decisions=chooser)
    world.defer(1)
    world.register()
    assert len(world.notifies) == 1
    assert chooser.asked[Point.DELIVERY] == [[Delivery.MESSAGE, Delivery.NOTIFICATION]]


def test_that_a_list_is_told_as_it_is_when_it_leaves() -> None:
    # Given a first NOTIFY that gets lost twice
    world, watcher = PfWorld(), Watcher()
    world.defer(2)
    lost = [0]

    def loses(carried: Carried) -> bool:
        lost[0] += carried.start.startswith("NOTIFY")
        return carried.start.startswith("NOTIFY") and lost[0] <= 2

    world.wire.loses = loses
    world.subscribe(watcher)
    world.wait(0.2)
    # when messages go and come meanwhile
    for deferred in world.pf.deferral.waiting(ALICE):
        world.pf.deferral.remove(deferred, "test")
    world.wait(0.2)
    world.pf.deferral.defer(ALICE, message(3), "pager")
    world.wait(20)
    # then one more list tells how it has ended
    assert watcher.lists == [["msg-1", "msg-2"], ["msg-3"]]
