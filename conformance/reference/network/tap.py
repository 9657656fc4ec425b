"""What a capture shows of all that passed on the network."""

from dataclasses import dataclass

from conformance.reference.network.medium import Passed

MAX_SNAPLEN = 262_144
"""Octets of one frame that a capture holds at most."""


@dataclass(frozen=True, slots=True)
class Tap:
    """What a capture shows of all that passed; None where it shows all.

    `links` are pairs of hosts or parties heard in both directions, `ways` those heard in one,
    from first to second; `ports` are those of whom a packet must come from or go to; `begin`
    and `end` are times in ns, the second left out; `snaplen` is the number of octets that are
    kept of a frame. `mirrored`: ns after which each frame is there once more, as a mirror port
    on two switches shows it; 0 for once only.
    """

    links: frozenset[frozenset[str]] | None = None
    ways: frozenset[tuple[str, str]] | None = None
    ports: frozenset[int] | None = None
    begin: int | None = None
    end: int | None = None
    snaplen: int = MAX_SNAPLEN
    mirrored: int = 0

    def shows(self, passed: Passed) -> bool:
        """Whether a packet is in the capture."""
        if self.begin is not None and passed.time < self.begin:
            return False
        if self.end is not None and passed.time >= self.end:
            return False
        packet = passed.packet
        if self.ports is not None and not self.ports & {
            packet.source.port,
            packet.destination.port,
        }:
            return False
        ways = {
            (packet.source.host, packet.destination.host),
            (passed.sender, passed.receiver),
        }
        if self.ways is not None and not ways & self.ways:
            return False
        return self.links is None or any(frozenset(way) in self.links for way in ways)


EVERYWHERE = Tap()
"""All of it."""


def link(*hosts: str) -> frozenset[frozenset[str]]:
    """The one link between two hosts or parties, for `Tap.links`; join several with `|`."""
    return frozenset({frozenset(hosts)})
