"""Captures to measure with: the same arguments give the same octets on any machine.

`python -m benchmarks.generate KIND FILE` writes FILE and, beside it, FILE.roles with an option
`--role=…` a line. Kinds:

- A: SIP and MSRP only: in ten conversations one of each CPM flow, the others ordinary traffic
- B: the same as one packet in twenty among RTP, TLS, DNS and bulk transfers
- C: ten times B
- D: every message belongs to an instance (push-pager, pull, chat interleaved)

Each conversation has parties of its own. Frames have true lengths and checksums, except that of
the background, which is made of a few templates.
"""

import argparse
import heapq
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from conformance.capture.link import Link
from conformance.capture.packets import tcp_segment, udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.packet import Endpoint
from tests.ladder import Ladder
from tests.scenarios.catalogue import FLOWS
from tests.scenarios.frames import Layers
from tests.scenarios.frames import frames as layered
from tests.scenarios.ordinary import ORDINARY
from tests.scenarios.parties import BASE_TIME
from tests.scenarios.variations import Make

Timed = tuple[int, bytes]

APART = 300_000_000
"""Nanoseconds between the beginnings of two conversations."""
INTERWOVEN = ("push-pager", "pull", "chat-deferred")
"""The flows of which every message is taken by an instance."""
PACKETS = {"A": 100_000, "B": 1_000_000, "C": 10_000_000, "D": 36_000}
SHARE = {"A": 1.0, "B": 0.05, "C": 0.05, "D": 1.0}
"""The part of the packets that is SIP or MSRP."""
_PARTIES = (b"+15550100", b"+15550142", b"+15550177")
_LONG = ("registrations",)
_TEMPLATES = 512
_LATE = 40_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the capture is, and what befalls its packets (parts of 1)."""

    kind: str
    packets: int
    conversations: int | None = None
    ipv6: bool = False
    vlan: int | None = None
    loss: float = 0.0
    reorder: float = 0.0
    retransmit: float = 0.0
    seed: int = 1


def makers(kind: str) -> list[Make]:
    """The conversations of a kind, to be taken in turn."""
    if kind == "D":
        return [FLOWS[flow].VARIANTS["base"] for flow in INTERWOVEN]
    ordinary = [make for name, make in ORDINARY.items() if name not in _LONG]
    mixed: list[Make] = []
    for place, module in enumerate(FLOWS.values()):
        mixed.append(module.VARIANTS["base"])
        mixed.extend(ordinary[(place * 9 + i) % len(ordinary)] for i in range(9))
    return mixed


def conversation(make: Make, number: int, shape: Shape) -> Ladder:
    """One conversation, between parties that no other one has."""
    ladder = make(seed=number + 1, ipv6=shape.ipv6).shift(number * APART)
    if shape.kind != "D":
        names = [
            (party, b"+1%07d" % ((number * 3 + i) % 10**7)) for i, party in enumerate(_PARTIES)
        ]
        ladder.shots = [
            replace(shot, octets=_renamed(shot.octets, names)) for shot in ladder.shots
        ]
    return ladder


def _renamed(octets: bytes, names: list[tuple[bytes, bytes]]) -> bytes:
    for old, new in names:
        octets = octets.replace(old, new).replace(
            old.replace(b"+", b"%2B"), new.replace(b"+", b"%2B")
        )
    return octets


class Signalling:
    """Frames of SIP and MSRP in the order of time; `roles` grows while they are made."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.roles: dict[str, set[str]] = {}
        self._chance = random.Random(shape.seed)

    def __iter__(self) -> Iterator[Timed]:
        shape, made = self.shape, makers(self.shape.kind)
        held: list[tuple[int, int, bytes]] = []
        order = count()
        layers = Layers(Link.ETHERNET, shape.vlan)
        numbers = range(shape.conversations) if shape.conversations else count()
        for number in numbers:
            begin = BASE_TIME + number * APART - 10 * APART
            while held and held[0][0] < begin:
                at, _, octets = heapq.heappop(held)
                yield at, octets
            ladder = conversation(made[number % len(made)], number, shape)
            for role, addresses in ladder.roles.items():
                self.roles.setdefault(role, set()).update(addresses)
            for at, octets in self._befallen(layered(ladder, layers)):
                heapq.heappush(held, (at, next(order), octets))
        while held:
            at, _, octets = heapq.heappop(held)
            yield at, octets

    def _befallen(self, frames: list[Timed]) -> Iterator[Timed]:
        """The frames after what the network does to them."""
        shape, chance = self.shape, self._chance.random
        for at, octets in frames:
            if chance() < shape.loss:
                continue
            late = _LATE if chance() < shape.reorder else 0
            yield at + late, octets
            if chance() < shape.retransmit:
                yield at + late + _LATE, octets


def background(shape: Shape) -> Iterator[bytes]:
    """Frames that carry neither SIP nor MSRP, for ever."""
    chance = random.Random(shape.seed + 1)
    host = "2001:db8::{}" if shape.ipv6 else "10.7.0.{}"
    made: list[bytes] = []
    for number in range(_TEMPLATES):
        source, destination = (
            Endpoint(host.format(chance.randint(1, 250)), chance.randint(20_000, 60_000))
            for _ in "ab"
        )
        if number % 8 < 5:
            rtp = b"\x80\x60" + chance.randbytes(170)
            made += udp_frames(
                source, destination, rtp, identification=number + 1, mtu=1500, vlan=shape.vlan
            )
            continue
        port, head = ((443, b"\x17\x03\x03"), (53, b""), (8080, b"\xff\xd8"))[number % 8 - 5]
        destination = Endpoint(destination.host, port)
        payload = head + chance.randbytes(60 if port == 53 else 1_200)
        if port == 53:
            made += udp_frames(
                source, destination, payload, identification=number + 1, mtu=1500, vlan=shape.vlan
            )
        else:
            segment = tcp_segment(
                source,
                destination,
                payload,
                sequence=number * 1_000,
                acknowledgement=1,
                flags=0x18,
                identification=number + 1,
                vlan=shape.vlan,
            )
            made.append(segment)
    while True:
        yield made[chance.randrange(len(made))]


def write(path: Path, shape: Shape) -> dict[str, set[str]]:
    """Write the capture; gives the roles of its addresses."""
    signalling, others = Signalling(shape), background(shape)
    between = round(1 / SHARE[shape.kind]) - 1
    left = shape.packets
    with path.open("wb", buffering=1 << 20) as file:
        writer = PcapngWriter(file, link=Link.ETHERNET)
        for at, octets in signalling:
            if not left and shape.conversations is None:
                break
            writer.write(at, octets)
            left -= 1
            for place in range(min(between, left)):
                writer.write(at + place + 1, next(others))
            left -= min(between, left)
    lines = [f"--role={role}={','.join(sorted(at))}" for role, at in signalling.roles.items()]
    path.with_name(f"{path.name}.roles").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return signalling.roles


def main(arguments: list[str]) -> int:
    """Write one capture as the options say."""
    parser = argparse.ArgumentParser(prog="benchmarks.generate", description=__doc__)
    parser.add_argument("kind", choices=tuple(PACKETS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--packets", type=int, metavar="N", help="how many; else as the kind has")
    parser.add_argument("--conversations", type=int, metavar="N", help="instead of --packets")
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--vlan", type=int, metavar="ID")
    parser.add_argument("--seed", type=int, default=1)
    for name, sentence in (
        ("loss", "part of the frames that is missing"),
        ("reorder", "part of the frames that comes 40 ms late"),
        ("retransmit", "part of the frames that comes twice"),
    ):
        parser.add_argument(f"--{name}", type=float, default=0.0, metavar="P", help=sentence)
    given = vars(parser.parse_args(arguments))
    file: Path = given.pop("file")
    packets = given.pop("packets") or PACKETS[given["kind"]]
    write(file, Shape(packets=packets, **given))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
