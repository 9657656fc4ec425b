import pytest

from conformance.cpm.service import feature_tag
from conformance.reference.pf.settings import Leg, PfSettings
from conformance.reference.preferences.profiles import Profile, Stored
from tests.reference.pf.world import ALICE, BOB, PfWorld, body_of, message

OWN = {"sender": ALICE, "recipient": BOB}


@pytest.mark.parametrize("leg", Leg)
@pytest.mark.parametrize("to", [BOB, "tel:+15550177"])
def test_that_a_users_message_goes_on(leg: Leg, to: str) -> None:
    # Y.3 steps 2, 3 and 9
    world = PfWorld(PfSettings(leg=leg))
    world.send(message(**OWN), to=to)
    (request,) = world.messages
    assert request.uri == to
    assert body_of(request).message_id == "msg-1"
    assert request.header("P-Asserted-Identity") == f"<{ALICE}>"
    assert (len(request.vias) == 2) is (leg is Leg.PROXY)
    assert world.statuses == [200]
    assert world.queue == []


@pytest.mark.parametrize("leg", Leg)
@pytest.mark.parametrize("status", [202, 404, 480, 500, 603])
def test_that_it_answers_as_the_next_one_answers(leg: Leg, status: int) -> None:
    world = PfWorld(PfSettings(leg=leg))
    world.answers = [status]
    world.send(message(**OWN), to=BOB)
    assert world.statuses == [status]


def test_that_a_copy_is_stored_where_the_user_wants_that() -> None:
    world = PfWorld(profile=Profile(stored=frozenset({Stored.MESSAGE})))
    world.answers = [480, 200]
    world.send(message(1, **OWN), to=BOB)
    world.send(message(2, **OWN), to=BOB)
    kept = world.pf.host.store.list(ALICE)
    assert [(one.message.message_id, one.why) for one in kept] == [("msg-2", "sent")]
    assert world.statuses == [480, 200]


def test_that_the_core_says_whom_a_request_is_served_for() -> None:
    # Given a message from one user of ours to another
    world = PfWorld()
    served = ("P-Served-User", f"<{ALICE}>;sescase=orig;regstate=reg")
    other = "sip:+15550111@home-a.example"
    world.send(message(**OWN), to=other, headers=[served])
    # then it goes on at the originating side, and is deferred at the terminating side
    assert len(world.messages) == 1
    assert world.statuses == [200]
    served = ("P-Served-User", f"<{other}>;sescase=term;regstate=unreg")
    world.send(message(**OWN), to=other, headers=[served])
    assert world.statuses == [200, 202]


def test_that_an_invitation_goes_on_and_its_dialog_is_left_alone() -> None:
    world = PfWorld()
    client = world.invite(BOB, "oma.cpm.session")
    world.wait(5)
    (callee,) = world.clients
    assert callee.request.uri == BOB
    assert callee.request.headers("Record-Route") == ()
    assert client.session.dialog is not None
    assert world.pf.agent.dialogs == {}
    client.session.bye()
    world.wait(2)
    assert callee.ended_by == "BYE came"


def test_that_a_cancel_goes_on() -> None:
    world = PfWorld()
    world.on_session = lambda callee: callee.session.ring()
    client = world.invite(BOB, "oma.cpm.session")
    world.wait(2)
    client.session.cancel()
    world.wait(5)
    assert getattr(client.refused_with, "status", None) == 487
    assert world.clients[0].ended_by == "cancelled"


def test_that_other_requests_go_on() -> None:
    world = PfWorld()
    world.peer.agent.request(
        "OPTIONS",
        BOB,
        headers=[
            ("P-Asserted-Identity", f"<{ALICE}>"),
            ("Accept-Contact", f"*;{feature_tag('oma.cpm.msg')}"),
        ],
        answered=world._answered,
    )
    world.wait(2)
    assert world.statuses == [200]
