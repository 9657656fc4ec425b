"""Copies by HEP in disguise: the copied message and its addresses, octet for octet in place."""

from collections.abc import Iterator
from struct import Struct

from conformance.capture import hep
from conformance.observation.trace import Message
from conformance.suite.disguised import Disguised
from conformance.suite.redact import Pieces

_CHUNK = Struct(">HHH").unpack_from
_HEAD = 6
# Family, protocol, ports, times, the kind of payload, the probe's number, VLAN: numbers only.
_NUMBERS = frozenset({1, 2, 7, 8, 9, 10, 11, 12, 13, 18})
_ADDRESSES = {3: 4, 4: 4, 5: 16, 6: 16}
_PAYLOAD, _CORRELATION = 15, 17


def disguised_hep(packet: bytes, disguised: Disguised) -> tuple[bytes, bool]:
    """The packet with other addresses and its message in disguise; whether that could be read.

    What is neither is emptied: keys, names of nodes, compressed and other payloads.
    """
    copy = hep.unwrap(packet)
    is_message = copy is not None and copy.message is not None and not copy.too_large
    if not packet.startswith(hep.MAGIC):
        return _old(packet, copy, disguised)
    found = bytearray(packet[:_HEAD]) + bytes(max(len(packet) - _HEAD, 0))
    told = False
    for kind, begin, end in _chunks(packet):
        octets = packet[begin:end]
        found[begin - _HEAD : begin] = packet[begin - _HEAD : begin]
        if kind in _NUMBERS:
            found[begin:end] = octets
        elif _ADDRESSES.get(kind) == len(octets):
            found[begin:end] = disguised.disguise.pseudonyms.packed(octets)
        elif kind == _CORRELATION:
            found[begin:end] = _hidden(octets, disguised)
        elif kind == _PAYLOAD and is_message:
            found[begin:end] = _sip(octets, disguised)
            told = True
    return bytes(found), told


class HepRun:
    """Octets of one direction of HEP over TCP without a hole."""

    def __init__(self, octets: bytes, start: int) -> None:
        self._octets = octets
        self._packets = list(_packets(octets, start))
        copies = (hep.unwrap(octets[begin:end]) for begin, end in self._packets)
        found = [copy.message if copy and not copy.too_large else None for copy in copies]
        self.messages: list[Message] = [message for message in found if message is not None]
        self.emptied = len(found) - len(self.messages)

    def disguised(self, disguised: Disguised, _: Pieces) -> bytes:
        """As many octets in disguise; what belongs to no packet is emptied."""
        found = bytearray(len(self._octets))
        for begin, end in self._packets:
            found[begin:end] = disguised_hep(self._octets[begin:end], disguised)[0]
        return bytes(found)


def _packets(octets: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Begin and end of every packet; the last one may be cut."""
    while (at := octets.find(hep.MAGIC, at)) >= 0:
        size = max(_HEAD, int.from_bytes(octets[at + 4 : at + 6]))
        yield at, min(at + size, len(octets))
        at += size


def _chunks(packet: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, begin and end of the content of each chunk; those of a vendor have kind -1."""
    end = min(len(packet), int.from_bytes(packet[4:6]))
    at = _HEAD
    while at + _HEAD <= end:
        vendor, kind, size = _CHUNK(packet, at)
        if size < _HEAD or at + size > end:
            return
        yield kind if vendor == 0 else -1, at + _HEAD, at + size
        at += size


def _old(packet: bytes, copy: hep.Copy | None, disguised: Disguised) -> tuple[bytes, bool]:
    """Versions 1 and 2: two addresses after eight octets of numbers, and perhaps a time."""
    if copy is None or copy.message is None:
        return bytes(len(packet)), False
    begin = len(packet) - len(copy.payload)
    width = 4 if ":" not in copy.ends[0].host else 16
    addresses = (packet[at : at + width] for at in (8, 8 + width))
    found = packet[:8] + b"".join(map(disguised.disguise.pseudonyms.packed, addresses))
    return found + packet[len(found) : begin] + _sip(copy.payload, disguised), True


def _sip(octets: bytes, disguised: Disguised) -> bytes:
    message = octets.lstrip(b"\r\n")
    return octets[: len(octets) - len(message)] + disguised.sip(message)


def _hidden(octets: bytes, disguised: Disguised) -> bytes:
    text = octets.decode("utf-8", "surrogateescape")
    return disguised.disguise.hide(text).encode("utf-8", "surrogateescape")
