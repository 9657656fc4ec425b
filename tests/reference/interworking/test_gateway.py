"""What both directions of a gateway share."""

from conformance.reference.interworking.gateway import Remembered, said
from conformance.reference.interworking.settings import IwfSettings
from conformance.reference.interworking.site import PLAIN, SMPP, TELEPHONE
from conformance.reference.transactions.transaction import Failure
from conformance.sip.message import SipResponse
from tests.reference.interworking.world import World


def test_the_oldest_is_forgotten_first() -> None:
    held: Remembered[int] = Remembered(2)
    for number, key in enumerate("aba"):
        held.put(key, number)
    held.put("c", 3)
    assert (held.get("b"), held.get("a"), held.pop("c"), len(held)) == (None, 2, 3, 1)
    assert held.pop("c") is None


def test_services_are_offered_in_the_networks_order_while_they_are_up() -> None:
    settings = IwfSettings(services=(PLAIN, SMPP, "pigeon"))
    gateway = World(TELEPHONE, SMPP, PLAIN, settings=settings).gateway
    assert gateway.available_services() == (PLAIN, SMPP)
    gateway.legs[SMPP].session.close()
    assert gateway.available_services() == (PLAIN,)


def test_an_answer_or_its_lack_in_words() -> None:
    assert said(SipResponse(b"SIP/2.0 202 Accepted\r\n\r\n")) == "202 Accepted"
    assert said(Failure.TIMEOUT) == "timeout"
