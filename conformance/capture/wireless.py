"""IEEE 802.11 frames: where the IP packet begins, behind the headers of radio and link."""

NO_IP = -1
SEALED = -2
"""The frame holds no IP packet; it is encrypted, so that nobody can tell."""

SEALED_AIR = (
    "802.11 frames are encrypted and cannot be read; "
    "a tap behind the access point, or one on the device, would show them"
)
"""What is said of encrypted frames, once for a capture."""

_DATA, _PROTECTED, _ORDER = 2, 0x40, 0x80
_QOS, _NO_DATA = 8, 4
_SNAP = b"\xaa\xaa\x03\x00\x00\x00"
_PADDED = 0x20


def after_snap(octets: bytes, at: int, stop: int) -> int:
    """The offset of the ethertype behind LLC and SNAP (IEEE 802.2, RFC 1042), or `NO_IP`."""
    return at + 6 if at + 8 <= stop and octets[at : at + 6] == _SNAP else NO_IP


def ethertype_in(octets: bytes, start: int, stop: int, *, padded: bool = False) -> int:
    """The offset of the ethertype in the data frame at `start`; `NO_IP` or `SEALED` without one.

    `padded` tells that the header is filled up to a multiple of four octets.
    """
    if start + 24 > stop:
        return NO_IP
    control, flags = octets[start], octets[start + 1]
    subtype = control >> 4
    if control >> 2 & 3 != _DATA or subtype & _NO_DATA:
        return NO_IP
    if flags & _PROTECTED:
        return SEALED
    size = 30 if flags & 3 == 3 else 24
    aggregated = False
    if subtype & _QOS:
        aggregated = start + size < stop and bool(octets[start + size] & 0x80)
        size += 2 + (4 if flags & _ORDER else 0)
    if padded:
        size += -size % 4
    # Of an aggregate only the first part is looked at: it begins with two addresses and a length.
    return after_snap(octets, start + size + (14 if aggregated else 0), stop)


def radiotap(octets: bytes, start: int, stop: int) -> tuple[int, bool]:
    """Where the frame behind a radiotap header begins, and whether its header is padded."""
    if start + 8 > stop:
        return stop, False
    size = octets[start + 2] | octets[start + 3] << 8
    present = octets[start + 4]
    at = start + 4
    while at + 4 <= stop and octets[at + 3] & 0x80:
        at += 4
    at += 4
    if present & 1:
        at += -(at - start) % 8 + 8
    padded = bool(present & 2) and at < stop and bool(octets[at] & _PADDED)
    return start + size, padded
