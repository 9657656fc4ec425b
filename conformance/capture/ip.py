"""IPv4 and IPv6: headers, and datagrams put together from their fragments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from conformance.observation.packet import Endpoint
from conformance.wire.limits import MAX_FRAGMENTS

ICMP, TCP, UDP, ESP = 1, 6, 17, 50
_TUNNELS = (4, 41)
_FRAGMENT_HEADER, _AUTHENTICATION = 44, 51
# Hop-by-hop options, routing, destination options, mobility, HIP, shim6 (RFC 8200 section 4.1).
_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140, _AUTHENTICATION})
MAX_EXTENSIONS = 16
"""IPv6 extension headers in one packet; each comes once, destination options twice."""

TOO_MANY = 256
"""Stands for the protocol where more extension headers come than that: no protocol has it."""

_MAX_TUNNELS = 4
# RFC 8200 section 4.5 waits 60 seconds; an identification is not used again before that.
_LIFETIME = 60_000_000_000
# A mirrored capture shows a fragment again at once.
_ECHO = 1_000_000_000
_MAX_HELD = 16_777_216
_MAX_DATAGRAM = 65_535


_Key = tuple[bytes, bytes, int, int | None]


class IpPacket(NamedTuple):
    """One IP packet as offsets into the octets it was read from.

    `cut` tells that fewer octets were captured than its length says; `identification` is None
    where the header has none. `offset` and `more` are those of a fragment, 0 and False else.
    """

    source: bytes
    destination: bytes
    protocol: int
    start: int
    stop: int
    cut: bool
    identification: int | None
    offset: int = 0
    more: bool = False


class Datagram(NamedTuple):
    """What an IP packet carried, whole: `octets[start:stop]`, from all of `frames`."""

    source: bytes
    destination: bytes
    protocol: int
    octets: bytes
    start: int
    stop: int
    cut: bool
    identification: int | None
    frames: tuple[int, ...]


def read(octets: bytes, start: int, stop: int) -> IpPacket | None:
    """Read the IP header at `start`, tunnels of IP in IP included; None if it is none."""
    packet = _read_one(octets, start, stop)
    for _ in range(_MAX_TUNNELS):
        if packet is None or packet.protocol not in _TUNNELS or packet.offset or packet.more:
            break
        packet = _read_one(octets, packet.start, packet.stop)
    return packet


def _read_one(octets: bytes, start: int, stop: int) -> IpPacket | None:
    if start >= stop:
        return None
    version = octets[start] >> 4
    if version == 4 and stop - start >= 20:
        return _read_v4(octets, start, stop)
    if version == 6 and stop - start >= 40:
        return _read_v6(octets, start, stop)
    return None


def _read_v4(octets: bytes, start: int, stop: int) -> IpPacket | None:
    head = (octets[start] & 15) * 4
    total = octets[start + 2] << 8 | octets[start + 3]
    # Segmentation offload leaves 0 where the length exceeds 16 bits.
    end = start + total if total else stop
    if head < 20 or start + head > min(end, stop):
        return None
    identification = octets[start + 4] << 8 | octets[start + 5]
    flags = octets[start + 6] << 8 | octets[start + 7]
    return IpPacket(
        octets[start + 12 : start + 16],
        octets[start + 16 : start + 20],
        octets[start + 9],
        start + head,
        min(end, stop),
        end > stop,
        # RFC 6864 section 4: an atomic datagram's identification means nothing when it is 0.
        None if identification == 0 and flags & 0x4000 else identification,
        (flags & 0x1FFF) * 8,
        bool(flags & 0x2000),
    )


def _read_v6(octets: bytes, start: int, stop: int) -> IpPacket | None:
    length = octets[start + 4] << 8 | octets[start + 5]
    end = start + 40 + length if length else stop
    limit = min(end, stop)
    protocol, at = octets[start + 6], start + 40
    identification: int | None = None
    offset, more = 0, False
    for _ in range(MAX_EXTENSIONS + 1):
        if protocol == _FRAGMENT_HEADER and at + 8 <= limit:
            flags = octets[at + 2] << 8 | octets[at + 3]
            identification = int.from_bytes(octets[at + 4 : at + 8])
            offset, more = flags & 0xFFF8, bool(flags & 1)
            protocol, at = octets[at], at + 8
            if offset:
                break
        elif protocol in _EXTENSIONS and at + 8 <= limit:
            size = octets[at + 1]
            step = (size + 2) * 4 if protocol == _AUTHENTICATION else (size + 1) * 8
            protocol, at = octets[at], at + step
        else:
            break
    else:
        protocol = TOO_MANY
    source, destination = octets[start + 8 : start + 24], octets[start + 24 : start + 40]
    if at > limit:
        return None
    cut = end > stop
    return IpPacket(source, destination, protocol, at, limit, cut, identification, offset, more)


@dataclass(slots=True)
class Fragments:
    """The fragments of one datagram so far, first come first kept where they overlap.

    `echo` tells that a datagram of the same key was whole a moment ago: these may be its copies;
    `refused` says of which limit it was given up.
    """

    source: bytes
    destination: bytes
    protocol: int
    identification: int | None
    first_time: int
    echo: bool = False
    parts: dict[int, bytes] = field(default_factory=dict)
    frames: list[int] = field(default_factory=list)
    held: int = 0
    length: int | None = None
    cut: bool = False
    refused: str = ""

    def add(self, packet: IpPacket, octets: bytes, frames: tuple[int, ...]) -> bool:
        """Take one fragment in; whether it brought anything new."""
        part = octets[packet.start : packet.stop]
        known = len(self.parts.get(packet.offset, b""))
        if packet.offset in self.parts and len(part) <= known:
            return False
        self.frames.extend(frames)
        self.cut |= packet.cut
        self.held += len(part) - known
        self.parts[packet.offset] = part
        if not packet.more and self.length is None:
            self.length = packet.offset + len(part)
        return True

    def whole(self) -> bytes | None:
        """The datagram's octets once no hole is left, else None."""
        if self.length is None or self.held < self.length:
            return None
        pieces, reached = [], 0
        for offset in sorted(self.parts):
            if offset > reached:
                return None
            part = self.parts[offset][reached - offset :]
            pieces.append(part)
            reached += len(part)
        octets = b"".join(pieces)[: self.length]
        return octets if len(octets) == self.length else None


class Reassembly:
    """The datagrams of which fragments are awaited: bounded in number, octets and time.

    `overdue` holds those given up, for the caller to report and clear.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Key, Fragments] = {}
        self._whole: dict[_Key, int] = {}
        self._held = 0
        self.overdue: list[Fragments] = []

    def add(
        self, packet: IpPacket, octets: bytes, frames: tuple[int, ...], time: int
    ) -> Datagram | None:
        """Take one fragment in; the datagram where it completes one."""
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        if packet.offset + packet.stop - packet.start > _MAX_DATAGRAM:
            # No datagram is that long (RFC 791 section 3.1): this part of one is lost.
            self.overdue.append(Fragments(*key, first_time=time, frames=list(frames)))
            return None
        found = self._begun(key, time)
        before = found.held
        if not found.add(packet, octets, frames):
            return None
        self._held += found.held - before
        whole = found.whole()
        if whole is None and not (found.cut and self._all_seen(found)):
            self._bound()
            return None
        del self._waiting[key]
        self._held -= found.held
        self._remember(key, time)
        if whole is None:
            whole = found.parts.get(0, b"")
        used = tuple(found.frames)
        return Datagram(*key[:3], whole, 0, len(whole), found.cut, key[3], used)

    def _begun(self, key: _Key, time: int) -> Fragments:
        """The fragments so far of the datagram of this key."""
        found = self._waiting.get(key)
        if found is not None and time - found.first_time > (_ECHO if found.echo else _LIFETIME):
            self._give_up(key)
            found = None
        if found is None:
            echo = time - self._whole.get(key, time - _LIFETIME) <= _ECHO
            found = self._waiting[key] = Fragments(*key, first_time=time, echo=echo)
        return found

    def _remember(self, key: _Key, time: int) -> None:
        self._whole.pop(key, None)
        self._whole[key] = time
        if len(self._whole) > MAX_FRAGMENTS:
            del self._whole[next(iter(self._whole))]

    def finish(self) -> Iterator[Fragments]:
        """What never became whole, at the capture's end."""
        for key in list(self._waiting):
            self._give_up(key)
        yield from self.overdue
        self.overdue = []

    @staticmethod
    def _all_seen(found: Fragments) -> bool:
        # Cut by a snap length, the parts never meet: the first and the last one must do.
        return found.length is not None and 0 in found.parts

    def _bound(self) -> None:
        while len(self._waiting) > MAX_FRAGMENTS or self._held > _MAX_HELD:
            oldest = next(iter(self._waiting))
            self._waiting[
                oldest
            ].refused = f"more than {MAX_FRAGMENTS} datagrams or {_MAX_HELD} octets are awaited"
            self._give_up(oldest)

    def _give_up(self, key: _Key) -> None:
        found = self._waiting.pop(key)
        self._held -= found.held
        if not found.echo:
            self.overdue.append(found)


def address(octets: bytes) -> str:
    """The canonical text of a 4 or 16 octet address (RFC 5952)."""
    value = ip_address(octets)
    if isinstance(value, IPv6Address) and value.ipv4_mapped:
        return f"::ffff:{value.ipv4_mapped}"
    return str(value)


@lru_cache(maxsize=65_536)
def endpoints(key: bytes) -> tuple[Endpoint, Endpoint]:
    """Source and destination of a flow from its addresses and ports, as the headers have them."""
    size = (len(key) - 4) // 2
    ports = key[2 * size :]
    return (
        Endpoint(address(key[:size]), ports[0] << 8 | ports[1]),
        Endpoint(address(key[size : 2 * size]), ports[2] << 8 | ports[3]),
    )


def reverse(key: bytes) -> bytes:
    """The key of the opposite direction."""
    size = (len(key) - 4) // 2
    return key[size : 2 * size] + key[:size] + key[-2:] + key[-4:-2]
