"""Exported PDUs: what Wireshark writes where one protocol was taken out of its lower layers.

So people save SIP that was decrypted. Before the message stand fields that tell its protocol and
its endpoints (link type 252, LINKTYPE_WIRESHARK_UPPER_PDU).
"""

from struct import Struct
from typing import NamedTuple

from conformance.capture.ip import address
from conformance.observation.packet import Endpoint, Transport

LINK = 252
"""The link type of exported PDUs."""

_FIELD = Struct(">HH").unpack_from
_END, _NAME, _PORT_TYPE = 0, 12, 24
_SOURCES, _DESTINATIONS, _SOURCE_PORT, _DESTINATION_PORT = (20, 22), (21, 23), 25, 26
_TRANSPORTS = {1: Transport.SCTP, 2: Transport.TCP, 3: Transport.UDP}
_NAMES = {b"sip": "SIP", b"msrp": "MSRP"}
_NOWHERE = b"\0\0\0\0"


class Exported(NamedTuple):
    """One message: `protocol` is SIP or MSRP."""

    protocol: str
    transport: Transport
    ends: tuple[Endpoint, Endpoint]
    octets: bytes


def read_exported(octets: bytes, start: int, stop: int) -> Exported | None:
    """The message in the frame between `start` and `stop`; None if it is none of ours."""
    fields: dict[int, bytes] = {}
    at = start
    while at + 4 <= stop:
        kind, size = _FIELD(octets, at)
        at += 4
        if kind == _END:
            break
        fields[kind] = octets[at : min(at + size, stop)]
        at += size
    name = fields.get(_NAME, b"").rstrip(b"\0").lower()
    if name not in _NAMES:
        return None
    transport = _TRANSPORTS.get(int.from_bytes(fields.get(_PORT_TYPE, b"")), Transport.UDP)
    ends = (
        _end(fields, _SOURCES, _SOURCE_PORT),
        _end(fields, _DESTINATIONS, _DESTINATION_PORT),
    )
    return Exported(_NAMES[name], transport, ends, octets[at:stop])


def _end(fields: dict[int, bytes], addresses: tuple[int, int], port: int) -> Endpoint:
    host = next((fields[kind] for kind in addresses if len(fields.get(kind, b"")) in (4, 16)), b"")
    number = int.from_bytes(fields.get(port, b"")) & 0xFFFF
    return Endpoint(address(host or _NOWHERE), number)
