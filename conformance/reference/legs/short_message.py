"""Texts as short messages and back: numbers, segments, and their assembly (TS 23.040)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

from conformance.body import gsm7
from conformance.body.sms_fields import ALPHANUMERIC, INTERNATIONAL, Address
from conformance.body.sms_user_data import (
    UCS2_CODING,
    Concatenation,
    UserData,
    of_text,
)
from conformance.cpm.identity import user_key
from conformance.reference.engine.timer import SECOND

MAX_SEGMENTS = 255
"""Short messages that one text may become (TS 23.040 section 9.2.3.24.1)."""

MAX_ASSEMBLIES = 1_024
"""Texts of which segments are awaited at once."""

ASSEMBLY_TIME = 300 * SECOND
"""How long segments are kept for those that are missing."""

# A segment's header takes six octets, which are seven septets.
_SEPTETS_ALONE, _SEPTETS = 160, 153
_OCTETS_ALONE, _OCTETS = 140, 134
_ESCAPE = 0x1B
_DIGITS = frozenset("0123456789*#abc")
_MAX_DIGITS = 20

K = TypeVar("K")


def address_of(uri: str) -> Address | None:
    """The number that a tel or SIP URI holds, as the short message service writes it, or None."""
    scheme, _, rest = user_key(uri).partition(":")
    digits = rest.partition(";")[0].lower()
    if scheme != "tel":
        return None
    is_global = digits.startswith("+")
    digits = digits.removeprefix("+")
    if not digits or len(digits) > _MAX_DIGITS or not set(digits) <= _DIGITS:
        return None
    return Address(digits, INTERNATIONAL if is_global else 0)


def uri_of_address(address: Address, context: str) -> str:
    """The URI of a number; one that is not international, and a name, belong to `context`.

    `context` is a domain (RFC 3966 section 5.1.5).
    """
    if address.type_of_number == INTERNATIONAL:
        return f"tel:+{address.digits}"
    if address.type_of_number == ALPHANUMERIC:
        return f"sip:{quote(address.digits, safe='')}@{context}"
    return f"tel:{address.digits};phone-context={context}"


def segments(text: str, reference: int) -> tuple[UserData, ...]:
    """The user data of the short messages that carry a text.

    In the default alphabet if that holds it, else in UCS-2; `reference` (0 to 255) binds the
    segments together. ValueError for a text that needs more than 255.
    """
    septets = gsm7.encode(text)
    if septets is not None:
        if len(septets) <= _SEPTETS_ALONE:
            return (of_text(text),)
        return _numbered(0, _cut(septets, _SEPTETS, _splits_escape), reference)
    octets = text.encode("utf-16-be", "replace")
    if len(octets) <= _OCTETS_ALONE:
        return (UserData(UCS2_CODING, (), octets),)
    return _numbered(UCS2_CODING, _cut(octets, _OCTETS, _splits_pair), reference)


def _numbered(coding: int, payloads: Sequence[bytes], reference: int) -> tuple[UserData, ...]:
    if len(payloads) > MAX_SEGMENTS:
        raise ValueError(
            f"{len(payloads)} short messages for one text; {MAX_SEGMENTS} is the most"
        )
    total = len(payloads)
    return tuple(
        UserData(coding, of_text("", Concatenation(reference, total, number)).elements, payload)
        for number, payload in enumerate(payloads, 1)
    )


def _cut(payload: bytes, size: int, is_split: Callable[[bytes, int], bool]) -> list[bytes]:
    """Pieces of at most `size`, none of which ends where a character would be split."""
    pieces = []
    start = 0
    while start < len(payload):
        end = min(start + size, len(payload))
        if end < len(payload) and is_split(payload, end):
            end -= 1 if size == _SEPTETS else 2
        pieces.append(payload[start:end])
        start = end
    return pieces


def _splits_escape(septets: bytes, end: int) -> bool:
    # An escape is always followed by its character, so that one at the end has lost it.
    return septets[end - 1] == _ESCAPE


def _splits_pair(octets: bytes, end: int) -> bool:
    return 0xDC <= octets[end] < 0xE0


@dataclass(slots=True)
class _Assembly:
    total: int
    since: int
    parts: dict[int, UserData] = field(default_factory=dict)


class Assemblies(Generic[K]):
    """Segments that wait for the others of their text, each text under a key of the caller's."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[K, int, int], _Assembly] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: K, data: UserData, now: int) -> UserData | None:
        """The whole user data, once every segment is there; `now` in ns.

        Segments wait five minutes. A segment that says it is none of its total is taken for a
        text of its own, and so is one that comes when too many texts are waited for.
        """
        self._expire(now)
        place = data.concatenation
        if place is None or not 1 <= place.sequence <= place.total:
            return data
        name = (key, place.reference, place.total)
        if name not in self._waiting and len(self._waiting) >= MAX_ASSEMBLIES:
            return data
        assembly = self._waiting.setdefault(name, _Assembly(place.total, now))
        assembly.parts[place.sequence] = data
        if len(assembly.parts) < assembly.total:
            return None
        del self._waiting[name]
        return joined([assembly.parts[number] for number in sorted(assembly.parts)])

    def _expire(self, now: int) -> None:
        for name, assembly in list(self._waiting.items()):
            if now - assembly.since < ASSEMBLY_TIME:
                break
            del self._waiting[name]


def joined(parts: Sequence[UserData]) -> UserData:
    """Segments in order as one user data without their headers.

    Joined before they are decoded, since other senders split characters; segments in different
    alphabets are joined as text.
    """
    first = parts[0]
    if all(part.alphabet == first.alphabet for part in parts):
        return UserData(first.coding, (), b"".join(part.payload for part in parts))
    return of_text("".join(part.text or "" for part in parts))
