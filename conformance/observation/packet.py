"""Packets and endpoints: where and when octets were seen."""

from enum import StrEnum
from typing import NamedTuple


class Transport(StrEnum):
    """The transport that carried a message."""

    # The hash of Enum is a function in Python, and members are keys everywhere.
    __hash__ = str.__hash__

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"
    WS = "WS"
    SCTP = "SCTP"


class Endpoint(NamedTuple):
    """A network address: an IP address in its canonical text form (RFC 5952) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Packet(NamedTuple):
    """One captured transport payload; `time` in integer nanoseconds since 1970-01-01 UTC."""

    frame: int
    time: int
    transport: Transport
    source: Endpoint
    destination: Endpoint
    payload: bytes
