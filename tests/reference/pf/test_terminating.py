import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.pf.settings import Leg, PfSettings
from conformance.reference.preferences.profiles import (
    Disposal,
    MediaRule,
    Profile,
    Rule,
    Selection,
    Stored,
)
from conformance.reference.preferences.source import UnknownPreferences
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import (
    ALICE,
    BOB,
    PF_HOST,
    PHONE,
    TABLET,
    PfWorld,
    body_of,
    message,
)


def when_unavailable(disposal: Disposal) -> Profile:
    return Profile(when_unavailable=(disposal,))


def test_that_a_message_goes_on_to_an_available_user() -> None:
    # Y.2 (the second) steps 3 to 10
    world = PfWorld()
    world.register()
    world.send(message())
    (request,) = world.messages
    assert request.uri == ALICE
    assert world.statuses[-1] == 200
    assert len(request.vias) == 2
    assert request.header("Max-Forwards") == "69"
    assert body_of(request).cpim() == message().cpim()
    assert world.noted("delivered") == ["msg-1"]
    assert world.queue == []


def test_that_a_message_goes_on_as_a_new_request_by_setting() -> None:
    world = PfWorld(PfSettings(leg=Leg.B2BUA))
    world.register()
    world.send(message())
    (request,) = world.messages
    assert len(request.vias) == 1
    assert request.header("Conversation-ID") == "conv-1"
    assert request.header("P-Asserted-Identity") == f"<{BOB}>"
    assert BOB in (request.header("From") or "")
    assert world.statuses[-1] == 200


@pytest.mark.parametrize("status", [200, 202, 403, 404, 486, 500, 603])
def test_that_the_answer_is_that_of_the_client(status: int) -> None:
    world = PfWorld()
    world.register()
    world.answers = [status]
    world.send(message())
    assert world.statuses[-1] == status
    assert world.queue == []


def test_that_a_message_for_nobody_is_deferred() -> None:
    # C.3.1.1.3 steps 1 to 5
    world = PfWorld()
    world.send(message())
    assert world.statuses == [202]
    assert isinstance(world.last, SipResponse)
    assert world.last.to_tag
    assert world.noted("deferred") == ["msg-1"]
    assert world.queue == ["msg-1"]
    assert world.messages == []


@pytest.mark.parametrize("status", [408, 480, 503])
def test_that_a_message_that_reached_nobody_is_deferred(status: int) -> None:
    world = PfWorld()
    world.register()
    world.answers = [status]
    world.send(message())
    assert world.statuses[-1] == 202
    assert world.queue == ["msg-1"]


def test_that_it_is_left_to_the_operator_what_reaching_nobody_means() -> None:
    world = PfWorld(PfSettings(defers_unreached=False))
    world.register()
    world.answers = [480]
    world.send(message())
    assert world.statuses[-1] == 480
    assert world.queue == []


def test_that_a_message_sent_again_is_not_deferred_twice() -> None:
    world = PfWorld()
    world.send(message())
    world.send(message())
    world.send(message(1, "Something else."))
    assert world.statuses == [202, 202, 202]
    assert world.queue == ["msg-1", "msg-1-2"]


def test_that_a_message_is_stored_where_the_user_wants_that() -> None:
    world = PfWorld(profile=when_unavailable(Disposal.STORE))
    world.send(message())
    assert world.statuses == [202]
    assert [kept.message.message_id for kept in world.pf.host.store.list(ALICE)] == ["msg-1"]
    assert world.queue == []
    assert world.noted("stored") == ["msg-1"]


def test_that_a_message_is_discarded_where_the_user_wants_that() -> None:
    world = PfWorld(profile=when_unavailable(Disposal.DISCARD))
    world.send(message(wants=("negative-delivery",)))
    assert world.statuses == [202]
    assert world.queue == []
    assert world.noted("discarded") == ["msg-1"]
    notice = body_of(world.messages[0]).notification
    assert notice is not None
    assert notice.status == "failed"


def test_that_a_message_is_interworked_where_the_user_wants_that() -> None:
    world = PfWorld(profile=when_unavailable(Disposal.INTERWORK))
    world.answers = [202]
    world.send(message())
    (request,) = world.messages
    assert request.uri == "sip:+15550100@iwf.home-a.example;user=phone"
    assert world.statuses == [202]
    assert world.noted("interworked") == ["msg-1"]


def test_that_media_is_not_deferred_that_the_user_does_not_keep() -> None:
    # 5.4 A 3
    world = PfWorld(profile=Profile(deferred_media=(MediaRule("image/*", wanted=False),)))
    world.send(message(1, content_type="image/png"))
    world.send(message(2))
    assert world.queue == ["msg-2"]
    assert world.noted("discarded") == ["msg-1"]


@pytest.mark.parametrize("available", [True, False])
def test_that_the_blacklist_is_kept(available: bool) -> None:
    # 5.4 A 1
    world = PfWorld(profile=Profile(blacklist=(BOB,)))
    if available:
        world.register()
    world.send(message())
    assert world.statuses[-1] == 403
    assert world.messages == []
    assert world.queue == []


def test_that_rules_on_size_and_type_are_kept() -> None:
    rules = (
        Rule(Disposal.REDIRECT, larger_than=100, redirect_to="sip:archive@home-a.example"),
        Rule(Disposal.REJECT, content_types=("image/*",)),
    )
    world = PfWorld(profile=Profile(rules=rules))
    world.register()
    world.send(message(1, "x" * 101))
    assert world.statuses[-1] == 302
    assert isinstance(world.last, SipResponse)
    assert world.last.header("Contact") == "<sip:archive@home-a.example>"
    world.send(message(2, content_type="image/png"))
    assert world.statuses[-1] == 403
    world.send(message(3))
    assert world.statuses[-1] == 200


def test_that_the_message_goes_to_each_device() -> None:
    # 5.4 F 1
    world = PfWorld()
    world.register(PHONE)
    world.register(TABLET)
    world.send(message())
    wanted = [request.headers("Accept-Contact")[-1] for request in world.messages]
    assert [PHONE in wanted[0], TABLET in wanted[1]] == [True, True]
    assert {body_of(request).message_id for request in world.messages} == {"msg-1"}
    assert world.statuses[-1] == 200


def test_that_the_message_goes_to_the_chosen_device_only() -> None:
    world = PfWorld(profile=Profile(messages_to=Selection(instances=(TABLET,))))
    world.register(PHONE)
    world.register(TABLET)
    world.send(message())
    (request,) = world.messages
    assert TABLET in request.headers("Accept-Contact")[-1]


def test_that_no_chosen_device_is_nobody() -> None:
    world = PfWorld(profile=Profile(messages_to=Selection(instances=(TABLET,))))
    world.register(PHONE)
    world.send(message())
    assert world.statuses[-1] == 202
    assert world.queue == ["msg-1"]


def test_that_a_copy_is_stored_where_the_user_wants_that() -> None:
    # 5.4 E
    world = PfWorld(profile=Profile(stored=frozenset({Stored.MESSAGE})))
    world.register()
    world.send(message())
    world.register(seconds=0)
    world.send(message(2))
    world.register()
    kept = [(one.message.message_id, one.why) for one in world.pf.host.store.list(ALICE)]
    assert kept == [("msg-1", "received"), ("msg-2", "received")]


def test_that_unknown_preferences_leave_everything_open() -> None:
    chooser = Chooser({})
    world = PfWorld(preferences=UnknownPreferences(), decisions=chooser)
    world.send(message())
    world.register()
    world.send(message(2))
    unavailable, available = chooser.asked[Point.DISPOSAL]
    assert set(unavailable) == {
        Disposal.DEFER,
        Disposal.STORE,
        Disposal.DISCARD,
        Disposal.INTERWORK,
        Disposal.REJECT,
    }
    assert available == [Disposal.DELIVER, Disposal.REJECT, Disposal.DEFER]
    assert chooser.about[Point.DISPOSAL] == ["msg-1", "msg-2"]


def test_that_bound_preferences_leave_nothing_open() -> None:
    chooser = Chooser({})
    world = PfWorld(profile=when_unavailable(Disposal.DEFER), decisions=chooser)
    world.send(message())
    assert chooser.asked[Point.DISPOSAL] == [[Disposal.DEFER]]


def test_that_nobody_waits_to_hear_that_a_hidden_user_types() -> None:
    world = PfWorld()
    typing = Content("application/im-iscomposing+xml", b"<isComposing/>")
    world.send(message(), content=typing)
    assert world.statuses == [202]
    assert world.queue == []
    world.register()
    world.send(message(), content=typing)
    assert world.statuses[-1] == 200


def test_that_an_unreadable_message_is_refused() -> None:
    world = PfWorld()
    world.send(message(), content=Content("message/cpim", b"no colon here"))
    assert world.statuses == [400]


def test_that_a_full_queue_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    world = PfWorld()
    monkeypatch.setattr(world.pf.host.queue, "has_room", lambda user: False)
    world.send(message())
    assert world.statuses == [480]


def test_that_an_absent_user_is_told_out_of_band() -> None:
    # 5.2.1.1.2, MAY
    world = PfWorld()
    world.send(message())
    (told,) = world.pf.host.enabler.handed_over
    assert told.identities == ("msg-1",)
    world = PfWorld(PfSettings(out_of_band=False))
    world.send(message())
    assert world.pf.host.enabler.handed_over == ()


def test_that_nobody_answers_for_a_silent_client() -> None:
    world = PfWorld()
    world.register()
    world.answers = [0]
    world.send(message())
    world.wait(60)
    assert world.statuses[-1] == 408
    # The sender's own timer said so: RFC 4320 wants no 408 from us.
    answers = [c.start for c in world.wire.carried if c.source.host == PF_HOST]
    assert not any("408" in start for start in answers)
