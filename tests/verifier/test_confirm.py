"""What counts as delivered: a 2xx to the MESSAGE, or the MSRP answers to every chunk."""

from tests.scenarios import push, push_pager
from tests.verifying import causes, verify


def test_that_an_answered_message_is_delivered() -> None:
    assert causes(verify(push_pager.build(again=1))) == ["SD-5.2.1.1.2-remove"]


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
