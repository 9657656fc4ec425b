"""HEP packets of version 3 as a probe makes them of what a capture shows."""

import ipaddress
from struct import pack

from conformance.observation.packet import Transport
from conformance.observation.trace import Observation


def packet(seen: Observation, *, time: int | None = None, probe: int = 1) -> bytes:
    """A message as a probe mirrors it; `time` in ns UTC instead of its own."""
    when = seen.time if time is None else time
    source, destination = (
        ipaddress.ip_address(end.host) for end in (seen.source, seen.destination)
    )
    chunks = [
        (1, b"\x02"),
        (2, b"\x06" if seen.transport is Transport.TCP else b"\x11"),
        (3, source.packed),
        (4, destination.packed),
        (7, pack(">H", seen.source.port)),
        (8, pack(">H", seen.destination.port)),
        (9, pack(">I", when // 1_000_000_000)),
        (10, pack(">I", when % 1_000_000_000 // 1_000)),
        (11, b"\x01"),
        (12, pack(">I", probe)),
        (15, seen.message.octets),
    ]
    body = b"".join(pack(">HHH", 0, kind, len(value) + 6) + value for kind, value in chunks)
    return b"HEP3" + pack(">H", len(body) + 6) + body
