"""What is special in the scenarios of pushing by MESSAGE."""

from conformance.cpm.role import Role
from conformance.observation.packet import Transport
from conformance.reference.scenarios.catalogue import scenario
from conformance.sip.message import SipRequest
from tests.reference.scenarios.playing import Told, tell

PF, CORE, CLIENT = Role.PF, Role.CORE, Role.CLIENT


def told(name: str) -> Told:
    return tell(scenario("push-pager", name))


def test_each_message_is_a_request_of_its_own():
    found = told("three-messages").requests("MESSAGE", CORE, CLIENT)
    assert len({one.call_id for one in found}) == 3
    assert [b"One it is." in one.body for one in found] == [False, False, True]


def test_each_device_gets_it_once():
    told_ = told("two-devices")
    found = told_.requests("MESSAGE", CORE, CLIENT)
    assert len({one.uri for one in found}) == len(found) == 2
    assert len(list(told_.notes("received"))) == 2


def test_it_notifies_twice_or_not_at_all():
    assert len(told("notified-twice").requests("MESSAGE", CLIENT, CORE)) == 2
    assert told("notification-withheld").requests("MESSAGE", CLIENT, CORE) == []


def test_what_is_too_big_for_a_datagram_goes_over_tcp():
    found = [
        one.transport
        for one in told("over-tcp-for-its-size").messages
        if isinstance(one.message, SipRequest) and b"maps" in one.message.body
    ]
    assert found[-1] is Transport.TCP


def test_after_silence_it_is_tried_again_at_the_next_registration():
    told_ = told("retried-after-silence")
    found = told_.requests("MESSAGE", PF, CORE)
    assert len({one.call_id for one in found}) == 2
    assert len(list(told_.notes("received"))) == 1


def test_the_deferred_service_is_named():
    (found,) = told("service-deferred").requests("MESSAGE", PF, CORE)
    assert (found.header("P-Asserted-Service") or "").endswith("oma.cpm.deferred")


def test_what_is_declined_stays():
    told_ = told("declined-603")
    assert told_.answers("MESSAGE", CLIENT, CORE) == [603]
    assert not list(told_.notes("removed"))


def test_it_waits_for_who_left():
    assert told("leaves-again").times_of("delivered")[0] > 200


def test_two_returns_are_two_pushes():
    early, late = told("two-returns").times_of("delivered")
    assert early < 60 < late
