"""The ways of requests through a core, alone on one host and as three."""

from dataclasses import replace

import pytest

from conformance.reference.core.sip_ip_core import SipIpCore, WholeNode
from conformance.reference.transport.draft import Draft
from tests.reference.core.world import (
    ALICE,
    ALICE_TEL,
    BOB,
    CAROL,
    CORE,
    CPM,
    HOME,
    IWF,
    NODES,
    PF,
    PHONE,
    PSI,
    REMOTE,
    SETTING,
    SMS_USER,
    World,
)

THREE = replace(SETTING, nodes=NODES)
P_CSCF, I_CSCF, S_CSCF = (node.host for node in NODES)


def test_a_registration_reaches_the_participating_function_with_the_clients_own():
    world = World()
    outcome = world.register(world.phone)
    assert outcome.final.status == 200
    (told,) = world.pf.got
    assert told.method == "REGISTER"
    assert told.header("To") == f"<{ALICE}>"
    assert told.header("Expires") == "3600"
    assert told.content_type == "message/sip"
    assert b"sip:alice@10.0.2.20:5060" in told.body
    starts = world.wire.starts()
    assert starts.index("SIP/2.0 200 OK") < starts.index(f"REGISTER sip:{PF}:5060 SIP/2.0")


def test_three_nodes_register_a_client_by_way_of_all():
    world = World(THREE)
    outcome = world.register(world.phone)
    assert outcome.final.headers("Service-Route") == (f"<sip:orig@{S_CSCF}:5060;lr>",)
    assert outcome.final.headers("Path") == (f"<sip:term@{P_CSCF}:5060;lr>",)
    assert world.path()[-4:] == [P_CSCF, I_CSCF, S_CSCF, PF]


@pytest.mark.parametrize("setting", [SETTING, THREE], ids=["one", "three"])
def test_a_message_to_a_number_passes_the_participating_function_then_the_gateway(setting):
    world = World(setting)
    world.ready()
    outcome = world.sent(world.phone, world.message(SMS_USER))
    assert outcome.statuses == [200]
    way = [CORE, PF, CORE, IWF] if setting is SETTING else [P_CSCF, S_CSCF, PF, S_CSCF, IWF]
    assert world.path() == way
    asked = world.pf.got[0]
    assert asked.header("P-Served-User") == f"<{ALICE}>;sescase=orig;regstate=reg"
    assert asked.headers("P-Asserted-Identity") == (f"<{ALICE}>", f"<{ALICE_TEL}>")
    assert asked.header("P-Asserted-Service") == CPM[0][1]
    assert asked.header("P-Preferred-Service") is None
    assert asked.headers("Route")[0] == f"<sip:{PF}:5060;lr>"
    handed = world.iwf.got[0]
    assert handed.uri == SMS_USER
    assert handed.headers("Route") == (f"<sip:{IWF}:5060;lr>",)
    assert handed.header("P-Served-User") is None
    assert handed.header("Max-Forwards") == str(70 - len(way) + 1)


@pytest.mark.parametrize("setting", [SETTING, THREE], ids=["one", "three"])
def test_a_message_from_another_system_passes_the_participating_function_then_the_client(setting):
    world = World(setting)
    world.ready()
    entry = setting.entry.host
    outcome = world.sent(world.remote, asserted(world, ALICE), entry)
    assert outcome.statuses == [200]
    one = [CORE, PF, CORE, PHONE]
    three = [I_CSCF, S_CSCF, PF, S_CSCF, P_CSCF, PHONE]
    assert world.path() == (one if setting is SETTING else three)
    assert world.pf.got[0].header("P-Served-User") == f"<{ALICE}>;sescase=term;regstate=reg"
    got = world.phone.got[0]
    assert got.uri == f"sip:alice@{PHONE}:5060"
    assert got.header("P-Called-Party-ID") == f"<{ALICE}>"
    assert got.header("P-Asserted-Identity") == f"<{BOB}>"
    for name in ("Route", "P-Charging-Vector", "P-Served-User"):
        assert got.header(name) is None


def asserted(world: World, uri: str) -> Draft:
    fields = [("P-Asserted-Identity", f"<{BOB}>"), ("P-Charging-Vector", "icid-value=1")]
    fields += [("P-Asserted-Service", CPM[0][1]), CPM[1]]
    return world.remote.draft("MESSAGE", uri, BOB, fields)


def test_a_dialog_follows_its_route_set_and_leaves_the_entry_node_out():
    world = World(THREE)
    world.ready()
    invite = world.remote.draft("INVITE", ALICE, BOB, [CPM[1]])
    outcome = world.sent(world.remote, invite, I_CSCF)
    assert outcome.statuses == [100, 200]
    routes = outcome.final.headers("Record-Route")
    # The S-CSCF twice: before the participating function and behind it.
    hosts = [value.partition(":")[2].partition(":")[0] for value in routes]
    assert hosts == [P_CSCF, S_CSCF, S_CSCF]
    world.wire.carried.clear()
    ack = within(outcome, invite, "ACK", 1)
    world.remote.transactions.send_statelessly(
        ack, world.remote.transport.target(ack.get("Route"))
    )
    bye = within(outcome, invite, "BYE", 2)
    ended = world.sent(world.remote, bye, S_CSCF)
    assert ended.statuses == [200]
    assert [ack.method for ack in world.phone.acks] == ["ACK"]
    assert world.path() == [S_CSCF, P_CSCF, PHONE]
    assert world.phone.got[-1].header("Record-Route") is None


def within(outcome, invite: Draft, method: str, cseq: int) -> Draft:
    draft = invite.copy().remove("Via")
    draft.method, draft.uri = method, f"sip:{PHONE}:5060"
    draft.put("To", outcome.final.header("To")).put("CSeq", f"{cseq} {method}")
    return draft.put_all("Route", outcome.final.headers("Record-Route")[::-1])


def test_two_users_of_one_home_are_both_served_once():
    world = World()
    world.ready()
    outcome = world.sent(world.phone, world.message(CAROL))
    cases = [r.header("P-Served-User").split(";")[1] for r in world.pf.got]
    assert cases == ["sescase=orig", "sescase=term"]
    assert "regstate=unreg" in world.pf.got[1].header("P-Served-User")
    assert outcome.statuses == [480]


def test_a_request_to_the_service_itself_goes_to_the_participating_function():
    world = World()
    world.ready()
    subscribe = world.phone.draft("SUBSCRIBE", PSI, ALICE, [("Event", "deferred-messages")])
    outcome = world.sent(world.phone, subscribe)
    assert outcome.statuses == [200]
    assert world.path() == [CORE, PF]
    assert world.pf.got[0].uri == PSI
    assert outcome.final.headers("Record-Route") == (f"<sip:{CORE}:5060;lr>",)


def test_what_the_participating_function_sends_goes_straight_to_client_or_system():
    world = World()
    world.ready()
    fields = [("Route", f"<sip:{CORE}:5060;lr>"), CPM[1]]
    down = world.pf.draft("MESSAGE", ALICE, BOB, fields)
    away = world.pf.draft("MESSAGE", BOB, ALICE, fields)
    assert world.sent(world.pf, down).statuses == [200]
    assert world.sent(world.pf, away).statuses == [200]
    assert world.path() == [CORE, PHONE, CORE, REMOTE]


def test_the_participating_function_sends_to_the_gateway_by_its_name():
    world = World()
    uri = f"sip:+15550177@iwf.{HOME};user=phone"
    draft = world.pf.draft("MESSAGE", uri, ALICE, [CPM[1]])
    assert world.sent(world.pf, draft).statuses == [200]
    assert world.path() == [CORE, IWF]
    assert world.iwf.got[0].uri == uri


def test_a_gateway_s_message_for_a_number_of_ours_passes_the_participating_function():
    world = World()
    world.ready()
    draft = world.iwf.draft("MESSAGE", ALICE_TEL, SMS_USER, [CPM[1]])
    assert world.sent(world.iwf, draft).statuses == [200]
    assert world.path() == [CORE, PF, CORE, PHONE]
    assert world.pf.got[0].uri == ALICE


@pytest.mark.parametrize(
    ("sender", "uri", "status"),
    [
        ("remote", f"sip:nobody@{HOME}", 404),
        ("remote", SMS_USER, 404),
        ("remote", "sip:x@home-b.example", 404),
        ("iwf", SMS_USER, 404),
        ("pf", "sip:x@nowhere.example", 404),
        ("pf", "sip:x@203.0.113.9", 404),
        ("pf", CAROL, 480),
        ("pf", "mailto:x@home-a.example", 416),
        ("phone", CAROL, 403),
    ],
)
def test_what_leads_nowhere_is_refused(sender, uri, status):
    world = World()
    peer = getattr(world, sender)
    draft = peer.draft("MESSAGE", uri, BOB, [])
    assert world.sent(peer, draft).statuses == [status]


def test_a_client_cannot_assert_an_identity_of_its_own():
    world = World()
    world.ready()
    lies = [("P-Preferred-Identity", f"<{BOB}>"), ("P-Asserted-Identity", f"<{BOB}>")]
    lies += [("Route", "<sip:203.0.113.9;lr>"), ("P-Served-User", "<sip:x@y>;sescase=term")]
    world.sent(world.phone, world.message(SMS_USER, ALICE, [*CPM, *lies]))
    asked = world.pf.got[0]
    assert asked.headers("P-Asserted-Identity") == (f"<{ALICE}>", f"<{ALICE_TEL}>")
    assert asked.header("P-Preferred-Identity") is None


def test_a_request_is_challenged_where_the_setting_asks_for_it():
    world = World(replace(SETTING, challenges_requests=True))
    world.ready()
    draft = world.message(SMS_USER)
    outcome = world.sent(world.phone, draft)
    assert outcome.statuses == [407]
    assert world.phone.digest.learn(outcome.final)
    world.phone.digest.authorize(draft)
    assert world.sent(world.phone, draft.put("CSeq", "2 MESSAGE")).statuses == [200]
    assert world.iwf.got[0].header("Proxy-Authorization") is None


def test_a_contact_is_chosen_by_instance_or_by_its_own_uri():
    world = World()
    world.ready(world.phone, world.tablet)
    for wish in ("<urn:uuid:two>", "urn:uuid:two"):
        named = [("Accept-Contact", f'*;+sip.instance="{wish}";require;explicit')]
        draft = world.pf.draft("MESSAGE", ALICE, BOB, named)
        assert world.sent(world.pf, draft).statuses == [200]
    assert (len(world.phone.got), len(world.tablet.got)) == (0, 2)
    draft = world.pf.draft("MESSAGE", f"sip:alice@{PHONE}:5060", BOB, [])
    assert world.sent(world.pf, draft).statuses == [200]
    assert len(world.phone.got) == 1


def test_a_request_forks_only_where_it_asks_to():
    world = World()
    world.ready(world.phone, world.tablet)
    plain = world.pf.draft("MESSAGE", ALICE, BOB, [])
    world.sent(world.pf, plain)
    assert len(world.phone.got) + len(world.tablet.got) == 1
    forked = world.pf.draft("MESSAGE", ALICE, BOB, [("Request-Disposition", "fork, parallel")])
    assert world.sent(world.pf, forked).statuses == [200]
    assert len(world.phone.got) + len(world.tablet.got) == 3


def test_which_of_two_devices_is_asked_is_for_who_decides():
    class Last:
        def choose(self, point, options, about=""):
            asked.append((point, len(options), about))
            return options[-1]

    asked = []
    world = World()
    world.core.server.decisions = Last()
    world.ready(world.phone, world.tablet)
    world.sent(world.pf, world.pf.draft("MESSAGE", ALICE, BOB, []))
    assert (len(world.phone.got), len(world.tablet.got)) == (1, 0)
    assert asked == [("targets", 2, world.phone.got[0].call_id)]


def test_the_operator_ends_a_registration():
    world = World()
    world.ready()
    assert world.core.deregister(ALICE)
    assert not world.core.deregister(BOB)
    world.run()
    (told,) = world.pf.got
    assert told.header("Expires") == "0"
    assert not told.body
    assert told.header("To") == f"<{ALICE}>"


def test_who_was_removed_by_the_operator_sends_nothing_more():
    world = World(THREE)
    world.ready()
    world.core.deregister(ALICE)
    outcome = world.sent(world.phone, world.message(SMS_USER), P_CSCF)
    assert outcome.statuses == [403]


def test_a_registration_that_runs_out_is_told_of():
    world = World()
    world.ready()
    world.run(3_601)
    assert [r.header("Expires") for r in world.pf.got] == ["0"]
    assert world.wire.noted("expired") == [
        {"user": ALICE, "contact": f"sip:alice@{PHONE}:5060"},
    ]
    world.pf.proxy()
    outcome = world.sent(world.remote, asserted(world, ALICE))
    assert outcome.statuses == [480]


def test_options_to_a_node_are_answered_by_it():
    world = World(THREE)
    draft = world.phone.draft("OPTIONS", f"sip:{P_CSCF}:5060", ALICE, [])
    assert world.sent(world.phone, draft, P_CSCF).statuses == [200]


def test_the_way_in_believes_no_stranger_and_leads_only_home():
    world = World(THREE)
    world.ready()
    lies = [("P-Asserted-Identity", f"<{BOB}>"), ("P-Served-User", "<sip:x@y>;sescase=orig")]
    draft = world.tablet.draft("MESSAGE", ALICE, BOB, lies)
    assert world.sent(world.tablet, draft, I_CSCF).statuses == [200]
    assert world.phone.got[0].header("P-Asserted-Identity") is None
    away = world.tablet.draft("MESSAGE", BOB, BOB, [])
    assert world.sent(world.tablet, away, I_CSCF).statuses == [404]


def test_a_request_within_a_dialog_passes_the_way_in_by_its_request_uri():
    world = World(THREE)
    draft = world.remote.draft("BYE", f"sip:{PF}:5060", BOB, []).put("To", f"<{ALICE}>;tag=1")
    assert world.sent(world.remote, draft, I_CSCF).statuses == [200]
    assert world.path() == [I_CSCF, PF]


def test_an_inner_node_refuses_strangers():
    world = World(THREE)
    draft = world.phone.draft("MESSAGE", ALICE, BOB, [])
    assert world.sent(world.phone, draft, S_CSCF).statuses == [403]


def test_a_faulty_core_is_a_subclass_with_another_node():
    class Mute(WholeNode):
        def record_route(self, draft: Draft) -> None:
            pass

    class Faulty(SipIpCore):
        whole = Mute

    world = World(core=Faulty)
    world.ready()
    subscribe = world.phone.draft("SUBSCRIBE", PSI, ALICE, [])
    assert world.sent(world.phone, subscribe).final.header("Record-Route") is None
