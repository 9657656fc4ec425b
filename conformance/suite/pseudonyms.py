"""Pseudonyms that keep equality: the same word, number or address always gives the same other one.

Each map is a keyed bijection between things of one shape, so that what was equal stays equal,
what differed still differs, and no length changes. Without the key nothing leads back.
"""

import re
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule

KEPT = frozenset({"anonymous", "invalid", "rcse", "standfw", "localhost"})
"""Words that say what an address is, not whose (RFC 3323, RFC 2606, RCS)."""

_WORD = re.compile(r"[A-Za-z0-9]+")
_ROUNDS = 8
# Longer words are taken in pieces, so that time stays linear.
_LONGEST = 64
_DIGITS, _LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyz"
# What a short message can carry in seven bits stays so (TS 23.038 section 6.2.1).
_GSM_LATIN, _GSM_GREEK = "£¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüà¡", "ΔΦΓΛΩΠΨΣΘΞ"
_TWO_OCTETS = "".join(
    chr(code) for code in range(0xA0, 0x800) if chr(code) not in _GSM_LATIN + _GSM_GREEK
)
# Ranges of characters of one length in UTF-8, and of undecodable octets.
_RANGES = (
    range(0x800, 0x20AC),
    range(0x20AD, 0x4E00),
    range(0x4E00, 0xA000),
    range(0xA000, 0xD800),
    range(0xDC80, 0xDD00),
    range(0xE000, 0x10000),
    range(0x10000, 0x110000),
)
_HEX = "0123456789abcdef"
# Network and broadcast numbers, loopback and the private 10/8 mean more than others.
_KEPT_OCTETS = frozenset({0, 127, 255})
_KEPT_FIRST = _KEPT_OCTETS | {10}
_BY_DIGITS = {1: (0, 10), 2: (10, 100), 3: (100, 256)}
_MULTICAST = 224
# Well-known beginnings: mapped, translated, documentation and link-local addresses.
_KEPT_GROUPS = frozenset({"ffff", "64", "ff9b", "2001", "db8", "fe80"})


class Pseudonyms:
    """The maps that one key makes; `key` is 16 to 64 octets that nobody else knows."""

    def __init__(self, key: bytes) -> None:
        self._key = key[:64]
        self._cached_word = lru_cache(maxsize=65_536)(self._word)
        self.address = lru_cache(maxsize=65_536)(self._address)

    def __reduce__(self) -> tuple[type["Pseudonyms"], tuple[bytes]]:
        return type(self), (self._key,)

    def stream(self, content: bytes) -> bytes:
        """Octets in the place of `content`: as many, the same for the same, telling nothing."""
        seed = self._digest(b"content", content)
        blocks = range(0, len(content), 64)
        found = b"".join(self._digest(b"block", seed + at.to_bytes(8)) for at in blocks)
        return found[: len(content)]

    def derived(self, content: bytes) -> bytes:
        """A key that this content and this key make."""
        return self._digest(b"derived", content)

    def word(self, word: str) -> str:
        """The word in the place of one of letters and digits; upper case stays upper case."""
        if len(word) <= _LONGEST:
            return self._cached_word(word)
        pieces = (word[at : at + _LONGEST] for at in range(0, len(word), _LONGEST))
        return "".join(self._cached_word(piece) for piece in pieces)

    def _word(self, word: str) -> str:
        lower = "".join(char.lower() if char.isascii() else char for char in word)
        if lower in KEPT:
            return word
        found = self._permuted(lower)
        while found in KEPT:
            found = self._permuted(found)
        return "".join(
            new.upper() if old.isascii() and old.isupper() else new
            for old, new in zip(word, found, strict=True)
        )

    def _permuted(self, word: str) -> str:
        """One step of a bijection: a Feistel network over the two halves as mixed numbers."""
        shape = [_kin(char) for char in word]
        half = (len(word) + 1) // 2
        label = "".join(str(kin[0]) for kin in shape).encode()
        sizes = (_product(shape[:half]), _product(shape[half:]))
        numbers = [_number(word[:half], shape[:half]), _number(word[half:], shape[half:])]
        for turn in range(_ROUNDS):
            this = turn % 2
            other = numbers[1 - this]
            octets = other.to_bytes((other.bit_length() + 7) // 8)
            # Twice the octets that the number needs keep its residues even.
            drawn = self._drawn(label + bytes([turn]) + octets, sizes[this].bit_length() // 8 + 9)
            numbers[this] = (numbers[this] + drawn) % sizes[this]
        return _spelt(numbers[0], shape[:half]) + _spelt(numbers[1], shape[half:])

    def _address(self, text: str) -> str:
        """The address in the place of an IP address in any spelling; ValueError if it is none.

        Addresses that share a beginning still do (by octet, by hexadecimal digit), each number
        keeps its digits, and unspecified, loopback and broadcast addresses stay.
        """
        host, percent, zone = text.partition("%")
        address = ip_address(host)
        if address.is_unspecified or address.is_loopback or host == "255.255.255.255":
            return text
        if isinstance(address, IPv4Address):
            return self._octets(host)
        groups, dot, last = host.rpartition(":") if "." in host else (host, "", "")
        found = self._groups(groups)
        return f"{found}{dot}{self._octets(last) if dot else ''}{percent}{zone}"

    def _octets(self, text: str) -> str:
        found, seen = [], ""
        for part in text.split("."):
            found.append(self._octet(part, seen))
            seen += f"{part}."
        return ".".join(found)

    def _octet(self, part: str, seen: str) -> str:
        number = int(part)
        kept = _KEPT_OCTETS if seen else _KEPT_FIRST
        if number in kept or (not seen and number >= _MULTICAST):
            return part
        low, high = _BY_DIGITS[len(part)]
        domain = [n for n in range(low, high if seen else min(high, _MULTICAST)) if n not in kept]
        return self._shuffled([str(n) for n in domain], seen)[domain.index(number)]

    def _groups(self, text: str) -> str:
        found, seen = [], ""
        for group in text.split(":"):
            found.append(self._group(group, seen) if int(group or "0", 16) else group)
            seen += f"{int(group or '0', 16):x}:"
        return ":".join(found)

    def _group(self, group: str, seen: str) -> str:
        digits = group.lower().lstrip("0")
        if digits in _KEPT_GROUPS:
            return group
        found = self._hexadecimal(digits, seen)
        while found in _KEPT_GROUPS:
            found = self._hexadecimal(found, seen)
        found = "0" * (len(group) - len(digits)) + found
        return found.upper() if group.isupper() else found

    def _hexadecimal(self, digits: str, seen: str) -> str:
        found = ""
        for place, digit in enumerate(digits):
            domain = list(_HEX if place else _HEX[1:])
            context = f"{seen}{len(digits)}:{digits[:place]}"
            found += self._shuffled(domain, context)[domain.index(digit)]
        return found

    def _shuffled(self, domain: list[str], context: str) -> list[str]:
        return sorted(domain, key=lambda one: self._digest(b"order", f"{context}/{one}".encode()))

    def packed(self, octets: bytes) -> bytes:
        """The address in the place of one of 4 or 16 octets."""
        address = ip_address(octets)
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            return octets[:12] + self.packed(octets[12:])
        return ip_address(self.address(str(address))).packed

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint in the place of another; the port stays."""
        try:
            return Endpoint(self.address(endpoint.host), endpoint.port)
        except ValueError:
            return Endpoint(self.name(endpoint.host), endpoint.port)

    def name(self, domain: str) -> str:
        """The domain name in the place of another, label by label."""
        return _WORD.sub(lambda found: self.word(found[0]), domain)

    def rules(self, rule: RoleRule) -> tuple[RoleRule, ...]:
        """The rules that name the same places by their pseudonyms.

        A network whose length ends no octet becomes several; an IPv6 network must end where a
        group does, else ValueError.
        """
        text = rule.address.strip()
        if text.startswith("["):
            host, _, rest = text[1:].partition("]")
            return (replace(rule, address=f"[{self._place(host)}]{rest}"),)
        if "/" in text:
            found = self._networks(ip_network(text, strict=False))
            return tuple(replace(rule, address=one) for one in found)
        host, colon, port = text.partition(":") if text.count(":") == 1 else (text, "", "")
        return (replace(rule, address=f"{self._place(host)}{colon}{port}"),)

    def _place(self, host: str) -> str:
        try:
            return self.address(host)
        except ValueError:
            return self.name(host)

    def _networks(self, network: IPv4Network | IPv6Network) -> list[str]:
        whole = 8 if isinstance(network, IPv4Network) else 16
        length = -(-network.prefixlen // whole) * whole
        if length != network.prefixlen and isinstance(network, IPv6Network):
            raise ValueError(f"{network} ends inside a group: its pseudonym would be no network")
        return [
            str(ip_network(f"{self.address(str(one.network_address))}/{length}", strict=False))
            for one in network.subnets(new_prefix=length)
        ]

    def _drawn(self, data: bytes, size: int) -> int:
        count = -(-size // 64)
        drawn = b"".join(self._digest(b"word", data + bytes([at % 256])) for at in range(count))
        return int.from_bytes(drawn[:size])

    def _digest(self, purpose: bytes, data: bytes) -> bytes:
        return blake2b(data, key=self._key, person=purpose).digest()


_Kin = str | range
_KIN: dict[str, str] = {
    char: kin for kin in (_DIGITS, _LETTERS, _GSM_LATIN, _GSM_GREEK, _TWO_OCTETS) for char in kin
}


def _kin(char: str) -> _Kin:
    """The characters that may stand for this one."""
    found = _KIN.get(char)
    if found is not None:
        return found
    code = ord(char)
    return next((kin for kin in _RANGES if code in kin), range(code, code + 1))


def _product(shape: list[_Kin]) -> int:
    product = 1
    for kin in shape:
        product *= len(kin)
    return product


def _number(word: str, shape: list[_Kin]) -> int:
    number = 0
    for char, kin in zip(word, shape, strict=True):
        place = kin.index(char) if isinstance(kin, str) else kin.index(ord(char))
        number = number * len(kin) + place
    return number


def _spelt(number: int, shape: list[_Kin]) -> str:
    found = []
    for kin in reversed(shape):
        number, place = divmod(number, len(kin))
        found.append(kin[place] if isinstance(kin, str) else chr(kin[place]))
    return "".join(reversed(found))
