import itertools

from conformance.reference.engine.timer import MILLISECOND, SECOND
from conformance.reference.user_agents.reinvite import MAX_GLARES, Reinvite, Reoffer
from tests.reference.user_agents.session_rig import ANSWER, OTHER, Call, Changing, accepting


def glaring(*, is_owner: bool):
    """A re-INVITE of a's that b answers 491 each time; when it was sent, and what a was told."""
    user = Changing()
    call = Call(accepting, b_user=user).run(1)
    dialog = call.session.dialog
    told: list[object] = []
    reoffer = Reoffer(
        call.a.agent,
        dialog,
        lambda: call.a.agent.furnish(dialog.request("INVITE"), (), OTHER),
        told.append,
        told.append,
        is_owner=is_owner,
    )
    user.reoffered = lambda session, incoming: incoming.respond(491)
    reoffer.send()
    return call, reoffer, told


def gaps(call: Call) -> list[int]:
    sent = [c.time for c in call.wire.carried if c.start.startswith("INVITE")][1:]
    return [(later - earlier) for earlier, later in itertools.pairwise(sent)]


def test_who_chose_the_call_id_waits_longer():
    call, _, told = glaring(is_owner=True)
    call.run(30)
    assert [answer.status for answer in told] == [491]
    assert len(gaps(call)) == MAX_GLARES
    assert all(2100 * MILLISECOND <= gap <= 4 * SECOND + SECOND // 10 for gap in gaps(call))


def test_the_other_tries_again_sooner():
    call, _, _ = glaring(is_owner=False)
    call.run(30)
    assert all(gap <= 2 * SECOND + SECOND // 10 for gap in gaps(call))


def test_after_the_end_it_is_not_tried_again():
    call, reoffer, told = glaring(is_owner=True)
    call.run(1)
    assert reoffer.waits
    reoffer.end()
    call.run(30)
    assert gaps(call) == []
    assert told == []


def test_a_reinvite_s_2xx_is_the_session_s_to_send():
    # given
    user = Changing()
    call = Call(accepting, b_user=user).run(1)
    call.session.reoffer(OTHER, lambda result: None)
    call.wire.loses = lambda carried: carried.start.startswith("ACK")
    call.run(3)
    incoming = user.reoffers[0]
    assert isinstance(incoming, Reinvite)
    # when
    incoming.respond(200, content=ANSWER)
    incoming.respond(488)
    call.run(40)
    # then it is sent again until the session is given up
    assert call.starts("SIP/2.0 200 OK") > 10
    assert call.starts("SIP/2.0 488") == 0
    assert call.b_user.told[-1] == "ended no ACK"
