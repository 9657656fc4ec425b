"""Other users of the same network: ladders that share nothing with another but its servers."""

from dataclasses import replace

from conformance.observation.packet import Endpoint
from tests.ladder import Ladder
from tests.scenarios import catalogue
from tests.scenarios.sessions import TEXTS


def neighbour(flow: str, name: str, number: int) -> Ladder:
    """A conforming variant as played by another user, with identifiers of its own.

    Only digits are exchanged in it, so that no length changes; `number` is 0 to 9.
    """
    ladder = catalogue.FLOWS[flow].VARIANTS[name](seed=500 + number)
    swaps = [
        *[(text.encode(), _another(text, number)) for text in TEXTS],
        (b"+15550177", b"+155503%02d" % number),
        (b"+15550100", b"+155502%02d" % number),
        (b"10.0.2.20", b"10.0.2.%d" % (40 + number)),
        (b"10.0.2.21", b"10.0.2.%d" % (60 + number)),
        (b"2001:db8:2::20", b"2001:db8:2::%d" % (40 + number)),
        (b"2001:db8:2::21", b"2001:db8:2::%d" % (60 + number)),
    ]
    shots = [
        replace(
            shot,
            source=_moved(shot.source, swaps),
            destination=_moved(shot.destination, swaps),
            octets=_swapped(shot.octets, swaps),
        )
        for shot in ladder.shots
    ]
    other = ladder.named(f"{name}-{number}")
    other.shots = shots
    other.roles = {
        role: [_swapped(address.encode(), swaps).decode() for address in addresses]
        for role, addresses in ladder.roles.items()
    }
    return other


def _another(text: str, number: int) -> bytes:
    """Another text of the same length: what two users write is not the same."""
    return "".join(
        chr(ord("a") + (ord(c) + number) % 26) if c.isalpha() else c for c in text
    ).encode()


def _moved(endpoint: Endpoint, swaps: list[tuple[bytes, bytes]]) -> Endpoint:
    return Endpoint(_swapped(endpoint.host.encode(), swaps).decode(), endpoint.port)


def _swapped(octets: bytes, swaps: list[tuple[bytes, bytes]]) -> bytes:
    for old, new in swaps:
        octets = octets.replace(old, new)
    return octets
