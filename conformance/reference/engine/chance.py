"""Chance that can be repeated: identities and numbers that follow from a seed alone."""

import hashlib

_SCALE = float(1 << 64)


class Chance:
    """A sequence of numbers and identities fixed by its seed (SHA-256 over a counter)."""

    __slots__ = ("_count", "_seed")

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def octets(self, count: int) -> bytes:
        """So many octets, each with any value."""
        found = b""
        while len(found) < count:
            self._count += 1
            found += hashlib.sha256(f"{self._seed}/{self._count}".encode()).digest()
        return found[:count]

    def token(self, length: int = 12) -> str:
        """A fresh identity of so many hexadecimal digits."""
        return self.octets((length + 1) // 2).hex()[:length]

    def uuid(self) -> str:
        """A fresh UUID of version 4 (RFC 9562 section 5.4)."""
        octets = bytearray(self.octets(16))
        octets[6] = octets[6] & 0x0F | 0x40
        octets[8] = octets[8] & 0x3F | 0x80
        text = octets.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def below(self, end: int) -> int:
        """A whole number from 0 up to `end`, which is left out; ValueError if that is none."""
        if end < 1:
            raise ValueError(f"no number is below {end} and not below 0")
        return int.from_bytes(self.octets(8)) % end

    def uniform(self, low: float, high: float) -> float:
        """A number between the two."""
        return low + (high - low) * (int.from_bytes(self.octets(8)) / _SCALE)

    def fork(self, name: str) -> "Chance":
        """Another sequence, fixed by this one's seed and a name."""
        return Chance(f"{self._seed}/{name}")
