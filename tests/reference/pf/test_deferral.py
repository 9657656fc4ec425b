from conformance.reference.engine.decision import Point
from conformance.reference.engine.timer import SECOND
from conformance.reference.pf.deferral import Deferral
from conformance.reference.pf.settings import PfSettings
from conformance.reference.preferences.profiles import Expiry, Profile
from conformance.reference.preferences.source import Told, UnknownPreferences
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import ALICE, BOB, DAY, HOUR, PfWorld, body_of, message

SHORT = PfSettings(defers_for=HOUR * SECOND)


def test_that_an_expired_message_is_discarded_and_its_sender_told() -> None:
    # C.3.1.1.3 steps 6 to 10
    world = PfWorld(SHORT)
    world.defer(1, wants=("negative-delivery",))
    world.wait(HOUR - 60)
    assert world.queue == ["msg-1"]
    world.wait(120)
    assert world.queue == []
    assert world.noted("expired") == world.noted("discarded") == ["msg-1"]
    (notice,) = world.messages
    assert notice.uri == BOB


def test_that_the_senders_expires_counts() -> None:
    world = PfWorld()
    world.send(message(1), headers=[("Expires", "60")])
    world.send(message(2), headers=[("Expires", "7200")])
    world.wait(90)
    assert world.queue == ["msg-2"]
    world.wait(7_200)
    assert world.queue == []


def test_that_an_expired_message_is_stored_where_the_user_wants_that() -> None:
    # 5.4 C, 5.2.2.2
    world = PfWorld(SHORT, profile=Profile(when_expired=(Expiry.STORE,)))
    world.defer(1, wants=("negative-delivery",))
    world.wait(2 * HOUR)
    assert world.queue == []
    assert world.messages == []
    assert [one.why for one in world.pf.host.store.list(ALICE)] == ["expired"]


def test_that_an_expired_message_gets_more_time_where_the_user_wants_that() -> None:
    profile = Profile(when_expired=(Expiry.EXTEND,), extend_by=HOUR * SECOND, extend_times=2)
    world = PfWorld(SHORT, profile=profile)
    world.defer(1)
    world.wait(2.5 * HOUR)
    assert world.queue == ["msg-1"]
    assert world.noted("extended") == ["msg-1", "msg-1"]
    world.wait(HOUR)
    assert world.queue == []


def test_that_unknown_preferences_leave_expiry_open() -> None:
    chooser = Chooser({Point.EXPIRY: 2})
    world = PfWorld(SHORT, preferences=UnknownPreferences(), decisions=chooser)
    world.defer(1)
    world.wait(2 * HOUR)
    assert chooser.asked[Point.EXPIRY] == [[Expiry.DISCARD, Expiry.STORE, Expiry.EXTEND]]
    assert world.queue == ["msg-1"]


class Slow:
    """Preferences that are told late."""

    def __init__(self) -> None:
        self.waiting: list[Told] = []

    def fetch(self, user: str, then: Told) -> None:
        self.waiting.append(then)


def test_that_a_message_is_handled_once_while_preferences_are_awaited() -> None:
    source = Slow()
    world = PfWorld(SHORT, preferences=source)
    world.pf.deferral.defer(ALICE, message(1), "pager")
    world.wait(2 * HOUR)
    assert len(source.waiting) == 1
    assert world.queue == ["msg-1"]
    source.waiting[0](None)
    world.wait(1)
    assert world.queue == []


def test_that_a_message_taken_meanwhile_does_not_expire() -> None:
    source = Slow()
    world = PfWorld(SHORT, preferences=source)
    world.pf.deferral.defer(ALICE, message(1), "pager")
    (deferred,) = world.pf.deferral.waiting(ALICE)
    world.wait(2 * HOUR)
    world.pf.deferral.hold(deferred)
    source.waiting[0](None)
    world.wait(HOUR)
    assert world.queue == ["msg-1"]
    world.pf.deferral.release(deferred)
    world.wait(5)
    source.waiting[1](None)
    assert world.queue == []


def test_that_others_expire_while_one_is_held() -> None:
    world = PfWorld()
    world.pf.deferral.defer(ALICE, message(1, expires_at=world.wire.now + 10 * SECOND), "pager")
    world.pf.deferral.defer(ALICE, message(2, expires_at=world.wire.now + 20 * SECOND), "pager")
    world.pf.deferral.hold(world.pf.deferral.waiting(ALICE)[0])
    world.wait(30)
    assert world.queue == ["msg-1"]


def test_that_what_one_device_has_stays_while_another_gets_it() -> None:
    world = PfWorld()
    world.defer(1)
    deferral: Deferral = world.pf.deferral
    (deferred,) = deferral.waiting(ALICE)
    deferral.hold(deferred)
    deferral.hold(deferred)
    deferral.delivered(deferred, "phone")
    deferral.release(deferred)
    assert world.queue == ["msg-1"]
    deferral.release(deferred)
    assert world.queue == []


def test_that_nobody_is_told_of_a_failure_who_was_served() -> None:
    world = PfWorld(SHORT)
    world.defer(1, wants=("negative-delivery",))
    world.pf.host.queue.mark_delivered("msg-1", "phone")
    world.wait(DAY)
    assert world.queue == []
    assert world.messages == []


def test_that_the_notice_names_the_message() -> None:
    world = PfWorld(SHORT)
    world.defer(1, wants=("positive-delivery", "negative-delivery"))
    world.wait(2 * HOUR)
    notice = body_of(world.messages[0]).notification
    assert notice is not None
    assert (notice.message_id, notice.kind, notice.status) == ("msg-1", "delivery", "failed")
