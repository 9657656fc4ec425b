import sqlite3

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conformance.reference.engine.timer import SECOND
from conformance.reference.store import deferred_queue
from conformance.reference.store.database import StoreError
from conformance.reference.store.deferred_queue import DeferredQueue, QueueFullError
from conformance.reference.store.message_store import MessageStore
from tests.reference.messages import ALICE, BOB, cpm

NOW = 1_772_442_000 * SECOND


@pytest.fixture
def queue():
    with DeferredQueue() as found:
        yield found


def test_that_messages_wait_in_the_order_in_which_they_came(queue):
    ids = [queue.add(ALICE, cpm(f"m{n}"), "pager", NOW + n, None) for n in (3, 1, 2)]
    assert [deferred.id for deferred in queue.list(ALICE)] == ids == ["m3", "m1", "m2"]
    assert queue.list(BOB) == ()


def test_that_a_deferred_message_is_as_it_came(queue):
    message = cpm(body=b"\0\xff", wants=("display",), envelope=b"From: x\r\n")
    queue.add(ALICE, message, "large", NOW, NOW + SECOND)
    found = queue.get("m1")
    assert found.message == message
    assert found.message.envelope == b"From: x\r\n"
    assert (found.kind, found.deferred_at, found.expires_at) == ("large", NOW, NOW + SECOND)
    assert (found.user, found.extended, found.delivered_to) == (ALICE, 0, frozenset())


def test_that_any_uri_of_a_user_names_the_user(queue):
    queue.add("tel:+15550100", cpm(), "pager", NOW, None)
    assert queue.list(ALICE) == queue.list("sip:+1-555-0100@home-a.example;user=phone")
    assert len(queue.list(ALICE)) == 1


def test_that_two_messages_of_one_identity_are_told_apart(queue):
    assert queue.add(ALICE, cpm(), "pager", NOW, None) == "m1"
    assert queue.add(BOB, cpm(), "pager", NOW, None) == "m1-2"
    assert queue.add(BOB, cpm(""), "pager", NOW, None) == "deferred"


def test_that_delivery_is_noted_by_device_and_goes_with_the_message(queue):
    queue.add(ALICE, cpm(), "pager", NOW, None)
    assert queue.mark_delivered("m1", "urn:one")
    assert queue.mark_delivered("m1", "urn:one")
    assert queue.mark_delivered("m1", "urn:two")
    assert queue.get("m1").delivered_to == {"urn:one", "urn:two"}
    assert queue.remove("m1")
    assert not queue.remove("m1")
    assert not queue.mark_delivered("m1", "urn:one")
    # A message that takes the identity later has been delivered to nobody.
    queue.add(ALICE, cpm(), "pager", NOW, None)
    assert queue.get("m1").delivered_to == frozenset()


def test_that_expiry_comes_in_its_order_and_can_be_put_off(queue):
    for name, seconds in (("late", 9), ("soon", 1), ("sooner", 0)):
        queue.add(ALICE, cpm(name), "pager", NOW, NOW + seconds * SECOND)
    queue.add(ALICE, cpm("never"), "pager", NOW, None)
    assert queue.next_expiry() == NOW
    assert [d.id for d in queue.expired(NOW + SECOND)] == ["sooner", "soon"]
    assert queue.extend("sooner", NOW + 20 * SECOND)
    assert queue.get("sooner").extended == 1
    assert [d.id for d in queue.expired(NOW + SECOND)] == ["soon"]
    assert queue.next_expiry() == NOW + SECOND
    assert not queue.extend("unknown", None)


def test_that_an_empty_queue_never_expires(queue):
    assert queue.next_expiry() is None
    assert queue.expired(2**62) == ()
    assert queue.users() == ()


def test_that_users_are_told_once_each(queue):
    for user in (BOB, ALICE, "tel:+15550142"):
        queue.add(user, cpm(), "pager", NOW, None)
    assert queue.users() == (BOB, ALICE)


def test_that_a_user_cannot_fill_the_queue_without_end(queue, monkeypatch):
    monkeypatch.setattr(deferred_queue, "MAX_PER_USER", 2)
    queue.add(ALICE, cpm(), "pager", NOW, None)
    assert queue.has_room(ALICE)
    queue.add(ALICE, cpm(), "pager", NOW, None)
    assert not queue.has_room(ALICE)
    assert queue.has_room(BOB)
    with pytest.raises(QueueFullError, match="2 messages are deferred"):
        queue.add(ALICE, cpm(), "pager", NOW, None)


def test_that_a_restart_loses_nothing(tmp_path):
    # Given a queue in a file, with everything that can be in it
    path = str(tmp_path / "queue")
    with DeferredQueue(path) as queue:
        queue.add(ALICE, cpm("m1", b"\xff"), "pager", NOW, NOW + SECOND)
        queue.add(BOB, cpm("m2"), "chat", NOW + 1, None)
        queue.mark_delivered("m1", "urn:one")
        queue.extend("m1", NOW + 2 * SECOND)
        before = (*queue.list(ALICE), *queue.list(BOB))
    # When it is opened anew
    with DeferredQueue(path) as queue:
        # Then all of it is there
        assert (*queue.list(ALICE), *queue.list(BOB)) == before
        assert queue.users() == (ALICE, BOB)


def test_that_what_a_call_has_done_outlives_a_queue_that_was_never_closed(tmp_path):
    path = str(tmp_path / "queue")
    queue = DeferredQueue(path)
    queue.add(ALICE, cpm(), "pager", NOW, None)
    with DeferredQueue(path) as other:
        assert [deferred.id for deferred in other.list(ALICE)] == ["m1"]
    queue.close()


def test_that_a_file_of_another_kind_is_a_clear_error(tmp_path):
    (tmp_path / "text").write_text("text " * 300)
    with pytest.raises(StoreError, match="text: this queue of deferred messages fails"):
        DeferredQueue(str(tmp_path / "text"))
    MessageStore(str(tmp_path / "kept")).close()
    with pytest.raises(StoreError, match="else than a queue of deferred messages of ours"):
        DeferredQueue(str(tmp_path / "kept"))


def test_that_a_row_that_cannot_be_read_is_a_clear_error(tmp_path):
    path = tmp_path / "queue"
    with DeferredQueue(str(path)) as queue:
        queue.add(ALICE, cpm(), "pager", NOW, None)
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE deferred SET message = '{}'")
        connection.close()
        with pytest.raises(StoreError, match="is broken: m1: no message can be read"):
            queue.list(ALICE)


class QueueAgainstModel(RuleBasedStateMachine):
    """Any order of calls leaves in the queue what a plain dictionary says."""

    def __init__(self):
        super().__init__()
        self.queue = DeferredQueue()
        self.model = {}

    @rule(
        user=st.sampled_from([ALICE, BOB]),
        name=st.sampled_from("abc"),
        expires=st.none() | st.integers(0, 9),
    )
    def add(self, user, name, expires):
        found = self.queue.add(user, cpm(name), "pager", 0, expires)
        assert found not in self.model
        self.model[found] = [user, expires, set()]

    @rule(name=st.sampled_from(["a", "b", "c", "a-2"]), device=st.sampled_from("xy"))
    def deliver(self, name, device):
        assert self.queue.mark_delivered(name, device) == (name in self.model)
        if name in self.model:
            self.model[name][2].add(device)

    @rule(name=st.sampled_from(["a", "b", "c", "a-2"]))
    def remove(self, name):
        assert self.queue.remove(name) == (self.model.pop(name, None) is not None)

    @rule(name=st.sampled_from(["a", "b"]), expires=st.integers(0, 9))
    def extend(self, name, expires):
        assert self.queue.extend(name, expires) == (name in self.model)
        if name in self.model:
            self.model[name][1] = expires

    @invariant()
    def agrees(self):
        for user in (ALICE, BOB):
            ids = [name for name, (owner, _, _) in self.model.items() if owner == user]
            assert [d.id for d in self.queue.list(user)] == ids
        times = [time for _, time, _ in self.model.values() if time is not None]
        assert self.queue.next_expiry() == min(times, default=None)
        assert {d.id for d in self.queue.expired(5)} == {
            name for name, (_, time, _) in self.model.items() if time is not None and time <= 5
        }
        for name, (_, _, devices) in self.model.items():
            assert self.queue.get(name).delivered_to == devices

    def teardown(self):
        self.queue.close()


TestQueueAgainstModel = QueueAgainstModel.TestCase
TestQueueAgainstModel.settings = settings(max_examples=25, stateful_step_count=20)
