"""What is special in the scenarios of messages from other services."""

from conformance.body.sms import RpData
from conformance.cpm.role import Role
from conformance.observation.content import Content
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.scenarios.interwork_out import LONG
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT, IWF, NONCPM = Role.PF, Role.CORE, Role.CLIENT, Role.IWF, Role.NONCPM


def told(name: str) -> Told:
    return tell(scenario("interwork-in", name))


def test_a_text_that_came_in_parts_goes_on_as_one():
    found = told("long-text")
    parts = [Content(m).sms for m in found.requests("MESSAGE", NONCPM, IWF)]
    assert sum(isinstance(one, RpData) for one in parts) == 3
    (message,) = found.requests("MESSAGE", CORE, CLIENT)
    assert LONG.encode() in message.body


def test_both_devices_get_it():
    found = told("two-devices").requests("MESSAGE", CORE, CLIENT)
    assert len({one.uri for one in found}) == 2


def test_the_other_side_is_answered_last():
    found = told("plain-text")
    order = [
        (found.played.world.hosts[one.source.host], one.message.status)
        for one in found.messages
        if getattr(one.message, "cseq_method", "") == "MESSAGE" and hasattr(one.message, "status")
    ]
    assert order == [(CLIENT, 200), (CORE, 200), (PF, 200), (CORE, 200), (IWF, 200)]


def test_a_report_goes_back_where_it_was_asked_for():
    assert [one["delivered"] for one in told("delivery-reported").notes("reported")] == ["true"]
    assert list(told("base").notes("reported")) == []


def test_who_does_not_wish_to_receive_refuses():
    found = told("client-480")
    assert found.answers("MESSAGE", CLIENT, CORE) == [480]
    assert list(found.notes("refused"))
