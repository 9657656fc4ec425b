"""Short messages over IP end to end: what each end says of the other's units (TS 23.040)."""

import pytest

from conformance.body import sms, tpdu
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import UserData
from conformance.reference.interworking.site import CENTRE, TELEPHONE
from conformance.reference.remote.non_cpm_client import NonCpmSettings
from conformance.reference.user_agents.incoming import Content
from conformance.sip.message import SipResponse
from tests.reference.interworking.world import ALICE_TEL, GATEWAY, LONG, World


def say(world: World, unit: tpdu.Tpdu | bytes, *, to_network: bool = True) -> list[int]:
    """The far end says something of its own making; how it was answered."""
    octets = unit if isinstance(unit, bytes) else tpdu.write(unit)
    data = sms.RpData(77, octets, to_network)
    answers: list[int] = []

    def answered(answer: object) -> None:
        assert isinstance(answer, SipResponse)
        answers.append(answer.status)

    leg = next(iter(world.noncpm.legs.values()))
    leg.link.agent.request(
        "MESSAGE",
        f"sip:iwf@{GATEWAY}",
        content=Content(sms.MEDIA_TYPE, sms.write(data)),
        answered=answered,
        routes=(f"<sip:{GATEWAY};lr>",),
    )
    world.run()
    return answers


def last_report(world: World) -> sms.Rpdu:
    """The acknowledgement that the far end was sent."""
    return world.relayed()[-1]


def test_segments_in_any_order_are_one_text_and_each_is_acknowledged() -> None:
    world = World(TELEPHONE)
    world.noncpm.send(ALICE_TEL, LONG)
    world.run()
    relayed = world.relayed()
    data = [one for one in relayed if isinstance(one, sms.RpData)]
    acks = [one for one in relayed if isinstance(one, sms.RpAck)]
    assert len(data) == 3
    assert [one.reference for one in acks] == [one.reference for one in data]
    # Each waited for the acknowledgement of the one before.
    assert [type(one) for one in relayed] == [sms.RpData, sms.RpAck] * 3


def test_the_network_says_that_more_is_to_come() -> None:
    world = World(TELEPHONE)
    world.core.send(LONG)
    world.run()
    units = [one.tpdu for one in world.relayed() if isinstance(one, sms.RpData)]
    assert [u.more_messages for u in units if isinstance(u, tpdu.Deliver)] == [True, True, False]


@pytest.mark.parametrize(
    "unit",
    [
        tpdu.Submit(Address("15550100"), UserData(4, (), b"\x00\x01")),
        tpdu.Command(b"\x00" * 12),
        b"\xff\xff",
    ],
)
def test_what_is_no_text_is_refused_by_rp_error(unit: tpdu.Tpdu | bytes) -> None:
    world = World(TELEPHONE)
    assert say(world, unit) == [202]
    report = last_report(world)
    assert isinstance(report, sms.RpError)
    assert (report.reference, report.cause) == (77, 69)
    assert world.core.requests == []


def test_a_unit_of_the_other_direction_is_a_bad_request() -> None:
    world = World(TELEPHONE)
    unit = tpdu.Submit(Address("15550100"), UserData(0, (), b"a"))
    assert say(world, tpdu.write(unit), to_network=False) == [400]


@pytest.mark.parametrize(
    ("status", "delivered"), [(0x00, ["true"]), (0x46, ["false"]), (0x20, [])]
)
def test_a_report_is_final_or_tells_nothing(status: int, delivered: list[str]) -> None:
    # Given a message submitted to a centre that reports nothing by itself,
    world = World(CENTRE, noncpm=NonCpmSettings(delivers=None))
    world.core.send("Hi", wants=("positive-delivery", "negative-delivery"))
    world.run()
    submitted = world.relayed()[0]
    assert isinstance(submitted, sms.RpData)
    unit = submitted.tpdu
    assert isinstance(unit, tpdu.Submit)
    # when a report of this status comes,
    leg = next(iter(world.noncpm.legs.values()))
    time = leg.end.moment(world.wire.now)
    told = tpdu.StatusReport(unit.destination, time, time, status, unit.reference)
    assert say(world, told, to_network=False) == [202]
    # then the sender is told if it is final.
    notices = [one.notification for one in world.core.messages]
    assert [str(one.status == "delivered").lower() for one in notices if one] == delivered


def test_a_report_on_something_unknown_is_acknowledged() -> None:
    world = World(CENTRE)
    leg = next(iter(world.noncpm.legs.values()))
    time = leg.end.moment(world.wire.now)
    told = tpdu.StatusReport(Address("15550177"), time, time, 0, 5)
    assert say(world, told, to_network=False) == [202]
    assert isinstance(last_report(world), sms.RpAck)
    assert len(world.noted("unknown report")) == 1


def test_more_messages_than_references_wait_for_nobody() -> None:
    world = World(TELEPHONE, noncpm=NonCpmSettings(is_silent=True))
    for _ in range(257):
        world.core.send("Hi")
    world.run(10)
    assert world.core.statuses == [503]
