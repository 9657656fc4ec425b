"""SMPP 3.4: the protocol data units between a gateway (ESME) and a message centre (SMSC)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from struct import pack, unpack_from
from typing import Any, NamedTuple

from conformance.wire.malformed import Malformed

PORT = 2775
"""The port that IANA keeps for SMPP."""

MAX_PDU = 70_000
"""Octets of one PDU: a message_payload of 64 Ki octets and what surrounds it."""

MAX_SEQUENCE = 0x7FFF_FFFF
_HEAD, _MAX_VALUE = 16, 0xFFFF
_RESPONSE = 0x8000_0000
_LAST_VERSION = 0x34


class Command(IntEnum):
    """What a PDU is (SMPP 3.4 section 5.1.2.1)."""

    GENERIC_NACK = 0x8000_0000
    BIND_RECEIVER = 0x0000_0001
    BIND_RECEIVER_RESP = 0x8000_0001
    BIND_TRANSMITTER = 0x0000_0002
    BIND_TRANSMITTER_RESP = 0x8000_0002
    SUBMIT_SM = 0x0000_0004
    SUBMIT_SM_RESP = 0x8000_0004
    DELIVER_SM = 0x0000_0005
    DELIVER_SM_RESP = 0x8000_0005
    UNBIND = 0x0000_0006
    UNBIND_RESP = 0x8000_0006
    BIND_TRANSCEIVER = 0x0000_0009
    BIND_TRANSCEIVER_RESP = 0x8000_0009
    ENQUIRE_LINK = 0x0000_0015
    ENQUIRE_LINK_RESP = 0x8000_0015

    @property
    def is_response(self) -> bool:
        """Whether it answers a request."""
        return self >= _RESPONSE

    @property
    def response(self) -> "Command":
        """What answers it."""
        return Command(self | _RESPONSE)


class Status(IntEnum):
    """What a response says (section 5.1.3), as far as we say it ourselves."""

    ROK = 0x00
    RINVMSGLEN = 0x01
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RSYSERR = 0x08
    RINVSRCADR = 0x0A
    RINVDSTADR = 0x0B
    RINVMSGID = 0x0C
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RMSGQFUL = 0x14
    RSUBMITFAIL = 0x45
    RTHROTTLED = 0x58
    RX_T_APPN = 0x64
    RX_P_APPN = 0x65
    RX_R_APPN = 0x66
    RINVPARLEN = 0xC2
    RDELIVERYFAILURE = 0xFE
    RUNKNOWNERR = 0xFF


class Tag(IntEnum):
    """Optional parameters (section 5.3.2) that we use."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SC_INTERFACE_VERSION = 0x0210
    USER_MESSAGE_REFERENCE = 0x0204
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Tlv(NamedTuple):
    """An optional parameter."""

    tag: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Bind:
    """Who an ESME is (section 4.1)."""

    system_id: str
    password: str = ""
    system_type: str = ""
    interface_version: int = _LAST_VERSION
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """Who an SMSC is: the answer to a bind."""

    system_id: str


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """What submit_sm and deliver_sm carry (sections 4.4.1, 4.6.1), field by field."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""


@dataclass(frozen=True, slots=True)
class MessageId:
    """The message centre's name for a message; empty in deliver_sm_resp."""

    message_id: str = ""


Body = Bind | Bound | ShortMessage | MessageId | None


class Head(NamedTuple):
    """What every PDU begins with (section 3.2)."""

    length: int
    command: int
    status: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Pdu:
    """A protocol data unit; `status` is 0 in a request."""

    command: Command
    sequence: int
    body: Body = None
    status: int = 0
    tlvs: tuple[Tlv, ...] = ()

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first optional parameter of that tag."""
        return next((tlv.value for tlv in self.tlvs if tlv.tag == tag), None)


# A text field of so many octets with its NUL; one octet; a length and so many octets.
_TEXT, _NUMBER, _COUNTED = "text", "number", "counted"
_FIELDS: dict[type, tuple[tuple[str, str, int], ...]] = {
    Bind: (
        ("system_id", _TEXT, 16),
        ("password", _TEXT, 9),
        ("system_type", _TEXT, 13),
        ("interface_version", _NUMBER, 1),
        ("addr_ton", _NUMBER, 1),
        ("addr_npi", _NUMBER, 1),
        ("address_range", _TEXT, 41),
    ),
    Bound: (("system_id", _TEXT, 16),),
    MessageId: (("message_id", _TEXT, 65),),
    ShortMessage: (
        ("service_type", _TEXT, 6),
        ("source_addr_ton", _NUMBER, 1),
        ("source_addr_npi", _NUMBER, 1),
        ("source_addr", _TEXT, 21),
        ("dest_addr_ton", _NUMBER, 1),
        ("dest_addr_npi", _NUMBER, 1),
        ("destination_addr", _TEXT, 21),
        ("esm_class", _NUMBER, 1),
        ("protocol_id", _NUMBER, 1),
        ("priority_flag", _NUMBER, 1),
        ("schedule_delivery_time", _TEXT, 17),
        ("validity_period", _TEXT, 17),
        ("registered_delivery", _NUMBER, 1),
        ("replace_if_present_flag", _NUMBER, 1),
        ("data_coding", _NUMBER, 1),
        ("sm_default_msg_id", _NUMBER, 1),
        ("short_message", _COUNTED, 254),
    ),
}
BODIES: dict[Command, type[Bind | Bound | ShortMessage | MessageId]] = {
    Command.BIND_RECEIVER: Bind,
    Command.BIND_TRANSMITTER: Bind,
    Command.BIND_TRANSCEIVER: Bind,
    Command.BIND_RECEIVER_RESP: Bound,
    Command.BIND_TRANSMITTER_RESP: Bound,
    Command.BIND_TRANSCEIVER_RESP: Bound,
    Command.SUBMIT_SM: ShortMessage,
    Command.DELIVER_SM: ShortMessage,
    Command.SUBMIT_SM_RESP: MessageId,
    Command.DELIVER_SM_RESP: MessageId,
}
"""What the body of a command is; a command that is not here has none."""


class _BrokenPduError(ValueError):
    """A field that cannot be read: where it stands and which rule it breaks."""

    def __init__(self, offset: int, rule: str) -> None:
        super().__init__(rule)
        self.offset = offset
        self.rule = rule


def head_of(octets: bytes) -> Head | None:
    """What a PDU begins with; None for fewer octets than that takes."""
    return Head(*unpack_from("!IIII", octets)) if len(octets) >= _HEAD else None


def parse(octets: bytes) -> Pdu | Malformed:
    """Read one whole PDU. A response may lack its body, as one that refuses does."""
    head = head_of(octets)
    if head is None or head.length != len(octets):
        return Malformed("SMPP", octets, 0, "SMPP 3.4 section 3.2: command_length is wrong")
    try:
        command = Command(head.command)
    except ValueError:
        rule = f"SMPP 3.4 section 5.1.2.1: no command_id 0x{head.command:08x} known"
        return Malformed("SMPP", octets, 4, rule)
    try:
        body, offset = _read_body(command, octets)
        tlvs = tuple(_read_tlvs(octets, offset))
    except _BrokenPduError as broken:
        return Malformed("SMPP", octets, broken.offset, broken.rule)
    return Pdu(command, head.sequence, body, head.status, tlvs)


def write(pdu: Pdu) -> bytes:
    """The octets of a PDU; ValueError for a body that is not its command's or does not fit."""
    expected = BODIES.get(pdu.command)
    is_bare = pdu.body is None and pdu.command.is_response
    if not is_bare and type(pdu.body) is not (expected or type(None)):
        raise ValueError(f"{pdu.command.name} does not carry {type(pdu.body).__name__}")
    if is_bare and expected and pdu.tlvs:
        raise ValueError("optional parameters need the body before them")
    body = b"" if pdu.body is None else b"".join(_written(pdu.body))
    if any(len(value) > _MAX_VALUE for _, value in pdu.tlvs):
        raise ValueError(f"an optional parameter holds at most {_MAX_VALUE} octets")
    tail = b"".join(pack("!HH", tag, len(value)) + value for tag, value in pdu.tlvs)
    length = _HEAD + len(body) + len(tail)
    if length > MAX_PDU:
        raise ValueError(f"a PDU of {length} octets exceeds MAX_PDU, {MAX_PDU}")
    return pack("!IIII", length, pdu.command, pdu.status, pdu.sequence) + body + tail


def _written(body: Bind | Bound | ShortMessage | MessageId) -> Iterator[bytes]:
    for name, form, size in _FIELDS[type(body)]:
        value = getattr(body, name)
        if form == _NUMBER:
            if not 0 <= value <= 255:
                raise ValueError(f"{name}: {value} does not fit into one octet")
            yield bytes([value])
        elif form == _COUNTED:
            if len(value) > size:
                raise ValueError(f"{name}: {len(value)} octets, at most {size} fit")
            yield bytes([len(value)]) + value
        else:
            octets = value.encode("latin-1")
            if len(octets) >= size or b"\0" in octets:
                raise ValueError(f"{name}: {value!r} does not fit into {size} octets")
            yield octets + b"\0"


def _read_body(command: Command, octets: bytes) -> tuple[Body, int]:
    kind = BODIES.get(command)
    offset = _HEAD
    if kind is None or (command.is_response and len(octets) == _HEAD):
        return None, offset
    values: dict[str, Any] = {}
    for name, form, size in _FIELDS[kind]:
        values[name], offset = _read_field(octets, offset, name, form, size)
    return kind(**values), offset


def _read_field(
    octets: bytes, offset: int, name: str, form: str, size: int
) -> tuple[str | int | bytes, int]:
    if form == _TEXT:
        end = octets.find(b"\0", offset, offset + size)
        if end < 0:
            raise _BrokenPduError(offset, f"SMPP 3.4 section 3.1: {name} does not end in time")
        return octets[offset:end].decode("latin-1"), end + 1
    if offset >= len(octets):
        raise _BrokenPduError(offset, f"SMPP 3.4 section 3.2: the PDU ends before {name}")
    if form == _NUMBER:
        return octets[offset], offset + 1
    end = offset + 1 + octets[offset]
    if octets[offset] > size or end > len(octets):
        raise _BrokenPduError(offset, f"SMPP 3.4 section 5.2.21: sm_length {octets[offset]}")
    return octets[offset + 1 : end], end


def _read_tlvs(octets: bytes, offset: int) -> Iterator[Tlv]:
    while offset < len(octets):
        if offset + 4 > len(octets):
            raise _BrokenPduError(offset, "SMPP 3.4 section 3.2.4: half an optional parameter")
        tag, length = unpack_from("!HH", octets, offset)
        end = offset + 4 + length
        if end > len(octets):
            raise _BrokenPduError(offset, "SMPP 3.4 section 3.2.4: a parameter too long")
        yield Tlv(tag, octets[offset + 4 : end])
        offset = end


class SmppStream:
    """PDUs in a stream of octets, cut anywhere; `broken` once its lengths make no sense."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.broken = ""

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """Take octets and give each whole PDU."""
        if self.broken:
            return
        self._held += octets
        while len(self._held) >= 4:
            length = int.from_bytes(self._held[:4])
            if not _HEAD <= length <= MAX_PDU:
                self.broken = f"SMPP 3.4 section 3.2: a command_length of {length}"
                self._held.clear()
                return
            if len(self._held) < length:
                return
            whole = bytes(self._held[:length])
            del self._held[:length]
            yield whole
