"""Faults of pushing: each breaks what it is to break, and is noticed where that shows."""

import pytest

from conformance.cpm.role import Role
from conformance.flow.library import load
from conformance.msrp.message import MsrpRequest
from conformance.observation.trace import Observation
from conformance.reference.faults.catalogue import Expected, Mutant
from conformance.reference.faults.pushing import FAULTS
from conformance.reference.faults.pushing_client import FAULTS as CLIENT_FAULTS
from conformance.reference.faults.pushing_core import FAULTS as CORE_FAULTS
from conformance.sip.message import SipRequest
from conformance.suite.mutants import verdicts
from conformance.suite.simulation import trace_of
from conformance.verifier.findings import NEVER_FAIL
from conformance.verifier.verdict import Verdict
from tests.reference.faults.mutating import FLOWS_OF_PUSHING, line, lines, noticed, played, told

LIST = lines(FAULTS)
FAILED = [one for one in LIST if one.expected is Expected.FAIL]


@pytest.mark.parametrize("one", LIST, ids=told)
def test_each_is_noticed_as_the_list_says(one: Mutant):
    found = noticed(one)
    assert found.is_as_expected, (found.by_flows, found.by_oracle)


@pytest.mark.parametrize("one", FAILED, ids=told)
def test_who_is_at_fault_is_blamed_and_nobody_else(one: Mutant):
    broken = {
        (finding.requirement, str(finding.role_at_fault))
        for result in verdicts(trace_of(played(one)), played(one).scenario, load(None))[0]
        for finding in result.findings
        if finding.verdict is Verdict.FAIL
        and finding.level not in NEVER_FAIL
        and not finding.consequence
    }
    assert broken == {(one.requirement, one.role)}


@pytest.mark.parametrize("flow", FLOWS_OF_PUSHING)
def test_every_requirement_that_shows_is_broken_by_one(flow: str):
    broken = {m.requirement for m in LIST if m.flow == flow and m.is_violation}
    session = {
        "push": {"SD-5.2.1.1.2-session", "SD-5.2.1.1.2-teardown"},
        "push-large": {"SD-C.3.2.1.4-disconnect", "push-large/6"},
    }
    always = {"SD-5.2.1.1.2-wait", "SD-5.2.1.1.2-remove", "RFC5438-message-id"}
    steps = {f"{flow}/2-3", f"{flow}/4-5"}
    assert broken >= always | steps | session.get(flow, set())


def test_the_group_is_one_list():
    assert {*CLIENT_FAULTS, *CORE_FAULTS} < set(FAULTS)
    assert len({one.id for one in FAULTS}) == len(FAULTS)


def test_advice_is_no_failure():
    for one in LIST:
        if one.expected is Expected.EQUIVALENT:
            assert one.why, one.fault
            assert noticed(one).by_flows == (), one.fault


def requests(one: Mutant, method: str) -> list[SipRequest]:
    """What left the participating function."""
    host = played(one).world.setting.host("pf")
    found = (i for i in trace_of(played(one)).items if isinstance(i, Observation))
    messages = [i.message for i in found if i.source.host == host]
    return [m for m in messages if isinstance(m, SipRequest) and m.method == method]


def test_who_never_tears_down_sends_no_bye_and_delivers_all_the_same():
    one = line("pf-never-tears-down", "push")
    assert requests(one, "BYE") == []
    assert len(played(one).world.client.received) == 3


def test_who_pushes_nothing_leaves_it_in_the_queue():
    one = line("pf-pushes-nothing", "push")
    assert requests(one, "BYE")
    assert played(one).world.client.received.__len__() == 0
    assert played(one).world.hosts[played(one).world.setting.host("pf")] is Role.PF


def test_who_pushes_twice_brings_the_same():
    one = line("pf-pushes-twice", "push-large")
    assert len({request.call_id for request in requests(one, "INVITE")}) == 2
    notes = [n.note.what for n in played(one).world.simulation.notes]
    assert "received-again" in notes


def test_what_loses_its_identity_still_asks():
    one = line("pf-loses-message-ids", "push-pager")
    (request,) = requests(one, "MESSAGE")[-1:]
    assert b"imdn.Disposition-Notification" in request.body
    assert b"imdn.Message-ID" not in request.body


def test_the_end_of_a_message_is_held_back():
    one = line("pf-leaves-the-end-out", "push-large")
    chunks = [
        item.message
        for item in trace_of(played(one)).items
        if isinstance(item, Observation)
        and isinstance(item.message, MsrpRequest)
        and item.source.host == played(one).world.setting.host("pf")
    ]
    assert {chunk.flag for chunk in chunks if chunk.body} == {"+"}
