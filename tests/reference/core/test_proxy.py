"""A stateful proxy, step by step as RFC 3261 section 16 has it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.transport.draft import Draft
from tests.reference.core.world import (
    ALICE,
    BOB,
    CORE,
    CPM,
    IWF,
    NODES,
    PF,
    PHONE,
    REMOTE,
    SETTING,
    SMS_USER,
    Peer,
    World,
    register,
)

GATEWAY = "sip:+15550177@iwf.home-a.example"


@pytest.fixture
def world() -> World:
    return World()


def from_pf(world: World, method: str = "MESSAGE", uri: str = GATEWAY, **fields: str) -> Draft:
    draft = world.pf.draft(method, uri, ALICE, [])
    for name, value in fields.items():
        draft.put(name.replace("_", "-"), value)
    return draft


# Validation (16.3).


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("Max-Forwards", "0", 483),
        ("Max-Forwards", "many", 400),
        ("Max-Forwards", "256", 400),
        ("Max-Forwards", "9" * 5000, 400),
        ("Proxy-Require", "sec-agree", 420),
    ],
)
def test_what_cannot_go_on_is_refused(world, field, value, status):
    draft = from_pf(world).put(field, value)
    outcome = world.sent(world.pf, draft)
    assert outcome.statuses == [status]
    assert not world.iwf.got
    assert outcome.final.to_tag
    if status == 420:
        assert outcome.final.header("Unsupported") == "sec-agree"


def test_an_absent_max_forwards_becomes_seventy(world):
    world.sent(world.pf, from_pf(world).remove("Max-Forwards"))
    assert world.iwf.got[0].header("Max-Forwards") == "70"


def test_each_hop_takes_one_off_max_forwards_and_puts_its_via_on_top(world):
    world.sent(world.pf, from_pf(world))
    got = world.iwf.got[0]
    assert got.header("Max-Forwards") == "69"
    assert [CORE in got.vias[0], PF in got.vias[1], len(got.vias)] == [True, True, 2]


def test_a_loop_is_detected(world):
    def back(transaction):
        draft = Draft.of(transaction.request)
        looped = world.iwf.send(draft)
        loops.append(looped)

    loops = []
    world.iwf.answer = back
    world.pf.send(from_pf(world))
    world.run()
    assert [loop.statuses for loop in loops] == [[482]]


def test_a_spiral_is_no_loop(world):
    world.ready()

    def elsewhere(transaction):
        draft = Draft.of(transaction.request)
        draft.uri = f"sip:alice@{PHONE}:5060"
        draft.put("P-Asserted-Identity", f"<{BOB}>")
        spirals.append(world.pf.send(draft))

    spirals = []
    world.iwf.answer = elsewhere
    world.pf.send(from_pf(world))
    world.run()
    assert [spiral.statuses for spiral in spirals] == [[200]]
    assert len(world.phone.got) == 1


# Routes (16.4, 16.6).


def test_every_route_of_ours_on_top_is_taken_off(world):
    draft = from_pf(world)
    for route in (f"<sip:{CORE};lr>", f"<sip:mark@{CORE}:5060;lr>", f"<sip:{REMOTE};lr>"):
        draft.add("Route", route)
    world.sent(world.pf, draft)
    assert world.remote.got[0].headers("Route") == (f"<sip:{REMOTE};lr>",)
    assert world.remote.got[0].uri == GATEWAY


def test_the_work_of_a_strict_router_before_us_is_undone(world):
    draft = from_pf(world, uri=f"sip:{CORE}:5060;lr")
    draft.add("Route", f"<sip:{REMOTE};lr>").add("Route", f"<{GATEWAY}>")
    world.sent(world.pf, draft)
    got = world.remote.got[0]
    assert got.uri == GATEWAY
    assert got.headers("Route") == (f"<sip:{REMOTE};lr>",)


def test_a_strict_router_behind_us_is_served(world):
    draft = from_pf(world).add("Route", f"<sip:{REMOTE}>").add("Route", f"<sip:{IWF};lr>")
    world.sent(world.pf, draft)
    got = world.remote.got[0]
    assert got.uri == f"sip:{REMOTE}"
    assert got.headers("Route") == (f"<sip:{IWF};lr>", f"<{GATEWAY}>")


def test_only_what_forms_a_dialog_is_record_routed(world):
    for method in ("INVITE", "SUBSCRIBE", "REFER", "MESSAGE", "OPTIONS", "NOTIFY"):
        world.sent(world.pf, from_pf(world, method))
    routed = [r.method for r in world.iwf.got if r.header("Record-Route")]
    assert routed == ["INVITE", "SUBSCRIBE", "REFER"]


# Responses (16.7).


def test_an_invite_gets_100_at_once_and_its_answers_come_through(world):
    world.iwf.ring()
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=0.1)
    assert outcome.statuses == [100, 180]
    world.iwf.reply(world.iwf.held[0], 200)
    world.run()
    assert outcome.statuses == [100, 180, 200]
    assert len(outcome.final.vias) == 1


def test_a_refused_invite_is_acknowledged_hop_by_hop(world):
    world.iwf.refuse(486)
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=60)
    assert outcome.statuses == [100, 486]
    acks = [c.destination.host for c in world.wire.carried if c.start.startswith("ACK")]
    assert sorted(acks) == [CORE, IWF]
    assert not world.iwf.acks


def test_an_invite_is_cancelled_hop_by_hop(world):
    world.iwf.ring()
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=0.1)
    world.iwf.held[0].on_cancel = lambda: world.iwf.reply(world.iwf.held[0], 487)
    outcome.client.cancel()
    world.run()
    assert outcome.final.status == 487
    cancels = [c.destination.host for c in world.wire.carried if c.start.startswith("CANCEL")]
    assert cancels == [CORE, IWF]


def test_a_cancelled_invite_that_nobody_answers_is_ended_all_the_same(world):
    world.iwf.ring_for_ever()
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=0.1)
    outcome.client.cancel()
    world.run(40)
    # Its sender has given up a little earlier than we.
    assert outcome.failures
    assert [response.status for response in world.pf.strays[:1]] == [487]


def test_an_invite_that_rings_for_ever_is_cancelled_by_timer_c(world):
    world.iwf.ring()
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=0.1)
    world.iwf.held[0].on_cancel = lambda: world.iwf.reply(world.iwf.held[0], 487)
    world.run(182)
    assert outcome.final.status == 487


def test_an_invite_to_nobody_gets_408(world):
    world.wire.stations.remove(world.iwf.station)
    outcome = world.sent(world.pf, from_pf(world, "INVITE"), seconds=40)
    assert outcome.statuses == [100, 408]


def test_another_request_to_nobody_gets_no_408_and_is_forgotten(world):
    world.wire.stations.remove(world.iwf.station)
    outcome = world.sent(world.pf, from_pf(world), seconds=200)
    assert outcome.statuses == []
    assert len(outcome.failures) == 1
    assert world.wire.noted("unanswered")
    assert len(world.core.server.transactions) == 0


def test_a_request_that_cannot_be_delivered_gets_500(world):
    world.wire.stations.remove(world.iwf.station)
    outcome = world.sent(world.pf, from_pf(world, uri=GATEWAY + ";transport=tcp"))
    assert outcome.statuses == [500]


def test_a_503_is_not_passed_on(world):
    world.iwf.refuse(503)
    assert world.sent(world.pf, from_pf(world)).statuses == [500]


def test_an_ack_without_hops_left_goes_nowhere(world):
    ack = from_pf(world, "ACK").put("Max-Forwards", "0")
    world.pf.transactions.send_statelessly(ack, world.pf.transport.target(f"sip:{CORE}"))
    world.run()
    assert not world.iwf.acks


# Timers and robustness.


def test_an_answer_that_lost_the_other_vias_comes_back_all_the_same(world):
    def answer(transaction):
        draft = Draft.response_to(transaction.request, 200)
        draft.put("To", f"{draft.get('To')};tag=1").put("Via", draft.all("Via")[0])
        transaction.respond(draft)

    world.iwf.answer = answer
    assert world.sent(world.pf, from_pf(world)).statuses == [200]


def test_an_answer_that_nobody_can_write_counts_as_a_bad_gateway(world):
    def answer(transaction):
        world.iwf.reply(transaction, 200)
        last = transaction.last
        octets = last.octets().replace(b"Contact:", b"Con(tact):")
        world.iwf.station.send(Datagram(world.iwf.endpoint, Endpoint(CORE, 5060), octets))

    world.iwf.answer = answer
    world.wire.loses = lambda carried: b"Contact:" in carried.octets and carried.start[:3] == "SIP"
    assert world.sent(world.pf, from_pf(world)).statuses == [502]


def test_a_request_that_nobody_can_write_is_refused(world):
    draft = from_pf(world).push("Via", f"SIP/2.0/UDP {PF}:5060;branch=z9hG4bKodd")
    octets = draft.octets().replace(b"Contact:", b"Con(tact):")
    world.pf.station.send(Datagram(world.pf.endpoint, Endpoint(CORE, 5060), octets))
    world.run()
    assert world.wire.starts()[-1] == "SIP/2.0 400 Bad Request"


def test_addresses_may_be_of_ipv6():
    def six(host: str) -> Endpoint:
        return Endpoint(f"2001:db8::{host}", 5060)

    setting = replace(SETTING, nodes=(six("1"),), pf=six("3"), gateway=six("4"))
    world = World(setting)
    pf, iwf = Peer(world.wire, six("3").host), Peer(world.wire, six("4").host)
    draft = pf.draft("INVITE", GATEWAY, ALICE, [("Route", "<sip:[2001:DB8:0::1];lr>")])
    outcome = world.sent(pf, draft, "[2001:db8::1]")
    assert outcome.statuses == [100, 200]
    assert outcome.final.header("Record-Route") == "<sip:[2001:db8::1]:5060;lr>"
    assert iwf.got[0].header("Route") is None


def test_the_way_to_a_client_has_the_slower_timers():
    world = World()
    world.ready()
    world.phone.hold()
    world.wire.loses = lambda carried: carried.destination.host == PHONE
    world.sent(world.pf, world.pf.draft("MESSAGE", ALICE, BOB, []), seconds=1.5)
    sent = [c for c in world.wire.carried if c.destination.host == PHONE]
    assert len(sent) == 1
    world.run(1)
    assert len([c for c in world.wire.carried if c.destination.host == PHONE]) == 2


@pytest.mark.parametrize("nodes", [1, 3])
def test_nothing_is_remembered_of_what_is_over(nodes):
    world = World(replace(SETTING, nodes=NODES[:nodes]))
    world.ready(world.phone, world.tablet)
    entry = world.core.setting.entry.host
    world.phone.ring()
    for method in ("INVITE", "MESSAGE", "SUBSCRIBE"):
        fork = world.remote.draft(method, ALICE, BOB, [("Request-Disposition", "fork")])
        world.sent(world.remote, fork, entry)
    world.wire.loses = lambda carried: carried.destination.host == PHONE
    world.sent(world.remote, world.remote.draft("MESSAGE", ALICE, BOB, []), entry)
    world.sent(world.remote, world.remote.draft("INVITE", ALICE, BOB, []), entry)
    world.run(900)
    for node in world.core.nodes.values():
        assert len(node.transactions) == 0
        assert not node._active


GOOD = from_pf(World()).push("Via", f"SIP/2.0/UDP {PF}:5060;branch=z9hG4bKx").octets()


@given(
    at=st.integers(0, len(GOOD)),
    cut=st.integers(0, 40),
    put=st.binary(max_size=20),
    host=st.sampled_from([PF, PHONE, REMOTE]),
)
def test_whatever_comes_nothing_is_raised(at, cut, put, host):
    core = SHARED.core.server.station
    octets = GOOD[:at] + put + GOOD[at + cut :]
    core.receive(core.now + 1, Datagram(Endpoint(host, 5060), Endpoint(CORE, 5060), octets))


ANSWER = b"".join(
    line
    for line in GOOD.replace(GOOD.split(b"\r\n")[0], b"SIP/2.0 200 OK").splitlines(keepends=True)
    if not line.startswith((b"Max", b"Via"))
)


@given(at=st.integers(0, len(ANSWER)), cut=st.integers(0, 40), put=st.binary(max_size=20))
def test_whatever_is_answered_nothing_is_raised(at, cut, put):
    def answer(transaction):
        vias = b"".join(
            b"Via: " + via.encode(errors="surrogateescape") + b"\r\n"
            for via in transaction.request.vias
        )
        start, _, rest = ANSWER.partition(b"\r\n")
        whole = start + b"\r\n" + vias + rest
        octets = whole[:at] + put + whole[at + cut :]
        SHARED.iwf.station.send(Datagram(SHARED.iwf.endpoint, Endpoint(CORE, 5060), octets))

    SHARED.iwf.answer = answer
    SHARED.sent(SHARED.pf, from_pf(SHARED), seconds=0.1)


SHARED = World(replace(SETTING, challenges_registration=False))


@given(
    field=st.sampled_from(
        ["Contact", "Path", "Route", "Expires", "To", "From", "Accept-Contact", "Max-Forwards"]
    ),
    value=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40),
    method=st.sampled_from(["REGISTER", "MESSAGE", "INVITE", "ACK"]),
)
def test_whatever_a_field_says_nothing_is_raised(field, value, method):
    core = SHARED.core.server.station
    if method == "REGISTER":
        draft = register(SHARED.phone, f"<sip:alice@{PHONE}:5060>")
    else:
        draft = SHARED.phone.draft(method, SMS_USER, ALICE, CPM)
    draft.push("Via", f"SIP/2.0/UDP {PHONE}:5060;branch=z9hG4bK{SHARED.phone.calls}{method}")
    draft.put(field, value)
    datagram = Datagram(Endpoint(PHONE, 5060), Endpoint(CORE, 5060), draft.octets())
    core.receive(core.now + 1_000_000, datagram)
