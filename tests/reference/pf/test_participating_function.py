from pathlib import Path

from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.store.deferred_queue import DeferredQueue
from tests.reference.pf.world import ALICE, BOB, PF_HOST, PfWorld, Watcher, message


def test_that_a_restart_loses_nothing(tmp_path: Path) -> None:
    # Given messages that were deferred
    path = str(tmp_path / "queue.db")
    before = PfWorld(queue=DeferredQueue(path))
    before.defer(2)
    before.pf.close()
    # when another process goes on with the same queue, and a client registers
    after = PfWorld(queue=DeferredQueue(path))
    assert after.queue == ["msg-1", "msg-2"]
    after.register()
    # then they are delivered
    assert after.clients[0].ids == ["msg-1", "msg-2"]
    assert after.queue == []


def test_that_a_restart_still_knows_when_messages_expire(tmp_path: Path) -> None:
    path = str(tmp_path / "queue.db")
    before = PfWorld(PfSettings(defers_for=3_600_000_000_000), queue=DeferredQueue(path))
    before.defer(1, wants=("negative-delivery",))
    before.pf.close()
    after = PfWorld(queue=DeferredQueue(path))
    after.wait(4_000)
    assert after.queue == []
    assert len(after.messages) == 1
    assert after.messages[0].uri == BOB


def test_that_options_are_answered() -> None:
    world = PfWorld()
    world.peer.agent.request(
        "OPTIONS", f"sip:{PF_HOST}:5060", answered=world._answered, routes=None
    )
    world.wait(2)
    assert world.statuses == [200]


def test_that_what_is_not_understood_is_refused() -> None:
    world = PfWorld()
    for method in ("PUBLISH", "FROB"):
        world.peer.agent.request(method, f"sip:{PF_HOST}:5060", answered=world._answered)
    world.wait(2)
    assert world.statuses == [405, 501]


def test_that_what_belongs_to_no_dialog_is_refused() -> None:
    world = PfWorld()
    world.peer.agent.request(
        "BYE", f"sip:{PF_HOST}:5060", to=f"<{ALICE}>;tag=gone", answered=world._answered
    )
    world.wait(2)
    assert world.statuses == [481]


def test_that_a_registration_without_waiting_messages_brings_about_nothing() -> None:
    world = PfWorld()
    world.register()
    assert world.statuses == [200]
    assert world.messages == []
    assert world.clients == []
    assert world.notifies == []


def test_that_the_end_of_a_registration_brings_about_nothing() -> None:
    world = PfWorld()
    world.register()
    world.register(seconds=0)
    world.send(message())
    assert world.statuses == [200, 200, 202]
    assert world.queue == ["msg-1"]


def test_that_both_options_are_supported() -> None:
    # 5.2.2.2: the same queue is pushed to one user's client, and told to another's.
    for push in Push:
        world = PfWorld(PfSettings(push=push))
        world.defer(1)
        watcher = Watcher()
        world.subscribe(watcher)
        world.wait(2)
        assert watcher.lists == [["msg-1"]]
        world.register()
        assert world.queue == []
        assert watcher.lists[-1] == []
