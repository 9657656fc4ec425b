"""Short messages in SIP (application/vnd.3gpp.sms): the relay layer RP (TS 24.011, TS 24.341)."""

from dataclasses import dataclass
from typing import ClassVar

from conformance.body import tpdu
from conformance.body.sms_fields import (
    Address,
    BrokenFieldError,
    Octets,
    read_rp_address,
    write_rp_address,
)
from conformance.body.tpdu import Carrier, Tpdu
from conformance.wire.malformed import Malformed

MEDIA_TYPE = "application/vnd.3gpp.sms"
"""The media type of RP messages in SIP (TS 24.341 section 5)."""

_DATA, _ACK, _ERROR, _SMMA = 0, 2, 4, 6
_USER_DATA_ELEMENT = 0x41
_RULE = "TS 24.011 section 7.3"


@dataclass(frozen=True, slots=True)
class RpData:
    """RP-DATA: carries a TPDU; `to_network` is the direction that its type octet claims."""

    type: ClassVar[str] = "RP-DATA"

    reference: int
    user_data: bytes
    to_network: bool
    originator: Address | None = None
    destination: Address | None = None

    @property
    def tpdu(self) -> Tpdu | Malformed:
        """The short message or status report carried."""
        return tpdu.parse(self.user_data, to_network=self.to_network)


@dataclass(frozen=True, slots=True)
class RpAck:
    """RP-ACK: the RP-DATA of the same reference arrived."""

    type: ClassVar[str] = "RP-ACK"

    reference: int
    to_network: bool
    user_data: bytes | None = None

    @property
    def tpdu(self) -> Tpdu | Malformed | None:
        """The report carried, if any."""
        return _report(self.user_data, Carrier.ACK, to_network=self.to_network)


@dataclass(frozen=True, slots=True)
class RpError:
    """RP-ERROR: the RP-DATA of the same reference failed for `cause` (TS 24.011 table 8.4)."""

    type: ClassVar[str] = "RP-ERROR"

    reference: int
    to_network: bool
    cause: int
    diagnostic: bytes = b""
    user_data: bytes | None = None

    @property
    def tpdu(self) -> Tpdu | Malformed | None:
        """The report carried, if any."""
        return _report(self.user_data, Carrier.ERROR, to_network=self.to_network)


@dataclass(frozen=True, slots=True)
class RpSmma:
    """RP-SMMA: the telephone has memory again."""

    type: ClassVar[str] = "RP-SMMA"

    reference: int


Rpdu = RpData | RpAck | RpError | RpSmma


def parse(octets: bytes) -> Rpdu | Malformed:
    """Read an RP message; its user data is read when `tpdu` is asked for."""
    reader = Octets(octets)
    try:
        message = _message(reader)
    except BrokenFieldError as error:
        return Malformed("SMS-RP", octets, error.offset, error.rule)
    if reader.left:
        rule = f"{_RULE}: {reader.left} octets behind the last element"
        return Malformed("SMS-RP", octets, reader.offset, rule)
    return message


def write(message: Rpdu) -> bytes:
    """Write an RP message; ValueError for a value that its element cannot hold."""
    match message:
        case RpData():
            return b"".join(
                (
                    _head(_DATA, message.reference, to_network=message.to_network),
                    write_rp_address(message.originator),
                    write_rp_address(message.destination),
                    bytes((len(message.user_data),)) + message.user_data,
                )
            )
        case RpAck():
            head = _head(_ACK, message.reference, to_network=message.to_network)
            return head + _written_user_data(message.user_data)
        case RpError():
            cause = bytes((len(message.diagnostic) + 1, message.cause)) + message.diagnostic
            head = _head(_ERROR, message.reference, to_network=message.to_network)
            return head + cause + _written_user_data(message.user_data)
        case RpSmma():
            return _head(_SMMA, message.reference, to_network=True)


def _message(reader: Octets) -> Rpdu:
    # The upper five bits are spare (TS 24.011 section 8.2.2); an odd type comes from the network.
    kind = reader.octet(_RULE) & 7
    reference = reader.octet(_RULE)
    to_network = not kind & 1
    match kind & 6:
        case 0:
            originator, destination = read_rp_address(reader), read_rp_address(reader)
            user_data = reader.take(reader.octet(_RULE), f"{_RULE}: RP-User-Data")
            return RpData(reference, user_data, to_network, originator, destination)
        case 2:
            return RpAck(reference, to_network, _user_data(reader))
        case 4:
            cause = _cause(reader)
            return RpError(reference, to_network, cause[0], cause[1:], _user_data(reader))
        case _ if to_network:
            return RpSmma(reference)
        case _:
            raise BrokenFieldError(0, f"{_RULE}: message type 7 is reserved")


def _cause(reader: Octets) -> bytes:
    start = reader.offset
    cause = reader.take(reader.octet(_RULE), f"{_RULE}: RP-Cause")
    if not cause:
        raise BrokenFieldError(start, "TS 24.011 section 8.2.5.4: RP-Cause without a cause")
    return cause


def _user_data(reader: Octets) -> bytes | None:
    if not reader.left:
        return None
    start = reader.offset
    if reader.octet(_RULE) != _USER_DATA_ELEMENT:
        raise BrokenFieldError(start, f"{_RULE}: unknown element")
    return reader.take(reader.octet(_RULE), f"{_RULE}: RP-User-Data")


def _written_user_data(user_data: bytes | None) -> bytes:
    return b"" if user_data is None else bytes((_USER_DATA_ELEMENT, len(user_data))) + user_data


def _head(kind: int, reference: int, *, to_network: bool) -> bytes:
    return bytes((kind if to_network else kind + 1, reference))


def _report(
    user_data: bytes | None, carrier: Carrier, *, to_network: bool
) -> Tpdu | Malformed | None:
    if user_data is None:
        return None
    return tpdu.parse(user_data, to_network=to_network, carrier=carrier)
