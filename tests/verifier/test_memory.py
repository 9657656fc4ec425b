"""What is remembered beyond one conversation, and when it is forgotten."""

from conformance.cpm.identity import user_key
from conformance.verifier.memory import Memory, remember
from tests.scenarios import push_pager
from tests.scenarios.parties import ALICE, SECOND
from tests.verifier.events import events

CLIENT, CORE = "10.0.2.20", "10.0.1.1"


def remembered(**options: object) -> Memory:
    memory = Memory()
    for event in events(push_pager.build(**options)):
        if event.message.is_request:
            memory.note_request(event)
        else:
            memory.note_response(event)
    return memory


def test_that_a_registration_lasts_as_long_as_its_contact_expires() -> None:
    memory = remembered(registered=1200)
    (last,) = memory.history(user_key(ALICE), CLIENT)
    assert (last.client, last.core, last.removed) == (CLIENT, CORE, False)
    assert last.until == last.seen.time + 1200 * SECOND


def test_that_a_removal_ends_a_registration_at_once() -> None:
    last = remembered(removed=True).history(user_key(ALICE), CLIENT)[-1]
    assert last.removed
    assert last.until <= last.seen.time


def test_that_the_access_link_of_a_user_is_known() -> None:
    assert remembered().clients[user_key(ALICE)] == ((CLIENT, CORE),)


def test_that_nobody_is_registered_who_was_not_seen() -> None:
    assert remembered().history(user_key("sip:+15559999@home-a.example"), CLIENT) == []


def test_that_a_deferral_is_shown_by_its_202() -> None:
    ladder = push_pager.build(deferral=True)
    memory = Memory()
    for event in events(ladder):
        if event.message.is_request and event.time >= ladder.shots[ladder.find("2")].time:
            assert memory.deferral_shown(event)
            assert not memory.open_upstream(event)
            return
        note = memory.note_request if event.message.is_request else memory.note_response
        note(event)


def test_that_a_full_table_forgets_the_oldest() -> None:
    table: dict[str, int] = {}
    for number in range(5):
        remember(table, str(number), number, limit=3)
    assert list(table) == ["2", "3", "4"]
