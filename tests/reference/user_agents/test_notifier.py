import pytest

from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents import agent as agent_module
from conformance.reference.user_agents.incoming import Content
from conformance.reference.user_agents.notifier import MAX_WAITING, NotifierEnd
from tests.reference.user_agents.session_rig import Publisher, Watch


def text(number: int) -> Content:
    return Content("text/plain", str(number).encode())


def test_states_come_in_order_one_at_a_time():
    # given
    watch = Watch().begin().run(1)
    watch.wire.loses = lambda carried: b"\r\n\r\n1" in carried.octets and carried.number < 5
    # when
    for number in range(1, 4):
        watch.served.notify(text(number))
    watch.run(5)
    # then
    assert watch.user.told[2:] == [f"notified active {number}" for number in (1, 2, 3)]


def test_the_present_state_is_told_once():
    # given a NOTIFY whose answer is long in coming
    watch = Watch().begin().run(1)
    watch.wire.loses = lambda carried: carried.number < 8
    watch.served.notify(text(1))
    # when
    for number in (2, 3):
        watch.publisher.state = str(number)
        watch.served.notify(lambda: watch.publisher.content)
    watch.publisher.state = "4"
    watch.run(20)
    # then
    assert watch.user.told[2:] == ["notified active 1", "notified active 4"]


def test_of_too_many_that_wait_the_newest_stay():
    watch = Watch(status=None).begin().run(1)
    for number in range(MAX_WAITING + 5):
        watch.served.notify(text(number))
    assert len(watch.served._waiting) == MAX_WAITING


def test_its_time_runs_out_with_a_last_notify():
    watch = Watch(expires=60).begin().run(70)
    assert watch.user.told[-2:] == ["notified terminated last", "ended timeout"]
    assert watch.publisher.told == [f"ended {NotifierEnd.EXPIRED}"]
    assert watch.run().is_idle


def test_it_is_terminated_with_a_reason():
    watch = Watch().begin().run(1)
    answers = []
    watch.served.notify(None, "terminated", "noresource", answered=answers.append)
    watch.served.notify(text(1))
    watch.run()
    assert watch.user.told[2:] == ["notified terminated ", "ended noresource"]
    assert watch.publisher.told == [f"ended {NotifierEnd.TERMINATED}"]
    assert [answer.status for answer in answers] == [200]
    assert watch.is_idle


def test_a_pending_subscription_says_so():
    watch = Watch().begin().run(1)
    watch.served.notify(text(1), "pending", headers=[("X", "1")])
    watch.run(1)
    assert watch.user.told[-1] == "notified pending 1"
    assert watch.user.requests[-1].header("X") == "1"


@pytest.mark.parametrize("status", [481, 500, None])
def test_a_notify_that_fails_ends_it(status):
    watch = Watch(status=status).begin().run()
    assert watch.publisher.told == [f"ended {NotifierEnd.UNREACHABLE}"]
    assert watch.served.is_over


def test_the_user_is_told_how_a_notify_was_answered():
    watch = Watch().begin().run(1)
    watch.wire.loses = lambda carried: carried.source == watch.a.endpoint
    answers = []
    watch.served.notify(text(1), answered=answers.append)
    watch.run(40)
    assert answers == [Failure.TIMEOUT]


def test_what_is_granted_is_bounded():
    watch = Watch(expires=99_999, max_expires=120).begin().run(1)
    assert watch.user.requests[0].header("Subscription-State") == "active;expires=120"
    watch.subscription.refresh(5_000)
    watch.run(1)
    assert watch.user.requests[1].header("Subscription-State") == "active;expires=120"


def test_more_or_less_may_be_granted():
    publisher = Publisher()
    publisher.subscribed = lambda subscription: subscription.accept(202, 77, [("X", "1")])
    watch = Watch(publisher=publisher).begin().run(1)
    assert watch.user.told == ["accepted 202"]


def test_a_subscription_may_be_refused():
    publisher = Publisher()
    publisher.subscribed = lambda subscription: subscription.refuse(403, "Not you")
    watch = Watch(publisher=publisher).begin().run()
    assert watch.user.told == ["refused 403"]
    assert watch.is_idle


@pytest.mark.parametrize(
    ("method", "event", "expires", "status"),
    [
        ("SUBSCRIBE", "other", "60", 489),
        ("SUBSCRIBE", "state", "5", 423),
        ("SUBSCRIBE", "state", "60", 200),
        ("SUBSCRIBE", "state", "0", 200),
        ("MESSAGE", "state", "0", 405),
    ],
)
def test_requests_within_the_dialog(method, event, expires, status):
    watch = Watch(min_expires=10).begin().run(1)
    request = watch.subscription.dialog.request(method)
    request.add("Event", event).add("Expires", expires)
    results = []
    watch.a.agent.exchange(request, results.append)
    watch.run(1)
    assert [result.status for result in results] == [status]
    assert watch.served.is_over == (expires == "0" and status == 200)


def test_a_request_out_of_order():
    watch = Watch().begin().run(1)
    watch.subscription.dialog.local_cseq = 0
    results = []
    request = watch.subscription.dialog.request("SUBSCRIBE").add("Event", "state")
    watch.a.agent.exchange(request, results.append)
    watch.run(1)
    assert [result.status for result in results] == [500]


def test_a_fetch_without_its_notify_is_forgotten():
    publisher = Publisher()
    publisher.is_first_notified = False
    watch = Watch(expires=0, publisher=publisher).begin().run()
    assert watch.is_idle


def test_too_many_subscriptions_are_refused(monkeypatch):
    monkeypatch.setattr(agent_module, "MAX_DIALOGS", 0)
    assert Watch().begin().run().user.told == ["refused 503"]


def test_only_one_answer_is_given():
    watch = Watch().begin().run(1)
    dialog = watch.served.dialog
    watch.served.accept()
    assert watch.served.dialog is dialog
    watch.served.acknowledged(watch.served.request)
    assert watch.served.asked == 600
