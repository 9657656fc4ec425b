"""Where a SIP URI leads: the names of the world by setting, in the place of DNS (RFC 3263)."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple

from conformance.observation.packet import Endpoint, Transport
from conformance.sip.grammar import NameAddr, parse_name_addr
from conformance.sip.uri import Uri, parse_uri
from conformance.wire.malformed import Malformed

SIP_PORT = 5060
SIPS_PORT = 5061
_TRANSPORTS = {transport.value: transport for transport in Transport}


class Target(NamedTuple):
    """A transport and the endpoint it leads to, or came from."""

    transport: Transport
    endpoint: Endpoint


def default_port(transport: Transport) -> int:
    """The port where none is named (RFC 3261 section 19.1.2)."""
    return SIPS_PORT if transport is Transport.TLS else SIP_PORT


def address(host: str) -> str | None:
    """An IP literal, with or without brackets, in its canonical form; None for a name."""
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return None


def bare_uri(text: str) -> str:
    """The URI of an address such as a Route or Contact value; a bare URI as it is."""
    if "<" not in text:
        return text.strip()
    read = parse_name_addr(text)
    return read.uri if isinstance(read, NameAddr) else ""


class Directory:
    """Names of hosts and the endpoints they stand for; IP literals stand for themselves."""

    def __init__(self, hosts: Mapping[str, Endpoint], default: Transport = Transport.UDP) -> None:
        self._hosts = {name.lower(): endpoint for name, endpoint in hosts.items()}
        self._default = default

    def target(self, uri: str, preferred: Transport | None = None) -> Target | None:
        """Where to send what is meant for a SIP URI or Route value; None if that is unknown."""
        read = parse_uri(bare_uri(uri))
        if isinstance(read, Malformed) or read.scheme not in ("sip", "sips"):
            return None
        transport = self._transport(read, preferred or self._default)
        endpoint = self.resolve(read.param("maddr") or read.host, read.port, transport)
        return None if endpoint is None else Target(transport, endpoint)

    def resolve(self, host: str, port: int | None, transport: Transport) -> Endpoint | None:
        """The endpoint of a host and port; None for a name not known or a port out of range."""
        if port is not None and not 0 < port < 65_536:
            return None
        literal = address(host)
        if literal is not None:
            return Endpoint(literal, port or default_port(transport))
        known = self._hosts.get(host.lower())
        if known is None or port is None:
            return known
        return Endpoint(known.host, port)

    @staticmethod
    def _transport(uri: Uri, default: Transport) -> Transport:
        if uri.scheme == "sips":
            return Transport.TLS
        named = uri.param("transport")
        return default if named is None else _TRANSPORTS.get(named.upper(), default)
