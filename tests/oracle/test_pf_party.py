"""The reference participating function in the place of a real one: what it knows."""

from conformance.oracle.explore import Scripted
from conformance.oracle.pf_party import PfParty, until_registered
from conformance.sip.message import SipRequest
from tests.oracle.samples import item, request
from tests.oracle.scenes import items_of

ALICE = "sip:+15550100@home-a.example"


def test_what_comes_after_the_next_registration_belongs_to_that():
    # given
    register = request("REGISTER", call_id="r", To=f"<{ALICE}>")
    other = request("REGISTER", call_id="o", To="<sip:carol@home-a.example>")
    items = [item(request("MESSAGE")), item(other), item(register), item(request("INVITE"))]
    # when
    found = list(until_registered(items, ALICE))
    # then
    assert found == items[:2]


def test_what_was_there_before_is_put_before_what_came():
    # given
    items = items_of("push", "base", "pf")
    second = next(
        at
        for at, one in enumerate(items)
        if at and isinstance(one.message, SipRequest) and one.message.method == "MESSAGE"
    )
    cut = items[second:]
    register = next(
        at
        for at, one in enumerate(cut)
        if isinstance(one.message, SipRequest) and one.message.method == "REGISTER"
    )
    party = PfParty(cut, None, Scripted())
    for one in cut[:register]:
        party.foresee(one, cut)
        party.bench.deliver(one.message.octets, one.local, one.remote, one.transport)
    # when
    party.foresee(cut[register], cut[register + 1 :])
    # then
    waiting = [one.message.text for one in party.queue.list(ALICE)]
    assert len(waiting) == 3
    assert waiting[0] == "Are we still on for lunch?"


def test_a_request_of_no_kind_is_not_explained():
    items = items_of("push", "base", "pf")
    party = PfParty(items, None, Scripted())
    assert not party.explain(item(request("OPTIONS"), incoming=False))
    assert not party.explain(item(request("MESSAGE"), incoming=False))
