"""Fields that the layers of the short message service share: addresses, times, octets in turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from conformance.body import gsm7

INTERNATIONAL = 1
ALPHANUMERIC = 5
ISDN = 1
_DIGITS = "0123456789*#abc"
_FILLER = 0xF


class BrokenFieldError(ValueError):
    """A field is cut short or holds what it must not; parsers turn it into a Malformed."""

    def __init__(self, offset: int, rule: str) -> None:
        super().__init__(rule)
        self.offset = offset
        self.rule = rule


class Octets:
    """Octets read from first to last; whatever is missing raises BrokenFieldError."""

    __slots__ = ("_octets", "offset")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.offset = 0

    @property
    def left(self) -> int:
        """How many octets are still to be read."""
        return len(self._octets) - self.offset

    def take(self, count: int, rule: str) -> bytes:
        """The next `count` octets; `rule` names the field in the error."""
        if count > self.left:
            raise BrokenFieldError(self.offset, f"{rule}: cut short")
        self.offset += count
        return self._octets[self.offset - count : self.offset]

    def octet(self, rule: str) -> int:
        """The next octet."""
        return self.take(1, rule)[0]


@dataclass(frozen=True, slots=True)
class Address:
    """A number or a name (TS 24.011 section 8.2.5, TS 23.040 section 9.1.2.5).

    `type_of_number` is 1 for international numbers, 5 for names; `plan` is 1 for ISDN numbers.
    """

    digits: str
    type_of_number: int = INTERNATIONAL
    plan: int = ISDN

    @property
    def number(self) -> str:
        """The number with `+` if it is international; a name as it is."""
        return f"+{self.digits}" if self.type_of_number == INTERNATIONAL else self.digits


def read_rp_address(octets: Octets) -> Address | None:
    """Read an RP address with its length in octets; None where that is zero."""
    rule = "TS 24.011 section 8.2.5: RP address"
    length = octets.octet(rule)
    if length == 0:
        return None
    start = octets.offset
    kind, *digits = octets.take(length, rule)
    return Address(_from_bcd(bytes(digits), start, rule), kind >> 4 & 7, kind & 15)


def write_rp_address(address: Address | None) -> bytes:
    """Write an RP address with its length; ValueError for a name, which has no form here."""
    if address is None:
        return b"\x00"
    digits = _to_bcd(address.digits)
    return bytes((len(digits) + 1, _kind(address))) + digits


def read_tp_address(octets: Octets) -> Address:
    """Read a TP address with its length in semi-octets."""
    rule = "TS 23.040 section 9.1.2.5: TP address"
    length = octets.octet(rule)
    kind = octets.octet(rule)
    start = octets.offset
    value = octets.take((length + 1) // 2, rule)
    type_of_number = kind >> 4 & 7
    if type_of_number == ALPHANUMERIC:
        text = gsm7.decode(gsm7.unpack(value, length * 4 // 7))
        return Address(text, type_of_number, kind & 15)
    digits = _from_bcd(value, start, rule)
    if len(digits) != length:
        raise BrokenFieldError(start, f"{rule}: {len(digits)} digits where {length} are announced")
    return Address(digits, type_of_number, kind & 15)


def write_tp_address(address: Address) -> bytes:
    """Write a TP address with its length; ValueError where it cannot be written."""
    if address.type_of_number != ALPHANUMERIC:
        digits = _to_bcd(address.digits)
        return bytes((len(address.digits), _kind(address))) + digits
    septets = gsm7.encode(address.digits)
    if septets is None or len(septets) > 11:
        raise ValueError(f"no name of an originator: {address.digits!r}")
    return bytes(((len(septets) * 7 + 3) // 4, _kind(address))) + gsm7.pack(septets)


def read_timestamp(octets: Octets) -> datetime:
    """Read a time with its zone (TS 23.040 section 9.2.3.11); years 90 to 99 mean the 1990s."""
    rule = "TS 23.040 section 9.2.3.11: timestamp"
    start = octets.offset
    raw = octets.take(7, rule)
    year, month, day, hour, minute, second = (_swapped(octet) for octet in raw[:6])
    # Bit 3 of the zone's octet is its sign, which would belong to the tens of the quarters.
    quarters = _swapped(raw[6] & 0xF7)
    offset = timedelta(minutes=-15 * quarters if raw[6] & 8 else 15 * quarters)
    century = 1900 if year >= 90 else 2000
    try:
        return datetime(century + year, month, day, hour, minute, second, 0, timezone(offset))
    except ValueError as error:
        raise BrokenFieldError(start, f"{rule}: {error}") from error


def write_timestamp(time: datetime) -> bytes:
    """Write a time with its zone; ValueError where year or zone have no form here."""
    offset = time.utcoffset()
    quarters, rest = divmod(abs(offset or timedelta()), timedelta(minutes=15))
    if offset is None or rest or time.microsecond or not 1990 <= time.year < 2090:
        raise ValueError(f"no timestamp can say {time!r}")
    parts = (time.year % 100, time.month, time.day, time.hour, time.minute, time.second, quarters)
    octets = bytearray(part % 10 << 4 | part // 10 for part in parts)
    if offset < timedelta():
        octets[6] |= 8
    return bytes(octets)


def _kind(address: Address) -> int:
    if not (0 <= address.type_of_number < 8 and 0 <= address.plan < 16):
        raise ValueError(f"no type of address: {address!r}")
    return 0x80 | address.type_of_number << 4 | address.plan


def _swapped(octet: int) -> int:
    return (octet & 15) * 10 + (octet >> 4)


def _from_bcd(octets: bytes, offset: int, rule: str) -> str:
    semi = [half for octet in octets for half in (octet & 15, octet >> 4)]
    if semi and semi[-1] == _FILLER:
        semi.pop()
    if _FILLER in semi:
        raise BrokenFieldError(offset, f"{rule}: filler among the digits")
    return "".join(_DIGITS[half] for half in semi)


def _to_bcd(digits: str) -> bytes:
    if len(digits) > 20 or not set(digits) <= set(_DIGITS):
        raise ValueError(f"no number: {digits!r}")
    semi = [_DIGITS.index(digit) for digit in digits] + [_FILLER] * (len(digits) % 2)
    return bytes(low | high << 4 for low, high in zip(semi[::2], semi[1::2], strict=True))
