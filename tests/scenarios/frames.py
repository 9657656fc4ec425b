"""A ladder as a capture file: true link, IP, UDP and TCP layers around its octets."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
from conformance.capture.writer import PcapngWriter, PcapWriter
from conformance.observation.packet import Endpoint, Transport
from tests.ladder import FIRST_EPHEMERAL, Ladder, Shot

STEP = 10
"""Nanoseconds between the frames of one message."""

HANDSHAKE = 60_000
"""Nanoseconds before a connection's first message at which its handshake begins."""


@dataclass(frozen=True, slots=True)
class Layers:
    """What is below IP; a VLAN tag needs Ethernet."""

    link: Link = Link.ETHERNET
    vlan: int | None = None


def write(ladder: Ladder, path: Path, layers: Layers, *, pcapng: bool) -> None:
    """Write the ladder's frames in the order of time."""
    buffer = BytesIO()
    kind = PcapngWriter if pcapng else PcapWriter
    writer = kind(buffer, link=layers.link)
    for time, frame in frames(ladder, layers):
        writer.write(time, frame)
    path.write_bytes(buffer.getvalue())


def frames(ladder: Ladder, layers: Layers) -> list[tuple[int, bytes]]:
    """Every frame with its time in ns; a message's last data frame has the message's time."""
    timed: list[tuple[int, bytes]] = []
    connections = _Connections(ladder, layers)
    for shot in ladder.shots:
        if shot.transport is Transport.UDP:
            payload = udp_frames(
                shot.source,
                shot.destination,
                shot.octets,
                identification=shot.identification,
                mtu=ladder.mtu,
                vlan=layers.vlan,
                link=layers.link,
            )
            timed += _ending_at(shot.time, payload)
        else:
            timed += connections.send(shot)
    timed += connections.close()
    return sorted(timed, key=lambda pair: pair[0])


def _ending_at(time: int, frames: list[bytes]) -> list[tuple[int, bytes]]:
    first = time - STEP * (len(frames) - 1)
    return [(first + STEP * i, frame) for i, frame in enumerate(frames)]


class _Connections:
    """The TCP connections of one ladder."""

    def __init__(self, ladder: Ladder, layers: Layers) -> None:
        self._ladder = ladder
        self._layers = layers
        self._open: dict[frozenset[Endpoint], tuple[TcpConversation, Endpoint]] = {}
        self._last: dict[frozenset[Endpoint], int] = {}
        self._sent: dict[tuple[Endpoint, Endpoint, int, bytes], list[bytes]] = {}

    def send(self, shot: Shot) -> list[tuple[int, bytes]]:
        key = frozenset((shot.source, shot.destination))
        timed: list[tuple[int, bytes]] = []
        if key not in self._open:
            timed += self._begin(key, shot)
        conversation, client = self._open[key]
        self._last[key] = shot.time
        once = (shot.source, shot.destination, shot.identification, shot.octets)
        if once not in self._sent:
            self._sent[once] = conversation.send(shot.source == client, shot.octets)
        *data, ack = self._sent[once]
        return [*timed, *_ending_at(shot.time, data), (shot.time + STEP, ack)]

    def _begin(self, key: frozenset[Endpoint], shot: Shot) -> list[tuple[int, bytes]]:
        ends = (shot.source, shot.destination)
        client = next((end for end in ends if end.port >= FIRST_EPHEMERAL), shot.source)
        server = ends[1] if client == ends[0] else ends[0]
        seed = len(self._open) + 1
        conversation = TcpConversation(
            client, server, seed=seed, vlan=self._layers.vlan, link=self._layers.link
        )
        self._open[key] = conversation, client
        handshake = conversation.open()
        if self._ladder.mid_stream:
            return []
        begin = shot.time - HANDSHAKE
        return [(begin + i * 10_000, frame) for i, frame in enumerate(handshake)]

    def close(self) -> list[tuple[int, bytes]]:
        timed: list[tuple[int, bytes]] = []
        for key, (conversation, _) in self._open.items():
            end = self._last[key] + HANDSHAKE
            ending = conversation.close(True)
            timed += [(end + i * 10_000, frame) for i, frame in enumerate(ending)]
        return timed
