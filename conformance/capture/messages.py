"""What the framers of a stream share: a message with its place, and how one begins."""

from bisect import bisect_right
from enum import Enum
from typing import NamedTuple

from conformance.msrp import frames as msrp_frames
from conformance.observation.packet import Endpoint, Transport
from conformance.observation.trace import Message
from conformance.sip import frames as sip_frames

Carrier = tuple[Transport, tuple[Endpoint, Endpoint]]


class Framed(NamedTuple):
    """One message: where in the stream its first octet lies, the frames and time it came by.

    `carrier` is its own transport and endpoints where the stream brought a copy of it.
    """

    message: Message
    position: int
    frames: tuple[int, ...]
    time: int
    carrier: Carrier | None = None


class Mode(Enum):
    """How far the place in the stream is known."""

    ALIGNED = "a message is expected, or goes on"
    ASTRAY = "octets made no sense: the next start line is looked for"
    BLIND = "octets are missing: the next start line, or a segment that begins with one"


class Part(NamedTuple):
    """Octets of the stream up to `end` that came by `frames`, the last one at `time`."""

    end: int
    frames: tuple[int, ...]
    time: int


def _end(part: Part) -> int:
    return part.end


def framed(message: Message, parts: list[Part], begin: int, finish: int) -> Framed:
    """The message between two positions of the stream, which some of the parts brought."""
    if len(parts) == 1:
        return Framed(message, begin, parts[0].frames, parts[0].time)
    first = bisect_right(parts, begin, key=_end)
    used = [parts[first]]
    while used[-1].end < finish:
        first += 1
        used.append(parts[first])
    frames = sorted({frame for part in used for frame in part.frames})
    return Framed(message, begin, tuple(frames), max(used, key=lambda p: p.frames[-1]).time)


def begins_message(octets: bytes) -> bool:
    """Whether a SIP or MSRP start line begins here."""
    return sip_frames.looks_like_sip(octets) or msrp_frames.looks_like_msrp(octets)


def may_become_message(octets: bytes | bytearray) -> bool:
    """Whether the octets may be the beginning of a start line that has not ended."""
    return sip_frames.may_become_sip(octets) or msrp_frames.may_become_msrp(octets)
