from conformance.reference.engine.timer import SECOND
from conformance.reference.transactions.transaction import Failure
from conformance.reference.user_agents.session import Ending
from tests.reference.user_agents.session_rig import ANSWER, Call, accepting, ringing


def test_a_180_is_repeated_each_minute():
    call = Call(ringing).run(170)
    assert call.a_user.told == ["progressed 180"] * 3
    call.callee.accept(ANSWER)
    call.run(200)
    assert call.starts("SIP/2.0 180") == 3
    assert call.a_user.told[-1] == "established"
    assert not call.session.is_over


def test_a_refusal():
    call = Call(lambda session: session.refuse(480, "Not now", [("Retry-After", "9")])).run()
    assert call.starts("SIP/2.0 480 Not now") == 1
    assert call.callee.is_over
    assert call.b_user.told == []


def test_only_the_first_answer_counts():
    call = Call(accepting).run(1)
    call.callee.refuse(486)
    call.callee.ring()
    call.callee.accept(ANSWER)
    call.callee.cancel()
    call.run(1)
    assert call.starts("SIP/2.0") == 1


def test_a_bye_before_the_answer_refuses():
    call = Call(ringing).run(1)
    call.callee.bye()
    assert call.run().a_user.told[-1] == "refused 480"
    assert call.is_idle


def test_a_bye_waits_for_the_ack():
    call = Call(accepting)
    call.wire.loses = lambda carried: carried.start.startswith("ACK") and carried.number < 4
    call.run(0.2)
    call.callee.bye()
    call.run(0.2)
    assert call.starts("BYE") == 0
    call.run()
    assert call.starts("BYE") == 1
    assert call.b_user.told == [f"ended {Ending.BY_US}"]
    assert call.is_idle


def test_without_an_ack_it_ends():
    # given
    call = Call(accepting)
    call.wire.loses = lambda carried: carried.start.startswith("ACK")
    begin = call.wire.now
    # when
    call.run(33)
    # then the 2xx was sent until then
    assert call.starts("SIP/2.0 200 OK") == 12
    assert call.b_user.told == [f"ended {Ending.NO_ACK}"]
    call.run()
    assert call.a_user.told[-1] == f"ended {Ending.BY_PEER}"
    assert call.wire.now - begin > 32 * SECOND
    assert call.is_idle


def test_a_bye_of_the_caller_before_the_answer():
    # given
    call = Call(ringing).run(1)
    dialog = call.callee.dialog
    bye = call.session.request.copy()
    bye.method = "BYE"
    bye.put("To", f"<{dialog.local_uri}>;tag={dialog.local_tag}").put("CSeq", "9 BYE")
    bye.body = b""
    # when
    results = []
    call.a.agent.exchange(bye, results.append)
    call.run()
    # then
    assert [result.status for result in results] == [200]
    assert call.a_user.told[-1] == "refused 487"
    assert call.b_user.told == [f"ended {Ending.BY_PEER}"]
    assert call.is_idle


def test_an_invite_says_how_long_it_waits():
    call = Call(ringing, headers=(("Expires", "30"),)).run()
    assert call.a_user.told == ["progressed 180", "refused 487"]
    assert call.b_user.told == [f"ended {Ending.CANCELLED}"]
    assert call.is_idle


def test_an_invite_answered_in_time_goes_on():
    call = Call(accepting, headers=(("Expires", "30"),)).run(100)
    assert not call.callee.is_over


def test_a_refusal_without_ack_is_noted():
    call = Call(lambda session: session.refuse(486))
    call.wire.loses = lambda carried: carried.start.startswith("ACK")
    call.run()
    assert call.wire.noted("unacknowledged") == [{"why": Failure.TIMEOUT.value}]


def test_a_change_before_the_answer_waits():
    call = Call(ringing).run(1)
    dialog = call.callee.dialog
    again = call.session.request.copy()
    again.put("To", f"<{dialog.local_uri}>;tag={dialog.local_tag}").put("CSeq", "9 INVITE")
    results = []
    call.a.agent.exchange(again, results.append)
    call.run(1)
    assert [result.status for result in results] == [500]
