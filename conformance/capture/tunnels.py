"""Packets inside packets: GRE, GTP-U, VXLAN, Geneve, and ESP that does not encrypt.

A tunnel over UDP is known by its registered port *and* by a header that is right; everything else
on these ports is left alone.
"""

from typing import NamedTuple

from conformance.capture.ip import TCP, UDP
from conformance.capture.link import ETHERTYPES_IP, Link

GRE = 47
IN_IP = frozenset({4, 41})
"""IP protocols: generic routing encapsulation; IPv4 and IPv6 as payload of IP."""

_GTP_U, _VXLAN, _GENEVE, _ESP = (port.to_bytes(2) for port in (2_152, 4_789, 6_081, 4_500))
PORTS = frozenset({_GTP_U, _VXLAN, _GENEVE, _ESP})
"""UDP ports of tunnels, as two octets."""

_BRIDGED, _ERSPAN_2, _ERSPAN_3, _PPP = 0x6558, 0x88BE, 0x22EB, 0x880B
_ESP_INNER = frozenset({4, 6, 17, 41})
# Octets of the integrity check value: HMAC-SHA-96 and HMAC-MD5-96 as IMS uses them (TS 33.203),
# then SHA-256-128, none, SHA-384-192, SHA-512-256.
_ICV_SIZES = (12, 16, 0, 24, 32)


class Inner(NamedTuple):
    """What a tunnel carries: a frame of link type `link` from `start` on."""

    link: int
    start: int


def in_gre(octets: bytes, start: int, stop: int) -> Inner | None:
    """The packet inside GRE (RFC 2784, RFC 2890; version 1 is that of PPTP, RFC 2637)."""
    if stop - start < 4:
        return None
    flags, version = octets[start], octets[start + 1] & 7
    kind = octets[start + 2] << 8 | octets[start + 3]
    at = start + 4
    # Checksum, key and sequence number take four octets each where their bits are set.
    at += sum(4 for bit in (0x80, 0x20, 0x10) if flags & bit)
    if version == 1:
        at += 4 if octets[start + 1] & 0x80 else 0
        return Inner(Link.PPP, at) if kind == _PPP else None
    if version or flags & 0x40:
        return None
    return _by_ethertype(kind, at, sequenced=bool(flags & 0x10))


def _by_ethertype(kind: int, at: int, *, sequenced: bool) -> Inner | None:
    if kind in ETHERTYPES_IP:
        return Inner(Link.RAW, at)
    if kind == _BRIDGED:
        return Inner(Link.ETHERNET, at)
    if kind == _ERSPAN_2:
        # Type I has neither a sequence number nor a header of its own.
        return Inner(Link.ETHERNET, at + 8 if sequenced else at)
    return Inner(Link.ETHERNET, at + 12) if kind == _ERSPAN_3 else None


def in_udp(ports: bytes, octets: bytes, start: int, stop: int) -> Inner | None:
    """The packet inside a UDP payload that begins at `start`; `ports` as the header has them."""
    if stop - start < 8:
        return None
    port = ports[2:]
    if port == _GTP_U:
        return _in_gtp(octets, start, stop)
    if port == _VXLAN:
        # RFC 7348 section 5: only the I flag is set, eight octets in all.
        return Inner(Link.ETHERNET, start + 8) if octets[start] == 8 else None
    if port == _GENEVE and octets[start] >> 6 == 0:
        kind = octets[start + 2] << 8 | octets[start + 3]
        return _by_ethertype(kind, start + 8 + (octets[start] & 63) * 4, sequenced=False)
    return None


def _in_gtp(octets: bytes, start: int, stop: int) -> Inner | None:
    """The packet inside a G-PDU of GTP version 1 (3GPP TS 29.281 section 5)."""
    flags = octets[start]
    if flags & 0xF0 != 0x30 or octets[start + 1] != 0xFF:
        return None
    at = start + 8
    if flags & 7:
        following = octets[start + 11] if flags & 4 and start + 12 <= stop else 0
        at += 4
        while following:
            size = octets[at] * 4 if at < stop else 0
            if not size or at + size > stop:
                return None
            following = octets[at + size - 1]
            at += size
    return Inner(Link.RAW, at)


def is_esp(ports: bytes, octets: bytes, start: int, stop: int) -> bool:
    """Whether a UDP payload is ESP (RFC 3948): a keep-alive and IKE are none."""
    return _ESP in (ports[:2], ports[2:]) and stop - start >= 16 and any(octets[start : start + 4])


def in_esp(octets: bytes, start: int, stop: int) -> tuple[int, int, int] | None:
    """Protocol, begin and end of what ESP carries, where its cipher is null (RFC 2410).

    Nothing in the packet tells its cipher: what is believed is a trailer whose padding counts
    1, 2, 3 … (RFC 4303 section 2.4) and a payload whose lengths agree with its place.
    """
    begin = start + 8
    for size in _ICV_SIZES:
        last = stop - size - 1
        if last - 1 < begin or octets[last] not in _ESP_INNER:
            continue
        padding = octets[last - 1]
        end = last - 1 - padding
        if end < begin or octets[end : last - 1] != bytes(range(1, padding + 1)):
            continue
        if _is_credible(octets[last], octets, begin, end):
            return octets[last], begin, end
    return None


def _is_credible(protocol: int, octets: bytes, begin: int, end: int) -> bool:
    size = end - begin
    if protocol == UDP:
        return size >= 8 and _word(octets, begin + 4) == size
    if protocol == TCP:
        words = octets[begin + 12] >> 4 if size >= 20 else 0
        return 5 <= words <= size // 4 and not octets[begin + 12] & 14
    if protocol == 4:
        return size >= 20 and octets[begin] >> 4 == 4 and _word(octets, begin + 2) == size
    return size >= 40 and octets[begin] >> 4 == 6 and _word(octets, begin + 4) == size - 40


def _word(octets: bytes, at: int) -> int:
    return octets[at] << 8 | octets[at + 1]
