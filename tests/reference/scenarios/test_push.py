"""What is special in the scenarios of pushing all over one session."""

from conformance.cpm.role import Role
from conformance.msrp.message import MsrpRequest
from conformance.reference.scenarios.catalogue import scenario
from conformance.reference.world.setting import ALICE
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT = Role.PF, Role.CORE, Role.CLIENT


def told(name: str) -> Told:
    return tell(scenario("push", name))


def carried(told_: Told) -> set[str | None]:
    found = told_.sent(PF, CLIENT)
    return {one.message_id for one in found if isinstance(one, MsrpRequest) and one.body}


def test_all_that_waits_goes_over_one_session():
    told_ = told("many-messages")
    assert len(told_.requests("INVITE", PF, CORE)) == 1
    assert len(carried(told_)) == 25
    assert told_.played.world.client.received[-1].text.startswith("Postcard number 25")


def test_each_device_has_its_session():
    told_ = told("two-devices")
    assert len(told_.requests("INVITE", CORE, CLIENT)) == 2
    assert [len(device.received) for device in told_.played.world.devices] == [3, 3]


def test_short_and_large_ones_share_it():
    told_ = told("large-messages")
    assert len(told_.requests("INVITE", PF, CORE)) == 1
    assert len(carried(told_)) == 3


def test_a_queue_outlives_its_server():
    told_ = told("restarted")
    deferred, delivered = told_.times_of("deferred"), told_.times_of("delivered")
    assert max(deferred) < 1_800 < min(delivered)
    assert len(told_.played.world.client.received) == 3


def test_who_waits_long_gets_it_all_the_same():
    assert min(told("long-wait").times_of("delivered")) > 2 * 86_400


def test_preferences_are_asked_of_the_server_that_keeps_them():
    told_ = told("preferences-by-xcap")
    asked = told_.played.world.setting.host("xdms")
    passed = {(one.sender, one.receiver) for one in told_.played.passed}
    assert ("pf", "xdms") in passed
    assert asked not in {one.source.host for one in told_.messages}


def test_what_is_declined_stays():
    told_ = told("declined-480")
    assert told_.answers("INVITE", CLIENT, CORE) == [480]
    assert not list(told_.notes("delivered"))


def test_who_gives_up_keeps_what_came():
    told_ = told("client-ends-before-all")
    assert [one.text for one in told_.played.world.client.received][:1]
    assert len(list(told_.notes("delivered"))) < 2 or not list(told_.notes("removed"))


def test_nothing_is_left_behind():
    for name in ("base", "tcp", "three-core-nodes"):
        assert len(list(told(name).notes("removed"))) == 3
    assert ALICE.startswith("sip:")
