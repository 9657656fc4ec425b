from conformance.reference.engine.component import Datagram
from conformance.reference.user_agents.caller import MAX_BRANCHES
from conformance.reference.user_agents.session import Ending
from conformance.sip.message import SipRequest
from tests.reference.sip_rig import PEER
from tests.reference.user_agents.session_rig import ANSWER, OFFER, Call, Party, accepting, ringing


def test_what_the_invite_says():
    call = Call(ringing, headers=(("X", "1"),)).run(1)
    request = call.session.request
    assert request.get("Contact") == "<sip:a@10.0.0.1>"
    assert (request.get("X"), request.body) == ("1", OFFER.body)
    assert call.session.is_caller
    assert call.a_user.told == ["progressed 180"]


def test_a_refusal_is_told_and_acknowledged():
    call = Call(lambda session: session.refuse(603)).run()
    assert call.a_user.told == ["refused 603"]
    assert call.starts("ACK") == 1
    assert call.is_idle


def test_silence_is_told():
    call = Call(accepting)
    call.wire.loses = lambda carried: True
    call.run()
    assert call.a_user.told == ["refused timeout"]
    assert call.a.is_idle


def test_a_2xx_sent_again_is_acknowledged_again():
    call = Call(accepting)
    call.wire.loses = lambda carried: carried.start.startswith("ACK") and carried.number < 6
    call.run(10)
    assert call.starts("ACK") >= 2
    assert call.a_user.told == ["answered 200", "established"]
    assert call.b_user.told == ["established"]


def test_a_cancelled_invite_is_refused():
    call = Call(ringing).run(1)
    call.session.cancel([("Reason", "SIP;cause=200")])
    call.run()
    assert call.a_user.told == ["progressed 180", "refused 487"]
    assert call.b_user.told == [f"ended {Ending.CANCELLED}"]
    assert call.is_idle


def test_a_bye_before_the_answer_cancels():
    call = Call(ringing).run(1)
    call.session.bye()
    call.run()
    assert call.a_user.told[-1] == "refused 487"


def test_a_2xx_that_crosses_the_cancel_is_acknowledged_and_ended():
    # given
    call = Call(ringing).run(1)
    # when
    call.callee.accept(ANSWER)
    call.session.cancel()
    call.run()
    # then
    assert call.starts("ACK") == call.starts("BYE") == 1
    assert call.a_user.told == ["progressed 180", f"ended {Ending.BY_US}"]
    assert call.b_user.told[-1] == f"ended {Ending.BY_PEER}"
    assert call.is_idle


def test_an_offer_in_the_2xx_is_answered_in_the_ack():
    # given
    user = Party()
    user.on_answered = lambda session: ANSWER
    call = Call(lambda session: session.accept(OFFER), content=None, a_user=user).run(1)
    # then
    ack = call.callee.ack
    assert isinstance(ack, SipRequest)
    assert ack.body == ANSWER.body
    assert call.session.local == ANSWER
    assert call.session.remote == OFFER


def test_a_bye_within_the_answer_waits_for_the_ack():
    user = Party()
    user.on_answered = lambda session: session.bye()
    call = Call(lambda session: session.accept(OFFER), content=None, a_user=user).run()
    sent = [start.split()[0] for start in call.wire.starts() if not start.startswith("SIP")]
    assert sent == ["INVITE", "ACK", "BYE"]
    assert user.told == ["answered 200", f"ended {Ending.BY_US}"]


def forked(call: Call, count: int) -> None:
    """Let further 2xx come, each of another dialog."""
    ok = next(c.octets for c in call.wire.carried if c.start.startswith("SIP/2.0 200"))
    tag = call.callee.dialog.local_tag.encode()
    for number in range(count):
        other = ok.replace(tag, b"fork%d" % number)
        call.b.station.send(Datagram(PEER, call.a.endpoint, other))


def test_another_branch_is_acknowledged_and_ended():
    call = Call(accepting).run(1)
    forked(call, 1)
    call.run(1)
    byes = [c.octets for c in call.wire.carried if c.start.startswith("BYE")]
    assert len(byes) == 1
    assert b"fork0" in byes[0]
    assert call.starts("ACK") == 2
    assert call.a_user.told == ["answered 200", "established"]


def test_branches_are_limited():
    call = Call(accepting).run(1)
    forked(call, MAX_BRANCHES + 10)
    call.run(1)
    assert call.starts("ACK") == MAX_BRANCHES


def test_an_invite_that_leads_nowhere():
    call = Call(accepting)
    user = Party()
    call.a.agent.invite("sip:x@nowhere.example", content=OFFER, user=user)
    assert user.told == []
    call.run(1)
    assert user.told == ["refused transport"]
