"""What a role lived through: its own border, each message once."""

from conformance.observation.trace import Gap, GapReason
from conformance.oracle.view import of_place
from conformance.wire.malformed import Malformed
from tests.oracle.samples import CLIENT, CORE, observation, request, response


def own(end):
    return end.host == CLIENT.host


def test_incoming_and_outgoing_are_told_apart():
    message = request()
    items = of_place(
        [
            observation(message, time=1),
            observation(response(message), CLIENT, CORE, time=2, number=2),
        ],
        own,
    )
    assert [one.incoming for one in items] == [True, False]
    assert [one.local for one in items] == [CLIENT, CLIENT]


def test_a_retransmission_is_one_message():
    message = request()
    assert len(of_place([observation(message), observation(message, time=5)], own)) == 1


def test_what_passes_elsewhere_is_left_out():
    assert of_place([observation(request(), CORE, CORE._replace(host="10.0.3.1"))], own) == ()


def test_gaps_and_malformed_octets_are_no_items():
    gap = Gap(1, 0, 0, "a hole", GapReason.TCP_HOLE)
    broken = observation(Malformed("SIP", b"x", 0, "RFC 3261 section 7"))
    assert of_place([gap, broken], own) == ()


def test_the_order_is_that_of_time():
    items = of_place(
        [observation(request(call_id="b"), time=2), observation(request(call_id="a"), time=1)], own
    )
    assert [one.time for one in items] == [1, 2]
