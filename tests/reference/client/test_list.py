"""A client learns what waits for its user."""

from conformance.reference.client.cpm_client import ClientSettings
from tests.reference.client.home import PSI, World

SUBSCRIBES = ClientSettings(subscribes=True)
BY_HAND = ClientSettings(selects=False)


def pulled(settings: ClientSettings = SUBSCRIBES, count: int = 3) -> World:
    world = World(settings)
    world.home.defer(count)
    world.client.register()
    return world.run(60)


def test_a_client_that_became_available_subscribes() -> None:
    world = pulled(count=0)

    (request,) = world.home.of("SUBSCRIBE")
    assert request.uri == PSI
    assert request.header("Event") == "deferred-messages"
    assert request.header("Expires") == "3600"
    assert request.header("Accept") == "application/vnd.oma.cpm-deferred-list+xml"
    assert world.noted("subscribed") == [{}]
    assert world.home.of("INVITE") == []


def test_another_event_is_not_known() -> None:
    world = World()
    world.home.tell(event="presence")
    world.run(5)

    assert world.home.pushes == [489]


def test_a_list_that_cannot_be_read_is_refused() -> None:
    world = World()
    world.home.defer(1)
    real = world.home.listing
    world.home.listing = lambda: real()._replace(body=b"<open")  # type: ignore[method-assign]
    world.home.tell()
    world.run(5)

    assert world.home.pushes == [400]
    assert world.noted("malformed")


def test_a_subscription_is_renewed_and_ended() -> None:
    world = World(SUBSCRIBES)
    world.client.register()
    world.run(3_000)
    assert len(world.home.subscriptions) == 1
    assert not world.home.subscriptions[0].is_over
    world.client.unsubscribe_deferred()
    world.run(60)

    assert world.home.subscriptions[0].is_over
    assert world.client.subscription is None


def test_a_refused_subscription_is_noted() -> None:
    world = World(SUBSCRIBES)
    world.home.status["SUBSCRIBE"] = 403
    world.client.register()
    world.run(60)

    assert world.noted("subscription-failed") == [{"status": "403"}]
    assert world.client.subscription is None


def test_further_lists_may_come_in_the_dialog_of_the_first() -> None:
    world = World(BY_HAND)
    world.home.defer(1)
    dialog = world.home.tell_in_dialog()
    world.run(5)
    world.home.defer(1)
    world.home.tell_more(dialog[0])
    world.run(5)
    world.home.tell_more(dialog[0], state="terminated")
    world.run(5)
    world.home.tell_more(dialog[0])
    world.run(5)

    assert world.home.pushes == [200, 200, 200, 481]
    assert sorted(world.client.listed) == ["m0", "m1"]


def test_a_notify_without_a_list_changes_nothing() -> None:
    world = World()
    world.home.defer(1)
    real = world.home.listing()
    world.home.listing = lambda: real._replace(body=b"")  # type: ignore[method-assign]
    world.home.tell()
    world.run(5)

    assert world.home.pushes == [200]
    assert world.client.listed == {}


def test_the_dialog_of_a_list_takes_lists_only_and_in_order() -> None:
    world = World(BY_HAND)
    dialogs = world.home.tell_in_dialog()
    world.run(5)
    (dialog,) = dialogs
    world.home.agent.exchange(dialog.request("INFO"), world.home.pushed, dialog=dialog)
    world.run(5)
    dialog.local_cseq = 0
    world.home.tell_more(dialog)
    world.run(5)

    assert world.home.pushes == [200, 405, 500]


def test_what_cannot_be_named_cannot_be_chosen() -> None:
    world = World()
    world.home.defer(2)
    real = world.home.listing()
    odd = real.body.replace(b'<message id="m0">', b"<message><message-id>m\n0</message-id>")
    world.home.listing = lambda: real._replace(body=odd)  # type: ignore[method-assign]
    world.home.tell()
    world.run(30)

    assert list(world.client.listed) == ["m1"]
    assert world.received() == ["m1"]
