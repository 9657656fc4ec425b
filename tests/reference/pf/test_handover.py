import pytest

from conformance.reference.pf.handover import gateway_uri
from tests.reference.pf.world import ALICE, PfWorld, body_of


@pytest.mark.parametrize(
    ("user", "uri"),
    [
        (ALICE, "sip:+15550100@gw.example;user=phone"),
        ("tel:+1-555-0100", "sip:+15550100@gw.example;user=phone"),
        ("sip:carol@home-a.example", "sip:carol@gw.example"),
        ("sip:home-a.example", "sip:gw.example"),
        ("nobody", "sip:gw.example"),
    ],
)
def test_that_users_are_named_at_the_gateway(user: str, uri: str) -> None:
    assert gateway_uri(user, "gw.example") == uri


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (202, True), (500, False)])
def test_that_it_is_told_whether_the_gateway_took_it(status: int, is_taken: bool) -> None:
    world = PfWorld()
    world.defer(1)
    world.answers = [status]
    told: list[bool] = []
    world.pf.handover.send(world.pf.deferral.waiting(ALICE)[0], told.append)
    world.wait(2)
    assert told == [is_taken]
    assert body_of(world.messages[0]).message_id == "msg-1"
    assert world.noted("interworked") == (["msg-1"] if is_taken else [])
