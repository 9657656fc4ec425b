"""User data of a short message: its header and its text (TS 23.040 section 9.2.3.24)."""

from dataclasses import dataclass

from conformance.body import gsm7
from conformance.body.sms_fields import BrokenFieldError, Octets

GSM7 = "gsm7"
UCS2 = "ucs2"
DATA = "data"
"""Octets without an alphabet; compressed text counts as such."""

UCS2_CODING = 0x08
"""The data coding scheme of uncompressed UCS-2 text."""

MAX_OCTETS = 140
"""Octets of user data in one short message."""

_CONCATENATED_8 = 0x00
_CONCATENATED_16 = 0x08
_NATIONAL_TABLES = frozenset({0x24, 0x25})
_RULE = "TS 23.040 section 9.2.3.24: TP-User-Data"


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which part of a longer message this is; `sequence` counts from 1 to `total`."""

    reference: int
    total: int
    sequence: int


@dataclass(frozen=True, slots=True)
class UserData:
    """User data: the data coding scheme, the header's elements, and the payload.

    `elements` are identifier and value. Each octet of `payload` is one septet (0 to 127) where
    the alphabet is GSM 7 bit, else an octet.
    """

    coding: int = 0
    elements: tuple[tuple[int, bytes], ...] = ()
    payload: bytes = b""

    @property
    def alphabet(self) -> str:
        """GSM7, UCS2 or DATA."""
        return alphabet(self.coding)

    @property
    def text(self) -> str | None:
        """The text; None for data, and for text of a national table, which is not read."""
        if any(identifier in _NATIONAL_TABLES for identifier, _ in self.elements):
            return None
        match self.alphabet:
            case "gsm7":
                return gsm7.decode(self.payload)
            case "ucs2":
                # Surrogate pairs occur although UCS-2 has none: every telephone sends emoji.
                return self.payload.decode("utf-16-be", "replace")
            case _:
                return None

    @property
    def concatenation(self) -> Concatenation | None:
        """The place in a longer message (TS 23.040 sections 9.2.3.24.1 and .8); None if whole."""
        for identifier, value in self.elements:
            if identifier == _CONCATENATED_8 and len(value) == 3:
                return Concatenation(value[0], value[1], value[2])
            if identifier == _CONCATENATED_16 and len(value) == 4:
                return Concatenation(int.from_bytes(value[:2], "big"), value[2], value[3])
        return None


def alphabet(coding: int) -> str:
    """The alphabet that a data coding scheme means (TS 23.038 section 4)."""
    group = coding >> 4
    if group < 8:
        if coding & 0x20:
            return DATA
        return {1: DATA, 2: UCS2}.get(coding >> 2 & 3, GSM7)
    if group == 14:
        return UCS2
    return DATA if group == 15 and coding & 4 else GSM7


def of_text(text: str, concatenation: Concatenation | None = None) -> UserData:
    """User data of a text: in the default alphabet if that holds it, else in UCS-2.

    Whether it is short enough is seen when it is written.
    """
    elements: tuple[tuple[int, bytes], ...] = ()
    if concatenation is not None:
        value = bytes((concatenation.total, concatenation.sequence))
        reference = concatenation.reference
        elements = (
            ((_CONCATENATED_8, bytes((reference,)) + value),)
            if reference < 256
            else ((_CONCATENATED_16, reference.to_bytes(2, "big") + value),)
        )
    septets = gsm7.encode(text)
    if septets is None:
        return UserData(UCS2_CODING, elements, text.encode("utf-16-be"))
    return UserData(0, elements, septets)


def read(octets: Octets, coding: int, *, has_header: bool) -> UserData:
    """Read the length and the user data; BrokenFieldError where something is missing."""
    start = octets.offset
    length = octets.octet(_RULE)
    septets = alphabet(coding) == GSM7
    raw = octets.take((length * 7 + 7) // 8 if septets else length, _RULE)
    header_length = raw[0] + 1 if has_header and raw else 0
    if header_length > len(raw) or (has_header and not raw):
        raise BrokenFieldError(start, f"{_RULE}: header longer than the data")
    elements = _elements(raw[1:header_length], start)
    if not septets:
        return UserData(coding, elements, raw[header_length:])
    fill = -header_length * 8 % 7
    count = length - (header_length * 8 + fill) // 7
    return UserData(coding, elements, gsm7.unpack(raw[header_length:], max(count, 0), fill))


def write(data: UserData) -> bytes:
    """Write the length and the user data; ValueError if it is too long for one message."""
    header = b"".join(bytes((i, len(value))) + value for i, value in data.elements)
    if data.elements:
        header = bytes((len(header),)) + header
    if data.alphabet == GSM7:
        if any(septet > 0x7F for septet in data.payload):
            raise ValueError("an octet of the payload is no septet")
        fill = -len(header) * 8 % 7
        length = (len(header) * 8 + fill) // 7 + len(data.payload)
        body = header + gsm7.pack(data.payload, fill)
    else:
        body = header + data.payload
        length = len(body)
    if len(body) > MAX_OCTETS:
        raise ValueError(f"{len(body)} octets of user data; one message takes {MAX_OCTETS}")
    return bytes((length,)) + body


def _elements(header: bytes, offset: int) -> tuple[tuple[int, bytes], ...]:
    octets = Octets(header)
    elements = []
    while octets.left:
        try:
            identifier = octets.octet(_RULE)
            elements.append((identifier, octets.take(octets.octet(_RULE), _RULE)))
        except BrokenFieldError as error:
            raise BrokenFieldError(offset, f"{_RULE}: element of the header cut short") from error
    return tuple(elements)
