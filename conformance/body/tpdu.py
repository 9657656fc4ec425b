"""Transfer layer of the short message service: SUBMIT, DELIVER and their reports (TS 23.040)."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from conformance.body import sms_user_data
from conformance.body.sms_fields import (
    Address,
    BrokenFieldError,
    Octets,
    read_timestamp,
    read_tp_address,
    write_timestamp,
    write_tp_address,
)
from conformance.body.sms_user_data import UserData
from conformance.wire.malformed import Malformed

Validity = int | datetime | bytes | None
"""Relative (the octet of TS 23.040 section 9.2.3.12.1), absolute, enhanced (7 octets), or none."""

_DELIVER, _SUBMIT, _STATUS_REPORT = 0, 1, 2
_HAS_PID, _HAS_CODING, _HAS_DATA = 1, 2, 4
_RULE = "TS 23.040 section 9.2.2"


@dataclass(frozen=True, slots=True)
class Submit:
    """SMS-SUBMIT: a short message on its way to the service centre (section 9.2.2.2)."""

    destination: Address
    data: UserData
    reference: int = 0
    protocol: int = 0
    validity: Validity = None
    status_report: bool = False
    reject_duplicates: bool = False
    reply_path: bool = False


@dataclass(frozen=True, slots=True)
class Deliver:
    """SMS-DELIVER: a short message on its way to the telephone (section 9.2.2.1)."""

    originator: Address
    time: datetime
    data: UserData
    protocol: int = 0
    more_messages: bool = False
    loop_prevention: bool = False
    status_report: bool = False
    reply_path: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """SMS-STATUS-REPORT: what became of a submitted message (section 9.2.2.3).

    `time` is when the service centre took the message, `discharge` when `status` was reached.
    """

    recipient: Address
    time: datetime
    discharge: datetime
    status: int
    reference: int = 0
    protocol: int | None = None
    data: UserData | None = None
    more_messages: bool = False
    loop_prevention: bool = False
    of_command: bool = False

    @property
    def is_delivered(self) -> bool:
        """Whether the transaction is complete (TS 23.040 section 9.2.3.15)."""
        return self.status < 0x20

    @property
    def is_failed(self) -> bool:
        """Whether the service centre makes no further attempt."""
        return self.status >= 0x40


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """SMS-DELIVER-REPORT (section 9.2.2.1a); `failure` is the TP-FCS of a negative one."""

    failure: int | None = None
    protocol: int | None = None
    data: UserData | None = None


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """SMS-SUBMIT-REPORT (section 9.2.2.2a); `failure` is the TP-FCS of a negative one."""

    time: datetime
    failure: int | None = None
    protocol: int | None = None
    data: UserData | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """SMS-COMMAND (section 9.2.2.4), its octets behind the first kept as they are."""

    octets: bytes


Tpdu = Submit | Deliver | StatusReport | DeliverReport | SubmitReport | Command


class Carrier(Enum):
    """The RP message in which a TPDU travels."""

    DATA = "RP-DATA"
    ACK = "RP-ACK"
    ERROR = "RP-ERROR"


def parse(octets: bytes, *, to_network: bool, carrier: Carrier = Carrier.DATA) -> Tpdu | Malformed:
    """Read a TPDU.

    The same type octet means another TPDU in each direction and in each RP message, so the
    layer below must say where it was found.
    """
    reader = Octets(octets)
    try:
        if carrier is Carrier.DATA:
            tpdu = _message(reader, to_network)
        else:
            tpdu = _report(reader, to_network, negative=carrier is Carrier.ERROR)
    except BrokenFieldError as error:
        return Malformed("SMS-TP", octets, error.offset, error.rule)
    if reader.left:
        rule = f"{_RULE}: {reader.left} octets behind the last field"
        return Malformed("SMS-TP", octets, reader.offset, rule)
    return tpdu


def write(tpdu: Tpdu) -> bytes:
    """Write a TPDU; ValueError for a value that its field cannot hold."""
    match tpdu:
        case Submit():
            return _write_submit(tpdu)
        case Deliver():
            return _write_deliver(tpdu)
        case StatusReport():
            return _write_status_report(tpdu)
        case DeliverReport():
            return _write_report(_DELIVER, tpdu, b"")
        case SubmitReport():
            return _write_report(_SUBMIT, tpdu, write_timestamp(tpdu.time))
        case Command():
            return bytes((_STATUS_REPORT,)) + tpdu.octets


def _message(reader: Octets, to_network: bool) -> Tpdu:
    first = reader.octet(_RULE)
    match first & 3, to_network:
        case 1, True:
            return _submit(reader, first)
        case 2, True:
            return Command(reader.take(reader.left, _RULE))
        case 0, False:
            return _deliver(reader, first)
        case 2, False:
            return _status_report(reader, first)
        case _:
            raise BrokenFieldError(0, f"{_RULE}: message type {first & 3} in this direction")


def _submit(reader: Octets, first: int) -> Submit:
    reference = reader.octet(_RULE)
    destination = read_tp_address(reader)
    protocol, coding = reader.octet(_RULE), reader.octet(_RULE)
    validity = _validity(reader, first >> 3 & 3)
    data = sms_user_data.read(reader, coding, has_header=bool(first & 0x40))
    flags = bool(first & 0x20), bool(first & 4), bool(first & 0x80)
    return Submit(destination, data, reference, protocol, validity, *flags)


def _deliver(reader: Octets, first: int) -> Deliver:
    originator = read_tp_address(reader)
    protocol, coding = reader.octet(_RULE), reader.octet(_RULE)
    time = read_timestamp(reader)
    data = sms_user_data.read(reader, coding, has_header=bool(first & 0x40))
    flags = not first & 4, bool(first & 8), bool(first & 0x20), bool(first & 0x80)
    return Deliver(originator, time, data, protocol, *flags)


def _status_report(reader: Octets, first: int) -> StatusReport:
    reference = reader.octet(_RULE)
    recipient = read_tp_address(reader)
    time, discharge = read_timestamp(reader), read_timestamp(reader)
    status = reader.octet(_RULE)
    protocol, data = _optional(reader, first)
    flags = not first & 4, bool(first & 8), bool(first & 0x20)
    return StatusReport(recipient, time, discharge, status, reference, protocol, data, *flags)


def _report(reader: Octets, to_network: bool, *, negative: bool) -> Tpdu:
    first = reader.octet(_RULE)
    if first & 3 != (_DELIVER if to_network else _SUBMIT):
        raise BrokenFieldError(0, f"{_RULE}: message type {first & 3} in a report")
    failure = reader.octet(f"{_RULE}: TP-FCS") if negative else None
    if to_network:
        return DeliverReport(failure, *_optional(reader, first))
    indicator = reader.octet(_RULE)
    time = read_timestamp(reader)
    return SubmitReport(time, failure, *_indicated(reader, first, indicator))


def _optional(reader: Octets, first: int) -> tuple[int | None, UserData | None]:
    if not reader.left:
        return None, None
    return _indicated(reader, first, reader.octet(_RULE))


def _indicated(reader: Octets, first: int, indicator: int) -> tuple[int | None, UserData | None]:
    """What the parameter indicator announces (TS 23.040 section 9.2.3.27)."""
    protocol = reader.octet(_RULE) if indicator & _HAS_PID else None
    coding = reader.octet(_RULE) if indicator & _HAS_CODING else 0
    if not indicator & _HAS_DATA:
        return protocol, None
    return protocol, sms_user_data.read(reader, coding, has_header=bool(first & 0x40))


def _validity(reader: Octets, form: int) -> Validity:
    match form:
        case 0:
            return None
        case 2:
            return reader.octet(_RULE)
        case 3:
            return read_timestamp(reader)
        case _:
            return reader.take(7, _RULE)


def _write_submit(tpdu: Submit) -> bytes:
    form, validity = _written_validity(tpdu.validity)
    first = _SUBMIT | form << 3 | _header_bit(tpdu.data)
    first |= tpdu.reject_duplicates << 2 | tpdu.status_report << 5 | tpdu.reply_path << 7
    return b"".join(
        (
            bytes((first, tpdu.reference)),
            write_tp_address(tpdu.destination),
            bytes((tpdu.protocol, tpdu.data.coding)),
            validity,
            sms_user_data.write(tpdu.data),
        )
    )


def _write_deliver(tpdu: Deliver) -> bytes:
    first = _DELIVER | (not tpdu.more_messages) << 2 | tpdu.loop_prevention << 3
    first |= tpdu.status_report << 5 | _header_bit(tpdu.data) | tpdu.reply_path << 7
    return b"".join(
        (
            bytes((first,)),
            write_tp_address(tpdu.originator),
            bytes((tpdu.protocol, tpdu.data.coding)),
            write_timestamp(tpdu.time),
            sms_user_data.write(tpdu.data),
        )
    )


def _write_status_report(tpdu: StatusReport) -> bytes:
    first = _STATUS_REPORT | (not tpdu.more_messages) << 2 | tpdu.loop_prevention << 3
    first |= tpdu.of_command << 5 | _header_bit(tpdu.data)
    return b"".join(
        (
            bytes((first, tpdu.reference)),
            write_tp_address(tpdu.recipient),
            write_timestamp(tpdu.time),
            write_timestamp(tpdu.discharge),
            bytes((tpdu.status,)),
            _written_optional(tpdu.protocol, tpdu.data, b""),
        )
    )


def _write_report(kind: int, tpdu: DeliverReport | SubmitReport, time: bytes) -> bytes:
    first = bytes((kind | _header_bit(tpdu.data),))
    failure = b"" if tpdu.failure is None else bytes((tpdu.failure,))
    return first + failure + _written_optional(tpdu.protocol, tpdu.data, time)


def _written_optional(protocol: int | None, data: UserData | None, time: bytes) -> bytes:
    indicator = (protocol is not None) * _HAS_PID | (data is not None) * (_HAS_CODING | _HAS_DATA)
    written = [bytes((indicator,)), time]
    if protocol is not None:
        written.append(bytes((protocol,)))
    if data is not None:
        written += [bytes((data.coding,)), sms_user_data.write(data)]
    return b"".join(written)


def _written_validity(validity: Validity) -> tuple[int, bytes]:
    match validity:
        case None:
            return 0, b""
        case int():
            return 2, bytes((validity,))
        case datetime():
            return 3, write_timestamp(validity)
        case bytes():
            if len(validity) != 7:
                raise ValueError(f"an enhanced validity has 7 octets, not {len(validity)}")
            return 1, validity


def _header_bit(data: UserData | None) -> int:
    return 0x40 if data is not None and data.elements else 0
