"""HEP, by which probes send copies of messages to a collector, as it is found in captures.

Version 3 (the Homer Encapsulation Protocol, "HEP3") carries its fields as chunks; versions 1 and 2
have a fixed header. The endpoints are those of the copied message, not of the probe.
"""

import zlib
from struct import Struct
from typing import NamedTuple

from conformance.capture.ip import address
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Message
from conformance.sip.frames import looks_like_sip
from conformance.sip.parser import parse
from conformance.wire.malformed import Malformed

MAGIC = b"HEP3"
"""The first octets of a HEP packet of version 3."""

PORT = (9_060).to_bytes(2)
"""The registered UDP port of collectors, as two octets; only version 3 is known without it."""

_CHUNK = Struct(">HHH").unpack_from
_OLD_HEAD = Struct(">BBBBHH").unpack_from
_TRANSPORTS = {6: Transport.TCP, 17: Transport.UDP, 132: Transport.SCTP}
_SIP = 1
_PROTOCOL, _KIND, _PAYLOAD, _COMPRESSED = 2, 11, 15, 16
_SECONDS, _MICROSECONDS, _PROBE = 9, 10, 12
_SOURCES, _DESTINATIONS, _SOURCE_PORT, _DESTINATION_PORT = (3, 5), (4, 6), 7, 8
_ADDRESS_SIZES = {2: 4, 10: 16}
# Seconds, microseconds and the probe's number; compilers pad them, and writers count them or not.
_TIME_SIZES = (12, 10, 0)
_MAX_PAYLOAD = 65_535


class Copy(NamedTuple):
    """A message as a probe saw it.

    `time` in ns since 1970-01-01 UTC and `probe`, its number, where version 3 tells them;
    `too_large` tells that it grew beyond what is borne when it was decompressed.
    """

    transport: Transport
    ends: tuple[Endpoint, Endpoint]
    payload: bytes
    time: int | None = None
    probe: int = 0
    too_large: bool = False

    @property
    def message(self) -> Message | None:
        """The SIP message; None where it is none."""
        payload = self.payload.lstrip(b"\r\n")
        if self.too_large:
            rule = f"limit: a compressed copy exceeds {_MAX_PAYLOAD} octets"
            return Malformed("SIP", payload, len(payload), rule)
        return parse(payload) if looks_like_sip(payload) else None


def unwrap(packet: bytes) -> Copy | None:
    """The copied message of a HEP packet; None if it carries no SIP or is damaged."""
    if packet.startswith(MAGIC):
        return _unwrap_3(packet)
    return _unwrap_old(packet)


def _unwrap_3(packet: bytes) -> Copy | None:
    fields: dict[int, bytes] = {}
    end = min(len(packet), int.from_bytes(packet[4:6]))
    at = 6
    while at + 6 <= end:
        vendor, kind, size = _CHUNK(packet, at)
        if size < 6 or at + size > end:
            return None
        if vendor == 0:
            fields[kind] = packet[at + 6 : at + size]
        at += size
    payload = fields.get(_PAYLOAD, b"") or _decompressed(fields.get(_COMPRESSED, b""))
    source = _end(fields, _SOURCES, _SOURCE_PORT)
    destination = _end(fields, _DESTINATIONS, _DESTINATION_PORT)
    if fields.get(_KIND) != bytes([_SIP]) or source is None or destination is None:
        return None
    transport = _transport(int.from_bytes(fields.get(_PROTOCOL, b"")))
    probe = int.from_bytes(fields.get(_PROBE, b""))
    large = len(payload) > _MAX_PAYLOAD
    ends = source, destination
    return Copy(transport, ends, payload[:_MAX_PAYLOAD], _time(fields), probe, large)


def _time(fields: dict[int, bytes]) -> int | None:
    if _SECONDS not in fields:
        return None
    seconds = int.from_bytes(fields[_SECONDS])
    return seconds * 1_000_000_000 + int.from_bytes(fields.get(_MICROSECONDS, b"")) * 1_000


def _end(fields: dict[int, bytes], addresses: tuple[int, int], port: int) -> Endpoint | None:
    for kind, size in zip(addresses, _ADDRESS_SIZES.values(), strict=True):
        host, number = fields.get(kind, b""), fields.get(port, b"")
        if len(host) == size and len(number) in (0, 2):
            return Endpoint(address(host), int.from_bytes(number))
    return None


def _decompressed(octets: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(octets, _MAX_PAYLOAD + 1)
    except zlib.error:
        return b""


def _unwrap_old(packet: bytes) -> Copy | None:
    """Versions 1 and 2: a header of fixed size, which in version 2 a time follows."""
    if len(packet) < 16:
        return None
    version, size, family, protocol, source_port, destination_port = _OLD_HEAD(packet, 0)
    width = _ADDRESS_SIZES.get(family, 0)
    end = 8 + 2 * width
    if version not in (1, 2) or not width or size - end not in _TIME_SIZES or len(packet) < end:
        return None
    source = Endpoint(address(packet[8 : 8 + width]), source_port)
    destination = Endpoint(address(packet[8 + width : end]), destination_port)
    sizes = _TIME_SIZES if version == 2 else (0,)
    begin = next((end + more for more in sizes if looks_like_sip(packet, end + more)), len(packet))
    payload = packet[begin:]
    return Copy(_transport(protocol), (source, destination), payload)


def _transport(protocol: int) -> Transport:
    return _TRANSPORTS.get(protocol, Transport.UDP)
