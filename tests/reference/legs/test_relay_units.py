"""The units of either end of the short message service (TS 23.040, TS 24.011)."""

import pytest

from conformance.body import sms, tpdu
from conformance.body.sms_fields import Address
from conformance.reference.engine.timer import SECOND
from conformance.reference.legs.leg import Cause, NonCpmMessage
from conformance.reference.legs.relay_units import NAMELESS, RelayEnd
from conformance.reference.legs.short_message import segments
from tests.reference.wiring import BEGIN

NETWORK = RelayEnd(is_network=True, centre=Address("15550199"), context="home.example")
TELEPHONE = RelayEnd(is_network=False, centre=Address("15550199"), context="home.example")
MESSAGE = NonCpmMessage("1", "tel:+15550100", "tel:+15550177", "Hello", True, 3600 * SECOND)
(DATA,) = segments("Hello", 1)


def read_again(data: sms.RpData) -> sms.RpData:
    found = sms.parse(sms.write(data))
    assert isinstance(found, sms.RpData)
    return found


def test_the_network_delivers() -> None:
    unit = NETWORK.transfer(MESSAGE, DATA, 5, BEGIN, more=True)
    data = read_again(NETWORK.data(9, unit))
    assert (data.to_network, data.reference) == (False, 9)
    assert (data.originator, data.destination) == (Address("15550199"), None)
    found = data.tpdu
    assert isinstance(found, tpdu.Deliver)
    assert (found.originator.number, found.data.text) == ("+15550100", "Hello")
    assert found.more_messages
    assert found.time.isoformat() == "2026-03-02T09:00:00+00:00"


def test_a_sender_without_a_number_is_anonymous() -> None:
    hidden = NonCpmMessage("1", "", "tel:+15550177", "Hello")
    unit = NETWORK.transfer(hidden, DATA, 5, BEGIN, more=False)
    found = read_again(NETWORK.data(9, unit)).tpdu
    assert isinstance(found, tpdu.Deliver)
    assert found.originator == NAMELESS


def test_the_telephone_submits() -> None:
    unit = TELEPHONE.transfer(MESSAGE, DATA, 5, BEGIN, more=False)
    data = read_again(TELEPHONE.data(9, unit))
    assert (data.to_network, data.destination) == (True, Address("15550199"))
    found = data.tpdu
    assert isinstance(found, tpdu.Submit)
    assert (found.destination.number, found.reference, found.status_report) == (
        "+15550177",
        5,
        True,
    )
    assert found.validity == 11


def test_nothing_is_submitted_to_what_has_no_number() -> None:
    nobody = NonCpmMessage("1", "tel:+1", "sip:bob@home.example", "Hello")
    with pytest.raises(ValueError, match="no number"):
        TELEPHONE.transfer(nobody, DATA, 5, BEGIN, more=False)


@pytest.mark.parametrize(("delivered", "status"), [(True, 0x00), (False, 0x41)])
def test_a_report_on_a_submitted_message(delivered: bool, status: int) -> None:
    unit = NETWORK.status_report(
        "tel:+15550177", 5, BEGIN, BEGIN + 60 * SECOND, delivered=delivered
    )
    found = read_again(NETWORK.data(9, unit)).tpdu
    assert isinstance(found, tpdu.StatusReport)
    assert (found.reference, found.status, found.is_failed) == (5, status, not delivered)
    assert (found.discharge - found.time).total_seconds() == 60


@pytest.mark.parametrize("end", [NETWORK, TELEPHONE])
def test_each_end_acknowledges_and_refuses_with_its_own_report(end: RelayEnd) -> None:
    ack = sms.parse(sms.write(end.acknowledgement(9, BEGIN)))
    assert isinstance(ack, sms.RpAck)
    assert (ack.reference, ack.to_network) == (9, not end.is_network)
    report = tpdu.SubmitReport if end.is_network else tpdu.DeliverReport
    assert isinstance(ack.tpdu, report)
    error = sms.parse(sms.write(end.refusal(9, Cause.BUSY)))
    assert isinstance(error, sms.RpError)
    assert (error.reference, error.cause) == (9, 22)
