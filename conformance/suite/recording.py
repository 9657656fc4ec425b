"""What passed on a simulated network as a capture: true frames in a pcapng file, or a trace."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from io import BytesIO
from typing import BinaryIO, NamedTuple

from conformance.capture.link import Link
from conformance.capture.native import NativeSource
from conformance.capture.packets import tcp_segment, udp_frames
from conformance.capture.writer import PcapngWriter
from conformance.observation.trace import CaptureHealth, Observation, Trace
from conformance.reference.engine.component import Datagram
from conformance.reference.network.medium import MTU, Passed
from conformance.reference.network.tap import EVERYWHERE, Tap

Labeller = Callable[[Observation], str]
"""Says what a message is; "" for nothing."""

_ADDRESSES = 12


class Frame(NamedTuple):
    """One Ethernet frame and the packet that it carries; `time` in ns."""

    time: int
    octets: bytes
    passed: Passed


def interleave(*recordings: Iterable[Passed]) -> list[Passed]:
    """Several recordings as one, in the order of time; each must be in that order."""
    return list(merge(*recordings, key=lambda passed: passed.time))


def frames(recording: Iterable[Passed]) -> Iterator[Frame]:
    """Every packet as the frame that carried it, with true checksums."""
    datagram: tuple[Datagram, int] | None = None
    parts: list[bytes] = []
    for passed in recording:
        packet = passed.packet
        if isinstance(packet, Datagram):
            if (packet, passed.identification) != datagram:
                datagram = packet, passed.identification
                parts = _datagram(*datagram)
            octets = parts[passed.part]
        else:
            octets = tcp_segment(
                packet.source,
                packet.destination,
                packet.octets,
                sequence=packet.sequence,
                acknowledgement=packet.acknowledgement,
                flags=packet.flags,
                identification=passed.identification,
            )
        ends = packet.destination.host, packet.source.host
        yield Frame(passed.time, b"".join(map(hardware, ends)) + octets[_ADDRESSES:], passed)


def hardware(host: str) -> bytes:
    """The hardware address of a host: locally administered, and always the same."""
    return b"\x02" + hashlib.sha256(host.encode()).digest()[:5]


def _datagram(datagram: Datagram, identification: int) -> list[bytes]:
    return udp_frames(
        datagram.source,
        datagram.destination,
        datagram.octets,
        identification=identification,
        mtu=MTU,
    )


def write(
    file: BinaryIO,
    recording: Iterable[Passed],
    tap: Tap = EVERYWHERE,
    *,
    label: Labeller | None = None,
    name: str = "simulation",
    comment: str | None = None,
) -> None:
    """Write a recording as a pcapng file with one interface called `name`.

    `label` comments the frame that completes a message; it is asked about all messages that
    passed, shown or not, in their order. `comment` is about the whole capture.
    """
    found = list(frames(recording))
    comments = _comments(found, label) if label else {}
    writer = PcapngWriter(file, link=Link.ETHERNET, interface=name, comment=comment)
    numbered = enumerate(found, 1)
    shown = [(one.time, number, one) for number, one in numbered if tap.shows(one.passed)]
    if tap.mirrored:
        shown += [(time + tap.mirrored, number, one) for time, number, one in shown]
    for time, number, frame in sorted(shown, key=lambda one: one[0]):
        writer.write(
            time,
            frame.octets[: tap.snaplen],
            comments.get(number),
            original_length=len(frame.octets),
        )


def _comments(found: list[Frame], label: Labeller) -> dict[int, str]:
    """What is to be said of frames, by their number from 1."""
    file = BytesIO()
    writer = PcapngWriter(file, link=Link.ETHERNET)
    for frame in found:
        writer.write(frame.time, frame.octets)
    comments: dict[int, list[str]] = {}
    for item in _read(file.getvalue(), ""):
        text = label(item) if isinstance(item, Observation) else ""
        if text and isinstance(item, Observation):
            comments.setdefault(item.frames[-1], []).append(text)
    return {number: "; ".join(texts) for number, texts in comments.items()}


def trace(
    recording: Iterable[Passed],
    tap: Tap = EVERYWHERE,
    *,
    name: str = "simulation",
) -> Trace:
    """What a reader would see in the file that `write` makes of it, without that file."""
    file = BytesIO()
    write(file, recording, tap, name=name)
    return _read(file.getvalue(), name)


def _read(octets: bytes, path: str) -> Trace:
    source = NativeSource(CaptureHealth(path, "simulation"), 0, lambda: BytesIO(octets))
    return Trace(list(source), source.health)
