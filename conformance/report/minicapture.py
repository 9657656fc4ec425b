"""A capture of one instance alone, for Wireshark: rebuilt from the messages that were judged.

Addresses, ports, times and the messages' octets are those of the capture; link layer, IP
identification and TCP numbering are new, and retransmissions are left out.
"""

from dataclasses import dataclass
from io import BytesIO
from ipaddress import ip_address

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.msrp.frames import looks_like_msrp
from conformance.observation.packet import Endpoint
from conformance.verifier.verdict import InstanceResult, ShownMessage

LIMIT = 4_000_000
"""Octets of messages beyond which no capture is made: it would outweigh the report."""

COMMENT = (
    "Rebuilt by cpmspec from the messages of one instance: addresses, ports, times and message "
    "octets as captured; link layer and TCP numbering are new, retransmissions are left out."
)

_EPB_HEAD = 28  # block type and length, interface, time, both lengths
_UDP_MOST = 65_507

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MiniCapture:
    """A pcapng file, and where in it the octets of each message of the ladder lie.

    A range is an offset and a length; a message without a range is not in the file.
    """

    octets: bytes
    ranges: tuple[Ranges, ...]


def minicapture(instance: InstanceResult, paths: tuple[str, ...]) -> MiniCapture:
    """The capture of one instance; `paths` are the captures' names for the packets' comments."""
    ranges: list[Ranges] = [() for _ in instance.ladder]
    if not instance.ladder or sum(len(one.octets) for one in instance.ladder) > LIMIT:
        return MiniCapture(b"", tuple(ranges))
    builder = _Builder()
    order = sorted(range(len(instance.ladder)), key=lambda at: instance.ladder[at].time)
    for place in order:
        message = instance.ladder[place]
        path = paths[message.capture] if message.capture < len(paths) else ""
        ranges[place] = builder.add(message, path)
    return MiniCapture(builder.octets() if any(ranges) else b"", tuple(ranges))


class _Builder:
    """The file as it grows, and the TCP connections in it."""

    def __init__(self) -> None:
        self._file = BytesIO()
        self._writer = PcapngWriter(self._file, link=Link.ETHERNET, comment=COMMENT)
        self._connections: dict[frozenset[Endpoint], tuple[Endpoint, TcpConversation]] = {}
        self._identification = 0

    def octets(self) -> bytes:
        return self._file.getvalue()

    def add(self, message: ShownMessage, path: str) -> Ranges:
        source, destination = endpoint(message.source), endpoint(message.destination)
        if source is None or destination is None or not message.octets:
            return ()
        if ip_address(source.host).version != ip_address(destination.host).version:
            return ()
        frames = ", ".join(map(str, message.frames[:20]))
        comment = f"frame {frames}" + (f" of {path}" if path else "")
        if over_stream(message.octets) or len(message.octets) > _UDP_MOST:
            return self._stream(message, source, destination, comment)
        self._identification = self._identification % 65_535 + 1
        [frame] = udp_frames(
            source, destination, message.octets, identification=self._identification
        )
        return (self._write(message.time, frame, comment, len(message.octets)),)

    def _stream(
        self, message: ShownMessage, source: Endpoint, destination: Endpoint, comment: str
    ) -> Ranges:
        ends = frozenset((source, destination))
        if ends not in self._connections:
            made = TcpConversation(source, destination, seed=len(self._connections) + 1)
            self._connections[ends] = source, made
            for frame in made.open():
                self._writer.write(message.time, frame)
        client, conversation = self._connections[ends]
        *segments, acknowledgement = conversation.send(source == client, message.octets)
        left = len(message.octets)
        found = []
        for segment in segments:
            room = min(left, 1_400)
            found.append(self._write(message.time, segment, comment, room))
            left -= room
        self._writer.write(message.time, acknowledgement)
        return tuple(found)

    def _write(self, time: int, frame: bytes, comment: str, payload: int) -> tuple[int, int]:
        start = self._file.tell() + _EPB_HEAD + len(frame) - payload
        self._writer.write(max(time, 0), frame, comment)
        return start, payload


def over_stream(octets: bytes) -> bool:
    """Whether a message went over a stream: MSRP always, SIP as its top Via says."""
    if looks_like_msrp(octets):
        return True
    head = octets[:8_192].lower()
    via = min((at for mark in (b"\nvia", b"\nv:") if (at := head.find(mark)) >= 0), default=-1)
    if via < 0:
        return False
    line = head[via + 1 : max(head.find(b"\n", via + 1), via + 80)]
    return any(name in line for name in (b"2.0/tcp", b"2.0/tls", b"2.0/ws"))


def endpoint(text: str) -> Endpoint | None:
    """The endpoint that the text shows, `10.0.0.1:5060` or `[2001:db8::1]:5060`; None if none."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        return None
    try:
        return Endpoint(str(ip_address(host.strip("[]"))), int(port))
    except ValueError:
        return None
