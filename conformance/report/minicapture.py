"""A capture of one instance alone, for Wireshark: rebuilt from the messages that were judged.

Addresses, ports, times and the messages' octets are those of the capture; link layer, IP
identification and TCP numbering are new. Retransmissions are left out, and so is what lay before
and around the instance: judged alone it can come out better than in its capture, or worse where
a gap of the capture excused somebody. Who closed a connection is in it where that did.
"""

import re
from dataclasses import dataclass
from io import BytesIO
from ipaddress import ip_address

from conformance.capture.link import Link
from conformance.capture.packets import TcpConversation, udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.msrp.frames import looks_like_msrp
from conformance.observation.packet import Endpoint
from conformance.verifier.verdict import InstanceResult, ShownClosing, ShownMessage

LIMIT = 4_000_000
"""Octets of messages beyond which no capture is made: it would outweigh the report."""

LOOSE = 16_384
"""Octets that are kept of a message that is in no packet."""

COMMENT = (
    "Rebuilt by cpmspec from the messages of one instance: addresses, ports, times and message "
    "octets as captured; link layer and TCP numbering are new. Retransmissions and what lay "
    "around the instance (registrations, earlier messages) are left out: judged alone, it can "
    "come out better than in its capture."
)

_EPB_HEAD = 28  # block type and length, interface, time, both lengths
_UDP_MOST = 65_507
_TOP_VIA = re.compile(rb"\nv(?:ia)?[ \t]*+:[ \t]*+SIP/2\.0/(\w++)", re.IGNORECASE)

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MiniCapture:
    """A pcapng file, and where in it the octets of each message of the ladder lie.

    A range is an offset and a length. `loose` continues the file for the report's own use: the
    octets of messages that are in no packet, their beginnings where they are too many.
    """

    octets: bytes
    ranges: tuple[Ranges, ...]
    loose: bytes = b""


def minicapture(instance: InstanceResult, paths: tuple[str, ...]) -> MiniCapture:
    """The capture of one instance; `paths` are the captures' names for the packets' comments."""
    ladder = instance.ladder
    ranges: list[Ranges] = [() for _ in ladder]
    builder = _Builder()
    if sum(len(one.octets) for one in ladder) <= LIMIT:
        closings = sorted(instance.closings, key=lambda one: one.frame.time)
        for place in sorted(range(len(ladder)), key=lambda at: ladder[at].time):
            message = ladder[place]
            while closings and closings[0].frame.time < message.time:
                builder.close(closings.pop(0))
            path = paths[message.capture] if 0 <= message.capture < len(paths) else ""
            ranges[place] = builder.add(message, path)
        for closing in closings:
            builder.close(closing)
    octets = builder.octets() if any(ranges) else b""
    loose = bytearray()
    for place, message in enumerate(ladder):
        if not ranges[place]:
            part = message.octets[:LOOSE]
            ranges[place] = ((len(octets) + len(loose), len(part)),)
            loose += part
    return MiniCapture(octets, tuple(ranges), bytes(loose))


class _Builder:
    """The file as it grows, and the TCP connections in it."""

    def __init__(self) -> None:
        self._file = BytesIO()
        self._writer = PcapngWriter(self._file, link=Link.ETHERNET, comment=COMMENT)
        self._connections: dict[frozenset[Endpoint | None], tuple[Endpoint, TcpConversation]] = {}
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

    def close(self, closing: ShownClosing) -> None:
        """Close a connection that is in the file, from the side that did."""
        source, destination = endpoint(closing.source), endpoint(closing.destination)
        known = self._connections.get(frozenset((source, destination)))
        if known is not None:
            client, conversation = known
            end = conversation.reset if closing.reset else conversation.finish
            for frame in end(source == client):
                self._writer.write(max(closing.frame.time, 0), frame)

    def _stream(
        self, message: ShownMessage, source: Endpoint, destination: Endpoint, comment: str
    ) -> Ranges:
        ends: frozenset[Endpoint | None] = frozenset((source, destination))
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
    via = _TOP_VIA.search(octets, 0, 8_192)
    return via is not None and via[1].upper() != b"UDP"


def endpoint(text: str) -> Endpoint | None:
    """The endpoint that the text shows, `10.0.0.1:5060` or `[2001:db8::1]:5060`; None if none."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        return None
    try:
        return Endpoint(str(ip_address(host.strip("[]"))), int(port))
    except ValueError:
        return None
