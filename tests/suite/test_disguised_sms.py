from datetime import UTC, datetime

import pytest

from conformance.body import sms, tpdu
from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import UserData, of_text
from conformance.suite.disguise import Disguise
from conformance.suite.disguised_sms import disguised_sms
from conformance.suite.pseudonyms import Pseudonyms

ONE = Disguise(Pseudonyms(bytes(range(32))))
NUMBER = Address("34600000001")
TIME = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Sóme tëxt, à 7", "plain [x] € 12", "日本 and 😀", ""])
@pytest.mark.parametrize("to_network", [True, False])
def test_numbers_and_texts(text, to_network):
    data = of_text(text)
    carried = tpdu.Submit(NUMBER, data) if to_network else tpdu.Deliver(NUMBER, TIME, data)
    message = sms.RpData(7, tpdu.write(carried), to_network, None if to_network else NUMBER,
                         NUMBER if to_network else None)  # fmt: skip
    octets = sms.write(message)
    found = disguised_sms(octets, ONE)
    assert len(found) == len(octets)
    other = sms.parse(found)
    assert isinstance(other, sms.RpData)
    assert (other.reference, other.to_network) == (7, to_network)
    inner = other.tpdu
    assert inner.data.text == ONE.prose(text)
    number = (inner.destination if to_network else inner.originator).digits
    assert f"+{number}" == ONE.hide("+34600000001")


def test_a_status_report():
    report = tpdu.StatusReport(NUMBER, TIME, TIME, 0)
    octets = sms.write(sms.RpData(1, tpdu.write(report), False, NUMBER))
    found = sms.parse(disguised_sms(octets, ONE)).tpdu
    assert found.recipient.digits == ONE.hide("34600000001")
    assert found.time == TIME


def test_data_tells_nothing():
    data = UserData(coding=4, payload=b"secret octets")
    octets = sms.write(sms.RpData(1, tpdu.write(tpdu.Submit(NUMBER, data)), True, None, NUMBER))
    found = disguised_sms(octets, ONE)
    assert len(found) == len(octets)
    assert b"secret" not in found


def test_what_cannot_be_read():
    found = disguised_sms(b"nonsense of alice", ONE)
    assert len(found) == 17
    assert b"alice" not in found
    acknowledged = sms.write(sms.RpAck(1, True))
    assert disguised_sms(acknowledged, ONE) == acknowledged
