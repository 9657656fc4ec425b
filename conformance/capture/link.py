"""Link layers: where the IP packet begins in a captured frame."""

from collections.abc import Callable
from enum import IntEnum
from typing import Literal

from conformance.capture.wireless import NO_IP, SEALED, after_snap, ethertype_in, radiotap

__all__ = ["ETHERTYPES_IP", "IP_START", "NO_IP", "SEALED", "Link"]


class Link(IntEnum):
    """Link types that are written, by their number in capture files (tcpdump.org/linktypes)."""

    NULL = 0
    ETHERNET = 1
    PPP = 9
    RAW = 101
    IEEE802_11 = 105
    LOOP = 108
    LINUX_SLL = 113
    RADIOTAP = 127
    IPV4 = 228
    IPV6 = 229
    LINUX_SLL2 = 276


ETHERTYPES_IP = (0x0800, 0x86DD)
"""The ethertypes of IPv4 and IPv6."""

_VLAN = (0x8100, 0x88A8, 0x9100)
_MPLS = (0x8847, 0x8848)
_PPPOE_SESSION = 0x8864
_PPP_IP = (0x21, 0x57)
_MAX_LENGTH = 1_500
_NFLOG_PAYLOAD = 9


def _raw(octets: bytes, start: int, stop: int) -> int:
    return start if start < stop and octets[start] >> 4 in (4, 6) else NO_IP


def _after_ethertype(octets: bytes, at: int, stop: int) -> int:
    """Follow the two octets at `at`: tags, labels and PPPoE may lie before the IP packet."""
    while at + 2 < stop:
        ethertype = octets[at] << 8 | octets[at + 1]
        if ethertype in ETHERTYPES_IP:
            return _raw(octets, at + 2, stop)
        if ethertype in _MPLS:
            return _after_labels(octets, at + 2, stop)
        if ethertype == _PPPOE_SESSION:
            return _ppp(octets, at + 8, stop)
        if ethertype <= _MAX_LENGTH:
            at = after_snap(octets, at + 2, stop)
        elif ethertype in _VLAN:
            at += 4
        else:
            return NO_IP
        if at == NO_IP:
            return NO_IP
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
    if ethertype in ETHERTYPES_IP:
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


def _wireless(octets: bytes, start: int, stop: int, *, padded: bool = False) -> int:
    at = ethertype_in(octets, start, stop, padded=padded)
    return at if at < 0 else _after_ethertype(octets, at, stop)


def _radiotap(octets: bytes, start: int, stop: int) -> int:
    begin, padded = radiotap(octets, start, stop)
    return _wireless(octets, begin, stop, padded=padded)


def _prism(octets: bytes, start: int, stop: int) -> int:
    """The header of Prism or AVS: octets 4 to 7 are its length, the first tells in what order."""
    big = octets[start : start + 1] in (b"\0", b"\x80")
    order: Literal["big", "little"] = "big" if big else "little"
    size = int.from_bytes(octets[start + 4 : start + 8], order)
    return _wireless(octets, start + size, stop) if size else NO_IP


def _nested(octets: bytes, start: int, stop: int, link_at: int, size: int) -> int:
    """A header that names the link type of what follows it, in little-endian order."""
    link = int.from_bytes(octets[start + link_at : start + link_at + 4], "little")
    begin = IP_START.get(link)
    if begin is None or begin in (_ppi, _pktap) or size < link_at + 4:
        return NO_IP
    return begin(octets, start + size, stop)


def _ppi(octets: bytes, start: int, stop: int) -> int:
    return _nested(octets, start, stop, 4, int.from_bytes(octets[start + 2 : start + 4], "little"))


def _pktap(octets: bytes, start: int, stop: int) -> int:
    return _nested(octets, start, stop, 8, int.from_bytes(octets[start : start + 4], "little"))


def _nflog(octets: bytes, start: int, stop: int) -> int:
    """Linux's netfilter log: the payload is one of several fields."""
    at = start + 4
    while at + 4 <= stop:
        size = octets[at] | octets[at + 1] << 8
        if octets[at + 2] | octets[at + 3] << 8 == _NFLOG_PAYLOAD:
            return _raw(octets, at + 4, stop)
        at += max(size + -size % 4, 4)
    return NO_IP


def _cisco_hdlc(octets: bytes, start: int, stop: int) -> int:
    return _after_ethertype(octets, start + 2, stop)


def _snap_first(octets: bytes, start: int, stop: int) -> int:
    at = after_snap(octets, start, stop)
    return at if at == NO_IP else _after_ethertype(octets, at, stop)


def _directed_ppp(octets: bytes, start: int, stop: int) -> int:
    return _ppp(octets, start + 1, stop)


IP_START: dict[int, Callable[[bytes, int, int], int]] = {
    Link.NULL: _null,
    Link.ETHERNET: _ethernet,
    Link.PPP: _ppp,
    12: _raw,
    14: _raw,
    50: _ppp,
    51: _ppp_over_ethernet,
    100: _snap_first,
    Link.RAW: _raw,
    104: _cisco_hdlc,
    Link.IEEE802_11: _wireless,
    Link.LOOP: _null,
    Link.LINUX_SLL: _cooked,
    119: _prism,
    Link.RADIOTAP: _radiotap,
    163: _prism,
    192: _ppi,
    204: _directed_ppp,
    Link.IPV4: _raw,
    Link.IPV6: _raw,
    239: _nflog,
    258: _pktap,
    Link.LINUX_SLL2: _cooked_2,
}
"""By link type: a function of octets, the frame's first offset and the one past its last, giving
the offset of the IP header, `NO_IP` or `SEALED`."""
