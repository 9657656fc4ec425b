"""Link layers: where the IP packet begins in a captured frame."""

from collections.abc import Callable
from enum import IntEnum


class Link(IntEnum):
    """Link types that are written, by their number in capture files (tcpdump.org/linktypes)."""

    NULL = 0
    ETHERNET = 1
    PPP = 9
    RAW = 101
    LOOP = 108
    LINUX_SLL = 113
    IPV4 = 228
    IPV6 = 229
    LINUX_SLL2 = 276


NO_IP = -1
"""The frame holds no IP packet, or is too short to tell."""

_IP = (0x0800, 0x86DD)
_VLAN = (0x8100, 0x88A8, 0x9100)
_MPLS = (0x8847, 0x8848)
_PPPOE_SESSION = 0x8864
_PPP_IP = (0x21, 0x57)


def _raw(octets: bytes, start: int, stop: int) -> int:
    return start if start < stop and octets[start] >> 4 in (4, 6) else NO_IP


def _after_ethertype(octets: bytes, at: int, stop: int) -> int:
    """Follow the two octets at `at`: tags, labels and PPPoE may lie before the IP packet."""
    while at + 2 < stop:
        ethertype = octets[at] << 8 | octets[at + 1]
        if ethertype in _IP:
            return _raw(octets, at + 2, stop)
        if ethertype in _MPLS:
            return _after_labels(octets, at + 2, stop)
        if ethertype == _PPPOE_SESSION:
            return _ppp(octets, at + 8, stop)
        if ethertype not in _VLAN:
            return NO_IP
        at += 4
    return NO_IP


def _after_labels(octets: bytes, at: int, stop: int) -> int:
    """Skip MPLS labels to the bottom of the stack (RFC 3032 section 2.1)."""
    while at + 4 < stop:
        bottom = octets[at + 2] & 1
        at += 4
        if bottom:
            return _raw(octets, at, stop)
    return NO_IP


def _ethernet(octets: bytes, start: int, stop: int) -> int:
    return _after_ethertype(octets, start + 12, stop)


def _cooked(octets: bytes, start: int, stop: int) -> int:
    return _after_ethertype(octets, start + 14, stop)


def _cooked_2(octets: bytes, start: int, stop: int) -> int:
    if start + 20 >= stop:
        return NO_IP
    # The protocol comes first here; a VLAN tag still lies behind the header.
    ethertype = octets[start] << 8 | octets[start + 1]
    if ethertype in _IP:
        return _raw(octets, start + 20, stop)
    return _after_ethertype(octets, start + 22, stop) if ethertype in _VLAN else NO_IP


def _null(octets: bytes, start: int, stop: int) -> int:
    # The address family differs between systems and byte orders; the IP version does not.
    return _raw(octets, start + 4, stop)


def _ppp(octets: bytes, start: int, stop: int) -> int:
    """Address and control may be left out, the protocol's first octet too (RFC 1661)."""
    at = start + 2 if octets[start : start + 2] == b"\xff\x03" else start
    if at < stop and octets[at] == 0:
        at += 1
    return _raw(octets, at + 1, stop) if at < stop and octets[at] in _PPP_IP else NO_IP


def _ppp_over_ethernet(octets: bytes, start: int, stop: int) -> int:
    return _ppp(octets, start + 6, stop)


IP_START: dict[int, Callable[[bytes, int, int], int]] = {
    Link.NULL: _null,
    Link.ETHERNET: _ethernet,
    Link.PPP: _ppp,
    12: _raw,
    14: _raw,
    50: _ppp,
    51: _ppp_over_ethernet,
    Link.RAW: _raw,
    Link.LOOP: _null,
    Link.LINUX_SLL: _cooked,
    Link.IPV4: _raw,
    Link.IPV6: _raw,
    Link.LINUX_SLL2: _cooked_2,
}
"""By link type: a function of octets, the frame's first offset and the one past its last, giving
the offset of the IP header or `NO_IP`."""
