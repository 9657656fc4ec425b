"""What short messages of SMPP 3.4 mean: addresses, text, times, and delivery receipts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple

from conformance.body import gsm7
from conformance.reference.engine.timer import SECOND
from conformance.reference.smpp.pdu import Pdu, ShortMessage, Tag, Tlv

GSM7, ASCII, LATIN1, BINARY, UCS2 = 0, 1, 3, 4, 8
"""Values of data_coding (SMPP 3.4 section 5.2.19)."""

RECEIPT = 0x04
"""In esm_class: a delivery receipt (section 5.2.12)."""

USER_DATA_HEADER = 0x40
"""In esm_class: the text begins with a user data header (TS 23.040)."""

_TYPE_OF_MESSAGE = 0x3C
_MAX_SEPTETS, _MAX_OCTETS, _MAX_FIELD = 160, 140, 254
_SEPARATORS = str.maketrans("", "", "-.() ")
_INTERNATIONAL, _ALPHANUMERIC, _ISDN = 1, 5, 1
_MAX_ADDRESS = 20
_RECEIPT_FIELD = re.compile(
    r"\b(id|sub|dlvrd|submit date|done date|stat|err):[ ]?([^\s:]*)", re.IGNORECASE
)
_RECEIPT_TEXT = re.compile(r"\btext:", re.IGNORECASE)
_RELATIVE = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d\d\dR\Z", re.ASCII)


class SmppAddress(NamedTuple):
    """A number, or a name of letters, with its type and numbering plan."""

    ton: int
    npi: int
    digits: str

    @classmethod
    def of(cls, text: str) -> "SmppAddress":
        """The address that a number or tel URI names; letters make it a name (5.2.5)."""
        bare = text.strip().removeprefix("tel:").partition(";")[0]
        number = bare.translate(_SEPARATORS)
        is_number = number.removeprefix("+").isdecimal() and number.isascii()
        if is_number and number.startswith("+"):
            return cls(_INTERNATIONAL, _ISDN, number[1:][:_MAX_ADDRESS])
        if is_number:
            return cls(0, _ISDN, number[:_MAX_ADDRESS])
        name = bare.encode("ascii", "replace").decode().replace("\0", "?")
        return cls(_ALPHANUMERIC, 0, name[:_MAX_ADDRESS])

    def __str__(self) -> str:
        return f"+{self.digits}" if self.ton == _INTERNATIONAL else self.digits


class MessageState(IntEnum):
    """What became of a message (section 5.2.28)."""

    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8

    @property
    def word(self) -> str:
        """Its word in the text of a receipt (appendix B)."""
        return _WORDS[self]


_WORDS = {
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
}
_STATES = {word: state for state, word in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery receipt; times in ns since 1970-01-01 UTC, to the minute, or None."""

    message_id: str
    state: MessageState
    submitted_at: int | None = None
    done_at: int | None = None
    error: str = "000"
    text: str = ""

    def write(self) -> bytes:
        """Its text (appendix B), as ASCII."""
        delivered = int(self.state is MessageState.DELIVERED)
        text = (
            f"id:{self.message_id} sub:001 dlvrd:{delivered:03d}"
            f" submit date:{_minute(self.submitted_at)} done date:{_minute(self.done_at)}"
            f" stat:{self.state.word} err:{self.error} text:{self.text[:20]}"
        )
        return text.encode("ascii", "replace")

    @property
    def tlvs(self) -> tuple[Tlv, ...]:
        """Its optional parameters (section 4.6.1)."""
        return (
            Tlv(Tag.RECEIPTED_MESSAGE_ID, self.message_id.encode("latin-1", "replace") + b"\0"),
            Tlv(Tag.MESSAGE_STATE, bytes([self.state])),
        )


def receipt_of(pdu: Pdu) -> Receipt | None:
    """The receipt in a deliver_sm; None where it carries a message, or none can be read."""
    message = pdu.body
    if not isinstance(message, ShortMessage) or message.esm_class & _TYPE_OF_MESSAGE != RECEIPT:
        return None
    told, *text = _RECEIPT_TEXT.split(text_of(pdu), maxsplit=1)
    fields = {name.lower(): value for name, value in _RECEIPT_FIELD.findall(told)}
    named = pdu.tlv(Tag.RECEIPTED_MESSAGE_ID)
    state = _state(pdu.tlv(Tag.MESSAGE_STATE), fields.get("stat", ""))
    identity = fields.get("id", "") if named is None else _c_string(named)
    if not identity or state is None:
        return None
    return Receipt(
        identity,
        state,
        _read_minute(fields.get("submit date", "")),
        _read_minute(fields.get("done date", "")),
        fields.get("err", "000"),
        text[0] if text else "",
    )


def encode_text(text: str) -> tuple[int, bytes]:
    """The data_coding and the octets of a text: the default alphabet, or UCS2 where it must."""
    septets = gsm7.encode(text)
    if septets is not None:
        return GSM7, septets
    return UCS2, text.encode("utf-16-be", "replace")


def decode_text(data_coding: int, octets: bytes) -> str:
    """The text of octets; octets that cannot be read are shown somehow."""
    if data_coding == GSM7:
        return gsm7.decode(octets)
    if data_coding == UCS2:
        return octets.decode("utf-16-be", "replace")
    return octets.decode("ascii" if data_coding == ASCII else "latin-1", "replace")


def content_of(pdu: Pdu) -> bytes:
    """What a message carries, in short_message or as message_payload, header and all."""
    if not isinstance(pdu.body, ShortMessage):
        return b""
    return pdu.body.short_message or pdu.tlv(Tag.MESSAGE_PAYLOAD) or b""


def text_of(pdu: Pdu) -> str:
    """The text of a message, behind its user data header."""
    octets = content_of(pdu)
    if not isinstance(pdu.body, ShortMessage):
        return ""
    if pdu.body.esm_class & USER_DATA_HEADER and octets:
        octets = octets[1 + octets[0] :]
    return decode_text(pdu.body.data_coding, octets)


def compose(
    source: str, destination: str, content: str | bytes, data_coding: int | None = None
) -> tuple[ShortMessage, tuple[Tlv, ...]]:
    """The body of a message, and the message_payload that its content takes if it is long.

    A text is long where one short message does not hold it, octets are where the field does
    not. The coding of octets is binary where it is not given.
    """
    if isinstance(content, str):
        coding, octets = encode_text(content)
        room = _MAX_SEPTETS if coding == GSM7 else _MAX_OCTETS
    else:
        coding, octets, room = BINARY, content, _MAX_FIELD
    sender, receiver = SmppAddress.of(source), SmppAddress.of(destination)
    body = ShortMessage(
        source_addr_ton=sender.ton,
        source_addr_npi=sender.npi,
        source_addr=sender.digits,
        dest_addr_ton=receiver.ton,
        dest_addr_npi=receiver.npi,
        destination_addr=receiver.digits,
        data_coding=coding if data_coding is None else data_coding,
        short_message=b"" if len(octets) > room else octets,
    )
    return body, (Tlv(Tag.MESSAGE_PAYLOAD, octets),) if len(octets) > room else ()


def addresses_of(message: ShortMessage) -> tuple[str, str]:
    """Who sends a message and who is to have it: `+` and digits where the number is global."""
    source = SmppAddress(message.source_addr_ton, message.source_addr_npi, message.source_addr)
    destination = SmppAddress(
        message.dest_addr_ton, message.dest_addr_npi, message.destination_addr
    )
    return str(source), str(destination)


def relative_time(ns: int) -> str:
    """So many ns from now as validity_period writes it (section 7.1.1), at least a second."""
    seconds = max(ns // SECOND, 1)
    days, rest = divmod(seconds, 86_400)
    years, days = divmod(days, 365)
    months, days = divmod(days, 30)
    if years > 99:
        years, months, days, rest = 99, 11, 29, 86_399
    # 365 days are twelve months of thirty, and five more.
    if months > 11:
        months, days = 11, 29
    hours, rest = divmod(rest, 3_600)
    return f"{years:02d}{months:02d}{days:02d}{hours:02d}{rest // 60:02d}{rest % 60:02d}000R"


def read_relative_time(text: str) -> int | None:
    """The ns that a validity_period tells; None where it tells no relative time."""
    match = _RELATIVE.match(text)
    if match is None:
        return None
    years, months, days, hours, minutes, seconds = map(int, match.groups())
    days += years * 365 + months * 30
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND


def _state(octets: bytes | None, word: str) -> MessageState | None:
    if octets is not None and len(octets) == 1 and 1 <= octets[0] <= len(MessageState):
        return MessageState(octets[0])
    return _STATES.get(word.upper()[:7])


def _c_string(octets: bytes) -> str:
    return octets.partition(b"\0")[0].decode("latin-1")


def _minute(ns: int | None) -> str:
    if ns is None:
        return "0000000000"
    return datetime.fromtimestamp(max(ns, 0) // SECOND, UTC).strftime("%y%m%d%H%M")


def _read_minute(text: str) -> int | None:
    try:
        found = datetime.strptime(text[:10], "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(found.timestamp()) * SECOND
