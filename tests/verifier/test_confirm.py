"""What counts as delivered: a 2xx to the MESSAGE, or the MSRP answers to every chunk."""

from conformance.reference.engine.timer import SECOND
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.tampers import answer, drop, sent_to
from conformance.reference.scenarios.beginnings import deferred, returns
from conformance.reference.scenarios.scenario import Scenario
from conformance.reference.world.world import World
from tests.scenarios import push, push_pager
from tests.verifier.worlds import blamed, judged
from tests.verifying import causes, verify

PF = "10.0.3.1"


def test_that_an_answered_message_is_delivered() -> None:
    assert causes(verify(push_pager.build(again=1))) == ["SD-5.2.1.1.2-remove"]


def test_that_a_message_accepted_for_later_may_come_again() -> None:
    """202 is no confirmed delivery (RFC 3428 section 7)."""
    assert causes(verify(push_pager.build(again=1, status=(202, "Accepted")))) == []


def test_that_an_unanswered_message_may_come_again() -> None:
    ladder = push_pager.build(retried=True)
    assert causes(verify(ladder)) == []


def test_that_an_msrp_message_is_delivered_when_it_is_answered() -> None:
    ladder = push.build(again=True)
    assert causes(verify(ladder)) == ["SD-5.2.1.1.2-remove"]


def test_that_an_unconfirmed_delivery_is_none() -> None:
    """Without the client's MSRP answers nothing shows that it has the messages."""
    ladder = push.build(again=True)
    deaf = ladder.without(lambda shot: shot.is_msrp and shot.sender == "client")
    assert "SD-5.2.1.1.2-remove" not in causes(verify(deaf))


def test_that_a_delivery_of_which_the_function_was_not_told_may_be_repeated() -> None:
    """The core keeps the client's 200: the function sees its timer end, and pushes again."""
    keeps = Fault("keeps-200", "core", tamper=sent_to(PF, drop(answer("MESSAGE", 200))))
    told = Scenario("push-pager", "told-nothing", "", returns_twice, faults=(keeps,))
    assert ("SD-5.2.1.1.2-remove", "pf") not in blamed(judged(told))


def returns_twice(world: World) -> None:
    deferred(world)
    returns(world)
    returns(world, 200 * SECOND)
