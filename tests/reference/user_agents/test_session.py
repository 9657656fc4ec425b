import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.observation.packet import Endpoint
from conformance.reference.engine.component import Datagram
from conformance.reference.engine.timer import SECOND
from conformance.reference.user_agents.session import Ending
from tests.reference.sip_rig import as_request
from tests.reference.user_agents.session_rig import (
    ANSWER,
    OFFER,
    OTHER,
    Call,
    Changing,
    accepting,
    ringing,
)


@pytest.mark.parametrize("who", ["a", "b"])
def test_a_session_from_invite_to_bye(who):
    # given
    call = Call(accepting).run(1)
    assert call.a_user.told == ["answered 200", "established"]
    assert call.b_user.told == ["established"]
    assert call.session.remote == ANSWER
    assert call.callee.remote == OFFER
    # when
    (call.session if who == "a" else call.callee).bye([("Reason", "SIP;cause=200")])
    call.run()
    # then
    ours, theirs = f"ended {Ending.BY_US}", f"ended {Ending.BY_PEER}"
    assert call.a_user.told[-1] == (ours if who == "a" else theirs)
    assert call.b_user.told[-1] == (theirs if who == "a" else ours)
    assert call.starts("INVITE") == call.starts("ACK") == call.starts("BYE") == 1
    assert call.is_idle


def test_byes_that_cross_end_it_once():
    call = Call(accepting).run(1)
    call.session.bye()
    call.callee.bye()
    call.session.bye()
    call.run()
    assert call.a_user.told[2:] == call.b_user.told[1:] == [f"ended {Ending.BY_US}"]
    assert call.is_idle


def test_a_bye_that_nobody_answers():
    call = Call(accepting).run(1)
    call.wire.loses = lambda carried: True
    call.session.bye()
    call.run()
    assert call.a_user.told[-1] == f"ended {Ending.BY_US}"
    assert call.a.is_idle


def test_a_request_after_the_end_is_answered_481():
    call = Call(accepting).run(1)
    octets = call.session.dialog.request("OPTIONS")
    call.session.bye()
    call.run()
    results = []
    call.a.agent.exchange(octets, results.append, dialog=call.session.dialog)
    call.run()
    assert [result.status for result in results] == [481]


def test_a_request_out_of_order_is_answered_500():
    call = Call(accepting).run(1)
    call.session.dialog.local_cseq = 0
    results = []
    call.session.send("BYE", results.append)
    call.run(1)
    assert [result.status for result in results] == [500]
    assert call.b_user.told == ["established"]


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 200), ("INFO", 200), ("REFER", 405)])
def test_other_requests_within_the_dialog(method, status):
    call = Call(accepting).run(1)
    results = []
    call.session.send(method, results.append)
    call.run(1)
    assert [result.status for result in results] == [status]


def test_nothing_is_sent_within_no_dialog():
    call = Call(ringing).run(1)
    call.session.send("INFO", lambda result: None)
    assert not call.session.reoffer(OTHER, lambda result: None)
    call.run(1)
    assert call.starts("INFO") == 0


def test_what_was_agreed_is_agreed_again():
    call = Call(accepting).run(1)
    results = []
    assert call.session.reoffer(OFFER, results.append)
    call.run(1)
    assert [result.status for result in results] == [200]
    assert results[0].body == ANSWER.body
    assert call.starts("ACK") == 2
    assert call.b_user.told == ["established"]


def test_a_change_is_refused_by_who_knows_of_none():
    call = Call(accepting).run(1)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    assert [result.status for result in results] == [488]
    assert call.session.local == OFFER
    call.session.bye()
    assert call.run().is_idle


def test_a_change_is_the_user_s_to_answer():
    # given
    user = Changing()
    call = Call(accepting, b_user=user).run(1)
    results = []
    # when
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    assert not call.callee.reoffer(ANSWER, results.append)
    user.reoffers[0].respond(200, content=ANSWER)
    call.run(1)
    # then
    assert [result.status for result in results] == [200]
    assert call.session.local == call.callee.remote == OTHER


def test_a_change_may_be_cancelled():
    user = Changing()
    call = Call(accepting, b_user=user).run(1)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    client = list(call.a.transactions._clients.values())[-1]
    client.cancel()
    call.run(1)
    assert [result.status for result in results] == [487]


def test_a_second_change_waits_for_the_first():
    # given
    user = Changing()
    call = Call(accepting, b_user=user).run(1)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    # when another comes within the same dialog
    again = call.session.dialog.request("INVITE")
    call.a.agent.exchange(again, results.append, dialog=call.session.dialog)
    call.run(1)
    # then
    assert results[0].status == 500
    assert results[0].header("Retry-After") == "5"


def test_changes_that_cross_are_tried_again():
    # given
    call = Call(accepting, a_user=Changing(), b_user=Changing()).run(1)
    results = {"a": [], "b": []}
    # when
    call.session.reoffer(OTHER, results["a"].append)
    call.callee.reoffer(ANSWER, results["b"].append)
    for _ in range(60):
        call.run(0.1)
        for user in (call.a_user, call.b_user):
            for incoming in user.reoffers:
                incoming.respond(200, content=OFFER)
    # then each had its turn
    assert [result.status for result in results["a"]] == [200]
    assert [result.status for result in results["b"]] == [200]
    assert call.starts("SIP/2.0 491") >= 2


def test_a_peer_that_lost_the_session():
    call = Call(accepting).run(1)
    call.b.agent.leave(call.callee.dialog)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run()
    assert [result.status for result in results] == [481]
    assert call.a_user.told[-1] == f"ended {Ending.LOST}"


def test_a_peer_that_is_silent():
    call = Call(accepting).run(1)
    call.wire.loses = lambda carried: True
    call.session.reoffer(OTHER, lambda result: None)
    call.run()
    assert call.starts("BYE") > 0
    assert call.a_user.told[-1] == f"ended {Ending.BY_US}"


def test_a_bye_ends_a_change_under_way():
    call = Call(accepting, b_user=Changing()).run(1)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    call.callee.bye()
    call.b_user.reoffers[0].respond(500)
    call.run()
    assert results == []
    assert call.a_user.told[-1] == f"ended {Ending.BY_PEER}"
    assert call.is_idle


def test_a_challenge_within_the_dialog():
    # given
    call = Call(accepting).run(1)
    call.a.agent.credentials.username = "a"
    challenge = [("WWW-Authenticate", 'Digest realm="r", nonce="n"')]
    seen = []

    def challenged(incoming):
        seen.append(incoming.request)
        proven = incoming.request.header("Authorization") is not None
        incoming.respond(200 if proven else 401, headers=[] if proven else challenge)

    call.callee.take = challenged
    # when
    results = []
    call.session.send("INFO", results.append)
    call.run(1)
    # then
    assert [request.cseq for request in seen] == [seen[0].cseq, seen[0].cseq + 1]
    assert call.session.dialog.local_cseq == seen[1].cseq
    assert [result.status for result in results] == [200]


def test_a_bye_while_a_change_waits():
    call = Call(accepting, b_user=Changing()).run(1)
    results = []
    call.session.reoffer(OTHER, results.append)
    call.run(1)
    call.callee.bye()
    call.run(1)
    call.b_user.reoffers[0].respond(487)
    assert call.run().is_idle


@settings(max_examples=80)
@given(
    st.sets(st.integers(0, 40)),
    st.sets(st.integers(0, 40)),
    st.sampled_from(["accept", "ring", "refuse", "cancel"]),
    st.booleans(),
    st.integers(0, 2000),
)
def test_loss_and_duplication_leave_nothing_behind(lost, doubled, answer, by_callee, wait):
    # given
    def answered(session):
        if answer == "refuse":
            session.refuse(486)
        elif answer == "accept":
            session.accept(ANSWER)
        else:
            session.ring()
            call.b.station.after(SECOND, lambda: session.accept(ANSWER))

    call = Call(answered)
    call.wire.loses = lambda carried: carried.number in lost
    call.wire.doubles = lambda carried: carried.number in doubled
    # when
    call.run(wait / 1000)
    if answer == "cancel":
        call.session.cancel()
    call.run(100)
    if call.offered and by_callee:
        call.callee.bye()
    call.session.bye()
    call.run()
    # then
    assert call.is_idle
    assert sum(told.startswith(("refused", "ended")) for told in call.a_user.told) == 1
    assert sum(told.startswith("ended") for told in call.b_user.told) <= 1


def test_garbage_within_a_dialog_neither_raises_nor_ends_it():
    # given
    call = Call(accepting).run(1)
    bye = call.session.dialog.request("BYE").add("Via", "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK")
    template = as_request(bye.octets()).octets
    # when
    for old, new in (
        (b"BYE", b"XYZ"),
        (b"tag=", b"tug="),
        (b"Call-ID: ", b"Call-ID: x"),
        (b"BYE", b"ACK"),
        (b"CSeq: 2", b"CSeq: 0"),
        (b"sip:", b"\x00:"),
        (b"70", b"x"),
        (b"BYE", b"PRACK"),
    ):
        octets = template.replace(old, new)
        source = Endpoint("10.0.0.9", 5060)
        call.b.station.receive(call.wire.now, Datagram(source, call.b.endpoint, octets))
    # then
    assert call.b_user.told == ["established"]
    call.session.bye()
    call.run()
    assert call.b_user.told[-1] == f"ended {Ending.BY_PEER}"
