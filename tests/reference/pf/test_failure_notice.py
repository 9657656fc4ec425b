import pytest

from conformance.reference.engine.decision import Point
from conformance.reference.pf.settings import PfSettings
from tests.reference.pf.deciders import Chooser
from tests.reference.pf.world import ALICE, BOB, PfWorld, body_of, message

ASKED = ("negative-delivery",)


def test_that_the_sender_is_told_by_message() -> None:
    # C.3.1.1.3 steps 7 and 8
    world = PfWorld()
    world.pf.failures.tell(message(wants=ASKED), ALICE, "expired")
    world.wait(2)
    (request,) = world.messages
    assert request.uri == BOB
    assert request.header("P-Asserted-Identity") == f"<{ALICE}>"
    assert ALICE in (request.header("From") or "")
    found = body_of(request)
    notice = found.notification
    assert notice is not None
    assert notice.message_id == "msg-1"
    assert notice.is_negative
    assert found.message_id not in ("", "msg-1")
    assert found.wants == ()
    assert world.noted("told") == ["msg-1"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"wants": ("positive-delivery", "display")},
        {"wants": ASKED, "message_id": ""},
        {"wants": ASKED, "sender": ""},
    ],
)
def test_that_nobody_is_told_who_did_not_ask(changes: dict[str, object]) -> None:
    world = PfWorld()
    world.pf.failures.tell(message(**changes), ALICE, "expired")
    world.wait(2)
    assert world.messages == []


@pytest.mark.parametrize(("wanted", "options"), [(True, [True, False]), (False, [False, True])])
def test_that_it_is_left_to_the_operator(wanted: bool, options: list[bool]) -> None:
    chooser = Chooser({})
    world = PfWorld(PfSettings(failure_notices=wanted), decisions=chooser)
    world.pf.failures.tell(message(wants=ASKED), ALICE, "expired")
    world.wait(2)
    assert chooser.asked[Point.FAILURE_NOTICE] == [options]
    assert len(world.messages) == wanted


@pytest.mark.parametrize("status", [404, 480, 500])
def test_that_a_refused_notice_is_not_sent_again(status: int) -> None:
    world = PfWorld()
    world.answers = [status]
    world.pf.failures.tell(message(wants=ASKED), ALICE, "expired")
    world.wait(200)
    assert len(world.messages) == 1


def test_that_a_message_that_no_notice_can_name_is_told_of_to_nobody() -> None:
    world = PfWorld()
    world.pf.failures.tell(message(wants=ASKED, message_id="a\x01b"), ALICE, "expired")
    world.wait(2)
    assert world.messages == []
    assert world.noted("unsendable") == ["a\x01b"]
