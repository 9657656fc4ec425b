import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.engine.timer import SECOND
from conformance.reference.user_agents.subscription import SubscriptionEnd
from tests.reference.user_agents.session_rig import Publisher, Watch


def test_a_subscription_from_subscribe_to_its_end():
    # given
    watch = Watch().begin().run(1)
    assert watch.user.told == ["accepted 200", "notified active one"]
    assert watch.subscription.expires_at == watch.wire.now + 600 * SECOND - int(0.98 * SECOND)
    # when
    watch.subscription.end()
    watch.run()
    # then
    assert watch.user.told[2:] == ["accepted 200", "notified terminated last", "ended timeout"]
    assert watch.publisher.told == ["ended unsubscribed"]
    assert watch.is_idle


def test_what_the_messages_say():
    watch = Watch(event="state;id=4").begin().run(1)
    subscribe = watch.subscription.request
    assert (subscribe.get("Event"), subscribe.get("Expires")) == ("state;id=4", "600")
    assert subscribe.get("Contact") == "<sip:a@10.0.0.1>"
    notify = watch.user.requests[0]
    assert notify.header("Event") == "state;id=4"
    assert notify.header("Subscription-State") == "active;expires=600"
    assert notify.header("Contact") == "<sip:b@10.0.0.2>"
    assert notify.uri == "sip:a@10.0.0.1"


def test_a_notify_may_be_ahead_of_the_2xx():
    watch = Watch()
    watch.wire.loses = lambda carried: carried.start == "SIP/2.0 200 OK" and carried.number == 1
    watch.begin().run(5)
    assert watch.user.told == ["notified active one", "accepted 200"]
    watch.subscription.end()
    assert watch.run().is_idle


def test_a_notify_is_enough():
    watch = Watch(expires=100)
    watch.wire.loses = lambda carried: (
        "CSeq: 1 SUBSCRIBE" in carried.octets.decode() and (carried.start.startswith("SIP/2.0"))
    )
    watch.begin().run(50)
    assert watch.user.told == ["notified active one"]
    assert not watch.subscription.is_over
    watch.run()
    assert watch.user.told[-1] in ("ended timeout", "ended expired")
    assert watch.is_idle


def test_without_a_notify_it_ends():
    publisher = Publisher()
    publisher.is_first_notified = False
    watch = Watch(publisher=publisher).begin().run(31)
    assert watch.user.told == ["accepted 200"]
    watch.run(2)
    assert watch.user.told[-1] == f"ended {SubscriptionEnd.NO_NOTIFY}"
    watch.run()
    assert watch.is_idle


def test_it_is_renewed_in_time():
    watch = Watch(expires=100, renew=True).begin().run(1000)
    assert not watch.subscription.is_over
    assert watch.publisher.told == ["renewed"] * 13
    watch.subscription.end()
    assert watch.run().is_idle


def test_it_is_renewed_when_asked():
    watch = Watch(expires=100).begin().run(1)
    watch.publisher.state = "two"
    watch.subscription.refresh(300)
    watch.run(1)
    assert watch.user.told[2:] == ["accepted 200", "notified active two"]
    assert watch.user.requests[-1].header("Subscription-State") == "active;expires=300"
    watch.run(250)
    assert not watch.subscription.is_over


def test_its_time_runs_out():
    watch = Watch(expires=100)
    watch.wire.loses = lambda carried: b"terminated" in carried.octets
    watch.begin().run(131)
    assert not watch.subscription.is_over
    watch.run()
    assert watch.user.told[-1] == f"ended {SubscriptionEnd.EXPIRED}"
    assert watch.is_idle


def test_nobody_answers():
    watch = Watch()
    watch.wire.loses = lambda carried: True
    watch.begin().run()
    assert watch.user.told in (["refused timeout"], [f"ended {SubscriptionEnd.NO_NOTIFY}"])
    assert watch.is_idle


@pytest.mark.parametrize(("event", "status"), [("other", 489), ("", 489)])
def test_a_refusal(event, status):
    watch = Watch(event=event).begin().run()
    assert watch.user.told == [f"refused {status}"]
    assert watch.is_idle


def test_one_too_short_is_asked_for_once_more():
    watch = Watch(expires=10, min_expires=60).begin().run(1)
    assert watch.user.told == ["accepted 200", "notified active one"]
    assert watch.user.requests[0].header("Subscription-State") == "active;expires=60"
    sent = [c.octets for c in watch.wire.carried if c.start.startswith("SUBSCRIBE")]
    assert [b"CSeq: 1 " in one for one in sent] == [True, False]
    assert b"Expires: 60\r\n" in sent[1]


def test_a_renewal_that_finds_nothing_ends_it():
    watch = Watch().begin().run(1)
    watch.b.agent.leave(watch.served.dialog)
    watch.subscription.refresh()
    watch.run(1)
    assert watch.user.told[-1] == f"ended {SubscriptionEnd.REFUSED}"


def test_a_renewal_that_fails_otherwise_does_not():
    watch = Watch().begin().run(1)
    watch.served.take = lambda incoming: incoming.respond(500)
    watch.subscription.refresh()
    watch.run(1)
    assert not watch.subscription.is_over
    # but no NOTIFY followed
    watch.run(40)
    assert watch.user.told[-1] == f"ended {SubscriptionEnd.NO_NOTIFY}"


def test_a_fetch_is_one_notify():
    watch = Watch(expires=0).begin().run(5)
    assert watch.user.told == ["accepted 200", "notified terminated one", "ended timeout"]
    assert watch.run().is_idle


def test_another_dialog_s_notify_is_answered_481():
    # given
    watch = Watch().begin().run(1)
    dialog = watch.served.dialog
    for changes in ({"From": "<sip:x@h>;tag=other"}, {"Event": "other"}):
        notify = dialog.request("NOTIFY")
        notify.add("Event", "state").add("Subscription-State", "active")
        for name, value in changes.items():
            notify.put(name, value)
        results = []
        watch.b.agent.exchange(notify, results.append)
        watch.run(1)
        assert [result.status for result in results] == [481]
    assert len(watch.user.requests) == 1


@pytest.mark.parametrize(
    ("state", "cseq", "status"), [("", 9, 400), ("active", 1, 500), ("active;expires=x", 9, 200)]
)
def test_a_notify_that_is_not_right(state, cseq, status):
    watch = Watch().begin().run(1)
    notify = watch.served.dialog.request("NOTIFY").put("CSeq", f"{cseq} NOTIFY")
    notify.add("Event", "state").add("Subscription-State", state)
    results = []
    watch.b.agent.exchange(notify, results.append)
    watch.run(1)
    assert [result.status for result in results] == [status]


def test_nothing_is_renewed_before_it_is_begun_or_after_its_end():
    watch = Watch().begin()
    watch.subscription.refresh()
    watch.run(1)
    watch.subscription.end()
    watch.run()
    watch.subscription.refresh()
    watch.run()
    assert sum(start.startswith("SUBSCRIBE") for start in watch.wire.starts()) == 2


@settings(max_examples=60)
@given(
    st.sets(st.integers(0, 40)),
    st.sets(st.integers(0, 40)),
    st.sampled_from([0, 5, 600]),
    st.sampled_from(["end", "terminate", "nothing"]),
)
def test_loss_and_duplication_leave_nothing_behind(lost, doubled, expires, then):
    # given
    watch = Watch(expires=expires)
    watch.wire.loses = lambda carried: carried.number in lost
    watch.wire.doubles = lambda carried: carried.number in doubled
    # when
    watch.begin().run(3)
    if then == "end":
        watch.subscription.end()
    elif then == "terminate" and watch.publisher.subscriptions:
        watch.served.notify(None, "terminated", "noresource")
    watch.run()
    # then
    assert watch.is_idle
    assert sum(told.startswith(("ended", "refused")) for told in watch.user.told) == 1
    assert len(watch.publisher.subscriptions) <= 1
