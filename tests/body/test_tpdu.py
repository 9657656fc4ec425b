"""Short messages and their reports."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.body.sms_fields import Address
from conformance.body.sms_user_data import UserData, of_text
from conformance.body.tpdu import (
    Carrier,
    Command,
    Deliver,
    DeliverReport,
    StatusReport,
    Submit,
    SubmitReport,
    parse,
    write,
)
from conformance.wire.malformed import Malformed

ALICE = Address("15551230001")
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HELLO = "0AE8329BFD4697D9EC37"
NUMBER = "0B9151552103 00F1"
TIME = "62302090000000"


@pytest.mark.parametrize(
    ("octets", "tpdu"),
    [
        (f"01 07 {NUMBER} 00 00 {HELLO}", Submit(ALICE, of_text("hellohello"), 7)),
        (
            f"31 00 {NUMBER} 3F 00 A7 {HELLO}",
            Submit(ALICE, of_text("hellohello"), 0, 63, 167, True),
        ),
        (
            f"1D 00 {NUMBER} 00 00 {TIME} {HELLO}",
            Submit(ALICE, of_text("hellohello"), validity=NINE, reject_duplicates=True),
        ),
        (
            f"89 00 {NUMBER} 00 00 01020304050607 {HELLO}",
            Submit(ALICE, of_text("hellohello"), validity=bytes(range(1, 8)), reply_path=True),
        ),
        (f"02 {HELLO}", Command(bytes.fromhex(HELLO))),
    ],
)
def test_towards_the_network(octets, tpdu):
    assert parse(bytes.fromhex(octets), to_network=True) == tpdu
    assert write(tpdu) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "tpdu"),
    [
        (f"04 {NUMBER} 00 00 {TIME} {HELLO}", Deliver(ALICE, NINE, of_text("hellohello"))),
        (
            f"60 {NUMBER} 00 04 {TIME} 08 050003010201 AABB",
            Deliver(
                ALICE,
                NINE,
                UserData(4, ((0, b"\x01\x02\x01"),), b"\xaa\xbb"),
                more_messages=True,
                status_report=True,
            ),
        ),
        (
            f"06 07 {NUMBER} {TIME} {TIME} 00 00",
            StatusReport(ALICE, NINE, NINE, 0, 7),
        ),
        (
            f"26 07 {NUMBER} {TIME} {TIME} 41 07 00 00 {HELLO}",
            StatusReport(ALICE, NINE, NINE, 0x41, 7, 0, of_text("hellohello"), of_command=True),
        ),
    ],
)
def test_towards_the_telephone(octets, tpdu):
    assert parse(bytes.fromhex(octets), to_network=False) == tpdu
    assert write(tpdu) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "carrier", "tpdu"),
    [
        ("00 00", Carrier.ACK, DeliverReport()),
        ("00 01 3F", Carrier.ACK, DeliverReport(protocol=63)),
        ("00 D3 00", Carrier.ERROR, DeliverReport(0xD3)),
        (f"00 D3 06 00 {HELLO}", Carrier.ERROR, DeliverReport(0xD3, data=of_text("hellohello"))),
    ],
)
def test_reports_towards_the_network(octets, carrier, tpdu):
    assert parse(bytes.fromhex(octets), to_network=True, carrier=carrier) == tpdu
    assert write(tpdu) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "carrier", "tpdu"),
    [
        (f"01 00 {TIME}", Carrier.ACK, SubmitReport(NINE)),
        (f"01 C0 01 {TIME} 00", Carrier.ERROR, SubmitReport(NINE, 0xC0, 0)),
    ],
)
def test_reports_towards_the_telephone(octets, carrier, tpdu):
    assert parse(bytes.fromhex(octets), to_network=False, carrier=carrier) == tpdu
    assert write(tpdu) == bytes.fromhex(octets)


def test_fields_that_nothing_announces_may_be_absent():
    status = parse(bytes.fromhex(f"06 07 {NUMBER} {TIME} {TIME} 00"), to_network=False)
    assert status == StatusReport(ALICE, NINE, NINE, 0, 7)
    assert parse(b"\x00", to_network=True, carrier=Carrier.ACK) == DeliverReport()


@pytest.mark.parametrize(
    ("status", "delivered", "failed"),
    [(0x00, True, False), (0x1F, True, False), (0x20, False, False), (0x41, False, True)],
)
def test_what_a_status_means(status, delivered, failed):
    report = StatusReport(ALICE, NINE, NINE, status)
    assert (report.is_delivered, report.is_failed) == (delivered, failed)


@pytest.mark.parametrize(
    ("octets", "to_network", "carrier", "offset", "rule"),
    [
        ("", True, Carrier.DATA, 0, "cut short"),
        ("03", True, Carrier.DATA, 0, "message type 3"),
        ("00", True, Carrier.DATA, 0, "message type 0"),
        ("01", False, Carrier.DATA, 0, "message type 1"),
        ("01", True, Carrier.ACK, 0, "message type 1 in a report"),
        ("00", True, Carrier.ERROR, 1, "TP-FCS"),
        (f"01 07 {NUMBER} 00 00 {HELLO} 00", True, Carrier.DATA, 22, "behind the last field"),
        (f"01 07 {NUMBER} 00 00 0AE832", True, Carrier.DATA, 13, "cut short"),
    ],
)
def test_broken_messages_are_values(octets, to_network, carrier, offset, rule):
    found = parse(bytes.fromhex(octets), to_network=to_network, carrier=carrier)
    assert isinstance(found, Malformed)
    assert rule in found.rule
    assert found.offset == offset


def test_an_enhanced_validity_has_seven_octets():
    with pytest.raises(ValueError, match="7 octets"):
        write(Submit(ALICE, UserData(), validity=b"short"))


OCTET = st.integers(0, 255)
BIT = st.booleans()
ADDRESSES = st.builds(
    Address, st.text(alphabet="0123456789", min_size=1, max_size=12), st.sampled_from([0, 1])
)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda time: time.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=-90)))
)
TEXTS = st.text(alphabet="abc {}ę", max_size=30).map(of_text)
DATA = TEXTS | st.just(UserData(4, ((1, b"x"),), b"\xff"))
OPTIONAL_OCTET = st.none() | OCTET
VALIDITY = st.none() | OCTET | TIMES | st.binary(min_size=7, max_size=7)
SUBMITS = st.builds(Submit, ADDRESSES, DATA, OCTET, OCTET, VALIDITY, BIT, BIT, BIT)
DELIVERS = st.builds(Deliver, ADDRESSES, TIMES, DATA, OCTET, BIT, BIT, BIT, BIT)
OPTIONAL_DATA = st.none() | DATA
STATUS_REPORTS = st.builds(
    StatusReport,
    ADDRESSES,
    TIMES,
    TIMES,
    OCTET,
    OCTET,
    OPTIONAL_OCTET,
    OPTIONAL_DATA,
    BIT,
    BIT,
    BIT,
)


@given(SUBMITS)
def test_a_written_submit_is_read_back(tpdu):
    assert parse(write(tpdu), to_network=True) == tpdu


@given(DELIVERS | STATUS_REPORTS)
def test_a_written_deliver_or_status_report_is_read_back(tpdu):
    assert parse(write(tpdu), to_network=False) == tpdu


@given(OPTIONAL_OCTET, OPTIONAL_OCTET, OPTIONAL_DATA, TIMES)
def test_written_reports_are_read_back(failure, protocol, data, time):
    carrier = Carrier.ACK if failure is None else Carrier.ERROR
    report = DeliverReport(failure, protocol, data)
    assert parse(write(report), to_network=True, carrier=carrier) == report
    report = SubmitReport(time, failure, protocol, data)
    assert parse(write(report), to_network=False, carrier=carrier) == report


@given(st.binary(), BIT, st.sampled_from(Carrier))
def test_any_octets_give_a_value(octets, to_network, carrier):
    found = parse(octets, to_network=to_network, carrier=carrier)
    assert isinstance(
        found,
        Submit | Deliver | StatusReport | DeliverReport | SubmitReport | Command | Malformed,
    )
