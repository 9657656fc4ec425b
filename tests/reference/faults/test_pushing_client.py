"""Clients that do wrong where something is pushed to them."""

import pytest

from conformance.cpm.role import Role
from conformance.observation.trace import Observation
from conformance.reference.faults.catalogue import Mutant
from conformance.reference.faults.pushing_client import DEPARTURES, FAULTS
from conformance.sip.message import SipResponse
from conformance.suite.simulation import trace_of
from tests.reference.faults.mutating import line, lines, noticed, played


def answers(one: Mutant, method: str) -> list[int]:
    """The final answers that left the client."""
    hosts = played(one).world.hosts
    return [
        item.message.status
        for item in trace_of(played(one)).items
        if isinstance(item, Observation)
        and hosts.get(item.source.host) is Role.CLIENT
        and isinstance(item.message, SipResponse)
        and item.message.cseq_method == method
        and item.message.status >= 200
    ]


@pytest.mark.parametrize("status", DEPARTURES)
def test_each_departure_is_answered_to_messages_and_invitations(status: int):
    name = f"client-answers-push-{status}"
    assert answers(line(name, "push-pager"), "MESSAGE") == [status]
    assert answers(line(name, "push"), "INVITE") == [status]


def test_who_is_at_fault_is_the_client():
    for one in lines(FAULTS):
        assert one.role == "client"


def test_silence_is_silence():
    assert answers(line("client-never-answers-push", "push-pager"), "MESSAGE") == []
    assert answers(line("client-never-answers-push", "push"), "INVITE") == []
    assert answers(line("client-never-answers-bye", "push"), "BYE") == []


def test_who_refuses_content_has_none():
    one = line("client-refuses-content", "push")
    assert not played(one).world.client.received
    assert "undelivered" in [n.note.what for n in played(one).world.simulation.notes]


def test_no_client_makes_the_participating_function_a_culprit():
    for name in (
        "client-refuses-content",
        "client-never-answers-content",
        "client-leaves-at-once",
    ):
        assert noticed(line(name, "push")).by_flows == (), name
