"""Cores that do wrong with what is pushed."""

from conformance.cpm.role import Role
from conformance.observation.trace import Message, Observation
from conformance.reference.faults.catalogue import Mutant
from conformance.reference.faults.pushing_core import FAULTS, KEEPS_CONTACTS
from conformance.sip.message import SipRequest, SipResponse
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, lines, played


def between(one: Mutant, sender: Role, receiver: Role) -> list[Message]:
    """What was seen from one role to another."""
    hosts = played(one).world.hosts
    return [
        item.message
        for item in trace_of(played(one)).items
        if isinstance(item, Observation)
        and hosts.get(item.source.host) is sender
        and hosts.get(item.destination.host) is receiver
    ]


def requests(one: Mutant, method: str) -> list[SipRequest]:
    """What the client was sent."""
    found = between(one, Role.CORE, Role.CLIENT)
    return [m for m in found if isinstance(m, SipRequest) and m.method == method]


def statuses(one: Mutant, method: str) -> list[int]:
    """What the participating function was answered."""
    found = between(one, Role.CORE, Role.PF)
    return [m.status for m in found if isinstance(m, SipResponse) and m.cseq_method == method]


def test_who_keeps_pushes_sends_none_on():
    assert requests(line("core-keeps-pushes", "push-pager"), "MESSAGE") == []
    assert requests(line("core-keeps-pushes", "push"), "INVITE") == []


def test_who_answers_itself_answers_once():
    assert statuses(line("core-fails-pushes", "push-pager"), "MESSAGE") == [500]
    taken = line("core-takes-pushes", "push-pager")
    assert statuses(taken, "MESSAGE") == [200]
    assert requests(taken, "MESSAGE") == []
    ahead = line("core-answers-ahead", "push-pager")
    assert statuses(ahead, "MESSAGE") == [200]
    assert len(requests(ahead, "MESSAGE")) == 1


def test_who_keeps_answers_sends_requests_on():
    one = line("core-keeps-push-answers", "push-pager")
    assert statuses(one, "MESSAGE") == []
    assert requests(one, "MESSAGE")


def test_who_stays_out_is_passed_by():
    one = line("core-stays-out", "push")
    direct = between(one, Role.PF, Role.CLIENT)
    assert {m.method for m in direct if isinstance(m, SipRequest)} == {"ACK", "BYE"}


def test_hops_are_not_counted():
    (sent,) = requests(line("core-counts-no-hops", "push-pager"), "MESSAGE")
    assert sent.header("Max-Forwards") == "70"


def test_words_are_changed_on_the_way_to_the_client():
    one = line("core-changes-words", "push-pager")
    assert [b"dinner" in m.body for m in requests(one, "MESSAGE")] == [True]


def test_who_keeps_contacts_is_among_them_and_the_core_is_at_fault():
    assert KEEPS_CONTACTS in FAULTS
    assert {one.role for one in lines(FAULTS)} == {"core"}
