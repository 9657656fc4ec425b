from conformance.reference.pf.settings import Leg, PfSettings
from conformance.reference.transactions.transaction import Failure
from conformance.reference.transport.draft import Draft
from conformance.sip.message import SipRequest
from tests.reference.pf.world import ALICE, BOB, PF_HOST, PfWorld, message


def own(**changes: object):
    return message(sender=ALICE, recipient=BOB, **changes)


def test_that_our_route_is_taken_off_and_the_next_one_followed() -> None:
    world = PfWorld()
    world.peer.agent.routes = (
        "sip:10.0.3.1:5060;lr",
        "sip:cpm.home-a.example;lr",
        "sip:orig@10.0.1.1:5060;lr",
    )
    world.send(own(), to=BOB)
    (request,) = world.messages
    assert request.headers("Route") == ("<sip:orig@10.0.1.1:5060;lr>",)


def test_that_the_core_comes_next_where_no_route_is_left() -> None:
    world = PfWorld()
    world.send(own(), to=BOB)
    assert world.messages[0].headers("Route") == ("<sip:10.0.1.1:5060;lr>",)


def test_that_hops_are_counted() -> None:
    world = PfWorld()
    made = Draft("MESSAGE", BOB).put("Max-Forwards", "0")
    assert world.pf.forwarding.hops_left(SipRequest(made.octets())) == -1
    assert world.pf.forwarding.hops_left(SipRequest(Draft("MESSAGE", BOB).octets())) == 70
    made = Draft("MESSAGE", BOB).put("Max-Forwards", "many")
    assert world.pf.forwarding.hops_left(SipRequest(made.octets())) == 70


def test_that_too_many_hops_are_refused() -> None:
    world = PfWorld()
    furnish = world.peer.agent.furnish
    world.peer.agent.furnish = lambda draft, *rest: furnish(  # type: ignore[method-assign]
        draft.put("Max-Forwards", "0"), *rest
    )
    world.send(own(), to=BOB)
    assert world.statuses == [483]
    assert world.messages == []


def test_that_a_core_that_is_nowhere_is_said_so() -> None:
    for leg in Leg:
        world = PfWorld(PfSettings(leg=leg, core="sip:core.nowhere.example;lr"))
        world.send(own(), to=BOB)
        assert world.statuses[0] in (404, 503)


def test_that_silence_is_answered_for_an_invitation_only() -> None:
    world = PfWorld()
    world.wire.loses = lambda c: c.source.host == PF_HOST and c.start.startswith("INVITE")
    client = world.invite(BOB, "oma.cpm.session")
    world.wait(40)
    assert getattr(client.refused_with, "status", None) == 408
    assert not isinstance(client.refused_with, Failure)


def test_that_a_retransmitted_request_is_sent_on_once() -> None:
    world = PfWorld()
    world.wire.doubles = lambda carried: carried.start.startswith("MESSAGE")
    world.send(own(), to=BOB)
    assert len(world.messages) == 1


def test_that_a_large_request_goes_by_tcp() -> None:
    world = PfWorld()
    world.send(own(text="x" * 2_000), to=BOB)
    assert world.statuses == [200]
    assert "SIP/2.0/TCP" in world.messages[0].vias[0]


def test_that_a_message_that_nobody_answered_is_forgotten() -> None:
    for leg in Leg:
        world = PfWorld(PfSettings(leg=leg))
        world.answers = [0]
        world.send(own(), to=BOB)
        world.wait(60)
        assert len(world.pf.host.transactions) == 0
