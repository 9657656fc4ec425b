import pytest

from conformance.reference.preferences.profiles import Disposal
from tests.reference.pf.world import ALICE, PfWorld, message


@pytest.mark.parametrize(
    ("disposal", "status", "noted"),
    [
        (Disposal.DEFER, 202, "deferred"),
        (Disposal.STORE, 202, "stored"),
        (Disposal.DISCARD, 202, "discarded"),
        (Disposal.REJECT, 403, "rejected"),
    ],
)
def test_that_what_is_decided_is_done(disposal: Disposal, status: int, noted: str) -> None:
    world = PfWorld()
    assert world.pf.disposals.settle(disposal, ALICE, message(), "pager") == status
    world.wait(1)
    assert world.noted(noted) == ["msg-1"]
    assert (world.queue == ["msg-1"]) is (disposal is Disposal.DEFER)


def test_that_a_registered_user_is_not_told_out_of_band() -> None:
    world = PfWorld()
    world.register()
    world.pf.disposals.notify_out_of_band(ALICE, message())
    assert world.pf.host.enabler.handed_over == ()
